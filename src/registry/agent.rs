use std::io;
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::{Attempt, Policy};

use super::settings::HostSettings;
use super::{Error, tls};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(20);

/// How many redirects are followed: blobs come from a store behind a registry, at most two hops away.
const REDIRECTS: usize = 5;

/// An HTTP client for one registry, which may be on this machine itself. Proxies come from the environment. It says
/// nothing of this machine, and shows its credentials to no other host: a redirect to one loses them.
pub fn agent(settings: &HostSettings, is_local: bool) -> Result<Client, Error> {
    let mut builder = Client::builder()
        .user_agent(concat!("modelbuild/", env!("CARGO_PKG_VERSION")))
        .referer(false)
        .redirect(Policy::custom(follow))
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .tls_backend_preconfigured(tls::config(settings)?)
        // A connection for each transfer: several blobs over one would share its window.
        .http1_only();
    if is_local {
        // No proxy can reach what listens on this machine alone.
        builder = builder.no_proxy();
    }
    builder
        .build()
        .map_err(|error| Error::System(io::Error::other(super::exchange::causes(&error))))
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
