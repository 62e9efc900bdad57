//! What to do where a registry did not do what was asked of it.

use super::endpoint::is_loopback;
use super::error::{Error, wants_certificate};
use super::host::HUB;
use super::proxy::{is_proxys_fault, is_refused, is_unspoken, wants_password};

/// What a transfer that broke is told. To a command that moves nothing it says nothing.
pub const GOES_ON: &str = "the same command goes on where this one ended";

impl Error {
    /// What to do about it, where there is something to say.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Unreachable { host, cause, elsewhere: false, .. } if wants_certificate(cause) => format!(
                "{host} may want a certificate of yours, or another one: give it with `--client-cert FILE`"
            ),
            // No authority makes it this host's.
            Self::Unreachable { host, cause, .. } if is_of_another(cause) => format!(
                "its certificate is another host's: check the name and the network, or name {host} as the certificate does"
            ),
            Self::Unreachable { host, cause, elsewhere: true, .. } if is_certificate(cause) => format!(
                "what is trusted at the registry is not trusted there: name the authority that signed its certificate by `ca-file` in a table `[registry.\"{host}\"]` of your own settings (docs/registries.md)"
            ),
            Self::Unreachable { host, cause, .. } if is_certificate(cause) => format!(
                "give the authority that signed its certificate with `--ca-file FILE`, or trust {host} blindly with `--insecure`"
            ),
            Self::Unreachable { host, cause, elsewhere: false, .. } if is_not_tls(cause) && is_loopback(host) => format!(
                "{host} seems to speak plain HTTP, as is taken for granted on this machine unless a certificate is spoken of: leave out `--insecure`, `--ca-file`, `--client-cert` and `plain-http = false`, or give them to the other registry alone, in a table `[registry.\"HOST\"]` (docs/registries.md)"
            ),
            Self::Unreachable { host, cause, elsewhere: false, .. } if is_not_tls(cause) => {
                format!("if {host} speaks plain HTTP, say so with `--plain-http`, or of it alone by `plain-http = true` in a table `[registry.\"{host}\"]` (docs/registries.md)")
            }
            Self::Unreachable { cause, proxy: Some(proxy), .. } if wants_password(cause) => format!(
                "write who you are to the proxy into `{}`: `http://USER:PASSWORD@{}`", proxy.variable, proxy.address
            ),
            Self::Unreachable { cause, proxy: Some(proxy), .. } if is_unspoken(cause) => {
                format!("SOCKS is not spoken here: name a proxy in `{}` that speaks HTTP", proxy.variable)
            }
            Self::Unreachable { host, cause, proxy: Some(proxy), .. }
                if is_proxys_fault(cause) || is_refused(cause) =>
            {
                format!(
                    "check the proxy and `{}`; if {host} is reached without one, list it in `NO_PROXY`; {GOES_ON}", proxy.variable
                )
            }
            // Whoever forgot the host would look for the mistake in the network.
            Self::Unreachable { host, .. } if HUB.contains(&host.as_str()) => format!(
                "check the network, and the name: one without a host, such as `llama:v1`, is {host}'s; {GOES_ON}"
            ),
            Self::Unreachable { .. } | Self::Stalled { .. } => {
                format!("check the name and the network; {GOES_ON}")
            }
            Self::Denied { .. } | Self::Untokened { .. } => return self.help_with_access(),
            Self::Refused { status: 413, divisible: true, .. } => "where a proxy limits requests, set a smaller `chunk-size` (docs/registries.md); where the registry takes no layer of this size, split the file into shards".to_owned(),
            Self::Refused { status: 300..=399, .. } => "it does not say where to go instead, or that is not safe to follow: name the host that is meant".to_owned(),
            Self::Refused { status: 413, .. } => {
                "the registry takes no layer of this size: split the file into shards, or ask for a higher limit"
                    .to_owned()
            }
            Self::Refused { code: Some(code), .. } if code == "NAME_UNKNOWN" => {
                "the registry makes no repository by itself: make it there first, or check its name".to_owned()
            }
            Self::Refused { code: Some(code), .. } if code == "DIGEST_INVALID" => {
                "something between here and the registry changes bytes: try again, or another way there".to_owned()
            }
            Self::Refused { host, status: 400, message, .. } if may_be_tls(host, message) => {
                format!("if {host} speaks TLS, write `plain-http = false` into a table `[registry.\"{host}\"]` (docs/registries.md), or name the authority that signed its certificate with `--ca-file FILE`")
            }
            Self::Refused { status: 405, .. } => "it may be read-only, or a mirror that takes no uploads".to_owned(),
            Self::Refused { status: 429, .. } => "it takes no more requests for now: wait, or use `-j 1`".to_owned(),
            Self::Refused { status: 507, .. } => "the registry's disk is full".to_owned(),
            Self::Refused { status: 511, .. } => {
                "the network here wants to know who you are: log in to it, as by any page in a browser".to_owned()
            }
            error if error.is_passing() => GOES_ON.to_owned(),
            Self::ManifestTooLarge { .. } => {
                "most registries take 4 MiB: fewer layers or shorter annotations make it smaller, and where a proxy limits requests, it can allow more".to_owned()
            }
            Self::ForeignRealm { host, by_tls: false, .. } => {
                format!("whoever runs {host} has to name its token server by `https`: all on the way would see the password")
            }
            Self::ForeignRealm { host, realm, .. } => {
                format!("if that is right, write `token-server = \"{realm}\"` into a table `[registry.\"{host}\"]` of your own settings (docs/registries.md)")
            }
            // A part of what the registry has the manifest of.
            Self::NotFound { what, .. } if what.starts_with("blob") => {
                "the registry has lost a part of the artifact: push it again".to_owned()
            }
            Self::NotFound { what, .. } if what.starts_with("tag") => "check the name of the repository".to_owned(),
            Self::NotFound { what, .. } => match repository(what) {
                Some(repository) => format!(
                    "check repository and tag, `latest` where none is given; `modelbuild ls docker://{repository}` lists the tags"
                ),
                None => "check repository and tag; without a tag, `latest` is meant".to_owned(),
            },
            Self::Protocol { host, .. } => {
                format!("check that {host} is a registry, and that nothing before it changes its answers")
            }
            Self::Damaged { .. } => {
                "the registry, or something before it, changes bytes: nothing of it was kept".to_owned()
            }
            Self::ProxySetting { .. } | Self::Certificate { .. } => return self.help_with_settings(),
            Self::Size { .. } => {
                "it must be pushed again, unless something before it cuts off what it sends; nothing was published".to_owned()
            }
            Self::TooLarge { .. } => {
                "split the file into shards; if it takes more, say so by `largest-layer` (docs/registries.md)".to_owned()
            }
            Self::Credentials(error) => error.help(),
            _ => return None,
        })
    }

    /// The same of who may not.
    fn help_with_access(&self) -> Option<String> {
        Some(match self {
            // OAuth's word for a token that has run out is 400 (RFC 6749, 5.2).
            Self::Untokened {
                host, realm, status, ..
            } if !matches!(status, 400 | 401 | 403) => {
                format!("that says nothing of the password: whoever runs {host} names {realm} as its token server")
            }
            Self::Denied { host, known: false, .. } | Self::Untokened { host, known: false, .. }
                if HUB.contains(&host.as_str()) =>
            {
                format!(
                    "log in with `modelbuild login {host}`, or name the host: a name without one, such as `llama:v1`, is {host}'s"
                )
            }
            Self::Denied { host, known: false, .. } | Self::Untokened { host, known: false, .. } => {
                format!("log in with `modelbuild login {host}`")
            }
            Self::Denied {
                host,
                known: true,
                status: 401,
                ..
            }
            | Self::Untokened {
                host,
                known: true,
                status: 401,
                ..
            } => format!(
                "the user name or the password for {host} is wrong, or does not allow it: `modelbuild login {host}` tells which; else check the repository's name"
            ),
            Self::Denied { host, known: true, .. } | Self::Untokened { host, known: true, .. } => format!(
                "the credentials for {host} do not allow it: log in as somebody else with `modelbuild login {host}`, or check the repository's name"
            ),
            _ => return None,
        })
    }

    /// The same of what somebody has set here.
    fn help_with_settings(&self) -> Option<String> {
        Some(match self {
            Self::ProxySetting { host, variable } => format!(
                "write `{variable}` as `http://HOST:PORT`, or as `http://USER:PASSWORD@HOST:PORT` with `%` and two digits for what is special there; if {host} is reached without a proxy, list it in `NO_PROXY`"
            ),
            Self::Certificate { is_old: true, .. } => {
                "the certificate is of X.509 version 1, and version 3 is wanted: `openssl x509 -req` makes one with `-extfile FILE`".to_owned()
            }
            Self::Certificate { .. } => "name a file that begins as PEM does, `-----BEGIN …`".to_owned(),
            _ => return None,
        })
    }
}

/// The repository of an address in backticks, such as `` `HOST/REPOSITORY:TAG` ``.
fn repository(what: &str) -> Option<String> {
    let address = what.strip_prefix('`')?.strip_suffix('`')?;
    let (path, name) = address.rsplit_once('/')?;
    let name = name.split([':', '@']).next()?;
    Some(format!("{path}/{name}"))
}

/// Whether the certificate was made for other names.
fn is_of_another(cause: &str) -> bool {
    cause.contains("certificate not valid for name") || cause.contains("NotValidForName")
}

fn is_certificate(cause: &str) -> bool {
    cause.contains("certificate") || cause.contains("UnknownIssuer")
}

/// Whether a server that was spoken to without TLS, as those on this machine are unasked, may want it. What servers say then
/// is no JSON, and nothing at all in the answer to HEAD.
fn may_be_tls(host: &str, message: &str) -> bool {
    is_loopback(host) && (message.is_empty() || message.contains("HTTPS"))
}

fn is_not_tls(cause: &str) -> bool {
    cause.contains("InvalidContentType") || cause.contains("corrupt message") || cause.contains("tls handshake eof")
}
