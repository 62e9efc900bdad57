use std::fmt;

use super::named::named;

/// A name for an artifact: `[HOST/]REPOSITORY[:TAG]`, completed as docker completes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    full: Option<String>,
    tag: String,
}

/// Why a string is not a name for an artifact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NameError {
    why: &'static str,
}

impl Name {
    /// A tag without a repository, as `oci:DIR:TAG` gives it; `None` where it is not one (OCI distribution-spec,
    /// "Pulling manifests").
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let first = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let (head, rest) = tag.as_bytes().split_first()?;
        let valid = first(*head) && rest.len() <= 127 && rest.iter().all(|byte| first(*byte) || b".-".contains(byte));
        valid.then(|| Self {
            full: None,
            tag: tag.to_owned(),
        })
    }

    /// The whole reference, `docker.io/library/llama:v1` for `llama:v1`: what containerd and podman call the artifact
    /// (`io.containerd.image.name`). `None` for a tag alone.
    #[must_use]
    pub fn full(&self) -> Option<&str> {
        self.full.as_deref()
    }

    /// The repository as docker shows it, without the `docker.io/` and `library/` that it adds: `llama` for `llama:v1`.
    /// `None` for a tag alone.
    #[must_use]
    pub fn repository(&self) -> Option<&str> {
        let repository = self.full()?.strip_suffix(self.tag())?.strip_suffix(':')?;
        let short = repository.strip_prefix("docker.io/").unwrap_or(repository);
        Some(short.strip_prefix("library/").unwrap_or(short))
    }

    /// The tag alone, `latest` where none is given: what skopeo, oras and umoci look up
    /// (`org.opencontainers.image.ref.name`).
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The name `other` in the same repository, where `other` is a tag alone and this one is more.
    #[must_use]
    pub fn sibling(&self, other: &Self) -> Self {
        let repository = self.full().and_then(|full| full.strip_suffix(self.tag()));
        match (repository, &other.full) {
            (Some(repository), None) => Self {
                full: Some(format!("{repository}{}", other.tag)),
                tag: other.tag.clone(),
            },
            _ => other.clone(),
        }
    }
}

/// The whole reference, which is read as the same name again; of a tag alone the tag, which [`Name::of_tag`] reads.
///
/// ```
/// use modelbuild::store::Name;
///
/// let name: Name = "llama".parse()?;
/// assert_eq!(name.to_string(), "docker.io/library/llama:latest");
/// assert_eq!(name.to_string().parse(), Ok(name));
/// # Ok::<(), modelbuild::store::NameError>(())
/// ```
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.full().unwrap_or_else(|| self.tag()))
    }
}

impl std::str::FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains('@') {
            return Err(NameError {
                why: "a digest cannot be chosen; give a tag, such as `llama:v1`",
            });
        }
        if text.contains("://") {
            return Err(NameError {
                why: "a name has no `docker://`: `registry.example/llama:v1`",
            });
        }
        // The reasons of the crate name parts of its grammar.
        let reference = named(text).map_err(|_| NameError {
            why: "expected `[HOST/]REPOSITORY[:TAG]` with the repository in lower case, such as `llama:v1`",
        })?;
        let tag = reference.tag().unwrap_or("latest").to_owned();
        Ok(Self {
            full: Some(reference.whole()),
            tag,
        })
    }
}
