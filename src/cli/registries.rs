//! How registries are spoken to, from options, environment and files.

use std::sync::Arc;

use super::console::Console;
use super::options::{ProgressMode, Shared};
use crate::registry::credentials::{Credentials, Places};
use crate::registry::{Cancel, Client, Notice, Observer, Settings};

/// A client that `cancel` stops. It asks nobody before it must.
pub fn client(shared: &Shared, cancel: &Cancel) -> Client {
    let credentials = Credentials::new(Places::new(|name| std::env::var_os(name)));
    let observer = Arc::new(Teller { mode: shared.progress });
    Client::new(Settings::default(), credentials, observer, cancel.clone())
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
