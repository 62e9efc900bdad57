//! The media types that artifacts carry.

use super::docker_class::FileClass;
use super::recipe::Encoding;
use crate::modelfile::Kind;

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

/// The `ModelPack` layer type of a file.
///
/// The specification has five kinds; a projector holds weights, and a chat template configures them.
#[must_use]
pub fn modelpack_layer(kind: Kind, encoding: Encoding) -> String {
    let kind = match kind {
        Kind::Weight | Kind::Projector => "weight",
        Kind::Template | Kind::Config => "weight.config",
        Kind::Code => "code",
        Kind::Doc => "doc",
        Kind::Dataset => "dataset",
    };
    let encoding = match encoding {
        Encoding::Raw => "raw",
        Encoding::Tar => "tar",
    };
    format!("application/vnd.cncf.model.{kind}.v1.{encoding}")
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
