//! Who may see who we are at a registry.

use reqwest::Url;

use super::endpoint::{Host, authority};
use super::host::canonical;

/// Whether the token server at `realm` may see who we are at the registry: only one of its own site, or the one that
/// the user has named for it, and not out of TLS. To any other we are nobody: what is kept of that server itself is no
/// business of a registry that names it, which would be given the token.
pub fn is_own(host: &Host, realm: &Url) -> bool {
    let is_safe = realm.scheme() == "https" || host.base.scheme() == "http";
    let is_named = host
        .token_server
        .as_deref()
        .is_some_and(|named| canonical(named) == authority(realm));
    is_safe && (is_named || site(realm) == site(&host.base))
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
    use super::site;

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
