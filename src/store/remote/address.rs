use std::fmt;
use std::str::FromStr;

use oci_client::Reference;

use crate::digest::Digest;

/// An artifact in a registry, as `HOST/REPOSITORY[:TAG|@DIGEST]` names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The host, with its port where it is not the usual one.
    pub host: String,
    /// The repository.
    pub repository: String,
    /// The tag, where one is given.
    pub tag: Option<String>,
    /// The digest, where one is given.
    pub digest: Option<Digest>,
}

/// Why a string names no artifact in a registry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct AddressError {
    why: String,
}

impl Address {
    /// What a registry is asked for: the digest, else the tag, else `latest`.
    #[must_use]
    pub fn reference(&self) -> String {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => digest.to_string(),
            (None, Some(tag)) => tag.clone(),
            (None, None) => "latest".to_owned(),
        }
    }

    /// `HOST/REPOSITORY`.
    #[must_use]
    pub fn whole_repository(&self) -> String {
        format!("{}/{}", self.host, self.repository)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.repository)?;
        match (&self.digest, &self.tag) {
            (Some(digest), _) => write!(f, "@{digest}"),
            (None, Some(tag)) => write!(f, ":{tag}"),
            (None, None) => Ok(()),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let failed = |why: &str| AddressError { why: why.to_owned() };
        let text = text.strip_prefix("docker://").unwrap_or(text);
        if text.contains("://") {
            return Err(failed(
                "a registry is named without `https://`, as `docker://HOST/REPOSITORY:TAG`",
            ));
        }
        // The reasons of the crate name parts of its grammar.
        let reference = Reference::try_from(text).map_err(|_| {
            failed("expected `HOST/REPOSITORY[:TAG]` or `HOST/REPOSITORY@sha256:…`, the repository in lower case")
        })?;
        let digest = match reference.digest() {
            None => None,
            Some(digest) => Some(digest.parse().map_err(|_| failed("the digest is no SHA-256 one"))?),
        };
        // The crate completes a tag that is not there.
        let last = text.rsplit('/').next().unwrap_or(text);
        let has_tag = last.split('@').next().unwrap_or(last).contains(':');
        Ok(Self {
            host: reference.registry().to_owned(),
            repository: reference.repository().to_owned(),
            tag: reference.tag().filter(|_| has_tag).map(str::to_owned),
            digest,
        })
    }
}
