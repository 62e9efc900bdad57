use super::{Arguments, Diagnostics, Kind, Spanned, Word};

/// What could be read of a Modelfile with errors: good for finding out what else is wrong with it, not for building.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partial {
    /// What the good lines state.
    pub modelfile: Modelfile,
    /// All findings, in the order of their places; at least one is an error.
    pub findings: Diagnostics,
}

/// Everything a Modelfile can state, each value with the place that states it.
///
/// Values are normalised (`bf16` is `bfloat16` here) and checked; `None` and empty mean that nothing was stated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modelfile {
    /// `FROM`: the artifact whose layers and metadata are inherited, as written.
    pub from: Option<Spanned<String>>,
    /// `NAME`.
    pub name: Option<Spanned<String>>,
    /// `ARCH`: the broad class, such as `transformer`.
    pub architecture: Option<Spanned<String>>,
    /// `FAMILY`: such as `llama`.
    pub family: Option<Spanned<String>>,
    /// `FORMAT`: such as `gguf`.
    pub format: Option<Spanned<String>>,
    /// `PARAMSIZE`: such as `8B`.
    pub param_size: Option<Spanned<String>>,
    /// `PRECISION`: such as `bfloat16`.
    pub precision: Option<Spanned<String>>,
    /// `QUANTIZATION`: such as `Q4_K_M`.
    pub quantization: Option<Spanned<String>>,
    /// `VERSION`.
    pub version: Option<Spanned<String>>,
    /// `TITLE`.
    pub title: Option<Spanned<String>>,
    /// `DESCRIPTION`.
    pub description: Option<Spanned<String>>,
    /// `AUTHOR`, in the order written.
    pub authors: Vec<Spanned<String>>,
    /// `VENDOR`.
    pub vendor: Option<Spanned<String>>,
    /// `LICENSE`: SPDX expressions, in the order written.
    pub licenses: Vec<Spanned<String>>,
    /// `DOCURL`.
    pub doc_url: Option<Spanned<String>>,
    /// `SOURCEURL`.
    pub source_url: Option<Spanned<String>>,
    /// `REVISION`.
    pub revision: Option<Spanned<String>>,
    /// `DATASETURL`, in the order written.
    pub dataset_urls: Vec<Spanned<String>>,
    /// `INPUT`, in the order written.
    pub inputs: Vec<Spanned<Modality>>,
    /// `OUTPUT`, in the order written.
    pub outputs: Vec<Spanned<Modality>>,
    /// `LANGUAGE`: ISO 639-1 codes, in the order written.
    pub languages: Vec<Spanned<String>>,
    /// `CUTOFF`: RFC 3339.
    pub knowledge_cutoff: Option<Spanned<String>>,
    /// `CAPABILITY reasoning`.
    pub reasoning: Option<Spanned<()>>,
    /// `CAPABILITY tools`.
    pub tool_usage: Option<Spanned<()>>,
    /// `CAPABILITY reward`.
    pub reward: Option<Spanned<()>>,
    /// `CONTEXT`: context size in tokens.
    pub context_size: Option<Spanned<u32>>,
    /// `ANNOTATION key value`, for the manifest; keys are unique.
    pub annotations: Vec<(Spanned<String>, Spanned<String>)>,
    /// `MODEL`, `CONFIG`, `CODE`, `DOC`, `DATASET`, `TEMPLATE`, `MMPROJ`: one rule per argument, in the order written.
    pub paths: Vec<PathRule>,
    /// `ARG`: those that have a value, which stands in place of `${name}` in all of the above.
    pub arguments: Arguments,
}

/// One path or pattern and what the files it matches are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathRule {
    /// What matched files are for.
    pub kind: Kind,
    /// The path or pattern, relative to the context.
    pub pattern: Spanned<Word>,
}

/// What a model takes or gives (`ModelPack` config, `capabilities.inputTypes` and `outputTypes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Modality {
    Text,
    Image,
    Audio,
    Video,
    Embedding,
    Other,
}

impl Modality {
    /// All of them, in the schema's order.
    pub const ALL: [Self; 6] = [
        Self::Text,
        Self::Image,
        Self::Audio,
        Self::Video,
        Self::Embedding,
        Self::Other,
    ];

    /// The schema's word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Embedding => "embedding",
            Self::Other => "other",
        }
    }
}
