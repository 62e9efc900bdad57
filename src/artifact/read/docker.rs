use serde::Deserialize;

use super::{ReadError, Stated};
use crate::digest::Digest;
use crate::plan::Metadata;

/// Docker's config; both versions have this body.
#[derive(Deserialize)]
struct ConfigFile {
    #[serde(default)]
    config: ModelConfig,
    #[serde(default)]
    descriptor: ModelDescriptor,
    #[serde(default)]
    rootfs: RootFs,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ModelConfig {
    format: Option<String>,
    quantization: Option<String>,
    parameters: Option<String>,
    architecture: Option<String>,
    context_size: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ModelDescriptor {
    #[serde(alias = "createdAt")]
    created: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RootFs {
    diff_ids: Vec<Digest>,
}

pub fn parse(bytes: &[u8]) -> Result<Stated, ReadError> {
    let ConfigFile {
        config,
        descriptor,
        rootfs,
    } = serde_json::from_slice(bytes).map_err(ReadError::Config)?;
    Ok(Stated {
        metadata: Metadata {
            // What Docker calls the architecture, such as `llama`, is ModelPack's family.
            family: config.architecture,
            // DDUF goes by what is inside.
            format: config.format.map(|format| match format.as_str() {
                "diffusers" => "dduf".to_owned(),
                _ => format,
            }),
            param_size: config.parameters,
            quantization: config.quantization,
            context_size: config.context_size,
            ..Metadata::default()
        },
        created: descriptor.created,
        diff_ids: rootfs.diff_ids,
    })
}
