use crate::digest::Digest;
use crate::files::is_exhausted;
use crate::plan::plural;
use crate::registry;
use crate::store::Error;

/// What is wrong with a blob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Flaw {
    /// The place lacks it.
    #[error("is missing")]
    Missing,
    /// It has another size than its descriptor says.
    #[error("has {}, not {stated}", plural(*found, "byte"))]
    Size {
        /// What the descriptor says.
        stated: u64,
        /// What it has.
        found: u64,
    },
    /// It has other bytes than its digest says.
    #[error("has the digest {found}")]
    Digest {
        /// The digest of the bytes that are there.
        found: Digest,
    },
    /// Something else than a file has its name.
    #[error("is not a file")]
    NoFile,
    /// It is said to be a document, and larger than any.
    #[error("has {size} bytes; a document has {most} at most")]
    TooLarge {
        /// Its size.
        size: u64,
        /// What is read at most.
        most: u64,
    },
    /// It changed while it was read, so that nothing can be said of it.
    #[error("changed while it was read")]
    Changed,
    /// It cannot be read to its end.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

impl Flaw {
    /// What a registry's error says of the blob, where it is the blob's fault: else nothing is known of it.
    pub(super) fn of(error: &registry::Error) -> Option<Self> {
        match error {
            registry::Error::NotFound { .. } => Some(Self::Missing),
            registry::Error::Damaged { found, .. } => Some(Self::Digest { found: *found }),
            registry::Error::Size { expected, found, .. } => Some(Self::Size {
                stated: *expected,
                found: *found,
            }),
            _ => None,
        }
    }

    /// What an error says of the blob that was being read.
    ///
    /// # Errors
    /// The same, where it is not the blob's fault.
    pub(in crate::store) fn of_reading(error: Error) -> Result<Self, Error> {
        match error {
            Error::Changed { .. } => Ok(Self::Changed),
            Error::Io { cause, .. } if !is_exhausted(&cause) => Ok(Self::Unreadable(cause.to_string())),
            Error::Registry { blob, cause } => Self::of(&cause).ok_or(Error::Registry { blob, cause }),
            error => Err(error),
        }
    }
}
