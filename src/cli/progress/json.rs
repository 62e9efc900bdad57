use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::console::Console;
use super::Watcher;
use super::tally::{Layer, Tally};
use crate::digest::Digest;
use crate::plan::Change;
use crate::registry::{Notice, Observer};
use crate::store::{Event, Outcome, Progress};

/// How often the numbers are said.
const INTERVAL: Duration = Duration::from_millis(500);

/// A JSON object a line (docs/output.md).
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

    /// Says how far it is, where that is due; one thread at a time, or a line would overtake one that tells of less.
    fn say_numbers(&self) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.elapsed() < INTERVAL {
            return;
        }
        *said = Instant::now();
        let mut state = self.tally.state();
        let now = state.numbers();
        let on_their_way = |layer: &Layer| json!({"path": layer.name, "size": layer.size, "done": layer.moved()});
        let layers: Vec<_> = state.layers.iter().map(on_their_way).collect();
        drop(state);
        let line = json!({
            "event": "progress",
            "done": now.done,
            "total": now.total,
            "rate": now.rate,
            "secondsLeft": now.seconds_left,
            "layers": layers,
        });
        Console::line(&line.to_string());
    }
}

impl Progress for Lines {
    fn event(&self, event: Event<'_>) {
        self.tally.state().note(event);
        let line = match event {
            Event::Begin { blobs, bytes, .. } => {
                *self.said.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
                json!({"event": "begin", "blobs": blobs, "bytes": bytes})
            }
            Event::Advanced { .. } => return self.say_numbers(),
            Event::Started { name, size } => json!({"event": "started", "path": name, "size": size}),
            Event::Hashed { name, digest, size } => {
                json!({"event": "hashed", "path": name, "digest": digest, "size": size})
            }
            Event::Stored {
                name,
                destination,
                size,
                outcome,
                from,
            } => {
                let outcome = match outcome {
                    Outcome::Written => "written",
                    Outcome::Present => "present",
                    Outcome::Linked => "linked",
                    Outcome::Mounted => "mounted",
                };
                let mut line =
                    json!({"event": "stored", "path": name, "size": size, "output": destination, "outcome": outcome});
                if let (Some(from), Some(members)) = (from, line.as_object_mut()) {
                    members.insert("from".to_owned(), from.into());
                }
                line
            }
            Event::Publishing => json!({"event": "publishing"}),
            Event::Found { .. } | Event::Spared { .. } | Event::Ended => return,
        };
        Console::line(&line.to_string());
    }
}

impl Observer for Lines {
    fn notice(&self, notice: &Notice) {
        let line = match notice {
            Notice::Retry {
                host,
                doing,
                why,
                after,
                is_mirror,
            } => {
                let seconds = after.as_secs_f64();
                json!({"event": "retry", "host": host, "mirror": is_mirror, "doing": doing.to_string(), "path": doing.layer(), "why": why, "seconds": seconds})
            }
            Notice::GivenUp { host, doing, why } => {
                json!({"event": "givenUp", "host": host, "mirror": true, "doing": doing.to_string(), "path": doing.layer(), "why": why})
            }
            Notice::Resumed { host, doing, at } => {
                json!({"event": "resumed", "host": host, "doing": doing.to_string(), "path": doing.layer(), "bytes": at})
            }
            Notice::Restarted { host, doing, lost } => {
                json!({"event": "restarted", "host": host, "doing": doing.to_string(), "path": doing.layer(), "bytes": lost})
            }
            Notice::SinglePut { host, doing, why } => {
                json!({"event": "singlePut", "host": host, "doing": doing.to_string(), "path": doing.layer(), "why": why})
            }
            Notice::Unmounted { host, from, why } => {
                json!({"event": "unmounted", "host": host, "from": from, "why": why})
            }
        };
        Console::line(&line.to_string());
    }

    fn owed(&self, layer: &str, bytes: u64) {
        self.tally.state().owe(layer, bytes);
    }

    fn made_good(&self, layer: &str, bytes: u64) {
        self.tally.state().make_good(layer, bytes);
        self.say_numbers();
    }
}

impl Watcher for Lines {}

/// The last line of what went well; `digest` of the artifact, where it was one.
pub fn done(digest: Option<&Digest>, elapsed: Duration, is_up_to_date: bool) {
    let done = json!({
        "event": "done",
        "digest": digest,
        "seconds": elapsed.as_secs_f64(),
        "upToDate": is_up_to_date,
    });
    Console::line(&done.to_string());
}

/// Files changed.
pub fn changed(files: &[Change]) {
    // JSON has no other text than Unicode; a path that has none is shown as far as it goes.
    let paths: Vec<_> = files.iter().map(|file| file.path.to_string_lossy()).collect();
    Console::line(&json!({"event": "changed", "paths": paths}).to_string());
}
