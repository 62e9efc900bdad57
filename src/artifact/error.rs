/// Why there is no artifact.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Tar layers were asked for in Docker's dialect.
    #[error("tar layers are not possible in Docker's format: Docker Model Runner takes the file's bytes only")]
    TarInDocker,
    /// A layer of the base is packed, which Docker's dialect has not.
    #[error("the layer `{path}` of the base is {encoding}, which is not possible in Docker's format")]
    PackedInDocker {
        /// The layer's path.
        path: String,
        /// How it is packed.
        encoding: &'static str,
    },
    /// The context size does not fit.
    #[error(
        "the context size of {tokens} tokens is not possible in Docker's format: it ends at {} tokens",
        i32::MAX
    )]
    ContextSize {
        /// Tokens.
        tokens: u32,
    },
    /// The time stamp has no RFC 3339 form.
    #[error("the creation time `{created}` cannot be written as RFC 3339: it lies before the year 0")]
    Created {
        /// The time stamp.
        created: jiff::Timestamp,
    },
    /// Nothing to build from.
    #[error("the plan holds no file: an artifact needs at least one layer")]
    NoFiles,
    /// The digests are not those of the plan.
    #[error("there must be one digest a file: files {files}, digests {digests}")]
    Digests {
        /// Files in the plan.
        files: usize,
        /// Digests given.
        digests: usize,
    },
    /// A document could not be written as JSON.
    #[error("cannot write the {document}")]
    Json {
        /// Which document: `config`, `manifest`, `layer annotation`.
        document: &'static str,
        /// What the serialiser says.
        source: serde_json::Error,
    },
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> Option<&'static str> {
        match self {
            Self::TarInDocker => Some("leave out `--tar`, or build for ModelPack with `--spec modelpack`"),
            Self::PackedInDocker { .. } => {
                Some("build for ModelPack, or name the file in the Modelfile so that it replaces the base's")
            }
            Self::ContextSize { .. } => Some("state a smaller `CONTEXT`"),
            Self::Created { .. } => Some("give a later time with `--created` or `SOURCE_DATE_EPOCH`"),
            Self::NoFiles | Self::Digests { .. } | Self::Json { .. } => None,
        }
    }

    /// Turns a serialiser's error about `document` into ours.
    pub(super) fn json(document: &'static str) -> impl FnOnce(serde_json::Error) -> Self {
        move |source| Self::Json { document, source }
    }
}
