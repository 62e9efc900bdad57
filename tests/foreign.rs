//! Layouts as other tools write them, or might.

pub mod tools;
mod tour;

use serde_json::{Value, json};

use crate::harness::{Test, sha256};

/// Writes a layout with one artifact: `layers` are media type, path (empty for none) and bytes.
pub fn layout(
    test: &Test,
    dir: &str,
    config_type: &str,
    config: impl Fn(&[String]) -> String,
    layers: &[(&str, &str, &str)],
) {
    let named = |path: &str| match path {
        "" => json!({}),
        path => json!({ "org.cncf.model.filepath": path }),
    };
    let layers: Vec<_> = layers
        .iter()
        .map(|(media_type, path, bytes)| (*media_type, named(path), *bytes))
        .collect();
    annotated(test, dir, config_type, config, &layers);
}

/// As [`layout`], with the annotations of each layer instead of its path.
pub fn annotated(
    test: &Test,
    dir: &str,
    config_type: &str,
    config: impl Fn(&[String]) -> String,
    layers: &[(&str, Value, impl AsRef<[u8]>)],
) {
    let dir = test.dir().join(dir);
    let blobs = dir.join("blobs/sha256");
    fs_err::create_dir_all(&blobs).unwrap();
    let put = |bytes: &[u8]| {
        let digest = sha256(bytes);
        fs_err::write(blobs.join(digest.trim_start_matches("sha256:")), bytes).unwrap();
        (digest, bytes.len())
    };
    let mut digests = vec![];
    let mut described = vec![];
    for (media_type, annotations, bytes) in layers {
        let (digest, size) = put(bytes.as_ref());
        described.push(json!({"mediaType": media_type, "digest": digest, "size": size, "annotations": annotations}));
        digests.push(digest);
    }
    let (digest, size) = put(config(&digests).as_bytes());
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": config_type, "digest": digest, "size": size},
        "layers": described,
    });
    let (digest, size) = put(manifest.to_string().as_bytes());
    let entry = json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": size});
    let index = json!({"schemaVersion": 2, "manifests": [entry]});
    fs_err::write(dir.join("index.json"), index.to_string()).unwrap();
    fs_err::write(dir.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
}
