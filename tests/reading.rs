//! Manifests and configs as other tools' rules have them, read back to plain types.

mod docker;
mod foreign;
mod modelpack;

use std::fmt::Write as _;

use modelbuild::artifact::read;
use modelbuild::digest::Digest;
use serde_json::{Value, json};

/// A descriptor whose digest is its name's.
fn layer(media_type: &str, annotations: &Value) -> Value {
    let name = format!("{media_type}{annotations}");
    json!({"mediaType": media_type, "digest": Digest::of(name.as_bytes()), "size": 7, "annotations": annotations})
}

/// A descriptor of a file that is named as it is since `ModelPack` has its present name.
fn file(media_type: &str, path: &str) -> Value {
    match path {
        "" => layer(media_type, &json!({})),
        path => layer(media_type, &json!({"org.cncf.model.filepath": path})),
    }
}

/// A manifest, and all that it and a config say: a line each, and one a layer.
struct Document {
    manifest: Value,
    config: Value,
}

impl Document {
    fn new(config_type: &str, config: Value, layers: &[Value]) -> Self {
        let digest = Digest::of(config.to_string().as_bytes());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": config_type, "digest": digest, "size": config.to_string().len()},
            "layers": layers,
        });
        Self { manifest, config }
    }

    fn artifact_type(mut self, artifact_type: &str) -> Self {
        self.manifest["artifactType"] = artifact_type.into();
        self
    }

    fn annotations(mut self, annotations: Value) -> Self {
        self.manifest["annotations"] = annotations;
        self
    }

    fn read(&self) -> String {
        let (manifest, config) = (self.manifest.to_string(), self.config.to_string());
        let stored = match read::read(manifest.as_bytes(), config.as_bytes()) {
            Ok(stored) => stored,
            Err(error) => return format!("error: {error}\n"),
        };
        let asked = read::model_config(&read::outline(manifest.as_bytes()).unwrap(), config.as_bytes()).unwrap();
        let mut text = format!("{}\n", stored.dialect.name());
        let or_none = |value: Option<&str>| value.unwrap_or("-").to_owned();
        let context = asked.context_size().map(|tokens| tokens.to_string());
        writeln!(
            text,
            "format {}, context {}, size {}, architecture {}, parameters {}, quantization {}",
            or_none(asked.format().as_deref()),
            or_none(context.as_deref()),
            or_none(asked.size()),
            or_none(asked.architecture()),
            or_none(asked.parameters()),
            or_none(asked.quantization())
        )
        .unwrap();
        for (name, statement) in modelbuild::model::Overview::new(&stored).stated {
            writeln!(text, "{name}: {statement}").unwrap();
        }
        for layer in &stored.layers {
            let words = [
                layer.kind.map_or("unknown", |kind| kind.name()),
                layer.encoding.map_or("unknown", |encoding| encoding.name()),
                layer.path.as_deref().unwrap_or("-"),
            ];
            let class = layer.class.map_or(String::new(), |class| format!(", {class:?}"));
            let executable = if layer.executable { ", executable" } else { "" };
            let diff_id = match layer.diff_id {
                None => ", no diff ID",
                Some(diff_id) if diff_id == layer.descriptor.digest => "",
                Some(_) => ", another diff ID",
            };
            writeln!(text, "- {}{class}{executable}{diff_id}", words.join(" ")).unwrap();
        }
        text
    }
}

fn hex(character: char) -> String {
    format!("sha256:{}", character.to_string().repeat(64))
}
