//! How registries are spoken to, from options, environment and files.

use std::sync::Arc;

use super::access::{self, Password};
use super::exit::Failure;
use super::options::{RegistryOptions, Shared};
use super::progress::Watcher;
use crate::registry::credentials::Credentials;
use crate::registry::{Cancel, Client, Settings};

/// A client that speaks as `options` say to `hosts`, those that the command line names. It tells `watcher` what
/// registries make necessary.
pub fn with_options(
    options: &RegistryOptions,
    hosts: &[&str],
    shared: &Shared,
    watcher: Arc<dyn Watcher>,
    cancel: &Cancel,
) -> Result<Client, Failure> {
    let settings = access::settings(options, hosts, shared)?;
    let credentials = access::credentials(options, hosts, &Password::default())?;
    Ok(client(settings, credentials, watcher, cancel))
}

/// A client that `cancel` stops. It asks nobody before it must.
pub fn client(settings: Settings, credentials: Credentials, watcher: Arc<dyn Watcher>, cancel: &Cancel) -> Client {
    Client::new(settings, credentials, watcher, cancel.clone())
}
