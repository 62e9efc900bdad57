use super::Watcher;
use crate::registry::{Notice, Observer};
use crate::store::{Event, Progress};

/// Says nothing.
#[derive(Debug)]
pub struct Silence;

impl Progress for Silence {
    fn event(&self, _: Event<'_>) {}
}

impl Observer for Silence {
    fn notice(&self, _: &Notice) {}
}

impl Watcher for Silence {}
