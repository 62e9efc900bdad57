use std::fmt;

/// What a file is for; decided by the keyword that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `MODEL`: weights.
    Weight,
    /// `MMPROJ`: the projector of a multimodal model.
    Projector,
    /// `TEMPLATE`: a chat template.
    Template,
    /// `CONFIG`: configuration, tokenizer.
    Config,
    /// `CODE`: scripts, notebooks.
    Code,
    /// `DOC`: documents, licences.
    Doc,
    /// `DATASET`: data.
    Dataset,
}

impl Kind {
    /// The word that tables and JSON show.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::Projector => "projector",
            Self::Template => "template",
            Self::Config => "config",
            Self::Code => "code",
            Self::Doc => "doc",
            Self::Dataset => "dataset",
        }
    }

    /// The keyword that names files of this kind in a Modelfile.
    #[must_use]
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Weight => "MODEL",
            Self::Projector => "MMPROJ",
            Self::Template => "TEMPLATE",
            Self::Config => "CONFIG",
            Self::Code => "CODE",
            Self::Doc => "DOC",
            Self::Dataset => "DATASET",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
