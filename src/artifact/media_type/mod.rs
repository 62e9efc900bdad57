//! The media types that artifacts carry: those that we write, and those that others have written.

mod layer;

use super::dialect::Dialect;
use super::docker_class::{FileClass, extension};
use crate::modelfile::Kind;
use crate::plan::LayerEncoding;
pub use layer::{LayerType, is_generic_weight, is_modelpack_layer, named_layer, parse_layer};

/// Media type of the manifest in every dialect (OCI image-spec, manifest.md).
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Media type of a layout's `index.json` (OCI image-spec, image-index.md).
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Media type of the artifact manifest, which version 1.1 of the OCI image-spec gave up again.
pub const OCI_ARTIFACT_MANIFEST: &str = "application/vnd.oci.artifact.manifest.v1+json";

/// Docker's manifest (schema 2).
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// Docker's index.
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

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

/// Docker's layer of a `LoRA` adapter; in the draft only, Docker Model Runner ignores it.
pub const DOCKER_ADAPTER: &str = "application/vnd.docker.ai.gguf.v3.lora";

/// Docker's tar of the configuration files of safetensors weights; was written before version 0.2 of the config.
pub const DOCKER_CONFIG_ARCHIVE: &str = "application/vnd.docker.ai.vllm.config.tar";

/// Docker's tar of a directory of a model.
pub const DOCKER_DIRECTORY: &str = "application/vnd.docker.ai.dir.tar";

/// The draft's name of [`DOCKER_PROJECTOR`].
const DOCKER_DRAFT_PROJECTOR: &str = "application/vnd.docker.ai.gguf.v3.mmproj";

/// Config of a container image (OCI image-spec, config.md).
pub const IMAGE_CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// What stands in front of `KIND.v1.ENCODING` in types of layers: `ModelPack`'s name, the one before it, the one on its
/// web page, and `KitOps`'.
const LAYER_PREFIXES: [&str; 4] = [
    "application/vnd.cncf.model.",
    "application/vnd.cnai.model.",
    "application/vnd.cncf.modelpack.",
    "application/vnd.kitops.modelkit.",
];

/// What the types of manifests, configs and layers of models begin with, in every version.
const OF_MODELS: [&str; 4] = [
    "application/vnd.cncf.model",
    "application/vnd.cnai.",
    "application/vnd.docker.ai.",
    "application/vnd.kitops.",
];

/// The types of configs, each in one dialect.
const CONFIGS: [(&str, Dialect); 8] = [
    (MODELPACK_CONFIG, Dialect::ModelPack),
    ("application/vnd.cnai.model.config.v1+json", Dialect::Cnai),
    ("application/vnd.cncf.modelpack.config.v1+json", Dialect::ModelPackPage),
    (DOCKER_CONFIG_V0_1, Dialect::Docker),
    (DOCKER_CONFIG_V0_2, Dialect::Docker),
    (IMAGE_CONFIG, Dialect::Image),
    ("application/vnd.docker.container.image.v1+json", Dialect::Image),
    ("application/vnd.kitops.modelkit.config.v1+json", Dialect::ModelKit),
];

/// The types of artifacts, where one is stated.
const ARTIFACTS: [(&str, Dialect); 3] = [
    (MODELPACK_ARTIFACT, Dialect::ModelPack),
    ("application/vnd.cnai.model.manifest.v1+json", Dialect::Cnai),
    (
        "application/vnd.cncf.modelpack.manifest.v1+json",
        Dialect::ModelPackPage,
    ),
];

/// The types of layers of container images (OCI image-spec, media-types.md, docker's before it, and containerd's of those
/// for zstd).
const IMAGE_LAYERS: [(&str, LayerEncoding); 10] = [
    ("application/vnd.oci.image.layer.v1.tar", LayerEncoding::Tar),
    ("application/vnd.oci.image.layer.v1.tar+gzip", LayerEncoding::TarGzip),
    ("application/vnd.oci.image.layer.v1.tar+zstd", LayerEncoding::TarZstd),
    (
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        LayerEncoding::Tar,
    ),
    (
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        LayerEncoding::TarGzip,
    ),
    (
        "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
        LayerEncoding::TarZstd,
    ),
    ("application/vnd.docker.image.rootfs.diff.tar", LayerEncoding::Tar),
    (
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        LayerEncoding::TarGzip,
    ),
    (
        "application/vnd.docker.image.rootfs.diff.tar.zstd",
        LayerEncoding::TarZstd,
    ),
    (
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        LayerEncoding::TarGzip,
    ),
];

/// Whether a config of this media type is one that we write.
#[must_use]
pub fn is_model_config(media_type: &str) -> bool {
    [MODELPACK_CONFIG, DOCKER_CONFIG_V0_1, DOCKER_CONFIG_V0_2].contains(&media_type)
}

/// Whether a media type is called as those of models are, be it known or not.
#[must_use]
pub fn is_called_as_models(media_type: &str) -> bool {
    OF_MODELS.iter().any(|name| media_type.starts_with(name))
}

/// Whether a layer of this media type is one of a container image.
#[must_use]
pub fn is_image_layer(media_type: &str) -> bool {
    IMAGE_LAYERS.iter().any(|(name, _)| *name == media_type)
}

/// Which dialect an artifact speaks whose config has this media type. Where that says nothing of a model, one of
/// `stated` may: the types that manifest and artifact are said to have.
#[must_use]
pub fn dialect<'a>(config: &str, stated: impl IntoIterator<Item = &'a str>) -> Option<Dialect> {
    let of = |table: &[(&str, Dialect)], media_type: &str| {
        let found = table.iter().find(|(name, _)| *name == media_type);
        found.map(|(_, dialect)| *dialect)
    };
    of(&CONFIGS, config).or_else(|| stated.into_iter().find_map(|media_type| of(&ARTIFACTS, media_type)))
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
        FileClass::Adapter => DOCKER_ADAPTER,
        FileClass::ConfigArchive => DOCKER_CONFIG_ARCHIVE,
        FileClass::Directory => DOCKER_DIRECTORY,
        FileClass::Other => DOCKER_FILE,
    }
}
