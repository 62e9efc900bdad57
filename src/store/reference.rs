use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use super::{Address, Name};
use crate::digest::Digest;

/// Where an artifact is, as `FROM` and the commands that read one say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The place.
    pub location: Location,
    /// Which of the artifacts there.
    pub choice: Choice,
    /// Which entry of it, where that is an index.
    pub variant: Variant,
}

/// What an entry of an index, or an index in which it stands, must have: annotations, or the `platform` as docker writes
/// it.
pub type Variant = Vec<(String, String)>;

/// A place that holds artifacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// An OCI image layout.
    Layout(PathBuf),
    /// A tar of one, as its name or `oci-archive:` before it says.
    Archive(PathBuf),
    /// A file of which nothing says what it is. What can be read of it is a tar of a layout.
    File(PathBuf),
    /// A repository of a registry.
    Registry(Address),
}

/// As messages have it.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layout(path) | Self::Archive(path) | Self::File(path) => path.display().fmt(f),
            Self::Registry(address) => address.fmt(f),
        }
    }
}

/// As messages have it: without the variant, without the `docker://` that is typed before a registry's host, and with
/// `oci:` or `oci-archive:` only before a path that a tag follows. So [`Reference::parse`] does not read all of it again.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.location, &self.choice) {
            (Location::Layout(path), Choice::Tag(tag)) => write!(f, "oci:{}:{tag}", path.display()),
            (Location::Archive(path) | Location::File(path), Choice::Tag(tag)) => {
                write!(f, "oci-archive:{}:{tag}", path.display())
            }
            (location, Choice::Digest(digest)) => write!(f, "{location}@{digest}"),
            (location, Choice::Only | Choice::Tag(_)) => location.fmt(f),
        }
    }
}

/// Which artifact of a place is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The only one.
    Only,
    /// The one with this tag in the layout's or archive's index: the bare tag, such as `v1`, also of what is named
    /// `llama:v1` there. A tag in a registry is in the [`Address`], and the choice is [`Choice::Only`].
    Tag(String),
    /// The one with this digest.
    Digest(Digest),
}

/// Why a string says no place of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct ReferenceError {
    why: String,
}

impl Location {
    /// The registry's host, where it is in one.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Layout(_) | Self::Archive(_) | Self::File(_) => None,
            Self::Registry(address) => Some(&address.host),
        }
    }

    /// The path, where it is a place in the file system.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Layout(path) | Self::Archive(path) | Self::File(path) => Some(path),
            Self::Registry(_) => None,
        }
    }
}

impl Reference {
    /// Reads `DIR`, `oci:DIR[:TAG]`, `FILE.tar` or `oci-archive:FILE[:TAG]`, each also with `@sha256:…` behind it, or
    /// `docker://HOST/REPOSITORY[:TAG|@DIGEST]`; paths are relative to `directory`. A path without a prefix is an archive if it ends in `.tar`, or is a file.
    ///
    /// # Errors
    /// It is none of these.
    pub fn parse(text: &str, directory: &Path) -> Result<Self, ReferenceError> {
        let failed = |why: &str| Err(ReferenceError { why: why.to_owned() });
        if text.starts_with("http://") || text.starts_with("https://") {
            return failed("a registry is named as `docker://HOST/REPOSITORY:TAG`");
        }
        if text.starts_with("docker://") {
            let address = Address::from_str(text).map_err(|error| ReferenceError { why: error.to_string() })?;
            return Ok(Self {
                location: Location::Registry(address),
                choice: Choice::Only,
                variant: Variant::new(),
            });
        }
        let (text, digest) = match text.rsplit_once("@sha256:") {
            Some((text, hex)) => match format!("sha256:{hex}").parse() {
                Ok(digest) => (text, Some(digest)),
                Err(_) => {
                    return failed(
                        "behind `@` a digest is expected: `sha256:` and 64 lower-case hexadecimal characters",
                    );
                }
            },
            None => (text, None),
        };
        let (location, tag) = if let Some(rest) = text.strip_prefix("oci-archive:") {
            let (path, tag) = path_and_tag(rest)?;
            (Location::Archive(directory.join(path)), tag)
        } else if let Some(rest) = text.strip_prefix("oci:") {
            let (path, tag) = path_and_tag(rest)?;
            (Location::Layout(directory.join(path)), tag)
        } else if text.is_empty() {
            return failed("expected a layout directory or a tarball");
        } else {
            let path = directory.join(text);
            let location = if ends_in_tar(text.as_ref()) {
                Location::Archive(path)
            } else if path.is_file() {
                Location::File(path)
            } else {
                Location::Layout(path)
            };
            (location, None)
        };
        let choice = match (tag, digest) {
            (Some(_), Some(_)) => return failed("a tag and a digest are given: leave one of them out"),
            (Some(tag), None) => Choice::Tag(tag),
            (None, Some(digest)) => Choice::Digest(digest),
            (None, None) => Choice::Only,
        };
        Ok(Self {
            location,
            choice,
            variant: Variant::new(),
        })
    }
}

/// Whether a path is that of a tarball by its name.
fn ends_in_tar(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("tar"))
}

/// `PATH[:TAG]`, as skopeo splits it.
fn path_and_tag(text: &str) -> Result<(&str, Option<String>), ReferenceError> {
    let failed = |why: String| Err(ReferenceError { why });
    let (path, tag) = match text.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => match Name::of_tag(tag) {
            Some(name) => (path, Some(name.tag().to_owned())),
            None => return failed(format!("`{tag}` is not a tag")),
        },
        _ => (text, None),
    };
    if path.is_empty() {
        return failed("the path is missing".to_owned());
    }
    Ok((path, tag))
}
