use std::io::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::console::Console;
use super::tally::Tally;
use crate::build::Built;
use crate::plan::Change;
use crate::store::{Event, Outcome, Progress};

/// A JSON object a line (docs/output.md).
#[derive(Debug)]
pub struct Lines(Tally);

impl Lines {
    pub fn new() -> Self {
        Self(Tally::new(Duration::from_millis(500)))
    }
}

impl Progress for Lines {
    fn event(&self, event: Event<'_>) {
        let line = match event {
            Event::Begin { blobs, bytes } => {
                self.0.begin(bytes);
                json!({"event": "begin", "blobs": blobs, "bytes": bytes})
            }
            Event::Advanced { bytes, .. } => match self.0.advance(bytes) {
                Some(now) => json!({
                    "event": "progress",
                    "done": now.done,
                    "total": now.total,
                    "rate": now.rate(),
                    "secondsLeft": now.seconds_left(),
                }),
                None => return,
            },
            Event::Started { name, size } => json!({"event": "started", "path": name, "size": size}),
            Event::Hashed { name, digest, size } => {
                json!({"event": "hashed", "path": name, "digest": digest, "size": size})
            }
            Event::Stored {
                name,
                destination,
                outcome,
            } => {
                json!({"event": "stored", "path": name, "output": destination, "outcome": match outcome {
                    Outcome::Written => "written",
                    Outcome::Present => "present",
                    Outcome::Linked => "linked",
                    Outcome::Mounted => "mounted",
                }})
            }
            Event::Publishing => json!({"event": "publishing"}),
        };
        write(&line);
    }
}

/// The last line of a build that went well.
pub fn done(built: &Built, elapsed: Duration) {
    let digest = built.artifact.descriptor.digest;
    let done = json!({
        "event": "done",
        "digest": digest,
        "seconds": elapsed.as_secs_f64(),
        "upToDate": built.is_up_to_date(),
    });
    Console::line(&done.to_string());
}

/// Files changed.
pub fn changed(files: &[Change]) {
    // JSON has no other text than Unicode; a path that has none is shown as far as it goes.
    let paths: Vec<_> = files.iter().map(|file| file.path.to_string_lossy()).collect();
    Console::line(&json!({"event": "changed", "paths": paths}).to_string());
}

fn write(line: &Value) {
    // One write a line, so that lines of several threads do not mix.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}
