use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How far a transfer is, and when that was last said.
#[derive(Debug)]
pub struct Tally {
    state: Mutex<State>,
    interval: Duration,
}

/// The numbers.
#[derive(Debug, Clone, Copy)]
pub struct State {
    /// Bytes that will be read.
    pub total: u64,
    /// Bytes that were read.
    pub done: u64,
    started: Instant,
    said: Instant,
}

impl Tally {
    /// A tally that speaks at most every `interval`.
    pub fn new(interval: Duration) -> Self {
        let now = Instant::now();
        Self {
            state: Mutex::new(State {
                total: 0,
                done: 0,
                started: now,
                said: now,
            }),
            interval,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The transfer begins.
    pub fn begin(&self, total: u64) {
        let now = Instant::now();
        *self.state() = State {
            total,
            done: 0,
            started: now,
            said: now,
        };
    }

    /// More bytes were read. Returns the numbers where it is time to say them.
    pub fn advance(&self, bytes: u64) -> Option<State> {
        let mut state = self.state();
        state.done += bytes;
        // A blob that is copied again after it was hashed was not counted on.
        state.total = state.total.max(state.done);
        let now = Instant::now();
        if now.duration_since(state.said) < self.interval {
            return None;
        }
        state.said = now;
        Some(*state)
    }
}

impl State {
    /// Bytes per second since the beginning.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate"
    )]
    pub fn rate(&self) -> u64 {
        (self.done as f64 / self.started.elapsed().as_secs_f64().max(1e-3)) as u64
    }

    /// Seconds that the rest will take at that rate.
    pub fn seconds_left(&self) -> u64 {
        (self.total - self.done).div_ceil(self.rate().max(1))
    }

    /// Parts of a hundred.
    pub fn percent(&self) -> u64 {
        if self.total == 0 {
            100
        } else {
            u64::try_from(u128::from(self.done) * 100 / u128::from(self.total)).unwrap_or(100)
        }
    }
}
