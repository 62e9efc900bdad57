//! A place where bytes stop until somebody lets them pass: what goes on at that moment is the same on each machine.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use crate::servers::http::Stop;

/// How often it is looked whether the server ends.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub struct Gate {
    /// Bytes that may pass yet; any number once it is open.
    left: Mutex<Option<u64>>,
    changed: Condvar,
}

impl Gate {
    /// One that lets so many bytes pass, or a piece more, in all requests together.
    pub fn after(bytes: u64) -> Self {
        Self {
            left: Mutex::new(Some(bytes)),
            changed: Condvar::new(),
        }
    }

    /// Whether bytes stand before it, or would.
    pub fn is_reached(&self) -> bool {
        *self.left.lock().unwrap() == Some(0)
    }

    /// Lets everything pass from now on.
    pub fn open(&self) {
        *self.left.lock().unwrap() = None;
        self.changed.notify_all();
    }

    /// Waits until more may pass, or the server ends.
    pub fn wait(&self, stop: &Stop) {
        let mut left = self.left.lock().unwrap();
        while *left == Some(0) && !stop.is_set() {
            left = self.changed.wait_timeout(left, LOOK).unwrap().0;
        }
    }

    /// Takes note of bytes that have passed.
    pub fn passed(&self, bytes: u64) {
        if let Some(left) = &mut *self.left.lock().unwrap() {
            *left = left.saturating_sub(bytes);
        }
    }
}
