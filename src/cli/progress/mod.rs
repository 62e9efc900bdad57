//! Progress on standard error: a bar on a terminal, a line now and then in a log, JSON for a machine.

mod bar;
mod json;
mod plain;
mod tally;

use std::io::IsTerminal as _;
use std::time::Duration;

use super::console::Console;
use super::options::ProgressMode;
use super::size::human;
use crate::build::{Built, Output};
use crate::modelfile::escape;
use crate::plan::{Change, Plan};
use crate::store::stored::Found;
use crate::store::{Progress, Received, Silent, Source as _, Transferred};

/// Somebody who shows the progress of a build as `mode` says. What it shows is gone, or complete, when it is dropped.
pub fn watcher(mode: ProgressMode, quiet: bool) -> Box<dyn Progress> {
    match mode {
        ProgressMode::None => Box::new(Silent),
        _ if quiet => Box::new(Silent),
        ProgressMode::Json => Box::new(json::Lines::new()),
        ProgressMode::Tty | ProgressMode::Auto if is_terminal() => Box::new(bar::Bar::new()),
        ProgressMode::Tty | ProgressMode::Auto | ProgressMode::Plain => Box::new(plain::Lines::new()),
    }
}

fn is_terminal() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The one line that a build leaves behind on standard error.
pub fn summary(mode: ProgressMode, plan: &Plan, outputs: &[Output], built: &Built, elapsed: Duration) {
    let layers = built.artifact.layers.len();
    let bytes = built.artifact.layers.iter().map(|layer| layer.size).sum();
    match mode {
        ProgressMode::None => {}
        ProgressMode::Json => json::done(built, elapsed),
        _ => {
            let stored = stored(outputs, &built.received);
            let plural = if layers == 1 { "" } else { "s" };
            let name = escape(&plan.metadata.name);
            let seconds = elapsed.as_secs_f64();
            let size = human(bytes);
            let holds = format!("{layers} layer{plural}, {size}");
            // A dry run has no outputs.
            let done = if built.received.is_empty() { "hashed" } else { "built" };
            Console::line(&if built.is_up_to_date() {
                format!("`{name}` is up to date: {holds}")
            } else {
                format!("{done} `{name}` in {seconds:.2} s: {holds}{stored}")
            });
        }
    }
}

/// The one line that moving an artifact leaves behind on standard error; `done` is what was done.
pub fn moved(
    mode: ProgressMode,
    done: &str,
    found: &Found,
    outputs: &[Output],
    moved: &Transferred,
    elapsed: Duration,
) {
    if matches!(mode, ProgressMode::None | ProgressMode::Json) {
        return;
    }
    let blobs = found.blobs();
    let plural = if blobs.len() == 1 { "" } else { "s" };
    let size = human(blobs.iter().map(|blob| blob.size).sum());
    let (seconds, stored) = (elapsed.as_secs_f64(), stored(outputs, &moved.received));
    let place = escape(found.place());
    Console::line(&format!(
        "{done} `{place}` in {seconds:.2} s: {} layer{plural}, {size}{stored}",
        blobs.len()
    ));
}

/// The one line of a build that nobody asked for at this moment: when, and why.
pub fn built(mode: ProgressMode, plan: &Plan, built: &Built, elapsed: Duration, why: &str) {
    let name = escape(&plan.metadata.name);
    let digest = built.artifact.descriptor.digest.to_string();
    // As docker shortens them; all of it stands on standard output.
    let digest = digest.get(..SHORT).unwrap_or(&digest);
    match mode {
        ProgressMode::Json => json::done(built, elapsed),
        _ => stamped(mode, &format!("built `{name}` {digest}"), elapsed, why),
    }
}

/// The same of one that failed, below the reason.
pub fn failed(mode: ProgressMode, elapsed: Duration, why: &str) {
    stamped(mode, "failed", elapsed, why);
}

/// `sha256:` and twelve digits.
const SHORT: usize = 19;

fn stamped(mode: ProgressMode, what: &str, elapsed: Duration, why: &str) {
    if !matches!(mode, ProgressMode::None | ProgressMode::Json) {
        let time = jiff::Zoned::now().strftime("%H:%M:%S");
        let seconds = elapsed.as_secs_f64();
        Console::line(&format!("{time} {what} in {seconds:.2} s: {why}"));
    }
}

/// Files changed, which has led to a build, for machines.
pub fn changed(mode: ProgressMode, files: &[Change]) {
    if mode == ProgressMode::Json {
        json::changed(files);
    }
}

/// What became of the layers' blobs, at each output.
fn stored(outputs: &[Output], received: &[Received]) -> String {
    let one = |received: &Received| {
        let counts = [
            (received.written, "written"),
            (received.linked, "linked"),
            (received.mounted, "mounted"),
            (received.present, "there already"),
        ];
        let counts: Vec<_> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        counts.join(", ")
    };
    let several = received.len() > 1;
    let at = |(output, received): (&Output, &Received)| {
        if several {
            format!("; `{}`: {}", output.shown(), one(received))
        } else {
            format!("; {}", one(received))
        }
    };
    outputs.iter().zip(received).map(at).collect()
}
