use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use rustix::termios::tcgetwinsize;

use super::super::console::Console;
use super::Watcher;
use super::frame::frame;
use super::notice;
use super::tally::Tally;
use crate::registry::{Notice, Observer};
use crate::store::{Event, Progress};

/// How often it is drawn, whether something happens or not: the rate of what stands still sinks.
const TICK: Duration = Duration::from_millis(100);

/// A block of lines that is redrawn while a transfer goes on.
#[derive(Debug, Default)]
pub struct Bar {
    tally: Arc<Tally>,
    /// There is none before something is moved, or afterwards.
    shown: Mutex<Option<ProgressBar>>,
}

impl Bar {
    fn show(&self, bar: Option<ProgressBar>) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(earlier) = std::mem::replace(&mut *shown, bar) {
            earlier.finish_and_clear();
        }
    }

    fn draw(&self) -> ProgressBar {
        let tally = self.tally.clone();
        let style = ProgressStyle::with_template("{frame}")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .with_key("frame", move |_: &ProgressState, lines: &mut dyn std::fmt::Write| {
                let (columns, rows) = size();
                let _ = lines.write_str(&frame(&mut tally.state(), columns, rows));
            });
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style);
        bar.tick();
        bar.enable_steady_tick(TICK);
        bar
    }
}

/// Columns and rows of the terminal.
fn size() -> (usize, usize) {
    match tcgetwinsize(std::io::stderr()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.into(), size.ws_row.into()),
        _ => (80, 24),
    }
}

impl Progress for Bar {
    fn event(&self, event: Event<'_>) {
        self.tally.state().note(event);
        match event {
            Event::Begin { .. } => self.show(Some(self.draw())),
            Event::Ended => self.show(None),
            _ => {}
        }
    }
}

impl Observer for Bar {
    fn notice(&self, notice: &Notice) {
        let line = notice::text(notice);
        match &*self.shown.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(bar) => bar.println(line),
            None => Console::line(&line),
        }
    }

    fn owed(&self, layer: &str, bytes: u64) {
        self.tally.state().owe(layer, bytes);
    }

    fn made_good(&self, layer: &str, bytes: u64) {
        self.tally.state().make_good(layer, bytes);
    }
}

impl Watcher for Bar {}
