use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::super::console::Console;
use super::super::size::human;
use super::Watcher;
use super::notice;
use super::pulse::Pulse;
use super::summary;
use super::tally::{Tally, clock};
use crate::modelfile::escape;
use crate::registry::{Notice, Observer};
use crate::store::{Event, Progress};

/// How often something is said.
const INTERVAL: Duration = Duration::from_secs(5);

/// A line now and then, and one for each layer that took longer than that: for logs, where each stays.
#[derive(Debug, Default)]
pub struct Lines {
    tally: Arc<Tally>,
    /// What says how far it is; nothing does before something is moved, or afterwards.
    pulse: Mutex<Option<Pulse>>,
}

impl Lines {
    fn beat(&self, pulse: Option<Pulse>) {
        *self.pulse.lock().unwrap_or_else(PoisonError::into_inner) = pulse;
    }

    /// Says how far it is now and then, also while nothing moves: whoever reads a log wants to know that it lives.
    fn pulse(&self) -> Pulse {
        let tally = self.tally.clone();
        Pulse::start(INTERVAL, move || {
            let numbers = tally.state().numbers();
            Console::line(&numbers.text());
        })
    }
}

impl Progress for Lines {
    fn event(&self, event: Event<'_>) {
        let arrived = self.tally.state().note(event);
        match event {
            Event::Begin { .. } => self.beat(Some(self.pulse())),
            Event::Ended => self.beat(None),
            Event::Stored { outcome, .. } => {
                let Some(layer) = arrived.filter(|layer| layer.begun.elapsed() >= INTERVAL) else {
                    return;
                };
                let (name, size) = (escape(&layer.name), human(layer.size));
                let time = clock(layer.begun.elapsed().as_secs());
                let what = summary::word(outcome);
                Console::line(&format!("{name}  {size}  {what} in {time}"));
            }
            _ => {}
        }
    }
}

impl Observer for Lines {
    fn notice(&self, notice: &Notice) {
        Console::line(&notice::text(notice));
    }

    fn owed(&self, layer: &str, bytes: u64) {
        self.tally.state().owe(layer, bytes);
    }

    fn made_good(&self, layer: &str, bytes: u64) {
        self.tally.state().make_good(layer, bytes);
    }
}

impl Watcher for Lines {}
