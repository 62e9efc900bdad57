use std::io;
use std::path::{Path, PathBuf};

/// Why a directory cannot be watched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system gives this user no way to watch anything.
    #[error("cannot watch for changes: {cause}")]
    Start {
        /// What it said.
        cause: io::Error,
    },
    /// The system's limit of watched directories is reached.
    #[error("cannot watch `{}`: this user watches as many directories as the system allows", path.display())]
    TooMany {
        /// The directory.
        path: PathBuf,
        /// How many are needed.
        needed: usize,
    },
    /// This one cannot be watched.
    #[error("cannot watch `{}`: {cause}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

impl Error {
    pub(super) fn starting(error: &notify::Error) -> Self {
        Self::Start { cause: cause(error) }
    }

    pub(super) fn watching(path: &Path, needed: usize, error: &notify::Error) -> Self {
        let path = path.to_owned();
        match error.kind {
            notify::ErrorKind::MaxFilesWatch => Self::TooMany { path, needed },
            _ => Self::Directory {
                path,
                cause: cause(error),
            },
        }
    }

    /// What to do about it, where there is something to say.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Start { .. } => Some(
                "end other programs that watch files, or allow more: `sysctl fs.inotify.max_user_instances=512`"
                    .to_owned(),
            ),
            Self::TooMany { needed, .. } => Some(format!(
                "{needed} are needed here: narrow the patterns, or allow more: `sysctl fs.inotify.max_user_watches=1048576`"
            )),
            Self::Directory { cause, .. } if cause.kind() == io::ErrorKind::PermissionDenied => {
                Some("make it readable for the user who builds".to_owned())
            }
            Self::Directory { .. } => None,
        }
    }
}

fn cause(error: &notify::Error) -> io::Error {
    match &error.kind {
        notify::ErrorKind::Io(cause) => cause.raw_os_error().map_or_else(
            || io::Error::new(cause.kind(), cause.to_string()),
            io::Error::from_raw_os_error,
        ),
        other => io::Error::other(format!("{other:?}")),
    }
}
