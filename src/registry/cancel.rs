use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A switch that stops what is under way: all of it from outside (Ctrl-C), or a part by a child of its own. It stays set.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<Switch>);

#[derive(Debug, Default)]
struct Switch {
    is_set: AtomicBool,
    parent: Option<Cancel>,
}

impl Cancel {
    /// A switch for a part of what this one stops, which ends with this one, and can end alone.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(Arc::new(Switch {
            is_set: AtomicBool::new(false),
            parent: Some(self.clone()),
        }))
    }

    /// Asks every holder to stop, and those of children.
    pub fn cancel(&self) {
        self.0.is_set.store(true, Ordering::Relaxed);
    }

    /// Whether somebody wants to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_set.load(Ordering::Relaxed) || self.0.parent.as_ref().is_some_and(Self::is_cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::Cancel;

    #[test]
    fn a_part_ends_alone_and_with_the_whole() {
        let whole = Cancel::default();
        let (part, other) = (whole.child(), whole.child());
        part.cancel();
        assert!(part.is_cancelled() && !whole.is_cancelled() && !other.is_cancelled());
        whole.cancel();
        assert!(other.is_cancelled());
    }
}
