//! Who may see who we are at a registry.

use reqwest::Url;

use super::Error;
use super::endpoint::{Host, authority};
use super::host::canonical;

/// Whether the token server at `realm` may see who we are at the registry: only one of its own site, or the one that
/// the user has named for it, and not out of TLS. To any other we are nobody: what is kept of that server itself is no
/// business of a registry that names it, which would be given the token.
///
/// # Errors
/// It may not: why.
pub fn own(host: &Host, realm: &Url) -> Result<(), Error> {
    let is_safe = realm.scheme() == "https" || host.base.scheme() == "http";
    let is_named = host.token_server.as_deref().is_some_and(|named| names(named, realm));
    if is_safe && (is_named || site(realm) == site(&host.base)) {
        return Ok(());
    }
    Err(Error::ForeignRealm {
        host: host.name.clone(),
        realm: authority(realm),
        by_tls: is_safe,
    })
}

/// Whether a host, with its port or without the usual one, is the one of an address.
fn names(named: &str, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    let named = canonical(named);
    named == authority(url) || named == format!("{host}:{port}")
}

/// The part of a host's name that one owner has: two labels, or three under a country's short ones (`example.co.uk`).
fn site(url: &Url) -> String {
    let Some(name) = url.domain() else {
        return url.host_str().unwrap_or_default().to_owned();
    };
    let labels: Vec<&str> = name.split('.').collect();
    let count = match labels.as_slice() {
        [.., second, top] if top.len() == 2 && second.len() <= 3 => 3,
        _ => 2,
    };
    labels
        .get(labels.len().saturating_sub(count)..)
        .unwrap_or_default()
        .join(".")
}

#[cfg(test)]
mod tests {
    use super::{names, site};

    #[test]
    fn the_usual_port_may_be_said() {
        let is_named = |named: &str, url: &str| names(named, &url.parse().unwrap());
        assert!(is_named("auth.example", "https://auth.example/token"));
        assert!(is_named("auth.example:443", "https://auth.example/token"));
        assert!(is_named("Auth.example:80", "http://auth.example/token"));
        assert!(!is_named("auth.example:80", "https://auth.example/token"));
        assert!(!is_named("auth.example", "https://auth.example:8443/token"));
    }

    #[test]
    fn a_site_has_one_owner() {
        let is_same = |one: &str, other: &str| site(&one.parse().unwrap()) == site(&other.parse().unwrap());
        assert!(is_same(
            "https://registry-1.docker.io/v2/",
            "https://auth.docker.io/token"
        ));
        assert!(is_same("https://registry.gitlab.com", "https://gitlab.com/jwt/auth"));
        assert!(is_same("http://127.0.0.1:5000", "http://127.0.0.1:6000/token"));
        assert!(!is_same("http://127.0.0.1:5000", "http://127.0.0.2:5000"));
        assert!(!is_same("https://registry.example.com", "https://example.net"));
        assert!(!is_same("https://one.co.uk", "https://other.co.uk"));
        assert!(is_same("https://registry.one.co.uk", "https://auth.one.co.uk"));
        assert!(!is_same("http://localhost:5000", "http://127.0.0.1:5000"));
    }
}
