//! The page for a reviewer, and what it finds.

mod browser;
mod findings;
mod page;
mod treemap;

use modelbuild::artifact::Descriptor;
use modelbuild::artifact::annotation::{FILE_METADATA, FILEPATH};
use modelbuild::artifact::media_type::MODELPACK_CONFIG;
use modelbuild::digest::Digest;
use modelbuild::model::{Image, manifest_for_layers};
use serde_json::{Value, json};

/// A layer of a file of `size` bytes.
fn layer(kind: &str, path: &str, size: u64) -> Descriptor {
    let annotations = [(FILEPATH.to_owned(), path.to_owned())];
    Descriptor {
        media_type: format!("application/vnd.cncf.model.{kind}"),
        digest: Digest::of(path.as_bytes()),
        size,
        annotations: annotations.into_iter().filter(|(_, path)| !path.is_empty()).collect(),
    }
}

fn executable(mut layer: Descriptor) -> Descriptor {
    let metadata = json!({"mode": 0o755}).to_string();
    layer.annotations.insert(FILE_METADATA.to_owned(), metadata);
    layer
}

/// A `ModelPack` whose config has this descriptor.
fn image(descriptor: &Value, layers: &[Descriptor]) -> Image {
    let config = json!({"descriptor": descriptor, "config": {"format": "gguf"}, "modelfs": {"type": "layers"}});
    let config = config.to_string().into_bytes();
    let annotations = [("org.example.ci".to_owned(), "https://ci.example/1".to_owned())].into();
    let manifest = manifest_for_layers(MODELPACK_CONFIG, &config, layers, &annotations).unwrap();
    Image::new(manifest, config).unwrap()
}
