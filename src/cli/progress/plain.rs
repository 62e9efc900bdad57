use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::super::console::Console;
use super::super::size::human;
use super::Watcher;
use super::notice;
use super::summary;
use super::tally::{Tally, clock};
use crate::modelfile::escape;
use crate::registry::{Notice, Observer};
use crate::store::{Event, Progress};

/// How often something is said.
const INTERVAL: Duration = Duration::from_secs(5);

/// A line now and then, and one for each layer that took longer than that: for logs, where each stays.
#[derive(Debug)]
pub struct Lines {
    tally: Tally,
    said: Mutex<Instant>,
}

impl Lines {
    pub fn new() -> Self {
        Self {
            tally: Tally::default(),
            said: Mutex::new(Instant::now()),
        }
    }

    /// Whether it is time to say something; then it is said.
    fn is_due(&self) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = said.elapsed() >= INTERVAL;
        if is_due {
            *said = Instant::now();
        }
        is_due
    }
}

impl Progress for Lines {
    fn event(&self, event: Event<'_>) {
        let arrived = self.tally.state().note(event);
        match event {
            Event::Begin { .. } => *self.said.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now(),
            Event::Advanced { .. } if self.is_due() => Console::line(&self.tally.state().numbers().text()),
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
}

impl Watcher for Lines {}
