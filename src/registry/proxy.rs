use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use super::endpoint::{authority, is_loopback};

/// A proxy that the environment names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// `HOST`, or `HOST:PORT` where it has a port; nothing else that stands in its address, which may be a password.
    pub address: String,
    /// The variable that names it.
    pub variable: &'static str,
}

impl Proxy {
    /// The one by which `url` is reached. The rules are the HTTP client's own, so that nobody is blamed who was not
    /// asked.
    pub(super) fn of(url: &Url) -> Option<Self> {
        // As the agent does.
        if is_loopback(&authority(url)) {
            return None;
        }
        let uri = url.as_str().parse().ok()?;
        let found = Matcher::from_system().intercept(&uri)?;
        let (host, port) = (found.uri().host()?, found.uri().port_u16());
        let own = match url.scheme() {
            "https" => ["HTTPS_PROXY", "https_proxy"],
            _ => ["HTTP_PROXY", "http_proxy"],
        };
        // Of each pair the first that is set counts, and a pair that names no proxy does not.
        let mut pairs = [own, ["ALL_PROXY", "all_proxy"]].into_iter();
        let variable = pairs.find_map(|names| {
            let mut set = names.into_iter().map(|name| (name, std::env::var(name)));
            let (name, value) = set.find_map(|(name, value)| Some((name, value.ok()?)))?;
            let names_one = Matcher::builder().all(value).build().intercept(&uri).is_some();
            names_one.then_some(name)
        })?;
        Some(Self {
            address: port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
            variable,
        })
    }
}

/// Whether a connection failed on its way to the proxy, and not behind it.
pub(super) fn is_proxys_fault(cause: &str) -> bool {
    const BEFORE: [&str; 3] = [
        "tcp connect error",
        "dns error",
        "failed to create underlying connection",
    ];
    BEFORE.iter().any(|known| cause.contains(known))
}

/// Whether the proxy is spoken to in another way than by HTTP.
pub(super) fn is_unspoken(cause: &str) -> bool {
    cause.contains("unsupported scheme socks")
}

/// Whether the proxy wants to know who we are (RFC 9110, 15.5.8).
pub(super) fn wants_password(cause: &str) -> bool {
    cause.contains("proxy authorization required") || cause.starts_with("status 407")
}

/// Whether the proxy will not, or cannot, make the connection.
pub(super) fn is_refused(cause: &str) -> bool {
    cause.contains("tunnel error")
}
