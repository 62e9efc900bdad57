use std::io;
use std::path::PathBuf;

use crate::plan::plural;
use crate::store::stored::OpenError;
use crate::store::{self, Choice, Taken};

/// Why a layout could not be kept as asked. Nothing was changed, unless it says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is no layout, or does not hold what is meant.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It is damaged, or cannot be written to.
    #[error(transparent)]
    Layout(#[from] store::Error),
    /// There is no space for another index.
    #[error("cannot write the output: {cause}")]
    NoSpace {
        /// The layout.
        path: PathBuf,
        /// How many bytes the new index has.
        size: usize,
        /// What the operating system said.
        cause: io::Error,
    },
    /// A document leads somewhere, and nobody can tell where.
    #[error("the layout `{}` is damaged: {what}; nothing was removed", path.display())]
    Untraceable {
        /// The layout.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Nobody can tell whether somebody else works there.
    #[error("`{}` is on a file system without locks, so that nobody can tell whether a build runs there", path.display())]
    Unlocked {
        /// The layout.
        path: PathBuf,
    },
}

impl Error {
    /// The same, where the artifact of that `choice` is meant.
    #[must_use]
    pub fn of(self, choice: &Choice) -> Self {
        match self {
            Self::Open(error) => Self::Open(error.of(choice)),
            error => error,
        }
    }

    /// What to do about it, where there is something to say, and no more is taken than this.
    #[must_use]
    pub fn help(&self, taken: Taken) -> Option<String> {
        let help = match self {
            Self::Open(error) => return error.help_where(taken),
            Self::Layout(
                store::Error::Damaged { .. } | store::Error::DamagedBlob { .. } | store::Error::DamagedEntry { .. },
            )
            | Self::Untraceable { .. } => {
                "bring back what is wrong, as `modelbuild verify LAYOUT --repair SOURCE` does with blobs, or remove the entry that leads there with `modelbuild rm`"
            }
            Self::NoSpace { path, size, .. } => {
                return Some(format!(
                    "the new `index.json` has {} and is written beside the old one: free some kB there; `modelbuild prune {}` needs no space",
                    plural(*size, "byte"),
                    path.display()
                ));
            }
            Self::Layout(store::Error::Io { .. }) => "the layout must be one that you can write to",
            Self::Layout(error) => return error.help(),
            Self::Unlocked { .. } => "copy each artifact that is to stay to a new layout (`modelbuild copy`)",
        };
        Some(help.to_owned())
    }
}
