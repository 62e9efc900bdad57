use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::exit::{FAILED, Failure, INTERRUPTED};
use crate::store::Cancel;

/// The first Ctrl-C (or SIGTERM, or SIGHUP as a session ends) sets `cancel`, which stops a build cleanly, and calls
/// `stopped`; the second one ends all at once, and nothing becomes visible then either.
pub fn watch(cancel: &Cancel, stopped: impl Fn() + Send + 'static) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(FAILED, format!("cannot watch for Ctrl-C: {error}"));
    let mut signals =
        Signals::new([SIGINT, SIGTERM].into_iter().chain(is_hung_up().then_some(SIGHUP))).map_err(failed)?;
    let cancelled = cancel.clone();
    let watch = move || {
        for _ in signals.forever() {
            if cancelled.is_cancelled() {
                std::process::exit(INTERRUPTED.into());
            }
            cancelled.cancel();
            stopped();
        }
    };
    let thread = std::thread::Builder::new().name("signals".to_owned());
    thread.spawn(watch).map_err(failed)?;
    Ok(())
}

/// Whether SIGHUP would end this process: `nohup` has it ignored, and so it stays. Where the system has no `/proc` that
/// says so, nobody knows, and it is left to do what it does.
fn is_hung_up() -> bool {
    let status = fs_err::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & (1 << (SIGHUP - 1)) == 0)
}
