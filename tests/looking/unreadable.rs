//! What `ls` says of a place of which a part may not be read.

use std::os::unix::fs::PermissionsExt;

use snapbox::str;

use crate::harness::Output;
use crate::tiny::{json, tiny};

/// A layout with `v1` and `v2`; nobody may read the manifest of the first.
fn two() -> Output {
    let first = tiny().args(["-q", "-o", "out", "-t", "tiny:v1"]).run();
    let closed = first.dir().join("out/blobs").join(first.text().replace(':', "/"));
    let both = first.then().file("m.gguf", "other weights\n");
    let both = both.args(["-q", "-o", "out", "-t", "tiny:v2"]).run();
    fs_err::set_permissions(closed, PermissionsExt::from_mode(0o0)).unwrap();
    both
}

#[test]
fn a_manifest_that_may_not_be_read_hides_no_other() {
    if !crate::mount::is_root() {
        return;
    }
    let both = two();
    both.then()
        .by_nobody()
        .args(["ls", "out"])
        .status(3)
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
v1    sha256:208656d4672a   denied  -            -           -
v2    sha256:437cbd5089ba     24 B  gguf         -           -

"#]])
        .stderr(str![[r#"
error: cannot read: failed to open file `out/blobs/sha256/208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6`: Permission denied (os error 13)
  = help: make it readable for the user who runs this

"#]])
        .run();
    let listed = both
        .then()
        .by_nobody()
        .args(["ls", "out", "--format", "json"])
        .status(3)
        .run();
    let document: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let of = |index: usize| {
        let artifact = &document["artifacts"][index];
        (
            artifact["tag"].as_str(),
            artifact["size"].as_u64(),
            artifact["error"].as_str(),
        )
    };
    let error = "cannot read: failed to open file";
    assert_eq!((of(0).0, of(0).1), (Some("v1"), None));
    assert!(of(0).2.is_some_and(|said| said.starts_with(error)), "{document}");
    assert_eq!(of(1), (Some("v2"), Some(24), None));
}

#[test]
fn a_config_that_may_not_be_read_hides_no_other() {
    if !crate::mount::is_root() {
        return;
    }
    let first = tiny().args(["-q", "-o", "out", "-t", "tiny:v1"]).run();
    let blobs = first.dir().join("out/blobs");
    let manifest = json(blobs.join(first.text().replace(':', "/")));
    let config = manifest["config"]["digest"].as_str().unwrap().replace(':', "/");
    fs_err::set_permissions(blobs.join(config), PermissionsExt::from_mode(0o0)).unwrap();
    first
        .then()
        .by_nobody()
        .args(["ls", "out"])
        .status(3)
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
v1    sha256:208656d4672a   denied  -            -           -

"#]])
        .run();
}
