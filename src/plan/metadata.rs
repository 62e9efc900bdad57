use std::collections::BTreeMap;

use crate::modelfile::Modality;

/// What is known of the model beside its files; `None` and empty mean not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// Short name; the context directory's name unless `NAME` is stated.
    pub name: String,
    /// The broad class, such as `transformer`.
    pub architecture: Option<String>,
    /// Such as `llama`.
    pub family: Option<String>,
    /// Such as `gguf`; lower case. What all the weights' file names end in, unless `FORMAT` is stated.
    pub format: Option<String>,
    /// Such as `8B`.
    pub param_size: Option<String>,
    /// Such as `bfloat16`.
    pub precision: Option<String>,
    /// Such as `Q4_K_M`.
    pub quantization: Option<String>,
    /// Version of the model.
    pub version: Option<String>,
    /// Name for people.
    pub title: Option<String>,
    /// A sentence or more for people.
    pub description: Option<String>,
    /// Who made it.
    pub authors: Vec<String>,
    /// Who distributes it.
    pub vendor: Option<String>,
    /// SPDX expressions.
    pub licenses: Vec<String>,
    /// Where its documentation is.
    pub doc_url: Option<String>,
    /// Where its source is.
    pub source_url: Option<String>,
    /// Revision of the source.
    pub revision: Option<String>,
    /// Where its training data is.
    pub dataset_urls: Vec<String>,
    /// What it takes.
    pub inputs: Vec<Modality>,
    /// What it gives.
    pub outputs: Vec<Modality>,
    /// ISO 639-1 codes.
    pub languages: Vec<String>,
    /// RFC 3339.
    pub knowledge_cutoff: Option<String>,
    /// Whether it reasons; `Some(true)` where stated.
    pub reasoning: Option<bool>,
    /// Whether it calls tools; `Some(true)` where stated.
    pub tool_usage: Option<bool>,
    /// Whether it is a reward model; `Some(true)` where stated.
    pub reward: Option<bool>,
    /// Context size in tokens.
    pub context_size: Option<u32>,
    /// Annotations for the manifest.
    pub annotations: BTreeMap<String, String>,
}
