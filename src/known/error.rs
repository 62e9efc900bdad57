use std::io;
use std::path::PathBuf;

use super::Claim;
use crate::plan::plural;

/// Why what others have written down cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two places have different digests for a file.
    #[error("`{name}` has two digests: {} by {}, {} by {}", one.digest, one.origin, other.digest, other.origin)]
    Disagreement {
        /// The file.
        name: String,
        /// What one place says.
        one: Box<Claim>,
        /// What another one says.
        other: Box<Claim>,
    },
    /// A document that is asked cannot be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// The document.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        cause: io::Error,
    },
    /// A document is not what its name says.
    #[error("`{}` is no {what}: {why}", path.display())]
    Malformed {
        /// The document.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A file holds only the pointer that git-lfs keeps in its place.
    #[error("`{name}` is not there: in its place is a git-lfs pointer to {}", plural(*size, "byte"))]
    Pointer {
        /// The file.
        name: String,
        /// The size of what it points to.
        size: u64,
    },
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Disagreement { .. } => "find out which one is right, or leave out one kind of `--trust`",
            Self::Unreadable { .. } => "make it readable, or leave out `--trust` for it",
            Self::Malformed { .. } => "correct or remove it, or leave out `--trust` for it",
            Self::Pointer { .. } => "run `git lfs pull` to get the file",
        }
    }
}
