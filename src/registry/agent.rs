use std::io;
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;

use super::settings::HostSettings;
use super::{Error, tls};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(20);

/// The same to a mirror: somebody else has what it has.
const CONNECT_TO_MIRROR: Duration = Duration::from_secs(5);

/// An HTTP client for one registry, which may be on this machine itself. Proxies come from the environment. It says
/// nothing of this machine, and follows no redirect: who is spoken to otherwise is not its to decide.
pub fn agent(settings: &HostSettings, is_local: bool, is_mirror: bool) -> Result<Client, Error> {
    let mut builder = Client::builder()
        .user_agent(concat!("modelbuild/", env!("CARGO_PKG_VERSION")))
        .referer(false)
        .redirect(Policy::none())
        .connect_timeout(if is_mirror { CONNECT_TO_MIRROR } else { CONNECT })
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
        .map_err(|error| Error::System(io::Error::other(super::failure::causes(&error)).into()))
}
