//! `modelbuild config`.

use snapbox::str;

use super::{USER, project};
use crate::tiny::tiny;

#[test]
fn it_prints_what_is_in_force_and_who_said_it() {
    project(
        "spec = \"docker\"\nannotation = { team = \"x\", \"a.b\" = \"c d\" }\ntag = [\n  \"a:v1\",\n  \"a:v2\",\n]\n",
    )
    .file(USER, "# mine\n\nno-sync = true\n")
    .env("MODELBUILD_JOBS", "2")
    .args(["config", "--no-strict"])
    .stdout(str![[r#"
file                     default
build-arg                default
variant                  default
jobs            2        env MODELBUILD_JOBS
dry-run         false    default
strict          false    flag
spec            docker   modelbuild.toml:1
raw             false    default
tar             false    default
annotation      a.b=c d  modelbuild.toml:2
annotation      team=x   modelbuild.toml:2
created                  default
output                   default
tag             a:v1     modelbuild.toml:3
tag             a:v2     modelbuild.toml:3
push            false    default
mount-from               default
link                     default
no-sync         true     [HOME]/config_home/modelbuild/modelbuild.toml:3
no-cache        false    default
cache-dir                default
trust                    default
plain-http      false    default
insecure        false    default
ca-file                  default
client-cert              default
client-key               default
username                 default
password-stdin  false    default
retries         5        default
timeout         1m       default
metadata-file            default
iidfile                  default
depfile                  default
quiet           false    default
explain         false    default
format          text     default
color           auto     default
progress        auto     default

"#]])
    .stderr("")
    .run();
}

#[test]
#[allow(clippy::too_many_lines, reason = "the document is whole")]
fn it_prints_the_same_for_machines() {
    project("spec = \"docker\"\nannotation = { team = \"x\" }\n")
        .env("MODELBUILD_JOBS", "2")
        .args(["config", "--no-strict", "--format", "json"])
        .stdout(str![[r#"
{
  "files": [
    {
      "from": "project",
      "path": "modelbuild.toml",
      "read": true
    },
    {
      "from": "user",
      "path": "[HOME]/config_home/modelbuild/modelbuild.toml",
      "read": false
    }
  ],
  "settings": [
    {
      "from": "default",
      "key": "file",
      "value": null
    },
    {
      "from": "default",
      "key": "build-arg",
      "value": null
    },
    {
      "from": "default",
      "key": "variant",
      "value": null
    },
    {
      "from": "environment",
      "key": "jobs",
      "value": "2",
      "variable": "MODELBUILD_JOBS"
    },
    {
      "from": "default",
      "key": "dry-run",
      "value": false
    },
    {
      "from": "flag",
      "key": "strict",
      "value": false
    },
    {
      "file": "modelbuild.toml",
      "from": "project",
      "key": "spec",
      "line": 1,
      "value": "docker"
    },
    {
      "from": "default",
      "key": "raw",
      "value": false
    },
    {
      "from": "default",
      "key": "tar",
      "value": false
    },
    {
      "file": "modelbuild.toml",
      "from": "project",
      "key": "annotation",
      "line": 2,
      "value": "team=x"
    },
    {
      "from": "default",
      "key": "created",
      "value": null
    },
    {
      "from": "default",
      "key": "output",
      "value": null
    },
    {
      "from": "default",
      "key": "tag",
      "value": null
    },
    {
      "from": "default",
      "key": "push",
      "value": false
    },
    {
      "from": "default",
      "key": "mount-from",
      "value": null
    },
    {
      "from": "default",
      "key": "link",
      "value": null
    },
    {
      "from": "default",
      "key": "no-sync",
      "value": false
    },
    {
      "from": "default",
      "key": "no-cache",
      "value": false
    },
    {
      "from": "default",
      "key": "cache-dir",
      "value": null
    },
    {
      "from": "default",
      "key": "trust",
      "value": null
    },
    {
      "from": "default",
      "key": "plain-http",
      "value": false
    },
    {
      "from": "default",
      "key": "insecure",
      "value": false
    },
    {
      "from": "default",
      "key": "ca-file",
      "value": null
    },
    {
      "from": "default",
      "key": "client-cert",
      "value": null
    },
    {
      "from": "default",
      "key": "client-key",
      "value": null
    },
    {
      "from": "default",
      "key": "username",
      "value": null
    },
    {
      "from": "default",
      "key": "password-stdin",
      "value": false
    },
    {
      "from": "default",
      "key": "retries",
      "value": "5"
    },
    {
      "from": "default",
      "key": "timeout",
      "value": "1m"
    },
    {
      "from": "default",
      "key": "metadata-file",
      "value": null
    },
    {
      "from": "default",
      "key": "iidfile",
      "value": null
    },
    {
      "from": "default",
      "key": "depfile",
      "value": null
    },
    {
      "from": "default",
      "key": "quiet",
      "value": false
    },
    {
      "from": "default",
      "key": "explain",
      "value": false
    },
    {
      "from": "flag",
      "key": "format",
      "value": "json"
    },
    {
      "from": "default",
      "key": "color",
      "value": "auto"
    },
    {
      "from": "default",
      "key": "progress",
      "value": "auto"
    }
  ],
  "version": 1
}

"#]])
        .stderr("")
        .run();
}

#[test]
fn it_builds_nothing_and_needs_no_modelfile() {
    let test = tiny();
    fs_err::remove_file(test.dir().join("Modelfile")).unwrap();
    let before = crate::harness::snapshot(&test.dir());
    let answer = test.args(["config", "-o", "out"]).run();
    assert_eq!(before, crate::harness::snapshot(&answer.dir()));
}

#[test]
fn it_wants_a_context() {
    tiny()
        .args(["config", "nowhere"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: the context directory `nowhere` does not exist
  = help: name the directory that holds the files to pack

"#]])
        .run();
}
