//! Docker's model artifacts: the config document, and which of its two versions (as Docker Model Runner writes them;
//! the published draft differs).

use serde::Serialize;

use super::docker_class::FileClass;
use super::docker_size;
use super::error::Error;
use super::media_type::{DOCKER_CONFIG_V0_1, DOCKER_CONFIG_V0_2};
use super::recipe::Recipe;
use crate::digest::Digest;
use crate::modelfile::Kind;
use crate::plan::{Plan, PlannedFile};

/// The config document; both versions have this body.
///
/// `createdAt`, `paramSize` or `modelfs` must never appear here: Docker Model Runner takes a config with one of them for
/// `ModelPack`'s.
#[derive(Serialize)]
pub(super) struct ConfigFile<'a> {
    config: ModelConfig<'a>,
    descriptor: ModelDescriptor,
    rootfs: RootFs<'a>,
}

#[derive(Serialize)]
struct ModelConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantization: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    architecture: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_size: Option<i32>,
}

#[derive(Serialize)]
struct ModelDescriptor {
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
}

#[derive(Serialize)]
struct RootFs<'a> {
    r#type: &'static str,
    diff_ids: &'a [Digest],
}

impl<'a> ConfigFile<'a> {
    /// The config of a model whose layers have `digests`; a pull fails where a diff ID is not the layer's digest.
    pub fn new(plan: &'a Plan, digests: &'a [Digest], recipe: &Recipe) -> Result<Self, Error> {
        let metadata = &plan.metadata;
        let context_size = metadata
            .context_size
            .map(|tokens| i32::try_from(tokens).map_err(|_| Error::ContextSize { tokens }))
            .transpose()?;
        Ok(Self {
            config: ModelConfig {
                format: metadata.format.as_deref().map(format),
                quantization: metadata.quantization.as_deref(),
                parameters: metadata.param_size.as_deref(),
                // Docker Model Runner writes GGUF's `general.architecture` here, such as `llama`: ModelPack's family. The
                // broad class stands in where no family is stated.
                architecture: metadata.family.as_deref().or(metadata.architecture.as_deref()),
                size: size(plan),
                context_size,
            },
            descriptor: ModelDescriptor {
                created: recipe.created.map(|time| time.to_string()),
            },
            rootfs: RootFs {
                r#type: "rootfs",
                diff_ids: digests,
            },
        })
    }
}

/// Docker Model Runner's name of a format: it calls DDUF by what is inside.
fn format(format: &str) -> &str {
    if format == "dduf" { "diffusers" } else { format }
}

/// The bytes of all weights; a projector is none.
fn size(plan: &Plan) -> Option<String> {
    let is_weight = |file: &&PlannedFile| file.kind == Kind::Weight;
    let sizes = plan.files.iter().filter(is_weight).map(PlannedFile::size);
    let total = sizes.reduce(u64::saturating_add)?;
    let is_gguf = plan.metadata.format.as_deref() == Some("gguf");
    Some(if is_gguf {
        docker_size::gguf(total)
    } else {
        docker_size::decimal(total)
    })
}

/// The config's media type: 0.1 where every file has a class of its own and none is there twice that must not be.
pub(super) fn config_media_type(files: &[PlannedFile]) -> &'static str {
    let count = |class| files.iter().filter(|file| FileClass::of(file) == class).count();
    let directory = count(FileClass::Other) + count(FileClass::Safetensors) > 0;
    if directory || count(FileClass::Projector) > 1 || count(FileClass::Template) > 1 {
        DOCKER_CONFIG_V0_2
    } else {
        DOCKER_CONFIG_V0_1
    }
}
