use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Awakened;

/// How long nothing may happen before it counts as quiet: longer than the steps of a `git checkout` or of an editor that
/// saves are apart, shorter than somebody waits.
const QUIET: Duration = Duration::from_millis(200);

/// When something happened last.
#[derive(Debug, Default)]
pub(super) struct Quiet {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    disturbed: Option<Disturbed>,
    stopped: bool,
}

/// Something happened that nobody has been told of.
#[derive(Debug, Clone, Copy)]
struct Disturbed {
    first: Instant,
    last: Instant,
}

impl Quiet {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happens.
    pub(super) fn disturb(&self) {
        let now = Instant::now();
        match &mut self.state().disturbed {
            // Whoever waits will look at the time.
            Some(disturbed) => {
                disturbed.last = now;
                return;
            }
            disturbed => *disturbed = Some(Disturbed { first: now, last: now }),
        }
        self.changed.notify_all();
    }

    /// No wait is to last any longer.
    pub(super) fn stop(&self) {
        self.state().stopped = true;
        self.changed.notify_all();
    }

    /// See [`super::Watch::wait`].
    pub(super) fn wait(&self, limit: Option<Duration>) -> Awakened {
        // What happened before that, as during a build, has not been waited for.
        let begun = Instant::now();
        let mut state = self.state();
        loop {
            if state.stopped {
                return Awakened::Stopped;
            }
            let Some(Disturbed { first, last }) = state.disturbed else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let quiet = last + QUIET;
            let due = limit.map_or(quiet, |limit| quiet.min(first.max(begun) + limit));
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                state.disturbed = None;
                return Awakened::Changed;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
