use std::collections::BTreeMap;
use std::path::PathBuf;

use super::host::{canonical, is_host};
use super::patience::Patience;

/// How each registry is spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// By [`canonical`] host.
    hosts: BTreeMap<String, HostSettings>,
    others: HostSettings,
    /// How long to wait, and how often to try again.
    pub patience: Patience,
}

/// How one registry is spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostSettings {
    /// Whether to speak http without TLS. `None`: only to this machine itself.
    pub plain_http: Option<bool>,
    /// Whether to take any certificate, whoever it is of.
    pub insecure: bool,
    /// Certificates in PEM to believe beside the system's.
    pub ca_file: Option<PathBuf>,
    /// The client's own certificate, in PEM.
    pub client_cert: Option<PathBuf>,
    /// The key for it, where it is not in the same file.
    pub client_key: Option<PathBuf>,
    /// The host of a token server of another site that may be shown who we are here.
    pub token_server: Option<String>,
    /// Where to look first for what is pulled, as `HOST[:PORT][/PREFIX]`.
    pub mirrors: Vec<String>,
    /// Whether to send each blob in one request, for registries that take no chunks.
    pub single_put: Option<bool>,
    /// The most bytes that a layer may have there, where that is known.
    pub largest_layer: Option<u64>,
    /// Bytes in a chunk of an upload, where the usual number will not do.
    pub chunk_size: Option<u64>,
}

impl Settings {
    /// What holds for `host`, with its port where one is given.
    #[must_use]
    pub fn host(&self, host: &str) -> &HostSettings {
        self.hosts.get(&canonical(host)).unwrap_or(&self.others)
    }

    /// The same, to be changed.
    pub fn host_mut(&mut self, host: &str) -> &mut HostSettings {
        self.hosts.entry(canonical(host)).or_default()
    }
}

/// Whether `text` can be a mirror: a host, and below it the path that stands before every repository.
#[must_use]
pub fn is_mirror(text: &str) -> bool {
    let (host, prefix) = text
        .split_once('/')
        .map_or((text, None), |(host, prefix)| (host, Some(prefix)));
    // OCI distribution-spec, "Pulling manifests".
    let in_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    let is_component = |component: &str| {
        let ends = [component.bytes().next(), component.bytes().next_back()];
        component.bytes().all(in_name)
            && ends
                .iter()
                .all(|end| end.is_some_and(|byte| byte.is_ascii_alphanumeric()))
    };
    is_host(host) && prefix.is_none_or(|prefix| prefix.split('/').all(is_component))
}

#[cfg(test)]
mod tests {
    use super::{Settings, is_mirror};

    #[test]
    fn names_of_one_registry_share_what_holds_for_it() {
        let mut settings = Settings::default();
        settings.host_mut("Docker.io").single_put = Some(true);
        assert_eq!(settings.host("index.docker.io").single_put, Some(true));
        assert_eq!(settings.host("docker.io:443").single_put, None);
        assert_eq!(settings.host("ghcr.io"), Settings::default().host("docker.io"));
    }

    #[test]
    fn a_mirror_is_a_host_with_or_without_a_path() {
        for mirror in ["mirror.example", "localhost:5000/hub", "m.example/a/b-c"] {
            assert!(is_mirror(mirror), "{mirror}");
        }
        for text in [
            "",
            "https://m.example",
            "m.example/",
            "m.example//a",
            "m.example/A",
            "/a",
            "m.example/a:v1",
        ] {
            assert!(!is_mirror(text), "{text}");
        }
    }
}
