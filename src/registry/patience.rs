use std::time::Duration;

/// How long to wait for a registry, and how often to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long a registry may neither take nor send a byte before the connection is given up.
    pub stall: Duration,
    /// How often something is tried again without any progress in between.
    pub retries: u32,
    /// The first pause; the next ones grow.
    pub pause: Duration,
}

impl Patience {
    /// How long an answer is waited for to what is work for a registry: it may have to put a blob together first, or to
    /// copy it within its storage.
    pub(super) fn for_work(self) -> Duration {
        const SLOWER: u32 = 10;
        self.stall.saturating_mul(SLOWER)
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            stall: Duration::from_mins(1),
            retries: 5,
            pause: Duration::from_millis(500),
        }
    }
}
