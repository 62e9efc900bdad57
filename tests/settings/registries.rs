//! `[registry."HOST"]`: how each registry is spoken to.

use snapbox::{assert_data_eq, str};

use super::{USER, in_force, project, user};
use crate::harness::Output;

/// The rows of `config` that are about registries, with one blank between columns.
fn rows(output: &Output) -> String {
    let home = output.dir().with_file_name("home").display().to_string();
    let rows = output.text().lines().filter(|line| line.starts_with("registry"));
    let words = rows.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n");
    words.collect::<String>().replace(&home, "[HOME]")
}

#[test]
fn everything_that_can_be_said_of_a_registry_is_shown_with_its_place() {
    let output = user(
        r#"[registry."localhost:5000"]
plain-http = true
single-put = false
chunk-size = "16MiB"
[registry."ghcr.io"]
insecure = true
ca-file = "~/ca.pem"
client-cert = "/etc/cert.pem"
client-key = "/etc/key.pem"
mirrors = ["mirror.example/ghcr", "localhost:5000"]
"#,
    )
    .args(["config"])
    .run();
    assert_data_eq!(
        rows(&output),
        str![[r#"
registry."ghcr.io".insecure true [HOME]/config_home/modelbuild/modelbuild.toml:6
registry."ghcr.io".ca-file [HOME]/ca.pem [HOME]/config_home/modelbuild/modelbuild.toml:7
registry."ghcr.io".client-cert /etc/cert.pem [HOME]/config_home/modelbuild/modelbuild.toml:8
registry."ghcr.io".client-key /etc/key.pem [HOME]/config_home/modelbuild/modelbuild.toml:9
registry."ghcr.io".mirrors mirror.example/ghcr [HOME]/config_home/modelbuild/modelbuild.toml:10
registry."ghcr.io".mirrors localhost:5000 [HOME]/config_home/modelbuild/modelbuild.toml:10
registry."localhost:5000".plain-http true [HOME]/config_home/modelbuild/modelbuild.toml:2
registry."localhost:5000".single-put false [HOME]/config_home/modelbuild/modelbuild.toml:3
registry."localhost:5000".chunk-size 16MiB [HOME]/config_home/modelbuild/modelbuild.toml:4

"#]]
    );
    let answer = in_force(output.then().args(["config"]), "registry.\"localhost:5000\".plain-http");
    assert_eq!(answer, [(true.into(), "user".to_owned())]);
}

#[test]
fn a_project_may_say_what_decides_nothing_but_speed() {
    let output = project("[registry.\"ghcr.io\"]\nsingle-put = true\n")
        .file(USER, "[registry.\"GHCR.io\"]\nsingle-put = false\ninsecure = true\n")
        .args(["config"])
        .run();
    assert_data_eq!(
        rows(&output),
        str![[r#"
registry."GHCR.io".insecure true [HOME]/config_home/modelbuild/modelbuild.toml:3
registry."ghcr.io".single-put true modelbuild.toml:2

"#]]
    );
}

/// Whoever wrote it could have credentials and models sent to places of their own, or read along.
#[test]
fn a_project_may_not_say_where_things_go_and_who_is_believed() {
    project(
        r#"[registry."ghcr.io"]
plain-http = true
insecure = true
ca-file = "ca.pem"
client-cert = "cert.pem"
client-key = "key.pem"
mirrors = ["mirror.example"]
token-server = "auth.example"
"#,
    )
    .args(["config"])
    .status(3)
    .stdout("")
    .stderr(str![[r#"
error: `plain-http` of a registry is not for a project to decide
 --> modelbuild.toml:2:1
  |
2 | plain-http = true
  | ^^^^^^^^^^
  |
  = help: write it into your own file

error: `insecure` of a registry is not for a project to decide
 --> modelbuild.toml:3:1
  |
3 | insecure = true
  | ^^^^^^^^
  |
  = help: write it into your own file

error: `ca-file` of a registry is not for a project to decide
 --> modelbuild.toml:4:1
  |
4 | ca-file = "ca.pem"
  | ^^^^^^^
  |
  = help: write it into your own file

error: `client-cert` of a registry is not for a project to decide
 --> modelbuild.toml:5:1
  |
5 | client-cert = "cert.pem"
  | ^^^^^^^^^^^
  |
  = help: write it into your own file

error: `client-key` of a registry is not for a project to decide
 --> modelbuild.toml:6:1
  |
6 | client-key = "key.pem"
  | ^^^^^^^^^^
  |
  = help: write it into your own file

error: `mirrors` of a registry is not for a project to decide
 --> modelbuild.toml:7:1
  |
7 | mirrors = ["mirror.example"]
  | ^^^^^^^
  |
  = help: write it into your own file

error: `token-server` of a registry is not for a project to decide
 --> modelbuild.toml:8:1
  |
8 | token-server = "auth.example"
  | ^^^^^^^^^^^^
  |
  = help: write it into your own file


"#]])
    .run();
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    user(
        r#"[registry."https://ghcr.io"]
insecure = true
[registry.ghcr.io]
insecure = true
[registry."quay.io"]
plain_http = true
timeout = 7
insecure = "yes"
ca-file = "ca.pem"
client-cert = ""
mirrors = ["https://mirror.example", 5]
token-server = "https://auth.example"
chunk-size = "1KiB"
[registry]
localhost = true
"#,
    )
    .args(["config"])
    .status(3)
    .stdout("")
    .stderr(str![[r#"
error: `https://ghcr.io` is no registry
 --> [HOME]/config_home/modelbuild/modelbuild.toml:1:11
  |
1 | [registry."https://ghcr.io"]
  |           ^^^^^^^^^^^^^^^^^
  |
  = help: write its host, and its port if it has one: `[registry."localhost:5000"]`

error: unknown setting `io` of a registry
 --> [HOME]/config_home/modelbuild/modelbuild.toml:3:16
  |
3 | [registry.ghcr.io]
  |                ^^
  |
  = help: a host with dots in it stands in quotes: `[registry."ghcr.io"]`

error: unknown setting `plain_http` of a registry
 --> [HOME]/config_home/modelbuild/modelbuild.toml:6:1
  |
6 | plain_http = true
  | ^^^^^^^^^^
  |
  = help: did you mean `plain-http`?

error: unknown setting `timeout` of a registry
 --> [HOME]/config_home/modelbuild/modelbuild.toml:7:1
  |
7 | timeout = 7
  | ^^^^^^^
  |
  = help: there are `plain-http`, `insecure`, `ca-file`, `client-cert`, `client-key`, `token-server`, `mirrors`, `single-put`, `chunk-size`, `largest-layer`

error: `insecure` takes `true` or `false`, not a string
 --> [HOME]/config_home/modelbuild/modelbuild.toml:8:12
  |
8 | insecure = "yes"
  |            ^^^^^
  |
  = help: write `insecure = true`

error: `ca.pem` is relative, but your own settings hold in every directory
 --> [HOME]/config_home/modelbuild/modelbuild.toml:9:11
  |
9 | ca-file = "ca.pem"
  |           ^^^^^^^^
  |
  = help: write a path that begins with `/` or `~/`

error: `client-cert` is empty
  --> [HOME]/config_home/modelbuild/modelbuild.toml:10:15
   |
10 | client-cert = ""
   |               ^^

error: `https://mirror.example` is no mirror
  --> [HOME]/config_home/modelbuild/modelbuild.toml:11:12
   |
11 | mirrors = ["https://mirror.example", 5]
   |            ^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: write `HOST[:PORT]`, and below it the path that stands before every repository, if any

error: `https://auth.example` is no host
  --> [HOME]/config_home/modelbuild/modelbuild.toml:12:16
   |
12 | token-server = "https://auth.example"
   |                ^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: write `HOST[:PORT]`, without `https://` and a path

error: `1KiB` is no size of a chunk
  --> [HOME]/config_home/modelbuild/modelbuild.toml:13:14
   |
13 | chunk-size = "1KiB"
   |              ^^^^^^
   |
   = help: write at least 64 KiB, such as `"16MiB"`

error: `registry."localhost"` is no table
  --> [HOME]/config_home/modelbuild/modelbuild.toml:15:13
   |
15 | localhost = true
   |             ^^^^
   |
   = help: write `[registry."HOST"]`, and below it what holds there


"#]])
    .run();
}

#[test]
fn what_is_said_of_registries_is_a_table_for_each() {
    user("registry = \"ghcr.io\"\n")
        .args(["config"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `registry` is no table
 --> [HOME]/config_home/modelbuild/modelbuild.toml:1:12
  |
1 | registry = "ghcr.io"
  |            ^^^^^^^^^
  |
  = help: write `[registry."HOST"]`, and below it what holds there


"#]])
        .run();
}

#[test]
fn a_slip_in_the_name_of_the_table_is_noticed() {
    user("[registries.\"ghcr.io\"]\ninsecure = true\n")
        .args(["config"])
        .status(3)
        .stderr(str![[r#"
error: unknown setting `registries`
 --> [HOME]/config_home/modelbuild/modelbuild.toml:1:2
  |
1 | [registries."ghcr.io"]
  |  ^^^^^^^^^^
  |
  = help: `modelbuild config` lists all settings; each is a long option without its dashes


"#]])
        .run();
}
