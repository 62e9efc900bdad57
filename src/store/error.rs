use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::artifact;
use crate::digest::Digest;
use crate::files::{EXHAUSTED, is_exhausted};
use crate::registry;
use crate::store::stored::{OpenError, mend};
use crate::store::tree::TreeError;

/// Which end of a transfer failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The files that are read.
    Source,
    /// The place that is written to.
    Destination,
}

/// Why an artifact could not be moved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading or writing failed; the cause names the path.
    #[error("{}: {cause}", match side { Side::Source => "cannot read an input", Side::Destination => "cannot write the output" })]
    Io {
        /// Which end.
        side: Side,
        /// What the operating system said.
        cause: io::Error,
    },
    /// A file is not what it was when the plan was made.
    #[error("`{}` changed while it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A blob does not have the digest that it was said to have.
    #[error("`{name}` has the digest {found}, not {expected}")]
    Mismatch {
        /// The blob's name.
        name: String,
        /// What was said.
        expected: Digest,
        /// What its bytes give.
        found: Digest,
    },
    /// A digest of an earlier build proved wrong, when a part of the output had gone out for good.
    #[error("the digest that the cache had of `{name}` is wrong, and {destination} has a part of the tar already")]
    Misremembered {
        /// The blob's name.
        name: String,
        /// The destination that cannot take anything back.
        destination: String,
    },
    /// A blob does not have the digest that somebody wrote down who was trusted.
    #[error("`{name}` has the digest {found}, but {origin} says {expected}")]
    Disproved {
        /// The blob's name.
        name: String,
        /// Where that is written.
        origin: String,
        /// What stands there.
        expected: Digest,
        /// What its bytes give.
        found: Digest,
    },
    /// A blob of the base does not have the digest that the base says.
    #[error("the base `{base}` is damaged: its layer `{name}` has the digest {found}, not {expected}")]
    DamagedBase {
        /// What the Modelfile calls the base.
        base: String,
        /// The layer's path.
        name: String,
        /// What the base says.
        expected: Digest,
        /// What its bytes give.
        found: Digest,
    },
    /// The output exists and is something else.
    #[error("`{}` {why}; it was not touched", path.display())]
    Occupied {
        /// The output.
        path: PathBuf,
        /// What it is.
        why: String,
    },
    /// A layout that exists is damaged.
    #[error("the layout `{}` is damaged: {what}; it was not touched", path.display())]
    Damaged {
        /// The layout's directory.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A blob of a layout that exists is damaged.
    #[error("the layout `{}` is damaged: {what}; it was not touched", path.display())]
    DamagedBlob {
        /// The layout's directory.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// An entry in the index of a layout that exists leads to nothing, or to something else.
    #[error("the layout `{}` is damaged: entry {entry} of index.json: {what}; it was not touched", path.display())]
    DamagedEntry {
        /// The layout's directory.
        path: PathBuf,
        /// The entry's tag and digest.
        entry: String,
        /// What is wrong.
        what: String,
    },
    /// The artifact cannot be expressed as asked.
    #[error(transparent)]
    Assemble(#[from] artifact::Error),
    /// The source does not want the artifact published.
    #[error("{reason}")]
    Rejected {
        /// Why.
        reason: String,
        /// What it is about, where there is more to say.
        findings: Vec<artifact::Finding>,
    },
    /// A blob cannot be a hard link to its source file.
    #[error("cannot make a hard link to an input: {cause}")]
    Link {
        /// What the operating system said.
        cause: io::Error,
    },
    /// The threads to work with cannot be had.
    #[error("cannot start the threads to work with: {cause}")]
    Threads {
        /// What the operating system said.
        cause: io::Error,
    },
    /// The source lacks a blob.
    #[error("`{place}` lacks the blob of `{name}`")]
    Missing {
        /// The source.
        place: String,
        /// The blob's name.
        name: String,
    },
    /// The source has something else in a blob's place.
    #[error("{0}")]
    Stored(Arc<OpenError>),
    /// A registry did not do what it should.
    #[error("{}{cause}", blob.as_ref().map(|blob| format!("`{blob}`: ")).unwrap_or_default())]
    Registry {
        /// The name of the blob that it is about, where it is about one.
        blob: Option<String>,
        /// What.
        cause: Box<registry::Error>,
    },
    /// The artifact cannot be extracted.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// Stopped from outside.
    #[error("interrupted")]
    Interrupted,
}

impl From<registry::Error> for Error {
    fn from(error: registry::Error) -> Self {
        match error {
            registry::Error::Interrupted => Self::Interrupted,
            registry::Error::Again(cause) => Self::reading(io::Error::new(cause.kind(), cause)),
            registry::Error::Mismatch {
                called,
                expected,
                found,
            } => Self::Mismatch {
                name: called,
                expected,
                found,
            },
            cause => Self::Registry {
                blob: None,
                cause: Box::new(cause),
            },
        }
    }
}

/// What to do where it is not known whether a place is a layout.
const MEND: &str = "a layout is mended with `modelbuild verify LAYOUT --repair SOURCE`, or built or copied to another directory; a tarball is built or copied again";

impl Error {
    /// An error of the source end.
    #[must_use]
    pub const fn reading(cause: io::Error) -> Self {
        Self::Io {
            side: Side::Source,
            cause,
        }
    }

    /// The same of the blob `name`, where it is a registry's and does not name it already.
    #[must_use]
    pub fn about(self, name: &str) -> Self {
        match self {
            Self::Registry { blob: None, cause } => Self::Registry {
                blob: (!cause.to_string().contains(&format!("`{name}`"))).then(|| name.to_owned()),
                cause,
            },
            Self::Mismatch { expected, found, .. } => Self::Mismatch {
                name: name.to_owned(),
                expected,
                found,
            },
            other => other,
        }
    }

    /// An error of the destination end.
    #[must_use]
    pub const fn writing(cause: io::Error) -> Self {
        Self::Io {
            side: Side::Destination,
            cause,
        }
    }

    /// What to do about it, where there is something to say.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Io { cause, .. } if is_exhausted(cause) => Some(EXHAUSTED.to_owned()),
            Self::Io {
                side: Side::Source,
                cause,
            } => match cause.kind() {
                io::ErrorKind::PermissionDenied => Some("make the file readable for you".to_owned()),
                io::ErrorKind::NotFound => Some("the file was removed after the build began; start again".to_owned()),
                _ => None,
            },
            Self::Io {
                side: Side::Destination,
                cause,
            } => match cause.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    Some("free some space or choose another place with `-o`; nothing was published".to_owned())
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::NotADirectory => {
                    Some("choose a place that you can write to with `-o`".to_owned())
                }
                io::ErrorKind::InvalidFilename => Some("choose a shorter name with `-o`".to_owned()),
                _ => None,
            },
            Self::Misremembered { .. } => {
                Some("run it again: the cache has given up that digest; `--no-cache` does without it".to_owned())
            }
            Self::Changed { .. } => Some("nothing was published; build again when the file is at rest".to_owned()),
            Self::Occupied { .. } => Some("choose another place with `-o`, or remove it first".to_owned()),
            Self::Link { .. } => Some("leave out `--link`: the file is copied then".to_owned()),
            Self::Threads { .. } => Some("allow more processes (`ulimit -u`), or ask for fewer with `-j`".to_owned()),
            Self::Damaged { .. } => Some("remove it and build again, or choose another place with `-o`".to_owned()),
            Self::DamagedBlob { path, .. } => Some(format!(
                "{}; else remove it and build again, or choose another place with `-o`",
                mend(path)
            )),
            Self::DamagedEntry { path, .. } => Some(format!(
                "{}; else take the entry out with `modelbuild rm`, or choose another place with `-o`",
                mend(path)
            )),
            Self::Disproved { .. } => Some(
                "nothing was published; get the file again if it is damaged, or build without that `--trust`"
                    .to_owned(),
            ),
            Self::DamagedBase { .. } => Some(format!("nothing was published; the base is damaged: {MEND}")),
            Self::Mismatch { .. } => Some(format!("the source is damaged: {MEND}")),
            Self::Rejected { .. } | Self::Interrupted => None,
            Self::Assemble(error) => error.help().map(str::to_owned),
            Self::Missing { .. } => Some(format!(
                "if only a part was pulled, the same `pull` without `--include`, `--exclude` and `--no-weights` brings the rest; else {MEND}"
            )),
            Self::Stored(error) => error.help(),
            Self::Registry { cause, .. } => cause.help(),
            Self::Tree(error) => error.help().map(str::to_owned),
        }
    }
}
