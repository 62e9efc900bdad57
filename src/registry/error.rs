use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;

use super::credentials::CredentialsError;
use super::doing::Doing;
use super::proxy::{Proxy, is_proxys_fault};
use super::retry::is_passing;
use crate::digest::Digest;
use crate::plan::plural;

/// Why a registry did not do what was asked of it. Several may wait for one thing, and are told the same.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It cannot be reached, or the connection broke again and again.
    #[error("{}: {doing}: {cause}", unreached(host, proxy.as_deref(), cause))]
    Unreachable {
        /// The registry's host.
        host: String,
        /// What was being done.
        doing: Doing,
        /// What went wrong, innermost last.
        cause: String,
        /// Whether a registry has sent us there.
        elsewhere: bool,
        /// The proxy that it was to be reached by.
        proxy: Option<Box<Proxy>>,
    },
    /// It neither took nor sent a byte for too long.
    #[error("{host} did not answer for {} s: {doing}", after.as_secs_f64())]
    Stalled {
        /// The registry's host.
        host: String,
        /// What was being done.
        doing: Doing,
        /// How long it was waited for.
        after: Duration,
    },
    /// It answered that it will not.
    #[error("{host} refused: {doing}: status {status}{}", said(code.as_deref(), message))]
    Refused {
        /// The registry's host.
        host: String,
        /// What was being done.
        doing: Doing,
        /// The HTTP status.
        status: u16,
        /// The error code of the distribution specification, where the answer had one.
        code: Option<String>,
        /// What else it said.
        message: String,
        /// Whether it was a part of an upload, which could be a smaller one.
        divisible: bool,
    },
    /// It wants to know who we are, or we may not do this.
    #[error("{host} denied access: {doing}: status {status}{}", said(None, message))]
    Denied {
        /// The registry's host.
        host: String,
        /// What was being done.
        doing: Doing,
        /// The HTTP status.
        status: u16,
        /// Whether credentials were shown to it.
        known: bool,
        /// What it said.
        message: String,
    },
    /// Its token server does not let us in.
    #[error("{realm} gives no token for {host}: status {status}{}", said(None, message))]
    Untokened {
        /// The registry's host.
        host: String,
        /// The token server's.
        realm: String,
        /// The HTTP status.
        status: u16,
        /// Whether credentials were shown to it.
        known: bool,
        /// What it said.
        message: String,
    },
    /// It has no such thing.
    #[error("{host} has no {what}")]
    NotFound {
        /// The registry's host.
        host: String,
        /// What was looked for.
        what: String,
    },
    /// Its answer is none that the distribution specification allows.
    #[error("{host} does not answer as a registry does: {doing}: {what}")]
    Protocol {
        /// The registry's host.
        host: String,
        /// What was being done.
        doing: Doing,
        /// What is wrong.
        what: String,
    },
    /// It sent other bytes than were asked for.
    #[error("{host} sent damaged content: {what} has the digest {found}, not {expected}")]
    Damaged {
        /// The registry's host.
        host: String,
        /// What was asked for.
        what: String,
        /// What it should be.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// What was sent is not what it was said to be: the input is another one.
    #[error("{called} has the digest {found}, not {expected}")]
    Mismatch {
        /// What was sent.
        called: String,
        /// What it was said to be.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// It has a blob of another size than the manifest says.
    #[error("{host} has damaged content: {what} has {}, not {expected}", plural(*found, "byte"))]
    Size {
        /// The registry's host.
        host: String,
        /// What was asked for.
        what: String,
        /// How many bytes it should have.
        expected: u64,
        /// How many it has.
        found: u64,
    },
    /// It takes no layer of this size; known before a byte was sent.
    #[error("{host} takes at most {most} bytes per layer, and {what} has {size}")]
    TooLarge {
        /// The registry's host.
        host: String,
        /// What the layer is called.
        what: String,
        /// Its size in bytes.
        size: u64,
        /// How many it takes.
        most: u64,
    },
    /// It takes no manifest of this size.
    #[error("{host} takes no manifest of {size} bytes: {what}")]
    ManifestTooLarge {
        /// The registry's host.
        host: String,
        /// Repository and tag or digest.
        what: String,
        /// Its size in bytes.
        size: usize,
    },
    /// A token server wants the password of this registry that may not be shown it.
    #[error("{host} asks for its password to be sent to {realm}, which is {}", if *by_tls { "another site" } else { "not spoken to by TLS" })]
    ForeignRealm {
        /// The registry's host.
        host: String,
        /// The host of the token server.
        realm: String,
        /// Whether it is by TLS, as the registry is.
        by_tls: bool,
    },
    /// The credentials for it cannot be had.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The host's name or a setting makes no sense.
    #[error("`{host}`: {why}")]
    Setting {
        /// The registry's host.
        host: String,
        /// What is wrong.
        why: String,
    },
    /// A variable of the environment names a proxy that is none.
    #[error("`{variable}` names no proxy by which {host} could be reached")]
    ProxySetting {
        /// The registry's host.
        host: String,
        /// The variable; what it says may be a password.
        variable: &'static str,
    },
    /// A certificate or key cannot be used.
    #[error("cannot use `{}`: {why}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
        /// Whether it is of X.509 version 1.
        is_old: bool,
    },
    /// Bytes that must be sent once more cannot be read again; the cause names the file.
    #[error("cannot read an input again: {0}")]
    Again(Arc<io::Error>),
    /// Something that this machine ran out of.
    #[error("cannot begin: {0}")]
    System(Arc<io::Error>),
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
}

