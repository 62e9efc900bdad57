use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::artifact::read::{NoModel, ReadError};
use crate::digest::Digest;
use crate::files::{EXHAUSTED, is_exhausted};
use crate::registry;
use crate::store::stored::MOST_NESTED;
use crate::store::{Choice, Taken, meant};

/// Why an artifact cannot be read from where it is said to be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Nothing is there.
    #[error("there is nothing at `{}`", path.display())]
    Missing {
        /// The place.
        path: PathBuf,
        /// The digest of what is meant there, where one is named.
        digest: Option<Digest>,
    },
    /// Something else is there.
    #[error("`{}` {why}", path.display())]
    NoPlace {
        /// The place.
        path: PathBuf,
        /// What it is.
        why: String,
    },
    /// What is there can be read but once.
    #[error("`{}` is a pipe, and a place has to be a directory or a file, which can be read more than once", path.display())]
    Pipe {
        /// The place.
        path: PathBuf,
    },
    /// The place holds nothing.
    #[error("`{}` holds no artifact", path.display())]
    Empty {
        /// The place.
        path: PathBuf,
    },
    /// The place holds several artifacts, and none is chosen.
    #[error("`{}` holds several artifacts: {}", path.display(), listed.join(", "))]
    Several {
        /// The place.
        path: PathBuf,
        /// Their tags, or digests where they have none.
        listed: Vec<String>,
    },
    /// The place holds several artifacts by the tag that is chosen.
    #[error("`{}` holds several artifacts by the tag `{tag}`: {}", path.display(), listed.join(", "))]
    SameTag {
        /// The place.
        path: PathBuf,
        /// The tag.
        tag: String,
        /// Their digests.
        listed: Vec<String>,
    },
    /// The place does not hold the one that is chosen.
    #[error("`{}` holds no `{wanted}`, but {}", path.display(), listed.join(", "))]
    NotThere {
        /// The place.
        path: PathBuf,
        /// The tag or digest.
        wanted: String,
        /// Tags that are there, or digests where they have none.
        listed: Vec<String>,
    },
    /// An index, of whose artifacts not exactly one is chosen.
    #[error("`{place}` is an index of artifacts, of which {fit} meant: {}", listed.join(", "))]
    Variants {
        /// The place.
        place: String,
        /// How many are chosen, and the verb for so many.
        fit: &'static str,
        /// The artifacts, each with what tells it from the others.
        listed: Vec<String>,
    },
    /// One artifact, where a variant of several is chosen.
    #[error("`{place}` is one artifact and no index of several, from which `--variant` chooses")]
    NoIndex {
        /// The place.
        place: String,
    },
    /// The place is not what it says.
    #[error("`{}` is damaged: {what}", path.display())]
    Damaged {
        /// The place.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// Whether it is a blob in a layout, which another place may have.
        is_mendable: bool,
    },
    /// The place lacks a part of what it says that it holds.
    #[error("`{}` is damaged: the {what} {digest} is missing", path.display())]
    Absent {
        /// The place.
        path: PathBuf,
        /// What is missing: a manifest, a config.
        what: String,
        /// Its digest.
        digest: Digest,
        /// As of [`Self::Damaged`].
        is_mendable: bool,
    },
    /// The place is not what it was when it was opened.
    #[error("`{}` changed while it was read", path.display())]
    Changed {
        /// The place.
        path: PathBuf,
    },
    /// What is chosen is no model artifact that can be read.
    #[error("`{place}`: {source}")]
    Artifact {
        /// The place.
        place: String,
        /// Why.
        source: ReadError,
    },
    /// A manifest that belongs to the artifact cannot be read, so that not all of it would be moved.
    #[error("`{place}`: its part {digest}: {source}")]
    Member {
        /// The place.
        place: String,
        /// The manifest.
        digest: Digest,
        /// Why.
        source: ReadError,
    },
    /// More hangs together than can be meant well.
    #[error("`{place}`: {what}")]
    TooMuch {
        /// The place.
        place: String,
        /// What is too much.
        what: String,
    },
    /// A registry did not do what it should.
    #[error(transparent)]
    Registry(Box<registry::Error>),
    /// Reading failed; the cause names the path.
    #[error("cannot read: {0}")]
    Io(io::Error),
}

impl OpenError {
    /// That a place, of which these are the tags, or digests where there are none, does not hold the one that is chosen.
    pub(in crate::store) fn not_there(path: &Path, choice: &Choice, names: impl IntoIterator<Item = String>) -> Self {
        let path = path.to_owned();
        let names: BTreeSet<_> = names.into_iter().collect();
        let wanted = match choice {
            Choice::Tag(tag) => tag.clone(),
            Choice::Digest(digest) => digest.to_string(),
            Choice::Only => return Self::Empty { path },
        };
        if names.is_empty() {
            return Self::Empty { path };
        }
        Self::NotThere {
            path,
            wanted,
            listed: quoted(names),
        }
    }

    /// That indexes stand within each other as deep as none is followed.
    pub(super) fn too_deep(place: String) -> Self {
        Self::TooMuch {
            place,
            what: format!("it has indexes within indexes over more than {MOST_NESTED} steps"),
        }
    }

