//! What has no tag stays where another one comes beside it: only a build takes its place.

use snapbox::str;

use crate::harness::Output;
use crate::layout::check;
use crate::tiny::tiny;

/// A layout `u1` and a tarball `u2.tar`, each of an artifact of its own without a tag.
fn untagged() -> Output {
    let first = tiny().args(["-q", "-o", "u1"]).run();
    first
        .then()
        .file("m.gguf", "other weights\n")
        .args(["-q", "-o", "u2.tar"])
        .run()
}

#[test]
fn the_source_stays_listed_without_a_tag() {
    let built = untagged();
    let before = check(&built.dir().join("u1")).manifests;
    let converted = built
        .then()
        .args(["convert", "--spec", "docker", "u1", "-t", "dk"])
        .run();
    assert!(!converted.stderr.contains("takes the place"), "{}", converted.stderr);
    let after = check(&converted.dir().join("u1")).manifests;
    assert_eq!(after.len(), 2);
    assert!(before.iter().all(|entry| after.contains(entry)));
    converted
        .then()
        .args(["ls", "u1"])
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
-     sha256:208656d4672a     18 B  gguf         -           -
dk    sha256:3eccde2e36ab     18 B  gguf         -           -

"#]])
        .run();
    converted
        .then()
        .args(["prune", "u1"])
        .stdout("0 blobs removed (0 B), 7 kept\n")
        .run();
    // The tag leads back, and the one without keeps its place again.
    let back = converted
        .then()
        .args(["convert", "-q", "--spec", "original", "oci:u1:dk", "-t", "back"])
        .run();
    assert!(before.iter().any(|(digest, _)| digest == back.text()));
}

#[test]
fn a_copy_takes_the_place_of_none_without_a_tag() {
    let built = untagged();
    let listed = |output: &Output| check(&output.dir().join("u1")).manifests.len();
    let copied = built.then().args(["copy", "u2.tar", "u1"]).run();
    assert!(!copied.stderr.contains("note"), "{}", copied.stderr);
    assert_eq!(listed(&copied), 2);
    // Again it is there already.
    assert_eq!(listed(&copied.then().args(["copy", "-q", "u2.tar", "u1"]).run()), 2);
    // A build keeps one, whichever have none.
    let again = copied
        .then()
        .file("m.gguf", "third weights\n")
        .args(["-q", "-o", "u1"])
        .run();
    assert_eq!(listed(&again), 1);
}
