//! What becomes an error: statuses that say no, and connections that are not made or break.

use std::time::Duration;

use oci_client::errors::{OciEnvelope, OciErrorCode};
use reqwest::{StatusCode, Url};

use super::doing::Doing;
use super::endpoint::{Host, authority};
use super::error::{Error, said, wants_certificate};
use super::proxy::{Proxy, wants_password};

/// The error for who was silent at `url` for too long.
pub fn stalled(host: &Host, url: &Url, doing: &Doing, after: Duration) -> Error {
    let (host, doing) = host.at(Some(url), doing);
    Error::Stalled { host, doing, after }
}

/// The error for a status that says no.
pub fn refusal(host: &Host, url: &Url, status: StatusCode, body: &[u8], doing: &Doing) -> Error {
    let (code, message) = envelope(body);
    let proxy = Proxy::of(url);
    if proxy.is_some() && status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        // In clear text it answers as a registry would.
        return broken(
            host,
            Some(url),
            doing,
            format!("status {}{}", status.as_u16(), said(None, &message)),
        );
    }
    let (host, doing) = host.at(Some(url), doing);
    // So may these be its own: who has no connection to anybody answers so.
    let is_gateways = matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    );
    let doing = match proxy.filter(|_| is_gateways && url.scheme() == "http") {
        Some(proxy) => doing.by(proxy),
        None => doing,
    };
    let status = status.as_u16();
    Error::Refused {
        host,
        doing,
        status,
        code,
        message,
        divisible: false,
    }
}

/// The error for a status that says that we may not.
pub fn denial(host: &Host, status: u16, body: &[u8], doing: &Doing) -> Error {
    // Without a password, which a token server of another site was not shown.
    if let Some(error) = host.authority.withheld() {
        return error;
    }
    Error::Denied {
        host: host.name.clone(),
        doing: doing.clone(),
        status,
        // A token that anybody is given says nothing of who we are.
        known: host.authority.is_known(),
        message: envelope(body).1,
    }
}

/// The error for what the token server at `realm` answers where it gives none.
pub fn untokened(host: &Host, realm: &Url, status: u16, body: &[u8]) -> Error {
    // As above.
    if let Some(error) = host.authority.withheld() {
        return error;
    }
    Error::Untokened {
        host: host.name.clone(),
        realm: authority(realm),
        status,
        known: host.authority.is_known(),
        message: envelope(body).1,
    }
}

/// The first error's code and text, in the form of the distribution specification; or the start of what was said.
fn envelope(body: &[u8]) -> (Option<String>, String) {
    if let Ok(OciEnvelope { errors }) = serde_json::from_slice(body)
        && let Some(first) = errors.into_iter().next()
    {
        let code = match first.code {
            OciErrorCode::Other(code) => code,
            code => serde_json::to_value(&code)
                .ok()
                .and_then(|code| code.as_str().map(str::to_owned))
                .unwrap_or_default(),
        };
        return (Some(printable(&code)), printable(&first.message));
    }
    let text = String::from_utf8_lossy(body);
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    // A page for people says nothing in its first line.
    (
        None,
        if line.starts_with('<') {
            String::new()
        } else {
            printable(line)
        },
    )
}

/// What a registry says, safe for a terminal and no longer than a line or two.
fn printable(text: &str) -> String {
    const MOST: usize = 300;
    let mut printable: String = text
        .chars()
        .take(MOST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(MOST).is_some() {
        printable.push('…');
    }
    printable.trim().to_owned()
}

/// The error of a connection.
pub fn unreachable(host: &Host, doing: &Doing, error: &reqwest::Error) -> Error {
    broken(host, error.url(), doing, causes(error))
}

/// The error of a connection to `url` that broke for `cause`.
pub fn broken(host: &Host, url: Option<&Url>, doing: &Doing, cause: String) -> Error {
    let elsewhere = url.is_some_and(|url| !host.is_home_of(url));
    let proxy = Proxy::of(url.unwrap_or(&host.base));
    let (host, doing) = host.at(url, doing);
    Error::Unreachable {
        host,
        doing,
        cause,
        elsewhere,
        proxy: proxy.map(Box::new),
    }
}

/// The error for a redirect to `url` that was not followed, for `why`.
pub fn astray(host: &Host, url: &Url, doing: &Doing, why: &str) -> Error {
    let elsewhere = !host.is_home_of(url);
    let (host, doing) = host.at(Some(url), doing);
    Error::Unreachable {
        host,
        doing,
        cause: why.to_owned(),
        elsewhere,
        proxy: None,
    }
}

/// Who is asked again, or not any more, and for what. A mirror goes by its own name, wherever it has sent us.
pub fn blamed(host: &Host, failure: &Error) -> Option<(String, Doing)> {
    let (at, doing) = failure.at()?;
    Some(if host.is_mirror && doing.is_sent() {
        (host.name.clone(), doing.sent_to(at))
    } else {
        (at.to_owned(), doing.clone())
    })
}

/// What a pause is for, in short.
pub fn reason(error: &Error) -> String {
    match error {
        Error::Unreachable {
            cause,
            proxy: Some(proxy),
            ..
        } => format!("{cause}, by the proxy {}", proxy.address),
        Error::Unreachable { cause, .. } => cause.clone(),
        Error::Refused { status, .. } | Error::Denied { status, .. } => format!("status {status}"),
        Error::Stalled { after, .. } => format!("no answer for {} s", after.as_secs_f64()),
        other => other.to_string(),
    }
}

/// Whether the same would fail again: what we asked for is wrong, or the other end is not who it should be.
pub fn is_final(error: &reqwest::Error) -> bool {
    let causes = causes(error);
    error.is_builder()
        || causes.contains("certificate")
        || wants_certificate(&causes)
        || causes.contains("InvalidContentType")
        || causes.contains("Name or service not known")
        || wants_password(&causes)
}

/// All that an error of the HTTP client says, without the address, which may hold a secret.
pub fn causes(error: &reqwest::Error) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut next: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        // Some repeat what caused them.
        if !causes.iter().any(|said| said.ends_with(&text)) {
            causes.push(text);
        }
        next = cause.source();
    }
    if causes.is_empty() {
        "the request failed".to_owned()
    } else {
        causes.join(": ")
    }
}
