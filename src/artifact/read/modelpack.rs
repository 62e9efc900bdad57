use std::borrow::Cow;

use serde::Deserialize;

use super::model_config::lower;
use super::stated::{Stated, or_default, text};
use super::{ModelConfig, ReadError};
use crate::digest::Digest;
use crate::modelfile::Modality;
use crate::plan::Metadata;

/// `ModelPack`'s config; also in the snake case that its older versions (`cnai`) had.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ModelPackConfig {
    #[serde(default)]
    descriptor: ModelDescriptor,
    #[serde(default)]
    modelfs: ModelFs,
    #[serde(default)]
    config: Model,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ModelDescriptor {
    #[serde(alias = "created_at")]
    created_at: Option<String>,
    #[serde(deserialize_with = "or_default")]
    authors: Vec<String>,
    vendor: Option<String>,
    family: Option<String>,
    name: Option<String>,
    version: Option<String>,
    title: Option<String>,
    description: Option<String>,
    #[serde(rename = "docURL", alias = "doc_url")]
    doc_url: Option<String>,
    #[serde(rename = "sourceURL", alias = "source_url")]
    source_url: Option<String>,
    #[serde(rename = "datasetsURL", alias = "datasets_url")]
    #[serde(deserialize_with = "or_default")]
    dataset_urls: Vec<String>,
    revision: Option<String>,
    #[serde(deserialize_with = "or_default")]
    licenses: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(default)]
struct ModelFs {
    #[serde(rename = "diffIds", alias = "diff_ids")]
    #[serde(deserialize_with = "or_default")]
    diff_ids: Vec<Digest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Model {
    architecture: Option<String>,
    format: Option<String>,
    #[serde(alias = "param_size", alias = "parameterSize", alias = "parameter_size")]
    #[serde(deserialize_with = "text")]
    param_size: Option<String>,
    precision: Option<String>,
    // So it stood in the Go types of cnai's first versions.
    #[serde(alias = "puantization")]
    quantization: Option<String>,
    capabilities: Option<Capabilities>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Capabilities {
    #[serde(alias = "input_types")]
    #[serde(deserialize_with = "or_default")]
    input_types: Vec<String>,
    #[serde(alias = "output_types")]
    #[serde(deserialize_with = "or_default")]
    output_types: Vec<String>,
    #[serde(alias = "knowledge_cutoff")]
    knowledge_cutoff: Option<String>,
    reasoning: Option<bool>,
    #[serde(alias = "tool_usage")]
    tool_usage: Option<bool>,
    reward: Option<bool>,
    #[serde(deserialize_with = "or_default")]
    languages: Vec<String>,
}

impl ModelPackConfig {
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
        self.descriptor.created_at.as_deref()
    }

    pub(super) fn stated(self) -> Stated {
        let Self {
            descriptor,
            modelfs,
            config,
        } = self;
        let capabilities = config.capabilities.unwrap_or_default();
        Stated {
            metadata: Metadata {
                name: descriptor.name.unwrap_or_default(),
                architecture: config.architecture,
                family: descriptor.family,
                format: config.format,
                param_size: config.param_size,
                precision: config.precision,
                quantization: config.quantization,
                version: descriptor.version,
                title: descriptor.title,
                description: descriptor.description,
                authors: descriptor.authors,
                vendor: descriptor.vendor,
                licenses: descriptor.licenses,
                doc_url: descriptor.doc_url,
                source_url: descriptor.source_url,
                revision: descriptor.revision,
                dataset_urls: descriptor.dataset_urls,
                inputs: modalities(&capabilities.input_types),
                outputs: modalities(&capabilities.output_types),
                languages: capabilities.languages,
                knowledge_cutoff: capabilities.knowledge_cutoff,
                reasoning: capabilities.reasoning,
                tool_usage: capabilities.tool_usage,
                reward: capabilities.reward,
                ..Metadata::default()
            },
            created: descriptor.created_at,
            diff_ids: modelfs.diff_ids,
            ..Stated::default()
        }
    }
}

impl ModelConfig for ModelPackConfig {
    fn format(&self) -> Option<Cow<'_, str>> {
        self.config.format.as_deref().map(lower)
    }

    fn context_size(&self) -> Option<u32> {
        None
    }

    fn size(&self) -> Option<&str> {
        self.parameters()
    }

    fn architecture(&self) -> Option<&str> {
        self.config.architecture.as_deref()
    }

    fn parameters(&self) -> Option<&str> {
        self.config.param_size.as_deref()
    }

    fn quantization(&self) -> Option<&str> {
        self.config.quantization.as_deref()
    }
}

/// The specification's vocabulary ends in `other`, which is what a word of a later version is here.
fn modalities(words: &[String]) -> Vec<Modality> {
    let known = |word: &String| Modality::ALL.into_iter().find(|modality| modality.name() == word);
    words
        .iter()
        .map(|word| known(word).unwrap_or(Modality::Other))
        .collect()
}
