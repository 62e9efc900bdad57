//! CNCF `ModelPack`: the config document (specification, `docs/config.md` and `schema/config-schema.json`).

use serde::Serialize;

use super::recipe::Recipe;
use crate::digest::Digest;
use crate::plan::Metadata;

/// The config document, in the order to which readers marshal it again. The schema is closed and wants all three.
#[derive(Serialize)]
pub(super) struct ConfigFile<'a> {
    descriptor: ModelDescriptor<'a>,
    modelfs: ModelFs<'a>,
    config: ModelConfig<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelDescriptor<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    authors: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(rename = "docURL", skip_serializing_if = "Option::is_none")]
    doc_url: Option<&'a str>,
    #[serde(rename = "sourceURL", skip_serializing_if = "Option::is_none")]
    source_url: Option<&'a str>,
    #[serde(rename = "datasetsURL", skip_serializing_if = "<[_]>::is_empty")]
    dataset_urls: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    licenses: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelFs<'a> {
    r#type: &'static str,
    diff_ids: &'a [Digest],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    architecture: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    param_size: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    precision: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantization: Option<&'a str>,
    #[serde(skip_serializing_if = "Capabilities::is_empty")]
    capabilities: Capabilities<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Capabilities<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    input_types: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    output_types: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    knowledge_cutoff: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_usage: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reward: Option<bool>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    languages: &'a [String],
}

impl Capabilities<'_> {
    const fn is_empty(&self) -> bool {
        self.input_types.is_empty()
            && self.output_types.is_empty()
            && self.knowledge_cutoff.is_none()
            && self.reasoning.is_none()
            && self.tool_usage.is_none()
            && self.reward.is_none()
            && self.languages.is_empty()
    }
}

impl<'a> ConfigFile<'a> {
    /// The config of a model whose layers have `digests`: for raw and tar layers the diff IDs are the layer digests.
    pub fn new(metadata: &'a Metadata, digests: &'a [Digest], recipe: &Recipe) -> Self {
        Self {
            descriptor: ModelDescriptor {
                created_at: recipe.created.map(|time| time.to_string()),
                authors: &metadata.authors,
                family: metadata.family.as_deref(),
                name: &metadata.name,
                doc_url: metadata.doc_url.as_deref(),
                source_url: metadata.source_url.as_deref(),
                dataset_urls: &metadata.dataset_urls,
                version: metadata.version.as_deref(),
                revision: metadata.revision.as_deref(),
                vendor: metadata.vendor.as_deref(),
                licenses: &metadata.licenses,
                title: metadata.title.as_deref(),
                description: metadata.description.as_deref(),
            },
            modelfs: ModelFs {
                r#type: "layers",
                diff_ids: digests,
            },
            config: ModelConfig {
                architecture: metadata.architecture.as_deref(),
                format: metadata.format.as_deref(),
                param_size: metadata.param_size.as_deref(),
                precision: metadata.precision.as_deref(),
                quantization: metadata.quantization.as_deref(),
                capabilities: Capabilities {
                    input_types: metadata.inputs.iter().map(|modality| modality.name()).collect(),
                    output_types: metadata.outputs.iter().map(|modality| modality.name()).collect(),
                    knowledge_cutoff: metadata.knowledge_cutoff.as_deref(),
                    reasoning: metadata.reasoning,
                    tool_usage: metadata.tool_usage,
                    reward: metadata.reward,
                    languages: &metadata.languages,
                },
            },
        }
    }
}
