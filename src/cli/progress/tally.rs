use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::super::size::human;
use crate::store::{Event, Outcome};

/// The rate is that of the last seconds, of what is moved: what an earlier transfer left says nothing of the network.
const WINDOW: Duration = Duration::from_secs(10);

/// How often the amount is written down for it.
const SAMPLE: Duration = Duration::from_millis(500);

/// How far a transfer is.
#[derive(Debug, Default)]
pub struct Tally(Mutex<State>);

/// What is known of it.
#[derive(Debug, Default)]
pub struct State {
    /// Bytes that will be read.
    pub total: u64,
    /// Bytes that were read.
    pub done: u64,
    /// Layers on their way, the one that was begun first in front.
    pub layers: Vec<Layer>,
    /// What became of those that arrived, at all destinations together.
    pub counts: Counts,
    /// Whether all of them have.
    pub publishing: bool,
    /// Whether they go anywhere.
    stays: bool,
    samples: VecDeque<(Instant, u64)>,
}

/// A layer on its way.
#[derive(Debug, Clone)]
pub struct Layer {
    /// What it is called.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// How many of them were read.
    pub done: u64,
    /// How many of those have to be sent, as all registries say.
    owed: u64,
    /// When that was begun.
    pub begun: Instant,
}

/// How many layers had which outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub written: usize,
    pub linked: usize,
    pub mounted: usize,
    pub present: usize,
}

/// The numbers of one moment, which fit together.
#[derive(Debug, Clone, Copy)]
pub struct Numbers {
    pub total: u64,
    pub done: u64,
    /// Bytes a second.
    pub rate: u64,
    /// How long the rest takes at that rate; `None` where nothing moves, or nothing is left.
    pub seconds_left: Option<u64>,
}

impl Tally {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes note of what happened. Returns the layer that arrived, where one did.
    pub fn note(&mut self, event: Event<'_>) -> Option<Layer> {
        match event {
            Event::Begin {
                bytes, destinations, ..
            } => {
                *self = Self {
                    total: bytes,
                    stays: destinations == 0,
                    samples: VecDeque::from([(Instant::now(), 0)]),
                    ..Self::default()
                };
            }
            Event::Spared { size } => self.total = self.total.saturating_sub(size).max(self.done),
            Event::Started { name, size } => self.start(name, size),
            Event::Advanced { name, bytes } => self.advance(name, bytes),
            Event::Found { name, bytes } => {
                self.advance(name, bytes);
                // They come at no rate.
                self.samples.iter_mut().for_each(|(_, had)| *had += bytes);
            }
            Event::Hashed { name, .. } if self.stays => return self.take(name),
            Event::Hashed { .. } | Event::Ended => {}
            Event::Stored { name, outcome, .. } => {
                self.counts.count(outcome);
                return self.take(name);
            }
            Event::Publishing => self.publishing = true,
        }
        None
    }

    fn start(&mut self, name: &str, size: u64) {
        // One that was read for its digest, and is read once more for who wanted to know that first. Layers of several
        // artifacts may have one name.
        match self
            .layer(name)
            .filter(|layer| layer.size == size && layer.done >= size)
        {
            Some(layer) => (layer.done, layer.owed) = (0, 0),
            None => self.layers.push(Layer {
                name: name.to_owned(),
                size,
                done: 0,
                owed: 0,
                begun: Instant::now(),
            }),
        }
        // Nobody could count on the second reading.
        let left = self.layers.iter().map(|layer| layer.size.saturating_sub(layer.done));
        let left = left.fold(0, u64::saturating_add);
        self.total = self.total.max(self.done.saturating_add(left));
    }

    fn advance(&mut self, name: &str, bytes: u64) {
        self.done += bytes;
        // An earlier transfer may have left more than was counted on.
        self.total = self.total.max(self.done);
        if let Some(layer) = self.layer(name) {
            layer.done += bytes;
        }
    }

    /// So many bytes of a layer that was read have yet to be moved.
    pub fn owe(&mut self, name: &str, bytes: u64) {
        if let Some(layer) = self.layer(name) {
            layer.owed += bytes;
            // It was no rate at which they were moved.
            self.samples = VecDeque::from([(Instant::now(), self.moved())]);
        }
    }

    /// So many of them are.
    pub fn make_good(&mut self, name: &str, bytes: u64) {
        if let Some(layer) = self.layer(name) {
            layer.owed = layer.owed.saturating_sub(bytes);
        }
    }

    /// Bytes that were read and are on their way.
    fn moved(&self) -> u64 {
        let owed: u64 = self.layers.iter().map(|layer| layer.done - layer.moved()).sum();
        self.done.saturating_sub(owed)
    }

    fn layer(&mut self, name: &str) -> Option<&mut Layer> {
        self.layers.iter_mut().find(|layer| layer.name == name)
    }

    fn take(&mut self, name: &str) -> Option<Layer> {
        let index = self.layers.iter().position(|layer| layer.name == name)?;
        Some(self.layers.remove(index))
    }

