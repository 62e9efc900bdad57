use std::fmt;
use std::str::FromStr;

use crate::digest::Digest;
use crate::registry::is_host;
use crate::store::named::named;
use crate::store::{Name, meant};

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
        let explicit = text.strip_prefix("docker://");
        let is_explicit = explicit.is_some();
        let text = explicit.unwrap_or(text);
        if let Some((scheme, _)) = text.split_once("://") {
            return Err(AddressError {
                why: format!("a registry is named without `{scheme}://`, as `docker://HOST/REPOSITORY:TAG`"),
            });
        }
        if let Some(why) = meant::no_registry(text).filter(|_| !is_explicit) {
            return Err(AddressError { why });
        }
        if is_host_alone(text) {
            return Err(AddressError {
                why: format!("`{text}` is a host without a repository; write `{text}/REPOSITORY[:TAG]`"),
            });
        }
        let last = text.rsplit('/').next().unwrap_or(text);
        let tag = last.split('@').next().and_then(|name| name.split_once(':'));
        if tag.is_some_and(|(_, tag)| Name::of_tag(tag).is_none()) {
            return Err(failed(
                "a tag is up to 128 letters, digits, `_`, `.` and `-`, the first of them no `.` or `-`",
            ));
        }
        let digest = text.split_once('@').map(|(_, digest)| digest.parse()).transpose();
        let digest = digest.map_err(|_| failed("a digest is `sha256:` and 64 hexadecimal digits in lower case"))?;
        // The reasons of the crate name parts of its grammar.
        let reference = named(text).map_err(|_| {
            failed("expected `HOST/REPOSITORY[:TAG]` or `HOST/REPOSITORY@sha256:…`, the repository in lower case")
        })?;
        if !is_host(reference.registry()) {
            return Err(AddressError {
                why: format!("`{}` is no host; expected `HOST` or `HOST:PORT`", reference.registry()),
            });
        }
        Ok(Self {
            host: reference.registry().to_owned(),
            repository: reference.repository().to_owned(),
            tag: tag.map(|(_, tag)| tag.to_owned()),
            digest,
        })
    }
}

/// Whether what looks like a host stands there alone: the grammar takes that for a repository of Docker Hub, and a model
/// would go to where nobody meant it to.
fn is_host_alone(text: &str) -> bool {
    let (name, port) = text.rsplit_once(':').unwrap_or((text, ""));
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    let is_host = name == "localhost" || name.starts_with('[') || name.contains('.');
    !text.contains(['/', '@']) && is_host && is_port
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn a_host_alone_is_no_repository_of_docker_hub() {
        for host in [
            "127.0.0.1:5000",
            "127.0.0.1",
            "localhost:5000",
            "localhost",
            "registry.example",
            "[::1]:5000",
        ] {
            let error = host.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("REPOSITORY"), "{host}: {error}");
        }
        for (name, repository) in [
            ("llama:8", "library/llama"),
            ("llama2", "library/llama2"),
            ("v1.5-model:q4", "library/v1.5-model"),
        ] {
            let address: Address = name.parse().unwrap();
            assert_eq!(
                (address.host.as_str(), address.repository.as_str()),
                ("docker.io", repository)
            );
        }
    }

    #[test]
    fn what_is_another_sort_of_place_is_no_repository_of_docker_hub() {
        for place in [
            "oci:foo",
            "oci:./models/a:v1",
            "oci-archive:a.tar",
            "ocidir:foo",
            "dir:foo",
            "docker-archive:a.tar:b:v1",
        ] {
            let error = place.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("`modelbuild copy`"), "{place}: {error}");
        }
        for (name, host) in [
            ("docker://oci:v1", "docker.io"),
            ("oci:5000/a:v1", "oci:5000"),
            ("oci/a:v1", "docker.io"),
        ] {
            let address: Address = name.parse().unwrap();
            assert_eq!(address.host, host, "{name}");
        }
    }
}
