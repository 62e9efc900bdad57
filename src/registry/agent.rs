use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use fs_err as fs;
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, Client, Identity};
use rustls::crypto::{CryptoProvider, ring};

use super::Error;
use super::settings::HostSettings;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(20);

/// How many redirects are followed: blobs come from a store behind a registry, at most two hops away.
const REDIRECTS: usize = 5;

/// An HTTP client for one registry, which may be on this machine itself. Proxies come from the environment, and so do the system's authorities
/// (`SSL_CERT_FILE`). It says nothing of this machine, and shows its credentials to no other host: a redirect to one
/// loses them.
pub fn agent(settings: &HostSettings, is_local: bool) -> Result<Client, Error> {
    // Fails where somebody has chosen one before, which is as good.
    drop(CryptoProvider::install_default(ring::default_provider()));
    let mut builder = Client::builder()
        .user_agent(concat!("modelbuild/", env!("CARGO_PKG_VERSION")))
        .referer(false)
        .redirect(Policy::custom(follow))
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        // A connection for each transfer: several blobs over one would share its window.
        .http1_only();
    if is_local {
        // No proxy can reach what listens on this machine alone.
        builder = builder.no_proxy();
    }
    if settings.insecure {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    if let Some(path) = &settings.ca_file {
        let certificates = Certificate::from_pem_bundle(&read(path)?).map_err(|error| unusable(path, &error))?;
        if certificates.is_empty() {
            return Err(unusable(path, &"there is no certificate in it (PEM)"));
        }
        builder = builder.tls_certs_merge(certificates);
    }
    if let Some(path) = &settings.client_cert {
        let mut pem = read(path)?;
        if let Some(key) = &settings.client_key {
            pem.push(b'\n');
            pem.extend(read(key)?);
        }
        builder = builder.identity(
            Identity::from_pem(&pem)
                .map_err(|_| unusable(path, &"there is no certificate with its key in it (PEM)"))?,
        );
    }
    builder
        .build()
        .map_err(|error| Error::System(io::Error::other(super::exchange::causes(&error))))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| {
        match error.kind() {
            // Without the path, which the message has.
            ErrorKind::NotFound => unusable(path, &"it does not exist"),
            ErrorKind::IsADirectory => unusable(path, &"it is a directory"),
            ErrorKind::PermissionDenied => unusable(path, &"permission denied"),
            _ => unusable(path, &error),
        }
    })
}

fn unusable(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::Certificate {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// Follows a redirect, but not out of TLS.
fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let was_secret = attempt.previous().last().is_some_and(|url| url.scheme() == "https");
    if was_secret && attempt.url().scheme() != "https" {
        attempt.error("it redirects from https to http")
    } else if attempt.previous().len() > REDIRECTS {
        attempt.error("it redirects too often")
    } else {
        attempt.follow()
    }
}