    /// That nothing is at `path`.
    pub(in crate::store) fn missing(path: &Path) -> Self {
        Self::Missing {
            path: path.to_owned(),
            digest: None,
        }
    }

    /// The same, where the artifact of that `choice` is meant.
    #[must_use]
    pub fn of(mut self, choice: &Choice) -> Self {
        if let (Self::Missing { digest, .. }, Choice::Digest(meant)) = (&mut self, choice) {
            *digest = Some(*meant);
        }
        self
    }

    /// Whether it is of an artifact that is no model, and out of which nobody gets files.
    #[must_use]
    pub const fn is_of_no_files(&self) -> bool {
        matches!(
            self,
            Self::Artifact {
                source: ReadError::NoModel(NoModel::Layers(_)),
                ..
            }
        )
    }

    /// Whether it is about one artifact alone, and says nothing of the others at the same place.
    pub(super) fn is_of_one(&self) -> bool {
        match self {
            Self::Damaged { .. } | Self::Absent { .. } | Self::Artifact { .. } | Self::Member { .. } => true,
            Self::Io(error) => error.kind() == io::ErrorKind::PermissionDenied,
            Self::Registry(error) => error.is_damage() || matches!(**error, registry::Error::NotFound { .. }),
            _ => false,
        }
    }

    /// What to do about it, where there is something to say, and artifacts are taken from anywhere.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        self.help_where(Taken::Anywhere)
    }

    /// The same where what was named is `text`, relative to `directory`.
    #[must_use]
    pub fn help_in(&self, text: &str, directory: &Path) -> Option<String> {
        let taken = Taken::Anywhere;
        match self {
            Self::Missing { .. } => Some(missing(text, directory, taken)),
            _ => self.help_where(taken),
        }
    }

    /// The same where no more is taken than this.
    #[must_use]
    pub fn help_where(&self, taken: Taken) -> Option<String> {
        let help = match self {
            Self::Registry(error) => return error.help(),
            Self::Missing { path, digest } => {
                let digest = digest.map(|digest| format!("@{digest}")).unwrap_or_default();
                let text = path.to_string_lossy() + &*digest;
                return Some(missing(&text, Path::new(""), taken));
            }
            Self::Pipe { .. } if taken == Taken::Anywhere => {
                Some("save what comes out of it to a file first, and name that")
            }
            Self::NoPlace { .. } | Self::Pipe { .. } => Some(taken.paths()),
            Self::Several { .. } if taken == Taken::Anywhere => {
                let choice = taken.choice();
                return Some(format!("{choice}; `--all` is for all variants of one index"));
            }
            Self::Several { .. } | Self::NotThere { .. } => Some(taken.choice()),
            Self::SameTag { .. } => Some(
                "choose one by its digest, as in `DIR@sha256:…`, or give one of them the tag alone with `modelbuild tag`",
            ),
            Self::Variants { .. } => Some(
                "choose one by its digest, as in `PLACE@sha256:…`; commands take `--variant KEY=VALUE`, too; `push`, `pull` and `copy` move all of them with `--all`",
            ),
            Self::NoIndex { .. } => Some("leave out `--variant` if it is the one that is meant"),
            Self::Damaged {
                path,
                is_mendable: true,
                ..
            }
            | Self::Absent {
                path,
                is_mendable: true,
                ..
            } => return Some(mend(path)),
            // What is there is not written anew.
            Self::Damaged { path, .. } | Self::Absent { path, .. } if path.is_dir() => {
                Some("build or copy it to another directory")
            }
            Self::Damaged { .. } | Self::Absent { .. } => Some("build or copy it again"),
            Self::Changed { .. } => Some("start again when the file is at rest"),
            Self::Empty { .. } => {
                Some("build, pull or copy one into it; what was interrupted there goes on with the same command")
            }
            Self::Artifact {
                source: ReadError::Ambiguous(_) | ReadError::AmbiguousConfig(_),
                ..
            }
            | Self::Member {
                source: ReadError::Ambiguous(_),
                ..
            } => Some(
                "do not use it: another tool may take it for something else than was checked; ask whoever built it",
            ),
            Self::Io(error) if is_exhausted(error) => Some(EXHAUSTED),
            Self::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Some("make it readable for the user who runs this")
            }
            Self::Artifact { .. } | Self::Member { .. } | Self::TooMuch { .. } | Self::Io(_) => None,
        };
        help.map(str::to_owned)
    }
}

/// What to do about a path where nothing is.
fn missing(text: &str, directory: &Path, taken: Taken) -> String {
    meant::by_nothing(text, directory, taken).unwrap_or_else(|| taken.places().to_owned())
}

/// What to do about a damaged blob of a layout.
#[must_use]
pub fn mend(layout: &Path) -> String {
    let layout = layout.display();
    format!(
        "`modelbuild verify {layout} --repair SOURCE` fetches it from another layout, tarball or registry that has it whole"
    )
}

/// Names as messages have them.
pub fn quoted(names: BTreeSet<String>) -> Vec<String> {
    names.into_iter().map(|name| format!("`{name}`")).collect()
}
