use std::io;
use std::path::PathBuf;

use crate::artifact::read::ReadError;
use crate::store::Unfit;
use crate::store::stored::OpenError;

/// Why a model is none for an engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// A directory was not laid out as a bundle.
    #[error("`{}` is no bundle: one has a `config.json` and a directory `model`", path.display())]
    None {
        /// The directory.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(io::Error),
    /// The configuration cannot be read.
    #[error(transparent)]
    Config(ReadError),
    /// The artifact is no model.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is nothing for an engine to open.
    #[error("there are no weights that an engine could open, {there}")]
    NoWeights {
        /// What there is.
        there: String,
    },
    /// A part of the model is missing.
    #[error("`{present}` is one of {total} shards, and {missing}")]
    Incomplete {
        /// A shard that is there.
        present: String,
        /// How many there should be.
        total: u32,
        /// Which are not there.
        missing: String,
    },
    /// A list of the shards names one that is missing.
    #[error("`{list}` lists shards of the model that are missing: {}", quoted(missing))]
    Listed {
        /// The list.
        list: String,
        /// The shards that are not there.
        missing: Vec<String>,
    },
    /// There is more than one of what an engine takes one of.
    #[error("there are {} {what}s, and nothing says which one is the model's: {}", paths.len(), quoted(paths))]
    Several {
        /// What they are.
        what: &'static str,
        /// Their paths.
        paths: Vec<String>,
    },
    /// A file has other content than its name and the artifact say.
    #[error("`{path}` is {found}, not {expected}")]
    Unlike {
        /// The file.
        path: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
}

impl BundleError {
    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::None { .. } | Self::Unreadable(_) => "`modelbuild extract --bundle` makes one",
            Self::Config(_) | Self::Open(_) | Self::NoWeights { .. } => {
                "without `--bundle`, the files are extracted whatever they are"
            }
            Self::Incomplete { .. } | Self::Listed { .. } => {
                "nothing was extracted; build the artifact from all shards"
            }
            Self::Several { .. } => "nothing was extracted; leave the others out with `--exclude`",
            Self::Unlike { .. } => "nothing was extracted; build the artifact from the model's own files",
        }
    }

    /// Whether a file is not what it is said to be.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(self, Self::Unlike { .. })
    }
}

impl From<BundleError> for Unfit {
    fn from(error: BundleError) -> Self {
        Self {
            reason: error.to_string(),
            help: error.help(),
            is_damage: error.is_damage(),
        }
    }
}

/// At most this many paths are named.
const MOST_NAMED: usize = 5;

/// The paths in backquotes, and how many more there are.
pub fn quoted(paths: &[String]) -> String {
    let named = paths.iter().take(MOST_NAMED);
    let named: Vec<_> = named.map(|path| format!("`{}`", path.escape_debug())).collect();
    let more = paths.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    named.join(", ") + &more
}
