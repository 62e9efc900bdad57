//! Requests that wait for each other: what goes on at the same time is shown so without a clock.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// How long the first ones wait for the last one.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub struct Meeting {
    wanted: usize,
    arrived: Mutex<usize>,
    changed: Condvar,
}

impl Meeting {
    /// Of so many requests.
    pub fn of(wanted: usize) -> Self {
        Self {
            wanted,
            arrived: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Waits for the others; whether they came.
    pub fn join(&self) -> bool {
        let mut arrived = self.arrived.lock().unwrap();
        *arrived += 1;
        self.changed.notify_all();
        let missing = |arrived: &mut usize| *arrived < self.wanted;
        let (arrived, _) = self.changed.wait_timeout_while(arrived, PATIENCE, missing).unwrap();
        *arrived >= self.wanted
    }
}
