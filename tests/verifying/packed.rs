//! Blobs that several layers have, and what is in those of container images.

use serde_json::{Value, json};
use snapbox::str;
use tar::EntryType;

use super::layers::{gzip, packed, tar};
use super::{CONFIG, config, crafted, manifest, put};
use crate::harness::{Test, sha256};

const IMAGE: &str = "application/vnd.oci.image.config.v1+json";

/// A `ModelPack` of the same bytes as layers of these encodings, each at a path of its own.
fn layers_of(bytes: &[u8], encodings: &[&str], diff: &[u8]) -> Test {
    crafted(|out| {
        let layers: Vec<_> = encodings.iter().map(|encoding| packed(out, encoding, bytes)).collect();
        let mut config = config(&layers);
        let diff_id = |encoding: &&str| {
            if encoding.contains('+') {
                sha256(diff)
            } else {
                sha256(bytes)
            }
        };
        config["modelfs"]["diffIds"] = json!(encodings.iter().map(diff_id).collect::<Vec<_>>());
        manifest(out, CONFIG, &config, &layers)
    })
}

/// One tar that is listed twice is the same files: extract writes them once.
#[test]
fn a_tar_may_be_listed_twice() {
    let tar = tar(&[("code/a.py", EntryType::Regular)]);
    let output = layers_of(&tar, &["tar", "tar"], &tar).stdout(str![[r#"
note: manifest sha256:09c5a6aa725bca2772e0c5b032ded54498d9298645eae49c81c5d358b3b8b365: has 2 layers of the same bytes: `code`, `code` [same-bytes]
out: 1 artifact, 3 blobs, 3.04 kB: 1 note

"#]]).run();
    output.then().args(["extract", "out", "x"]).run();
    let output = layers_of(&gzip(&tar), &["tar+gzip", "tar+gzip"], &tar)
        .stdout(str![[r#"
note: manifest sha256:6c0a94d8e0e9972ff93994598f154b87beedf89305df61a1402c69a5fa24e7c9: has 2 layers of the same bytes: `code`, `code` [same-bytes]
out: 1 artifact, 3 blobs, 1.10 kB: 1 note

"#]])
        .run();
    output.then().args(["extract", "out", "x"]).run();
}

/// It is what each of them says, in whatever order.
#[test]
fn no_blob_is_packed_in_two_ways() {
    let tar = tar(&[("code/a.py", EntryType::Regular)]);
    for encodings in [["tar", "tar+gzip"], ["tar+gzip", "tar"]] {
        let output = layers_of(&tar, &encodings, &tar).status(4).run();
        assert!(output.text().contains("[layer-broken]"), "{}", output.text());
        output.then().args(["extract", "out", "x"]).status(4).run();
    }
}

/// An index of a model and a container image that have a blob in common, in whatever order.
#[test]
fn a_symlink_in_a_model_is_found_wherever_else_it_is() {
    let tar = tar(&[("code/link", EntryType::Symlink)]);
    for is_image_first in [true, false] {
        let test = Test::new();
        let out = test.dir().join("out");
        let layers = [packed(&out, "tar", &tar)];
        let model = manifest(&out, CONFIG, &config(&layers), &layers);
        let image = image(&out, "application/vnd.oci.image.layer.v1.tar", &tar, &tar);
        let mut entries = [model, image].map(|manifest| put(&out, super::MANIFEST, manifest.to_string().as_bytes()));
        if is_image_first {
            entries.reverse();
        }
        super::layout(&out, &entries);
        test.args(["verify", "out"]).status(4).stdout(str![[r#"
error: code sha256:2221a622443b320a6c2fe56437303de8ffc2aca437c73fa51be2912f1d1e4a52: its entry `code/link` is a symlink; only files and directories are extracted [tar-entry]
out: 2 artifacts, 5 blobs, 2.86 kB: 1 error

"#]]).run();
    }
}

fn image(out: &std::path::Path, media_type: &str, bytes: &[u8], diff: &[u8]) -> Value {
    let layer = put(out, media_type, bytes);
    let config = json!({
        "architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [sha256(diff)]},
    });
    manifest(out, IMAGE, &config, &[layer])
}

#[test]
fn layers_of_a_container_image_are_tars_that_nothing_gets_out_of() {
    let image = |bytes: &[u8], diff: &[u8]| {
        let (bytes, diff) = (bytes.to_vec(), diff.to_vec());
        crafted(move |out| image(out, "application/vnd.oci.image.layer.v1.tar+gzip", &bytes, &diff))
    };
    let harmless = tar(&[
        ("dev/null", EntryType::Char),
        ("etc/.wh.passwd", EntryType::Regular),
        ("./lib", EntryType::Symlink),
        ("bin", EntryType::Link),
        ("a..b/file", EntryType::Regular),
    ]);
    image(&gzip(&harmless), &harmless)
        .stdout(str![[r#"
out: 1 artifact, 3 blobs, 831 B: all is well

"#]])
        .run();
    let harmful = tar(&[
        ("bin", EntryType::Symlink),
        ("../../etc/passwd", EntryType::Regular),
        ("/etc/shadow", EntryType::Regular),
        ("a/..", EntryType::Symlink),
    ]);
    image(&gzip(&harmful), &harmful).status(4).stdout(str![[r#"
error: layer sha256:768af99aec733121470ae793b13ad020347e3090d25dc40d8e9888539db2c42b: the path `../../etc/passwd` leads out of its directory by `..` [path-invalid]
error: layer sha256:768af99aec733121470ae793b13ad020347e3090d25dc40d8e9888539db2c42b: the path `/etc/shadow` is absolute [path-invalid]
error: layer sha256:768af99aec733121470ae793b13ad020347e3090d25dc40d8e9888539db2c42b: the path `a/..` leads out of its directory by `..` [path-invalid]
out: 1 artifact, 3 blobs, 807 B: 3 errors

"#]]).run();
    let none = b"no tar at all".repeat(100);
    image(&gzip(&none), &none).status(4).stdout(str![[r#"
error: layer sha256:c63e5bb969ddde2872389e6e723e64d3503170dbaf775543a075091320d218dc: it cannot be unpacked: a header has another checksum than it states [layer-broken]
out: 1 artifact, 3 blobs, 666 B: 1 error

"#]]).run();
}

/// `extract` unpacks what is no model, too.
#[test]
fn nothing_gets_out_of_what_is_no_model() {
    let chart = |out: &std::path::Path| {
        let config = put(out, "application/vnd.cncf.helm.config.v1+json", b"{}");
        let chart = gzip(&tar(&[("../../etc/passwd", EntryType::Regular)]));
        let layer = put(out, "application/vnd.cncf.helm.chart.content.v1.tar+gzip", &chart);
        json!({"schemaVersion": 2, "mediaType": super::MANIFEST, "config": config, "layers": [layer]})
    };
    let output = crafted(chart).args(["-q"]).status(4).run();
    assert!(
        output
            .text()
            .contains("leads out of its directory by `..` [path-invalid]"),
        "{}",
        output.text()
    );
    output.then().args(["extract", "out", "x"]).status(4).run();
}
