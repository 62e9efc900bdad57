use std::io::Write as _;
use std::time::Duration;

use super::super::size::human;
use super::tally::Tally;
use crate::store::{Event, Progress};

/// A line now and then: for logs, where each stays.
#[derive(Debug)]
pub struct Lines(Tally);

impl Lines {
    pub fn new() -> Self {
        Self(Tally::new(Duration::from_secs(5)))
    }
}

impl Progress for Lines {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Begin { bytes, .. } => self.0.begin(bytes),
            Event::Advanced { bytes, .. } => {
                let Some(now) = self.0.advance(bytes) else { return };
                let (done, total, rate) = (human(now.done), human(now.total), human(now.rate()));
                let (percent, left) = (now.percent(), now.seconds_left());
                // Nobody is left to tell when standard error is closed.
                let _ = writeln!(
                    std::io::stderr(),
                    "{percent:>3} %  {done} of {total}  {rate}/s  {left} s left"
                );
            }
            _ => {}
        }
    }
}
