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

impl Default for Patience {
    fn default() -> Self {
        Self {
            stall: Duration::from_mins(1),
            retries: 5,
            pause: Duration::from_millis(500),
        }
    }
}
