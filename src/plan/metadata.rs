use std::collections::BTreeMap;

use super::context::Context;
use super::{Base, PlannedFile};
use crate::modelfile::{Kind, Modality, Modelfile, Spanned};

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

/// Name of a model whose directory has none that would do, such as `/`.
const NAMELESS: &str = "model";

/// Formats that give their name to the files. `.bin`, `.pt` and `.pth` are not here: each holds several formats.
pub(super) const FORMATS: [&str; 7] = ["dduf", "ggml", "gguf", "keras", "onnx", "safetensors", "tflite"];

impl Metadata {
    /// What the Modelfile states, else what the base does; name and format by the context and the weights' names where
    /// neither does.
    pub(super) fn stated(modelfile: &Modelfile, base: Option<&Base>, context: &Context, files: &[PlannedFile]) -> Self {
        let inherited = base.map(|base| base.metadata.clone()).unwrap_or_default();
        let one = |value: &Option<Spanned<String>>, inherited: Option<String>| {
            value.as_ref().map(|value| value.value.clone()).or(inherited)
        };
        let all = |values: &[Spanned<String>], inherited: Vec<String>| match values {
            [] => inherited,
            values => values.iter().map(|value| value.value.clone()).collect(),
        };
        let modalities = |values: &[Spanned<Modality>], inherited: Vec<Modality>| match values {
            [] => inherited,
            values => values.iter().map(|value| value.value).collect(),
        };
        let flag = |value: &Option<Spanned<()>>, inherited: Option<bool>| value.as_ref().map(|_| true).or(inherited);
        let annotation = |(key, value): &(Spanned<String>, Spanned<String>)| (key.value.clone(), value.value.clone());
        Self {
            name: name(modelfile, base, context),
            architecture: one(&modelfile.architecture, inherited.architecture),
            family: one(&modelfile.family, inherited.family),
            format: one(&modelfile.format, inherited.format).or_else(|| common_format(files).map(str::to_owned)),
            param_size: one(&modelfile.param_size, inherited.param_size),
            precision: one(&modelfile.precision, inherited.precision),
            quantization: one(&modelfile.quantization, inherited.quantization),
            version: one(&modelfile.version, inherited.version),
            title: one(&modelfile.title, inherited.title),
            description: one(&modelfile.description, inherited.description),
            authors: all(&modelfile.authors, inherited.authors),
            vendor: one(&modelfile.vendor, inherited.vendor),
            licenses: all(&modelfile.licenses, inherited.licenses),
            doc_url: one(&modelfile.doc_url, inherited.doc_url),
            source_url: one(&modelfile.source_url, inherited.source_url),
            revision: one(&modelfile.revision, inherited.revision),
            dataset_urls: all(&modelfile.dataset_urls, inherited.dataset_urls),
            inputs: modalities(&modelfile.inputs, inherited.inputs),
            outputs: modalities(&modelfile.outputs, inherited.outputs),
            languages: all(&modelfile.languages, inherited.languages),
            knowledge_cutoff: one(&modelfile.knowledge_cutoff, inherited.knowledge_cutoff),
            reasoning: flag(&modelfile.reasoning, inherited.reasoning),
            tool_usage: flag(&modelfile.tool_usage, inherited.tool_usage),
            reward: flag(&modelfile.reward, inherited.reward),
            context_size: modelfile
                .context_size
                .as_ref()
                .map(|size| size.value)
                .or(inherited.context_size),
            annotations: inherited
                .annotations
                .into_iter()
                .chain(modelfile.annotations.iter().map(annotation))
                .collect(),
        }
    }
}

/// What the model is called: `NAME`, else the base's name, else the context directory's.
pub(super) fn name(modelfile: &Modelfile, base: Option<&Base>, context: &Context) -> String {
    let stated = modelfile.name.as_ref().map(|name| name.value.as_str());
    let inherited = base
        .map(|base| base.metadata.name.as_str())
        .filter(|name| !name.is_empty());
    stated
        .or(inherited)
        .or_else(|| context.name())
        .unwrap_or(NAMELESS)
        .to_owned()
}

/// The format that the names of all weights end in, if it is the same one.
pub(super) fn common_format<'a>(files: impl IntoIterator<Item = &'a PlannedFile>) -> Option<&'static str> {
    let mut formats = files
        .into_iter()
        .filter(|file| file.kind == Kind::Weight)
        .map(|file| format(file.name()));
    let first = formats.next()??;
    formats.all(|format| format == Some(first)).then_some(first)
}

/// The format that the name of a file ends in.
pub(super) fn format(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.')?.1.to_lowercase();
    // The tensors of an ONNX model that exceed protobuf's 2 GiB lie beside it under this name.
    let extension = if extension == "onnx_data" { "onnx" } else { &extension };
    FORMATS.into_iter().find(|format| *format == extension)
}