    /// The numbers of this moment.
    pub fn numbers(&mut self) -> Numbers {
        let now = Instant::now();
        let is_due = |(last, _): &(Instant, u64)| now.duration_since(*last) >= SAMPLE;
        if self.samples.back().is_none_or(is_due) {
            self.samples.push_back((now, self.moved()));
        }
        while self
            .samples
            .get(1)
            .is_some_and(|(when, _)| now.duration_since(*when) >= WINDOW)
        {
            self.samples.pop_front();
        }
        let (since, had) = self.samples.front().copied().unwrap_or((now, 0));
        let done = self.moved();
        let rate = per_second(done.saturating_sub(had), now.duration_since(since));
        let left = self.total.saturating_sub(done);
        Numbers {
            total: self.total,
            done,
            rate,
            seconds_left: (rate > 0 && left > 0).then(|| left.div_ceil(rate)),
        }
    }
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate"
)]
fn per_second(bytes: u64, time: Duration) -> u64 {
    (bytes as f64 / time.as_secs_f64().max(1e-3)) as u64
}

impl Layer {
    /// How many of its bytes were read and are on their way.
    pub fn moved(&self) -> u64 {
        self.done.saturating_sub(self.owed)
    }
}

impl Counts {
    fn count(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Written => &mut self.written,
            Outcome::Linked => &mut self.linked,
            Outcome::Mounted => &mut self.mounted,
            Outcome::Present => &mut self.present,
        } += 1;
    }
}

impl Numbers {
    /// ` 12 %  8.25 GB of 68.7 GB  1.81 GB/s  33 s left`, or as much of it as can be said.
    pub fn text(&self) -> String {
        let percent = percent(self.done, self.total);
        let (done, total) = (human(self.done), human(self.total));
        let rate = if self.rate > 0 {
            format!("  {}/s", human(self.rate))
        } else {
            String::new()
        };
        let left = self.seconds_left.map(|left| format!("  {} left", clock(left)));
        format!("{percent:>3} %  {done} of {total}{rate}{}", left.unwrap_or_default())
    }
}

/// Parts of a hundred.
pub fn percent(done: u64, total: u64) -> u64 {
    (u128::from(done) * 100)
        .checked_div(u128::from(total))
        .map_or(100, |percent| u64::try_from(percent).unwrap_or(100).min(100))
}

/// `33 s`, `1:05`, `2:03:09`.
pub fn clock(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, _) => format!("{minutes}:{rest:02}"),
        _ => format!("{hours}:{minutes:02}:{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(blobs: usize, bytes: u64) -> State {
        let mut state = State::default();
        state.note(Event::Begin {
            blobs,
            bytes,
            destinations: 1,
        });
        state
    }

    #[test]
    fn nothing_is_said_to_be_left_before_something_moves() {
        let mut state = begun(1, 3_000_000);
        assert_eq!(state.numbers().text(), "  0 %  0 B of 3.00 MB");
    }

    #[test]
    fn what_is_spared_is_not_waited_for() {
        let mut state = begun(2, 30);
        state.note(Event::Spared { size: 20 });
        state.note(Event::Started { name: "a", size: 10 });
        state.note(Event::Advanced { name: "a", bytes: 10 });
        let numbers = state.numbers();
        assert_eq!((numbers.done, numbers.total, numbers.seconds_left), (10, 10, None));
    }

    #[test]
    fn what_is_read_once_more_is_one_layer_and_counted_on() {
        let mut state = begun(2, 30);
        for (name, size) in [("a", 20), ("b", 10)] {
            state.note(Event::Started { name, size });
            state.note(Event::Advanced { name, bytes: size });
        }
        assert_eq!((state.total, state.done), (30, 30));
        state.note(Event::Started { name: "a", size: 20 });
        assert_eq!((state.total, state.done), (50, 30));
        state.note(Event::Advanced { name: "a", bytes: 5 });
        state.note(Event::Started { name: "b", size: 10 });
        assert_eq!((state.total, state.done), (60, 35));
        let layers: Vec<_> = state.layers.iter().map(|layer| (&*layer.name, layer.moved())).collect();
        assert_eq!(layers, [("a", 5), ("b", 0)]);
    }

    #[test]
    fn layers_of_one_name_and_other_sizes_are_several() {
        let mut state = begun(2, 30);
        state.note(Event::Started { name: "a", size: 20 });
        state.note(Event::Advanced { name: "a", bytes: 20 });
        state.note(Event::Started { name: "a", size: 10 });
        assert_eq!((state.total, state.done, state.layers.len()), (30, 20, 2));
    }

    #[test]
    fn what_is_there_already_counts_for_no_rate() {
        let mut state = begun(1, 30);
        state.note(Event::Started { name: "a", size: 30 });
        state.note(Event::Found { name: "a", bytes: 20 });
        let numbers = state.numbers();
        assert_eq!((numbers.done, numbers.rate, numbers.seconds_left), (20, 0, None));
        assert_eq!(state.layers[0].moved(), 20);
    }

    #[test]
    fn what_has_to_be_sent_again_is_not_done() {
        let mut state = begun(1, 30);
        state.note(Event::Started { name: "a", size: 30 });
        state.note(Event::Advanced { name: "a", bytes: 30 });
        let mut check = |owed: u64, good: u64, moved: u64| {
            state.owe("a", owed);
            state.make_good("a", good);
            let numbers = state.numbers();
            assert_eq!((numbers.done, numbers.total), (moved, 30));
            assert_eq!(state.layers[0].moved(), moved);
        };
        check(20, 0, 10);
        // Another registry has lost it, too.
        check(30, 0, 0);
        check(0, 25, 5);
        check(0, 25, 30);
        state.owe("b", 99);
        assert_eq!(state.numbers().done, 30);
    }

    #[test]
    fn times_are_written_as_clocks_have_them() {
        assert_eq!(
            [59, 60, 3599, 3600, 7389].map(clock),
            ["59 s", "1:00", "59:59", "1:00:00", "2:03:09"]
        );
    }
}
