use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::super::size::human;
use crate::modelfile::escape;
use crate::store::{Event, Progress};

/// A bar that is redrawn: part done, bytes, rate, time left, and the file that was begun last.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    pub fn new() -> Self {
        let style =
            ProgressStyle::with_template("{bar:24} {percent:>3} %  {done} of {all}  {rate}/s  {left} left  {wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .with_key("done", |state: &ProgressState, line: &mut dyn std::fmt::Write| {
                    let _ = line.write_str(&human(state.pos()));
                })
                .with_key("all", |state: &ProgressState, line: &mut dyn std::fmt::Write| {
                    let _ = line.write_str(&human(state.len().unwrap_or_default()));
                })
                .with_key("rate", |state: &ProgressState, line: &mut dyn std::fmt::Write| {
                    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate")]
                    let _ = line.write_str(&human(state.per_sec() as u64));
                })
                .with_key("left", |state: &ProgressState, line: &mut dyn std::fmt::Write| {
                    let seconds = state.eta().as_secs();
                    let _ = if seconds < 60 {
                        write!(line, "{seconds} s")
                    } else {
                        write!(line, "{}:{:02}", seconds / 60, seconds % 60)
                    };
                })
                .progress_chars("━╸ ");
        Self(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style))
    }
}

impl Progress for Bar {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Begin { bytes, .. } => self.0.set_length(bytes),
            Event::Started { name, .. } => self.0.set_message(escape(name)),
            Event::Advanced { bytes, .. } => {
                self.0.inc(bytes);
                // A blob that is copied again after it was hashed was not counted on.
                if self.0.length().is_some_and(|length| self.0.position() > length) {
                    self.0.set_length(self.0.position());
                }
            }
            Event::Publishing => self.0.set_message("writing to the disk"),
            Event::Hashed { .. } | Event::Stored { .. } => {}
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
