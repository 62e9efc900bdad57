//! A base in a registry: only its manifest and config are fetched, and of its layers what an output lacks.

use snapbox::str;

use super::test;
use crate::harness::{Output, Test, sha256};
use crate::layout::{check, contents};
use crate::servers::registry::{Options, Registry};

/// As [`super::test`], with the base in a registry as `models/base:v1`.
fn registry() -> (Registry, Test) {
    let registry = Registry::start(Options::default());
    let test = test()
        .args(["push", "oci:base:v1", &format!("{}/models/base:v1", registry.address())])
        .run()
        .then();
    registry.record.clear();
    (registry, test)
}

/// What was asked for, with names for the digests that are not those of layers.
fn asked(registry: &Registry, out: &Output) -> String {
    let mut lines = registry.record.lines().replace(out.text(), "[NEW]");
    for layer in ["weights", r#"{"a":1}"#, "old", "print()"] {
        lines = lines.replace(&sha256(layer.as_bytes()), &format!("[{layer}]"));
    }
    let config = lines.split("blobs/sha256:").nth(1).map(|rest| rest[..64].to_owned());
    config.map_or(lines.clone(), |hex| lines.replace(&format!("sha256:{hex}"), "[CONFIG]"))
}

fn from(registry: &Registry, more: &str) -> String {
    format!("FROM docker://{}/models/base:v1\n{more}", registry.address())
}

#[test]
fn it_gives_what_a_layout_gives_and_is_read_only_where_something_is_missing() {
    let (registry, test) = registry();
    let local = test
        .file("m/Modelfile", "FROM ../base\nVERSION 2\nCONFIG config.json\n")
        .file("m/config.json", r#"{"a":2}"#)
        .args(["build", "m", "-q", "-o", "local"])
        .run();
    let remote = local
        .then()
        .file("m/Modelfile", from(&registry, "VERSION 2\nCONFIG config.json\n"))
        .args(["build", "m", "-q", "-o", "remote", "-o", "remote.tar"])
        .run();
    assert_eq!(local.text(), remote.text());
    check(&remote.dir().join("remote"));
    assert_eq!(
        contents(&local.dir().join("local")),
        contents(&remote.dir().join("remote"))
    );
    // Once for both outputs.
    for (layer, times) in [("weights", 1), ("print()", 1), (r#"{"a":1}"#, 0)] {
        let (digest, lines) = (sha256(layer.as_bytes()), registry.record.lines());
        assert_eq!(lines.matches(&digest).count(), times, "{layer}\n{lines}");
    }

    registry.record.clear();
    let again = remote.then().args(["build", "m", "-q", "-o", "remote"]).run();
    snapbox::assert_data_eq!(
        asked(&registry, &again),
        str![[r#"
GET /v2/models/base/manifests/v1 → 200
GET /v2/models/base/blobs/[CONFIG] → 200

"#]]
    );
    registry.record.clear();
    again.then().args(["plan", "m", "-q", "-o", "elsewhere"]).run();
    assert_eq!(registry.record.count("*"), 2, "{}", registry.record.lines());
}

#[test]
fn what_goes_to_the_same_registry_is_mounted() {
    let (registry, test) = registry();
    let output = test
        .file("m/Modelfile", from(&registry, "VERSION 2\n"))
        .args(["build", "m", "-q", "-j", "1", "-o"])
        .args([format!("docker://{}/models/other:v2", registry.address())])
        .run();
    assert_eq!(registry.tag("models/other", "v2").as_deref(), Some(output.text()));
    let mounts = registry.record.of("POST");
    assert_eq!(
        mounts
            .iter()
            .filter(|entry| entry.target.contains("from=models%2Fbase"))
            .count(),
        4
    );
    let gets = registry.record.of("GET");
    let blobs = gets.iter().filter(|entry| entry.path().contains("/blobs/"));
    assert_eq!(blobs.count(), 1, "{}", registry.record.lines());
}

#[test]
fn a_tag_that_moves_meanwhile_makes_the_outputs_out_of_date() {
    let (registry, test) = registry();
    let output = test
        .file("m/Modelfile", from(&registry, "VERSION 2\n"))
        .args(["build", "m", "-q", "-o", "out", "--depfile", "out.d"])
        .run();
    let depfile = fs_err::read_to_string(output.dir().join("out.d")).unwrap();
    assert!(!depfile.contains("models"), "{depfile}");
    let heads = registry.record.of("HEAD");
    let last = heads.last().unwrap();
    assert_eq!((last.path(), last.status()), ("/v2/models/base/manifests/v1", 200));
}

#[test]
fn a_registry_without_it_is_an_error_with_a_place() {
    let (registry, test) = registry();
    let modelfile = from(&registry, "VERSION 2\n").replace("v1", "v9");
    let output = test
        .file("m/Modelfile", modelfile)
        .args(["build", "m", "-q", "-o", "out"])
        .status(5)
        .run();
    let stderr = output.stderr.replace(&registry.address(), "[REGISTRY]");
    snapbox::assert_data_eq!(
        stderr,
        str![[r#"
error: cannot build from `docker://[REGISTRY]/models/base:v9`
 --> m/Modelfile:1:6
  |
1 | FROM docker://[REGISTRY]/models/base:v9
  |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ [REGISTRY] has no `[REGISTRY]/models/base:v9`
  |
  = help: check repository and tag, `latest` where none is given; `modelbuild ls docker://[REGISTRY]/models/base` lists the tags


"#]]
    );
    assert!(!output.dir().join("out").exists());
}

#[test]
fn nobody_at_the_address_is_an_error_with_a_place() {
    // A port that was just given back.
    let registry = Registry::start(Options::default());
    let address = registry.address();
    drop(registry);
    let output = test()
        .file("m/Modelfile", format!("FROM docker://{address}/models/base:v1\n"))
        .args(["build", "m", "-q"])
        .status(5)
        .run();
    for part in [
        "error: cannot build from",
        " --> m/Modelfile:1:6\n",
        "cannot be reached",
    ] {
        assert!(output.stderr.contains(part), "{}", output.stderr);
    }
    assert!(!output.dir().join("m/dist").exists());
}

#[test]
fn a_layer_that_comes_damaged_is_not_published() {
    let (registry, test) = registry();
    fs_err::write(registry.content(&sha256(b"weights")), "weightz").unwrap();
    let output = test
        .file("m/Modelfile", from(&registry, "VERSION 2\n"))
        .args(["build", "m", "-q", "-o", "out"])
        .status(4)
        .run();
    let stderr = output.stderr.replace(&registry.address(), "[REGISTRY]");
    snapbox::assert_data_eq!(
        stderr,
        str![[r#"
error: the base `docker://[REGISTRY]/models/base:v1` is damaged: its layer `model.gguf` has the digest sha256:77231fd145baf43cce88aa1bc4427f7b3b8bd702978faa4632f57ddded6e2a8f, not sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c
  = help: nothing was published; the base is damaged: a layout is mended with `modelbuild verify LAYOUT --repair SOURCE`, or built or copied to another directory; a tarball is built or copied again

"#]]
    );
    // What came whole stays for the next attempt, and no name leads to it.
    assert!(check(&output.dir().join("out")).manifests.is_empty());
}
