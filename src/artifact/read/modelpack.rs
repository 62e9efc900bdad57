use serde::{Deserialize, Deserializer};

use super::{ReadError, Stated};
use crate::digest::Digest;
use crate::modelfile::Modality;
use crate::plan::Metadata;

/// `ModelPack`'s config; also in the snake case that its older versions (`cnai`) had.
#[derive(Deserialize)]
struct ConfigFile {
    #[serde(default)]
    descriptor: ModelDescriptor,
    #[serde(default)]
    modelfs: ModelFs,
    #[serde(default)]
    config: ModelConfig,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ModelDescriptor {
    #[serde(alias = "created_at")]
    created_at: Option<String>,
    #[serde(deserialize_with = "list")]
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
    #[serde(deserialize_with = "list")]
    dataset_urls: Vec<String>,
    revision: Option<String>,
    #[serde(deserialize_with = "list")]
    licenses: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ModelFs {
    #[serde(rename = "diffIds", alias = "diff_ids")]
    #[serde(deserialize_with = "list")]
    diff_ids: Vec<Digest>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ModelConfig {
    architecture: Option<String>,
    format: Option<String>,
    #[serde(alias = "param_size", alias = "parameterSize", alias = "parameter_size")]
    param_size: Option<String>,
    precision: Option<String>,
    quantization: Option<String>,
    capabilities: Capabilities,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Capabilities {
    #[serde(alias = "input_types")]
    #[serde(deserialize_with = "list")]
    input_types: Vec<String>,
    #[serde(alias = "output_types")]
    #[serde(deserialize_with = "list")]
    output_types: Vec<String>,
    #[serde(alias = "knowledge_cutoff")]
    knowledge_cutoff: Option<String>,
    reasoning: Option<bool>,
    #[serde(alias = "tool_usage")]
    tool_usage: Option<bool>,
    reward: Option<bool>,
    #[serde(deserialize_with = "list")]
    languages: Vec<String>,
}

/// A list; `null`, which Go writes for one that was never made, is an empty one.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

pub fn parse(bytes: &[u8]) -> Result<Stated, ReadError> {
    let ConfigFile {
        descriptor,
        modelfs,
        config,
    } = serde_json::from_slice(bytes).map_err(ReadError::Config)?;
    let capabilities = config.capabilities;
    Ok(Stated {
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
    })
}

/// The specification's vocabulary ends in `other`, which is what a word of a later version is here.
fn modalities(words: &[String]) -> Vec<Modality> {
    let known = |word: &String| Modality::ALL.into_iter().find(|modality| modality.name() == word);
    words
        .iter()
        .map(|word| known(word).unwrap_or(Modality::Other))
        .collect()
}
