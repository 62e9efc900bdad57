use std::borrow::Cow;

use serde::Deserialize;

use super::model_config::lower;
use super::stated::{Stated, or_default, text};
use super::{ModelConfig, ReadError};
use crate::artifact::Dialect;
use crate::digest::Digest;
use crate::plan::Metadata;

/// Docker's config; both versions have this body, and the published draft has one of its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DockerConfig {
    #[serde(default)]
    config: Model,
    #[serde(default)]
    descriptor: Provenance,
    #[serde(default)]
    rootfs: RootFs,
    /// The draft's way to list layers.
    #[serde(default, deserialize_with = "or_default")]
    files: Vec<File>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(default)]
struct Model {
    format: Option<String>,
    quantization: Option<String>,
    #[serde(deserialize_with = "text")]
    parameters: Option<String>,
    architecture: Option<String>,
    #[serde(deserialize_with = "text")]
    size: Option<String>,
    gguf: Option<Draft>,
    safetensors: Option<Draft>,
    context_size: Option<i64>,
}

/// What the draft says of weights by their format. Docker Model Runner writes the weights' own metadata there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(default)]
struct Draft {
    architecture: Option<String>,
    #[serde(deserialize_with = "text")]
    parameter_count: Option<String>,
    quantization: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(default)]
struct Provenance {
    #[serde(alias = "createdAt")]
    created: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(default)]
struct RootFs {
    #[serde(deserialize_with = "or_default")]
    diff_ids: Vec<Digest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct File {
    #[serde(rename = "diffID")]
    diff_id: Digest,
}

impl DockerConfig {
    /// Reads a config.
    ///
    /// # Errors
    /// The bytes are none.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadError> {
        serde_json::from_slice(bytes).map_err(ReadError::Config)
    }

    /// When it was made.
    #[must_use]
    pub fn created(&self) -> Option<&str> {
        self.descriptor.created.as_deref()
    }

    /// What stands in its own place, else what the draft has among what belongs to a format.
    fn either<'a>(
        &'a self,
        own: Option<&'a String>,
        draft: impl Fn(&'a Draft) -> Option<&'a String>,
    ) -> Option<&'a str> {
        let mut drafts = [&self.config.gguf, &self.config.safetensors].into_iter().flatten();
        own.or_else(|| drafts.find_map(draft)).map(String::as_str)
    }

    pub(super) fn stated(self) -> Stated {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let is_draft = !self.files.is_empty();
        Stated {
            metadata: Metadata {
                // What Docker calls the architecture, such as `llama`, is ModelPack's family.
                family: owned(self.architecture()),
                format: self.format().map(Cow::into_owned),
                param_size: owned(self.parameters()),
                quantization: owned(self.quantization()),
                context_size: self.context_size(),
                ..Metadata::default()
            },
            created: self.descriptor.created,
            diff_ids: if is_draft {
                self.files.into_iter().map(|file| file.diff_id).collect()
            } else {
                self.rootfs.diff_ids
            },
            dialect: is_draft.then_some(Dialect::DockerDraft),
            ..Stated::default()
        }
    }
}

impl ModelConfig for DockerConfig {
    fn format(&self) -> Option<Cow<'_, str>> {
        // DDUF goes by what is inside.
        self.config.format.as_deref().map(|format| match format {
            "diffusers" => Cow::from("dduf"),
            _ => lower(format),
        })
    }

    fn context_size(&self) -> Option<u32> {
        self.config.context_size.and_then(|tokens| u32::try_from(tokens).ok())
    }

    fn size(&self) -> Option<&str> {
        self.config.size.as_deref()
    }

    fn architecture(&self) -> Option<&str> {
        self.either(self.config.architecture.as_ref(), |draft| draft.architecture.as_ref())
    }

    fn parameters(&self) -> Option<&str> {
        self.either(self.config.parameters.as_ref(), |draft| draft.parameter_count.as_ref())
    }

    fn quantization(&self) -> Option<&str> {
        self.either(self.config.quantization.as_ref(), |draft| draft.quantization.as_ref())
    }
}