fn unreached(host: &str, proxy: Option<&Proxy>, cause: &str) -> String {
    match proxy {
        None => format!("{host} cannot be reached"),
        Some(Proxy { address, variable }) if is_proxys_fault(cause) => {
            format!("the proxy {address}, which `{variable}` names, cannot be reached for {host}")
        }
        Some(Proxy { address, variable }) => {
            format!("{host} cannot be reached by the proxy {address}, which `{variable}` names")
        }
    }
}

pub(super) fn said(code: Option<&str>, message: &str) -> String {
    match (code, message) {
        (None, "") => String::new(),
        (Some(code), "") => format!(" {code}"),
        (None, message) => format!(": {message}"),
        (Some(code), message) => format!(" {code}: {message}"),
    }
}

impl Error {
    /// The same, of a part of an upload, which could be a smaller one where that is so.
    #[must_use]
    pub(super) const fn divisible(mut self, is_so: bool) -> Self {
        if let Self::Refused { divisible, .. } = &mut self {
            *divisible = is_so;
        }
        self
    }

    /// Whether a connection broke or hung, which the next one may not do.
    #[must_use]
    pub(super) const fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Stalled { .. })
    }

    /// Whether it was refused with what says that the same may be answered otherwise later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if StatusCode::from_u16(*status).is_ok_and(is_passing))
    }

    /// The host that failed, and what it was to do.
    pub(super) fn at(&self) -> Option<(&str, &Doing)> {
        match self {
            Self::Unreachable { host, doing, .. }
            | Self::Stalled { host, doing, .. }
            | Self::Refused { host, doing, .. }
            | Self::Denied { host, doing, .. }
            | Self::Protocol { host, doing, .. } => Some((host, doing)),
            _ => None,
        }
    }

    /// Whether content was not what it should be.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Size { .. })
    }
}

/// Whether the other end has ended the conversation because of who we are, or are not (RFC 8446, 6.2).
pub(super) fn wants_certificate(cause: &str) -> bool {
    const ALERTS: [&str; 7] = [
        "CertificateRequired",
        "HandshakeFailure",
        "BadCertificate",
        "UnsupportedCertificate",
        "CertificateRevoked",
        "CertificateExpired",
        "UnknownCA",
    ];
    let alert = cause.split_once("received fatal alert: ").map(|(_, alert)| alert);
    alert.is_some_and(|alert| ALERTS.iter().any(|known| alert.starts_with(known)))
}
