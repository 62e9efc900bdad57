//! What lies beside models under the config of a container image, and is none: signatures and attestations.

use std::path::Path;

use serde_json::{Value, json};
use snapbox::str;
use tar::EntryType;

use super::layers::{gzip, tar};
use super::{INDEX, MANIFEST, crafted, layout, put};
use crate::harness::{Test, sha256};

const IMAGE: &str = "application/vnd.oci.image.config.v1+json";
const SIGNATURE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const IN_TOTO: &str = "application/vnd.in-toto+json";

/// An image of these layers, under a config that lists `diff_ids`.
fn image(out: &Path, platform: [&str; 2], layers: &[Value], diff_ids: &[String]) -> Value {
    let config = json!({
        "architecture": platform[1], "os": platform[0], "config": {},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    });
    let config = put(out, IMAGE, config.to_string().as_bytes());
    json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers})
}

/// The signature of a manifest, as `cosign sign` writes it.
fn signature(out: &Path) -> Value {
    let payload = json!({
        "critical": {
            "identity": {"docker-reference": "localhost:5000/tiny"},
            "image": {"docker-manifest-digest": sha256(b"manifest")},
            "type": "cosign container image signature",
        },
        "optional": null,
    });
    let mut layer = put(out, SIGNATURE, payload.to_string().as_bytes());
    let config = json!({
        "architecture": "", "created": "0001-01-01T00:00:00Z", "history": [{"created": "0001-01-01T00:00:00Z"}],
        "os": "", "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]}, "config": {},
    });
    layer["annotations"] = json!({"dev.cosignproject.cosign/signature": "MEUCIQDsign"});
    let config = put(out, IMAGE, config.to_string().as_bytes());
    json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]})
}

/// What buildx puts beside an image: the manifest of its provenance and its bill of materials.
fn attestation(out: &Path) -> Value {
    let statement = |(kind, predicate): (&str, &str)| {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v0.1", "predicateType": predicate,
            "subject": [{"name": "pkg:docker/tiny@v1", "digest": {"sha256": &sha256(b"manifest")[7..]}}],
            "predicate": {"kind": kind},
        });
        let mut layer = put(out, IN_TOTO, statement.to_string().as_bytes());
        layer["annotations"] = json!({"in-toto.io/predicate-type": predicate});
        layer
    };
    let layers = [
        ("bill", "https://spdx.dev/Document"),
        ("provenance", "https://slsa.dev/provenance/v0.2"),
    ]
    .map(statement);
    let diff_ids = layers
        .each_ref()
        .map(|layer| layer["digest"].as_str().unwrap().to_owned());
    image(out, ["unknown", "unknown"], &layers, &diff_ids)
}

/// An image with a model, as `docker buildx build` puts it into an index `v1`, beside what it attests of it.
pub fn attested(test: &Test) {
    let out = test.dir().join("out");
    let files = tar(&[("models/m.gguf", EntryType::Regular)]);
    let layer = put(&out, "application/vnd.oci.image.layer.v1.tar+gzip", &gzip(&files));
    let model = image(&out, ["linux", "amd64"], &[layer], &[sha256(&files)]);
    let mut model = put(&out, MANIFEST, model.to_string().as_bytes());
    model["platform"] = json!({"architecture": "amd64", "os": "linux"});
    let mut said = put(&out, MANIFEST, attestation(&out).to_string().as_bytes());
    said["annotations"] = json!({
        "vnd.docker.reference.digest": model["digest"], "vnd.docker.reference.type": "attestation-manifest",
    });
    said["platform"] = json!({"architecture": "unknown", "os": "unknown"});
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [model, said]});
    let mut entry = put(&out, INDEX, index.to_string().as_bytes());
    entry["annotations"] = json!({"org.opencontainers.image.ref.name": "v1"});
    layout(&out, &[entry]);
}

#[test]
fn a_signature_of_cosign() {
    let output = crafted(signature).stdout(str![[r#"
note: manifest sha256:e08d35bbb98d8349f968729403525ca98a01d6d5c9ad8a465fc508b1a9a17631: is no model: no layer is a container image's or a model's, the first has the media type `application/vnd.dev.cosign.simplesigning.v1+json` [no-model]
out: 1 artifact, 3 blobs, 941 B: 1 note

"#]]).run();
    output
        .then()
        .args(["extract", "out", "x"])
        .status(3)
        .stderr(str![[r#"
error: `out`: it is no model artifact: no layer is a container image's or a model's, the first has the media type `application/vnd.dev.cosign.simplesigning.v1+json`

"#]])
        .run();
    output.then().args(["inspect", "out"]).status(3).run();
    output
        .then()
        .args(["ls", "out"])
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
-     sha256:e08d35bbb98d        -  -            -           -

"#]])
        .run();
}

#[test]
fn an_attestation_of_buildx() {
    let test = Test::new();
    attested(&test);
    test.args(["verify", "out"]).stdout(str![[r#"
note: manifest sha256:9351d9f2ad6710e9511b4feb23bac0569e909a276c8852bcd37714b3d9563909: is no model: no layer is a container image's or a model's, the first has the media type `application/vnd.in-toto+json` [no-model]
out: 2 artifacts, 8 blobs, 2.76 kB: 1 note

"#]]).run();
}

/// What tools get files out of is looked at.
#[test]
fn what_has_files_is_an_image() {
    let mut said = String::new();
    for (media_type, annotations) in [
        ("application/x-foo", json!({"org.opencontainers.image.title": "../foo"})),
        ("application/x-foo.tar", json!({})),
        ("application/vnd.cncf.model.weight.v1.raw", json!({})),
    ] {
        let made = crafted(|out| {
            let mut foo = put(out, media_type, b"foo");
            foo["annotations"] = annotations;
            let statement = put(out, IN_TOTO, b"{}");
            image(
                out,
                ["linux", "amd64"],
                &[foo, statement],
                &[sha256(b"foo"), sha256(b"{}")],
            )
        });
        said += made.status(4).run().text();
        said.push('\n');
    }
    snapbox::assert_data_eq!(
        said,
        str![[r#"
error: layer sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: has no annotation that names its file [path-missing]
error: ../foo sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae: its path leads out of its directory by `..` [path-invalid]
warning: ../foo sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae: has the media type `application/x-foo`, which is not known: it is taken for the file itself [media-type-unknown]
warning: layer sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: has the media type `application/vnd.in-toto+json`, which is not known: it is taken for the file itself [media-type-unknown]
out: 1 artifact, 4 blobs, 810 B: 2 errors, 2 warnings
error: layer sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: has no annotation that names its file [path-missing]
error: layer sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae: it ends in the middle of something [layer-broken]
warning: layer sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae: has the media type `application/x-foo.tar`, which is not known: it is taken for a tar, by the end of the type [media-type-unknown]
warning: layer sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: has the media type `application/vnd.in-toto+json`, which is not known: it is taken for the file itself [media-type-unknown]
out: 1 artifact, 4 blobs, 773 B: 2 errors, 2 warnings
error: layer sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: has no annotation that names its file [path-missing]
warning: layer sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: has the media type `application/vnd.in-toto+json`, which is not known: it is taken for the file itself [media-type-unknown]
out: 1 artifact, 4 blobs, 792 B: 1 error, 1 warning

"#]]
    );
}
