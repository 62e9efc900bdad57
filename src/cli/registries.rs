//! How registries are spoken to, from options, environment and files.

use std::sync::Arc;

use super::access;
use super::console::Console;
use super::exit::Failure;
use super::options::{ProgressMode, RegistryOptions, Shared};
use crate::registry::credentials::Credentials;
use crate::registry::{Cancel, Client, Notice, Observer, Settings};

/// A client that `cancel` stops, as the files of settings and credentials have it. It asks nobody before it must.
pub fn of_files(shared: &Shared, cancel: &Cancel) -> Client {
    client(shared.registries.clone(), access::of_files(), shared.progress, cancel)
}

/// The same with `options` for `hosts`, those that the command line names.
pub fn with_options(
    options: &RegistryOptions,
    hosts: &[&str],
    shared: &Shared,
    cancel: &Cancel,
) -> Result<Client, Failure> {
    let settings = access::settings(options, hosts, shared)?;
    let credentials = access::credentials(options, hosts)?;
    Ok(client(settings, credentials, shared.progress, cancel))
}

/// A client that `cancel` stops. It asks nobody before it must.
pub fn client(settings: Settings, credentials: Credentials, mode: ProgressMode, cancel: &Cancel) -> Client {
    Client::new(settings, credentials, Arc::new(Teller { mode }), cancel.clone())
}

/// Tells what a registry made necessary.
struct Teller {
    mode: ProgressMode,
}

impl Observer for Teller {
    fn notice(&self, notice: &Notice) {
        if matches!(self.mode, ProgressMode::None) {
            return;
        }
        let line = match notice {
            Notice::Retry {
                host,
                doing,
                why,
                after,
            } => {
                format!("{host}: {doing}: {why}; again in {:.1} s", after.as_secs_f64())
            }
            Notice::Resumed { doing, at } => format!("{doing}: goes on at byte {at}"),
            Notice::Restarted { doing, lost } => {
                format!("{doing}: the registry has lost {lost} bytes; it begins anew")
            }
        };
        Console::line(&line);
    }
}
