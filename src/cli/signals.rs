use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::exit::{FAILED, Failure, INTERRUPTED};
use crate::store::Cancel;

/// The first Ctrl-C (or SIGTERM) sets `cancel`, which stops a build cleanly, and calls `stopped`; the second one ends all at once, and nothing
/// becomes visible then either. SIGHUP is left to do what the user's shell or `nohup` made of it.
pub fn watch(cancel: &Cancel, stopped: impl Fn() + Send + 'static) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(FAILED, format!("cannot watch for Ctrl-C: {error}"));
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(failed)?;
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
