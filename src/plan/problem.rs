use std::path::{Path, PathBuf};

use super::show;

/// Why a path that a rule asks for cannot be packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// A symlink through or to this place outside of the context.
    Outside(PathBuf),
    /// A symlink to this path, which does not exist.
    Dangling(PathBuf),
    /// A symlink to this directory (relative to the context), which holds the link.
    Loop(PathBuf),
    /// A symlink that leads to itself.
    SelfLink,
    /// Neither file nor directory: what it is.
    Special(&'static str),
    /// A file that cannot be read: what the system said.
    Unreadable(String),
    /// A directory that cannot be listed: what the system said.
    UnreadableDirectory(String),
    /// A name that is not UTF-8.
    NotUtf8,
    /// A name with a control character.
    Control,
}

impl Problem {
    /// What is wrong; `path` as messages show it.
    pub(super) fn message(&self, path: &str) -> String {
        match self {
            Self::Outside(place) => {
                format!(
                    "`{path}` is a symlink to `{}`, outside of the context",
                    show::path(place)
                )
            }
            Self::Dangling(target) => {
                format!(
                    "`{path}` is a symlink to `{}`, which does not exist",
                    show::path(target)
                )
            }
            Self::Loop(directory) if directory.as_os_str().is_empty() => {
                format!("`{path}` is a symlink to the context itself: a loop")
            }
            Self::Loop(directory) => {
                format!(
                    "`{path}` is a symlink to `{}`, the directory it lies in: a loop",
                    show::path(directory)
                )
            }
            Self::SelfLink => format!("`{path}` is a symlink that leads back to itself"),
            Self::Special(what) => format!("`{path}` is a {what}, not a regular file"),
            Self::Unreadable(reason) => format!("`{path}` cannot be read: {reason}"),
            Self::UnreadableDirectory(reason) => format!("the directory `{path}` cannot be read: {reason}"),
            Self::NotUtf8 => format!("the name `{path}` is not UTF-8"),
            Self::Control => format!("the name `{path}` holds a control character"),
        }
    }

    /// What to do about it.
    pub(super) fn help(&self) -> &'static str {
        match self {
            Self::Outside(place) if is_hub_cache(place) => {
                "this is the cache of Hugging Face, whose files are links: `hf download --local-dir DIR` makes a directory \
                 that can be packed"
            }
            Self::Outside(_) => "put the file itself into the context, or exclude the link in `.modelignore`",
            Self::Dangling(_) => "mend or remove the link, or exclude it in `.modelignore`",
            Self::Loop(_) | Self::SelfLink => "remove the link, or exclude it in `.modelignore`",
            Self::Special(_) => "only regular files can be packed; narrow the pattern or exclude it in `.modelignore`",
            Self::Unreadable(_) | Self::UnreadableDirectory(_) => {
                "make it readable for the user who builds, or exclude it in `.modelignore`"
            }
            Self::NotUtf8 | Self::Control => {
                "readers of artifacts need names that are UTF-8 without control characters: rename it, or exclude it in \
                 `.modelignore`"
            }
        }
    }
}

/// Whether a place is a blob in the cache of Hugging Face: `hub/models--ORG--NAME/blobs/DIGEST`.
fn is_hub_cache(place: &Path) -> bool {
    let mut above = place.ancestors().skip(1).map(Path::file_name);
    let (blobs, model) = (above.next().flatten(), above.next().flatten());
    blobs.is_some_and(|name| name == "blobs")
        && model.is_some_and(|name| name.as_encoded_bytes().starts_with(b"models--"))
}
