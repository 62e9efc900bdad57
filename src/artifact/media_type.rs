//! The media types that artifacts carry.

use super::docker_class::{FileClass, extension};
use super::recipe::Spec;
use crate::modelfile::Kind;
use crate::plan::LayerEncoding;

/// Media type of the manifest in every dialect (OCI image-spec, manifest.md).
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Media type of a layout's `index.json` (OCI image-spec, image-index.md).
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// `ModelPack`'s `artifactType`; Docker Model Runner knows a `ModelPack` artifact by it alone.
pub const MODELPACK_ARTIFACT: &str = "application/vnd.cncf.model.manifest.v1+json";

/// `ModelPack`'s config; Harbor knows a model by it.
pub const MODELPACK_CONFIG: &str = "application/vnd.cncf.model.config.v1+json";

/// Docker's config of a model without directories: GGUF or DDUF weights and what belongs to them.
pub const DOCKER_CONFIG_V0_1: &str = "application/vnd.docker.ai.model.config.v0.1+json";

/// Docker's config of a directory: one layer a file, paths kept.
pub const DOCKER_CONFIG_V0_2: &str = "application/vnd.docker.ai.model.config.v0.2+json";

/// Docker's layer of GGUF weights.
pub const DOCKER_GGUF: &str = "application/vnd.docker.ai.gguf.v3";

/// Docker's layer of safetensors weights.
pub const DOCKER_SAFETENSORS: &str = "application/vnd.docker.ai.safetensors";

/// Docker's layer of DDUF weights.
pub const DOCKER_DDUF: &str = "application/vnd.docker.ai.dduf";

/// Docker's licence layer.
pub const DOCKER_LICENSE: &str = "application/vnd.docker.ai.license";

/// Docker's layer of a multimodal projector.
pub const DOCKER_PROJECTOR: &str = "application/vnd.docker.ai.mmproj";

/// Docker's layer of a chat template.
pub const DOCKER_TEMPLATE: &str = "application/vnd.docker.ai.chat.template.jinja";

/// Docker's layer of any other file.
pub const DOCKER_FILE: &str = "application/vnd.docker.ai.model.file";

/// Whether a config of this media type is one that we write.
#[must_use]
pub fn is_model_config(media_type: &str) -> bool {
    [MODELPACK_CONFIG, DOCKER_CONFIG_V0_1, DOCKER_CONFIG_V0_2].contains(&media_type)
}

/// Which dialect a config of this media type speaks; `None` where it is no model's.
#[must_use]
pub fn config_spec(media_type: &str) -> Option<Spec> {
    match media_type {
        // What `ModelPack` was called before it moved to the CNCF's name.
        MODELPACK_CONFIG | "application/vnd.cnai.model.config.v1+json" => Some(Spec::ModelPack),
        DOCKER_CONFIG_V0_1 | DOCKER_CONFIG_V0_2 => Some(Spec::Docker),
        _ => None,
    }
}

/// The `ModelPack` layer type of a file.
///
/// The specification has five kinds; a projector holds weights, and a chat template configures them.
#[must_use]
pub fn modelpack_layer(kind: Kind, encoding: LayerEncoding) -> String {
    let kind = match kind {
        Kind::Weight | Kind::Projector => "weight",
        Kind::Template | Kind::Config => "weight.config",
        Kind::Code => "code",
        Kind::Doc => "doc",
        Kind::Dataset => "dataset",
    };
    format!("application/vnd.cncf.model.{kind}.v1.{}", encoding.name())
}

/// What a layer's media type and its file's path say of the file, in any dialect; `None` where the type is not known.
///
/// `ModelPack`'s five kinds are fewer than ours, and Docker's are others: names tell the rest.
#[must_use]
pub fn parse_layer(media_type: &str, path: &str) -> Option<(Kind, LayerEncoding)> {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let weight = if name.contains("mmproj") {
        Kind::Projector
    } else {
        Kind::Weight
    };
    let config = if extension(&name) == "jinja" {
        Kind::Template
    } else {
        Kind::Config
    };
    let modelpack = ["application/vnd.cncf.model.", "application/vnd.cnai.model."]
        .iter()
        .find_map(|prefix| media_type.strip_prefix(prefix));
    if let Some((kind, encoding)) = modelpack.and_then(|rest| rest.split_once(".v1.")) {
        let encoding = match encoding {
            // Docker's extension of ModelPack's types.
            "gguf" | "safetensors" => LayerEncoding::Raw,
            name => LayerEncoding::ALL
                .into_iter()
                .find(|encoding| encoding.name() == name)?,
        };
        let kind = match kind {
            "weight" => weight,
            "weight.config" => config,
            "code" => Kind::Code,
            "doc" => Kind::Doc,
            "dataset" => Kind::Dataset,
            _ => return None,
        };
        return Some((kind, encoding));
    }
    let kind = match media_type {
        DOCKER_GGUF | DOCKER_SAFETENSORS | DOCKER_DDUF => Kind::Weight,
        DOCKER_LICENSE => Kind::Doc,
        DOCKER_PROJECTOR => Kind::Projector,
        DOCKER_TEMPLATE => Kind::Template,
        DOCKER_FILE => by_name(&name),
        _ => return None,
    };
    Some((kind, LayerEncoding::Raw))
}

/// What a file is for whose media type leaves it open, by its lower-case name.
fn by_name(name: &str) -> Kind {
    match extension(name) {
        "bin" | "onnx" | "pt" | "pth" | "tflite" | "keras" | "ggml" => Kind::Weight,
        "py" | "ipynb" | "sh" => Kind::Code,
        "md" | "rst" | "pdf" => Kind::Doc,
        "jsonl" | "csv" | "parquet" => Kind::Dataset,
        _ => Kind::Config,
    }
}

/// The Docker layer type of a file.
#[must_use]
pub const fn docker_layer(class: FileClass) -> &'static str {
    match class {
        FileClass::Gguf => DOCKER_GGUF,
        FileClass::Safetensors => DOCKER_SAFETENSORS,
        FileClass::Dduf => DOCKER_DDUF,
        FileClass::License => DOCKER_LICENSE,
        FileClass::Projector => DOCKER_PROJECTOR,
        FileClass::Template => DOCKER_TEMPLATE,
        FileClass::Other => DOCKER_FILE,
    }
}
