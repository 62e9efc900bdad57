//! For which repositories a key of a file counts.

use crate::registry::host::{HUB, canonical};

/// What docker calls Docker Hub in its files and asks programs for; podman and skopeo understand it too.
const HUB_KEY: &str = "https://index.docker.io/v1/";

/// A registry's host, and the path below it that a key is about; empty for all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub host: String,
    pub path: String,
}

impl Scope {
    /// What `key` is about: `HOST[:PORT]`, `HOST/NAMESPACE` as podman writes it, or a URL as old versions of docker do,
    /// which end in the version of the interface.
    pub fn of(key: &str) -> Self {
        let bare = ["https://", "http://"]
            .iter()
            .find_map(|scheme| key.strip_prefix(scheme));
        let (host, path) = bare.unwrap_or(key).split_once('/').unwrap_or((bare.unwrap_or(key), ""));
        let is_url = bare.is_some() || path.ends_with('/');
        let path = match path.trim_end_matches('/') {
            "v1" | "v2" if is_url => "",
            path => path,
        };
        Self {
            host: canonical(host),
            path: path.to_owned(),
        }
    }

    /// Whether the key counts for `repository` at `host`, a [`canonical`] one.
    pub fn covers(&self, host: &str, repository: &str) -> bool {
        let below = repository.strip_prefix(&self.path);
        self.host == host && below.is_some_and(|rest| self.path.is_empty() || rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether the key counts for all of `host`, a [`canonical`] one.
    pub fn is_all_of(&self, host: &str) -> bool {
        self.host == host && self.path.is_empty()
    }
}

/// What a new entry for a [`canonical`] host is called.
pub fn key(host: &str) -> &str {
    if HUB.contains(&host) { HUB_KEY } else { host }
}

/// What programs may know a [`canonical`] host as: docker's word for it, then podman's.
pub fn names(host: &str) -> impl Iterator<Item = &str> {
    let further = (key(host) != host).then_some(host);
    std::iter::once(key(host)).chain(further)
}

#[cfg(test)]
mod tests {
    use super::Scope;
    use crate::registry::host::canonical;

    #[test]
    fn keys_of_all_ages_are_understood() {
        for (key, host, path) in [
            ("ghcr.io", "ghcr.io", ""),
            ("https://ghcr.io", "ghcr.io", ""),
            ("http://localhost:5000/", "localhost:5000", ""),
            ("https://index.docker.io/v1/", "docker.io", ""),
            ("index.docker.io/v1/", "docker.io", ""),
            ("https://quay.io/v2", "quay.io", ""),
            ("quay.io/v2", "quay.io", "v2"),
            ("quay.io/team/llama", "quay.io", "team/llama"),
            ("docker.io/library", "docker.io", "library"),
            ("", "", ""),
        ] {
            let scope = Scope::of(key);
            assert_eq!((scope.host.as_str(), scope.path.as_str()), (host, path), "{key}");
        }
    }

    #[test]
    fn a_key_counts_for_what_is_below_it_and_for_nothing_that_only_begins_alike() {
        for (key, repository, counts) in [
            ("quay.io", "a/b", true),
            ("quay.io", "", true),
            ("quay.io/a", "a", true),
            ("quay.io/a", "a/b", true),
            ("quay.io/a", "ab", false),
            ("quay.io/a", "", false),
            ("quay.io:443", "a", false),
            ("uay.io", "a", false),
            ("quay.io.evil.example", "a", false),
        ] {
            assert_eq!(
                Scope::of(key).covers(&canonical("Quay.io"), repository),
                counts,
                "{key} {repository}"
            );
        }
    }
}
