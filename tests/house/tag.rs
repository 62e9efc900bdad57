use snapbox::str;

use super::{entries, models};
use crate::harness::snapshot;
use crate::layout::check;
use crate::oracle::oracle;
use crate::servers::registry::{Options, Registry};
use crate::tiny::assert_same_text;

#[test]
fn a_tag_goes_with_the_repository_of_the_artifact() {
    let output = models();
    let output = output
        .then()
        .args(["tag", "oci:models:v1", "stable", "old/m:v0"])
        .stdout(str![[r#"
sha256:b7714ab52043c12081308f588cfff600217c04cb71c8533b7ac94c1c14900c06  registry.example/m:stable
sha256:b7714ab52043c12081308f588cfff600217c04cb71c8533b7ac94c1c14900c06  docker.io/old/m:v0

"#]])
        .stderr("")
        .run();
    assert_same_text(
        entries(&output),
        str![[r#"
v1 registry.example/m:v1 sha256:b7714ab52043
v2 registry.example/m:v2 sha256:e475a8044525
stable registry.example/m:stable sha256:b7714ab52043
v0 docker.io/old/m:v0 sha256:b7714ab52043

"#]],
    );
    check(&output.dir().join("models"));
    // The same once more changes nothing.
    let before = snapshot(&output.dir().join("models"));
    let output = output.then().args(["tag", "oci:models:v1", "stable", "old/m:v0"]).run();
    assert_eq!(snapshot(&output.dir().join("models")), before);
}

#[test]
fn a_tag_is_taken_from_another_artifact_which_is_said() {
    let output = models();
    let output = output
        .then()
        .args(["tag", "oci:models:v2", "v1", "--format", "json"])
        .stdout(str![[r#"
{
  "changed": true,
  "digest": "sha256:e475a8044525c6712a38d5d8bd8a56a863c3fa02edffdac5b043636812b03497",
  "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "names": [
    "registry.example/m:v1"
  ],
  "reference": "oci:models:v2",
  "replaced": [
    {
      "digest": "sha256:b7714ab52043c12081308f588cfff600217c04cb71c8533b7ac94c1c14900c06",
      "tag": "v1"
    }
  ],
  "size": 1211,
  "tags": [
    "v1"
  ],
  "version": 1
}

"#]])
        .stderr(str![[r#"
note: in `models` the tag `v1` was taken from sha256:b7714ab52043c12081308f588cfff600217c04cb71c8533b7ac94c1c14900c06
  = help: unless it has another tag, it is no longer listed, and the next `prune` removes what only it has; to keep both, give it another tag first with `modelbuild tag`, or this one another

"#]])
        .run();
    assert_same_text(
        entries(&output),
        str![[r#"
v2 registry.example/m:v2 sha256:e475a8044525
v1 registry.example/m:v1 sha256:e475a8044525

"#]],
    );
    check(&output.dir().join("models"));
    // The other one is there as long as nobody prunes.
    output
        .then()
        .args(["tag", "oci:models:v1", "v3", "--progress", "json"])
        .stderr("")
        .run();
}

#[test]
fn an_artifact_without_a_tag_gets_one_and_no_second_entry() {
    let output = models();
    let test = output.then().file("m/README.md", "third");
    let digest = test.args(["build", "m", "-q", "-o", "models"]).run();
    let named = format!("models@{}", digest.text());
    let output = digest.then().args(["tag", &named, "v3"]).stderr("").run();
    assert_same_text(
        entries(&output),
        str![[r#"
v1 registry.example/m:v1 sha256:b7714ab52043
v2 registry.example/m:v2 sha256:e475a8044525
v3 - sha256:0097e7ed7247

"#]],
    );
}

#[test]
fn what_is_not_there_or_elsewhere_gets_no_tag() {
    let output = models();
    let before = snapshot(&output.dir());
    for (source, status, stderr) in [
        (
            "models",
            3,
            str![[r#"
error: `models` holds several artifacts: `v1`, `v2`
  = help: choose one by its tag, as in `oci:DIR:TAG`, or by its digest, as in `DIR@sha256:…`

"#]],
        ),
        (
            "oci:models:v9",
            3,
            str![[r#"
error: `models` holds no `v9`, but `v1`, `v2`
  = help: choose one by its tag, as in `oci:DIR:TAG`, or by its digest, as in `DIR@sha256:…`

"#]],
        ),
        (
            "none",
            3,
            str![[r#"
error: there is nothing at `none`
  = help: name a layout directory, or a registry as `docker://HOST/REPOSITORY:TAG`

"#]],
        ),
        (
            "v1.tar:v1",
            3,
            str![[r#"
error: there is nothing at `v1.tar:v1`
  = help: name a layout directory, or a registry as `docker://HOST/REPOSITORY:TAG`

"#]],
        ),
        (
            "m",
            3,
            str![[r#"
error: `m` is no OCI layout (it has no file `oci-layout`)
  = help: name a layout directory (with `oci-layout` in it)

"#]],
        ),
        (
            "v1.tar",
            2,
            str![[r#"
error: `v1.tar` is a tarball, whose index is not changed in place
  = help: copy it under the other tag, as with `modelbuild copy OLD.tar oci-archive:NEW.tar:TAG`

"#]],
        ),
    ] {
        output
            .then()
            .args(["tag", source, "v3"])
            .status(status)
            .stdout("")
            .stderr(stderr)
            .run();
    }
    output
        .then()
        .args(["tag", "oci:models:v1", "a/m:v3", "b/m:v3"])
        .status(2)
        .stderr(str![[r#"
error: `docker.io/a/m:v3` and `docker.io/b/m:v3` have the same tag
  = help: in a layout or a tarball skopeo and oras look up the tag alone: choose another one, or build once for each name, to another place

"#]])
        .run();
    output
        .then()
        .args(["tag", "oci:models:v1", "no tag"])
        .status(2)
        .stderr(str![[r#"
error: invalid value 'no tag' for '<NEWTAG>...': expected `[HOST/]REPOSITORY[:TAG]` with the repository in lower case, such as `llama:v1`

For more information, try '--help'.

"#]])
        .run();
    assert_eq!(snapshot(&output.dir()), before);
}

#[test]
fn an_artifact_that_is_not_whole_gets_no_tag() {
    let output = models();
    let digest = crate::tiny::json(output.dir().join("models/index.json"))["manifests"][0]["digest"].clone();
    let manifest = digest.as_str().unwrap().replace(':', "/");
    fs_err::write(output.dir().join("models/blobs").join(manifest), "{}").unwrap();
    let before = snapshot(&output.dir());
    let run = output.then().args(["tag", "oci:models:v1", "v3"]).status(4).run();
    assert_eq!(snapshot(&run.dir()), before);
}

#[test]
fn in_a_registry_the_same_manifest_gets_further_tags() {
    let registry = Registry::start(Options::default());
    let remote = |tag: &str| format!("{}/some/m:{tag}", registry.address());
    let output = models();
    let output = output.then().args(["push", "oci:models:v2", &remote("v2"), "-q"]).run();
    let digest = output.then().args(["push", "oci:models:v1", &remote("v1"), "-q"]).run();
    registry.record.clear();
    let tagged = digest
        .then()
        .args(["tag", &format!("docker://{}", remote("v1")), "stable", "v2", "v1"])
        .run();
    for tag in ["v1", "v2", "stable"] {
        assert_eq!(registry.tag("some/m", tag).as_deref(), Some(digest.text()));
    }
    assert_eq!(registry.record.count("PUT"), 2);
    let line = |tag: &str| format!("{}  {tag}\n", digest.text());
    assert_eq!(
        tagged.stdout,
        [line("stable"), line("v2"), line("v1")].concat().as_bytes()
    );
    let said = tagged.stderr.replace(&registry.address(), "HOST");
    assert_same_text(
        said,
        str![[r#"
note: in `HOST/some/m` the tag `v2` was taken from sha256:e475a8044525c6712a38d5d8bd8a56a863c3fa02edffdac5b043636812b03497
  = help: its blobs stay; to keep its name too, give this one another tag

"#]],
    );
    let json = tagged
        .then()
        .args([
            "tag",
            &format!("docker://{}", remote("v1")),
            "v4",
            "v5",
            "--format",
            "json",
        ])
        .run();
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(document["tags"], serde_json::json!(["v4", "v5"]));
    assert_eq!(document["names"], serde_json::json!([remote("v4"), remote("v5")]));
    tagged
        .then()
        .args(["tag", &format!("docker://{}", remote("v9")), "v3"])
        .status(5)
        .run();
    tagged
        .then()
        .args(["tag", &format!("docker://{}", remote("v1")), "other/m:v3"])
        .status(2)
        .stderr(str![[r#"
error: `docker.io/other/m:v3` is more than a tag
  = help: in a registry an artifact gets tags beside its own: write the tag alone, such as `v2`; `modelbuild copy` brings it to another repository

"#]])
        .run();
}

/// As everything else is named, in the same place.
#[test]
fn a_tag_may_be_named_with_its_place() {
    let output = models();
    let tag = |args: &[&str]| output.then().args(["tag", "oci:models:v1"]).args(args);
    tag(&["oci:models:v3", "oci:./models:v4"])
        .stdout(str![[r#"
sha256:b7714ab52043c12081308f588cfff600217c04cb71c8533b7ac94c1c14900c06  registry.example/m:v3
sha256:b7714ab52043c12081308f588cfff600217c04cb71c8533b7ac94c1c14900c06  registry.example/m:v4

"#]])
        .stderr("")
        .run();
    let before = snapshot(&output.dir());
    tag(&["oci:other:v5"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: `oci:other:v5` is in another place than `oci:models:v1`
  = help: an artifact gets tags where it is; `modelbuild copy` brings it elsewhere

"#]])
        .run();
    tag(&["docker://registry.example/m:v5"])
        .status(2)
        .stderr(str![[r#"
error: `docker://registry.example/m:v5` is in another place than `oci:models:v1`
  = help: an artifact gets tags where it is; `modelbuild copy` brings it elsewhere

"#]])
        .run();
    tag(&["oci:models"])
        .status(2)
        .stderr(str![[r#"
error: invalid value 'oci:models' for '<NEWTAG>...': it has no tag

For more information, try '--help'.

"#]])
        .run();
    assert_eq!(snapshot(&output.dir()), before);
    let registry = Registry::start(Options::default());
    let remote = |tag: &str| format!("docker://{}/some/m:{tag}", registry.address());
    let digest = output.then().args(["copy", "oci:models:v1", &remote("v1"), "-q"]).run();
    digest.then().args(["tag", &remote("v1"), &remote("stable")]).run();
    assert_eq!(registry.tag("some/m", "stable").as_deref(), Some(digest.text()));
}

/// umoci and skopeo find the tag that was given.
#[test]
fn other_tools_find_the_new_tag() {
    let output = models();
    let output = output.then().args(["tag", "oci:models:v1", "stable"]).run();
    if let Some(umoci) = oracle("umoci") {
        let tags = umoci.approve(&output.dir(), ["ls", "--layout", "models"]);
        assert_eq!(String::from_utf8(tags).unwrap(), "v1\nv2\nstable\n");
    }
    if let Some(skopeo) = oracle("skopeo") {
        let raw = skopeo.approve(&output.dir(), ["inspect", "--raw", "oci:models:stable"]);
        let manifest = output.then().args(["inspect", "oci:models:v1", "--manifest"]).run();
        assert_eq!(raw, manifest.stdout);
    }
}
