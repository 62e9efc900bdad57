//! A model artifact put together by hand, from a config and layers that are stored already:
//! `cargo run --example by_hand`.

use std::error::Error;

use modelbuild::artifact::{Descriptor, annotation, media_type};
use modelbuild::model::{ModelArtifact, manifest_for_layers};

fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", String::from_utf8_lossy(artifact()?.raw_manifest()));
    Ok(())
}

/// A GGUF file under Docker's names.
///
/// # Errors
/// None: all of it is written here.
pub fn artifact() -> Result<ModelArtifact, Box<dyn Error>> {
    let weights = b"GGUF, and what follows";
    let mut layer = Descriptor::of(media_type::DOCKER_GGUF, weights);
    layer
        .annotations
        .insert(annotation::FILEPATH.to_owned(), "model.gguf".to_owned());
    let config = format!(
        r#"{{"config":{{"format":"gguf"}},"descriptor":{{}},"rootfs":{{"type":"rootfs","diff_ids":["{}"]}}}}"#,
        layer.digest
    );
    let config = config.into_bytes();
    let manifest = manifest_for_layers(media_type::DOCKER_CONFIG_V0_1, &config, &[layer], &[].into())?;
    Ok(ModelArtifact::new(manifest, config)?)
}
