use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use super::Error;
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
        // A pair that names no proxy does not count.
        let variable = given(url).find_map(|(name, value)| names_one(value, url).then_some(name))?;
        Some(Self {
            address: port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
            variable,
        })
    }
}

/// Refuses what names no proxy where one is named for `url`: the HTTP client would do without it, and say nothing.
pub(super) fn check(url: &Url) -> Result<(), Error> {
    let host = authority(url);
    // What reaches a host without any proxy does not need to know one, nor does what asks for none (a CGI program).
    let no = NO_PROXY.into_iter().find_map(|name| std::env::var(name).ok());
    let is_asked = intercepts("http://proxy.invalid".to_owned(), no.unwrap_or_default(), url);
    if is_loopback(&host) || !is_asked || std::env::var_os("REQUEST_METHOD").is_some() {
        return Ok(());
    }
    let mut named = given(url).filter(|(_, value)| !value.trim().is_empty());
    match named.next().map(|(variable, value)| (variable, names_one(value, url))) {
        Some((variable, false)) => Err(Error::ProxySetting { host, variable }),
        _ => Ok(()),
    }
}

const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// What the environment says of a proxy for `url`, what counts more first: of each pair the first that is set.
fn given(url: &Url) -> impl Iterator<Item = (&'static str, String)> {
    let own = match url.scheme() {
        "https" => ["HTTPS_PROXY", "https_proxy"],
        _ => ["HTTP_PROXY", "http_proxy"],
    };
    let pairs = [own, ["ALL_PROXY", "all_proxy"]].into_iter();
    pairs.filter_map(|names| {
        let mut set = names.into_iter().map(|name| (name, std::env::var(name)));
        set.find_map(|(name, value)| Some((name, value.ok()?)))
    })
}

fn names_one(value: String, url: &Url) -> bool {
    intercepts(value, String::new(), url)
}

/// Whether the proxy `all` is asked for `url`, where none is for what `no` lists.
fn intercepts(all: String, no: String, url: &Url) -> bool {
    let matcher = Matcher::builder().all(all).no(no).build();
    let uri = url.as_str().parse();
    uri.is_ok_and(|uri| matcher.intercept(&uri).is_some())
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
