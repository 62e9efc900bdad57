//! Progress on standard error: lines that are redrawn on a terminal, a line now and then in a log, JSON for a machine;
//! and the line that is left when all is done.
//!
//! One [`Watcher`] hears of everything: from the engine how far it is, from registries what they made necessary. So
//! nobody else writes to a terminal whose lines are being redrawn.

mod bar;
mod frame;
mod json;
mod notice;
mod plain;
mod pulse;
mod silence;
mod summary;
mod tally;

use std::io::IsTerminal as _;
use std::sync::Arc;

pub use summary::{built, extracted, failed, moved, summary, verified, wrote};

use super::options::ProgressMode;
use crate::plan::Change;
use crate::registry::Observer;
use crate::store::Progress;

/// Somebody who shows what goes on.
pub trait Watcher: Progress + Observer {}

/// Somebody who shows it as `mode` says. What is redrawn is gone when a transfer has ended.
pub fn watcher(mode: ProgressMode, quiet: bool) -> Arc<dyn Watcher> {
    match mode {
        ProgressMode::None => Arc::new(silence::Silence),
        _ if quiet => Arc::new(silence::Silence),
        ProgressMode::Json => Arc::new(json::Lines::new()),
        ProgressMode::Tty | ProgressMode::Auto if is_terminal() => Arc::new(bar::Bar::default()),
        ProgressMode::Tty | ProgressMode::Auto | ProgressMode::Plain => Arc::new(plain::Lines::default()),
    }
}

fn is_terminal() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Files changed, which has led to a build, for machines.
pub fn changed(mode: ProgressMode, files: &[Change]) {
    if mode == ProgressMode::Json {
        json::changed(files);
    }
}
