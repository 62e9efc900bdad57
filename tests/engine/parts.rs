//! Manifest, config and layers by themselves: what belongs together, and is found in it.

use modelbuild::artifact::media_type::MODELPACK_CONFIG;
use modelbuild::artifact::{Descriptor, annotation};
use modelbuild::digest::Digest;
use modelbuild::model::{Image, ModelArtifact, StoredModel, manifest_for_layers};
use modelbuild::store::Choice;
use snapbox::{assert_data_eq, str};

use super::WEIGHT;
use crate::harness::Test;

/// Its digest and its size are in the manifest, and nothing is read of another one.
#[test]
fn a_config_is_the_manifests() {
    let config = |format: &str| format!(r#"{{"config":{{"format":"{format}"}}}}"#).into_bytes();
    let layers = [Descriptor::of(&format!("{WEIGHT}.raw"), b"GGUF")];
    let manifest = manifest_for_layers(MODELPACK_CONFIG, &config("gguf"), &layers, &[].into()).unwrap();
    assert!(Image::new(manifest.clone(), config("gguf")).is_ok());
    let refused = |manifest: &[u8], config| ModelArtifact::new(manifest.to_owned(), config).unwrap_err().to_string();
    assert_data_eq!(
        refused(&manifest, config("onnx")),
        str![
            "the config has 28 bytes and the digest sha256:a46c2c54eed93759f71fc72a17edb6646b275c175500ebc01d23fc0f2e309743; the manifest states 28 bytes and the digest sha256:33ae794f41437b8920acec7f5665e536f5c8ccfcb253d0dc07514a5079da6a80"
        ]
    );
    let mut stated: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    stated["config"]["size"] = 27.into();
    assert_data_eq!(
        refused(stated.to_string().as_bytes(), config("gguf")),
        str![
            "the config has 28 bytes and the digest sha256:33ae794f41437b8920acec7f5665e536f5c8ccfcb253d0dc07514a5079da6a80; the manifest states 27 bytes and the digest sha256:33ae794f41437b8920acec7f5665e536f5c8ccfcb253d0dc07514a5079da6a80"
        ]
    );
}

/// Our own artifacts, both dialects: the manifest that is put together again is the one that was.
#[test]
fn a_manifest_is_what_its_parts_make() {
    for spec in ["modelpack", "docker"] {
        let built = Test::new()
            .file(
                "m/Modelfile",
                "NAME x\nANNOTATION a.b c\nMODEL m.gguf\nDOC README.md\nCODE run.sh\n",
            )
            .file("m/m.gguf", "GGUF")
            .file("m/README.md", "<a & b>")
            .file("m/run.sh", "#!/bin/sh\n")
            .args(["build", "m", "-q", "-o", "l", "--spec", spec])
            .run();
        let model = StoredModel::open(&built.dir().join("l"), Choice::Only).unwrap();
        let manifest = model.manifest();
        let again = manifest_for_layers(
            &manifest.config.media_type,
            model.raw_config(),
            &manifest.layers,
            &manifest.annotations,
        );
        assert_eq!(again.unwrap(), model.raw_manifest(), "{spec}");
        for layer in model.layers() {
            let digest = layer.descriptor.digest;
            assert_eq!(model.layer_by_digest(&digest), Some(layer));
            assert_eq!(model.layer_by_diff_id(&digest), Some(layer));
        }
        let none = Digest::of(b"none");
        assert_eq!(
            (model.layer_by_digest(&none), model.layer_by_diff_id(&none)),
            (None, None)
        );
        let layers: u64 = manifest.layers.iter().map(|layer| layer.size).sum();
        let documents = model.raw_manifest().len() + model.raw_config().len();
        assert_eq!(model.size(), layers + documents as u64);
        assert_eq!(model.config_digest(), manifest.config.digest);
    }
}

#[test]
fn a_layer_is_found_by_what_it_is_uncompressed() {
    let diff_id = Digest::of(b"uncompressed");
    let config = format!(r#"{{"modelfs":{{"type":"layers","diffIds":["{diff_id}"]}}}}"#);
    let mut layer = Descriptor::of(&format!("{WEIGHT}.tar+gzip"), b"compressed");
    layer
        .annotations
        .insert(annotation::FILEPATH.to_owned(), "m.gguf".to_owned());
    let manifest = manifest_for_layers(MODELPACK_CONFIG, config.as_bytes(), &[layer], &[].into()).unwrap();
    let image = Image::new(manifest, config.into_bytes()).unwrap();
    let found = image.layer_by_diff_id(&diff_id).unwrap();
    assert_eq!(found.descriptor.digest, Digest::of(b"compressed"));
    assert_eq!(found.descriptor.annotations.len(), 1);
    assert_eq!(image.layer_by_diff_id(&Digest::of(b"compressed")), None);
    assert_eq!(image.media_type(), "application/vnd.oci.image.manifest.v1+json");
    assert!(ModelArtifact::from(image).gguf().is_empty());
}
