//! How registries are spoken to, from options, environment and files.

use std::sync::Arc;

use super::access;
use super::exit::Failure;
use super::options::{RegistryOptions, Shared};
use super::progress::{self, Watcher};
use crate::registry::credentials::Credentials;
use crate::registry::{Cancel, Client, Settings};

/// A client that `cancel` stops, as the files of settings and credentials have it. It asks nobody before it must.
pub fn of_files(shared: &Shared, cancel: &Cancel) -> Client {
    watched(shared, progress::watcher(shared.progress, false), cancel)
}

/// The same, which tells `watcher` what registries make necessary.
pub fn watched(shared: &Shared, watcher: Arc<dyn Watcher>, cancel: &Cancel) -> Client {
    client(shared.registries.clone(), access::of_files(), watcher, cancel)
}

/// The same with `options` for `hosts`, those that the command line names.
pub fn with_options(
    options: &RegistryOptions,
    hosts: &[&str],
    shared: &Shared,
    watcher: Arc<dyn Watcher>,
    cancel: &Cancel,
) -> Result<Client, Failure> {
    let settings = access::settings(options, hosts, shared)?;
    let credentials = access::credentials(options, hosts)?;
    Ok(client(settings, credentials, watcher, cancel))
}

/// A client that `cancel` stops. It asks nobody before it must.
pub fn client(settings: Settings, credentials: Credentials, watcher: Arc<dyn Watcher>, cancel: &Cancel) -> Client {
    Client::new(settings, credentials, watcher, cancel.clone())
}
