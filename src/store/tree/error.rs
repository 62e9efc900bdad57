use std::path::PathBuf;
use std::{fmt, io};

use super::arrangement::Unfit;
use super::packed::RATIO;
use super::path::PathFault;
use crate::artifact::read::{Ambiguity, ReadError};
use crate::digest::Digest;
use crate::modelfile::quoted_path;

/// Why an artifact cannot be extracted to a directory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// A layer cannot become files.
    #[error("layer {layer}: {fault}")]
    Layer {
        /// The path of its file in backquotes, or its digest.
        layer: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// Readers do not agree what the config says of the layers.
    #[error("`{place}`: the config is ambiguous: it {how}")]
    Config {
        /// Where the artifact lies.
        place: String,
        /// Why they do not.
        how: Box<Ambiguity>,
    },
    /// The config says something of other layers than there are.
    #[error("`{place}`: {how}")]
    Unmatched {
        /// Where the artifact lies.
        place: String,
        /// How.
        how: ReadError,
    },
    /// Something in the directory has the place of a file or directory of the artifact.
    #[error("`{}` {what}; nothing was extracted", path.display())]
    InTheWay {
        /// Where.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A file did not get its place when others may have had theirs.
    #[error("cannot put `{}` in its place: {cause}", path.display())]
    Unplaced {
        /// Its place.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The files are not what they are wanted for.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// Another process extracts to the same directory.
    #[error("another process is extracting to `{}`", path.display())]
    Busy {
        /// The directory.
        path: PathBuf,
    },
}

/// What is wrong with a layer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing names its file.
    #[error("nothing says which file it holds")]
    NoPath,
    /// Its bytes are packed in a way that nobody here unpacks.
    #[error("files cannot be got out of its media type `{}`", .0.escape_debug())]
    Encoding(String),
    /// A path is none that anything may be extracted to.
    #[error("the path {} {fault}", quoted_path(path))]
    Path {
        /// The path.
        path: String,
        /// Why.
        fault: PathFault,
    },
    /// Two files have one path.
    #[error("{} is in {layer}, and would be another file", quoted_path(path))]
    Twice {
        /// The path.
        path: String,
        /// The other layer.
        layer: OtherLayer,
    },
    /// Two paths are one to some file systems.
    #[error(
        "`{}` and `{}`{} are one file where case or the form of characters does not count",
        path.escape_default(),
        other.escape_default(),
        layer.of()
    )]
    Collision {
        /// The path.
        path: String,
        /// The other path.
        other: String,
        /// The other layer.
        layer: OtherLayer,
    },
    /// A path is a file and a directory.
    #[error("{}", file_and_directory(path, other, *layer))]
    FileAndDirectory {
        /// The path.
        path: String,
        /// The other path, which may be the same.
        other: String,
        /// The other layer.
        layer: OtherLayer,
    },
    /// An entry of a tar is none that is extracted.
    #[error(
        "its entry {} is {what}; only files and directories are extracted",
        quoted_path(name)
    )]
    Entry {
        /// Its name.
        name: String,
        /// What it is.
        what: &'static str,
    },
    /// The tar ends too early.
    #[error("it ends in the middle of something")]
    Truncated,
    /// It cannot be unpacked.
    #[error("it cannot be unpacked: {0}")]
    Broken(String),
    /// The tar is another one than the config says.
    #[error("it unpacks to {found}, not to its diff ID {expected}")]
    DiffId {
        /// What the config says.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// The config says another diff ID of what is not compressed than its digest.
    #[error("it has the diff ID {0}, which should be its digest: it is not compressed")]
    OtherDiffId(Digest),
    /// It unpacks to much more than its size.
    #[error("it unpacks to more than {RATIO} times its size")]
    Ratio,
    /// All layers together unpack to much more than their sizes.
    #[error("with it the artifact's layers unpack to more than {RATIO} times their sizes")]
    Ratios,
    /// The same bytes are so many files that they come to much more than is stored.
    #[error("with it there are more than {RATIO} files of the same bytes, which come to much more than is stored")]
    Copies,
    /// All layers together unpack to too much.
    #[error("with it the artifact unpacks to more than {most} bytes")]
    Total {
        /// How many are allowed.
        most: u64,
    },
    /// There are more files than anybody needs.
    #[error("with it there are more than {most} files and directories")]
    TooMany {
        /// How many are allowed; long paths count as several.
        most: usize,
    },
}

/// A layer that has a path already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherLayer {
    /// Its digest.
    pub digest: Digest,
    /// Whether it is the one that wants the path, too: a tar may have a name twice.
    pub is_itself: bool,
}

/// What is said of a path that is a file and a directory, and of the other one, which may differ in case.
fn file_and_directory(path: &str, other: &str, layer: OtherLayer) -> String {
    let (path, other) = (quoted_path(path), quoted_path(other));
    if path != other {
        return format!(
            "{path} and {other}{} are a file and a directory of one name",
            layer.of()
        );
    }
    let elsewhere = if layer.is_itself {
        String::new()
    } else {
        format!(": the other one is in layer {}", layer.digest)
    };
    format!("{path} would be a file and a directory{elsewhere}")
}

impl OtherLayer {
    /// What is said behind a path of it; nothing where it goes without saying.
    fn of(self) -> String {
        if self.is_itself {
            String::new()
        } else {
            format!(" of layer {}", self.digest)
        }
    }
}

impl fmt::Display for OtherLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_itself {
            f.write_str("it twice")
        } else {
            write!(f, "layer {}, too", self.digest)
        }
    }
}

impl TreeError {
    /// Whether the artifact is to blame, and not the directory.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        match self {
            Self::Layer { fault, .. } => !matches!(fault, Fault::Encoding(_)),
            Self::Config { .. } | Self::Unmatched { .. } => true,
            Self::Unfit(unfit) => unfit.is_damage,
            Self::InTheWay { .. } | Self::Unplaced { .. } | Self::Busy { .. } => false,
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> Option<&'static str> {
        match self {
            Self::Layer { fault, .. } => Some(fault.help()),
            Self::Config { .. } => Some("nothing was extracted: do not use it, and ask whoever built it"),
            Self::Unmatched { .. } => Some("nothing was extracted; build or copy the artifact again"),
            Self::Unfit(unfit) => Some(unfit.help),
            Self::Unplaced { .. } => {
                Some("some files may be new already; the same command completes them when nothing is in the way")
            }
            Self::InTheWay { .. } => Some("move it away, or extract to another directory"),
            Self::Busy { .. } => Some("wait until it is done, or extract to another directory"),
        }
    }
}

impl Fault {
    const fn help(&self) -> &'static str {
        match self {
            Self::NoPath => "nothing was extracted; `--include '**'` leaves out what has no name",
            Self::Twice { .. } | Self::Collision { .. } | Self::FileAndDirectory { .. } => {
                "nothing was extracted; leave one of them out with `--exclude`"
            }
            Self::Entry { .. } => {
                "nothing was extracted; leave the entry or its layer out with `--exclude`, if you trust the rest"
            }
            Self::Ratio | Self::Ratios | Self::Copies | Self::Total { .. } => {
                "nothing was extracted; if you trust it, `--max-unpacked SIZE` states how much it may be"
            }
            Self::Truncated | Self::Broken(_) | Self::DiffId { .. } | Self::OtherDiffId(_) => {
                "nothing was extracted; build or copy the artifact again"
            }
            Self::Encoding(_) => "nothing was extracted; leave the layer out with `--exclude`",
            Self::Path { .. } | Self::TooMany { .. } => {
                "nothing was extracted; leave the layer out with `--exclude`, if you trust the rest"
            }
        }
    }
}
