use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A switch that stops transfers: from outside (Ctrl-C), and then it stays set, or by the first thing in a transfer that
/// fails, so that nobody in it waits any longer for a registry; that ends with the transfer.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<State>);

#[derive(Debug, Default)]
struct State {
    cancelled: AtomicBool,
    failed: AtomicBool,
}

impl Cancel {
    /// Asks every holder to stop.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether somebody outside wants to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }

    /// Something in the transfer that is under way has failed: nothing else in it is worth waiting for.
    pub fn fail(&self) {
        self.0.failed.store(true, Ordering::Relaxed);
    }

    /// The transfer that failed has ended.
    pub fn forget_failure(&self) {
        self.0.failed.store(false, Ordering::Relaxed);
    }

    /// Whether there is nothing to wait for, whatever the reason.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_cancelled() || self.0.failed.load(Ordering::Relaxed)
    }
}
