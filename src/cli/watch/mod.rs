//! `watch`: builds, waits until another build would be another one, and builds again.

mod seen;
mod why;

use std::time::{Duration, Instant};

use clap::ArgMatches;

use super::console::Console;
use super::exit::{Failure, INVALID, USAGE};
use super::job::{self, Once};
use super::options::{Build, Shared};
use super::{progress, signals};
use crate::plan::Change;
use crate::store::Cancel;
use crate::watch::{Awakened, Watch};
use seen::Seen;

/// How long changes that do not end can put off a build.
const LIMIT: Duration = Duration::from_secs(2);

/// Builds, and builds again whenever something has changed, until somebody stops it. Files of settings may change too:
/// what is in force is settled each time from what was `typed`.
pub fn run(typed: &ArgMatches, options: &Build, shared: &Shared, console: &Console) -> Result<(), Failure> {
    let watch = Watch::new()?;
    let cancel = Cancel::default();
    signals::watch(&cancel, watch.stopper())?;
    let once = job::once(options)?;
    let mut session = Session {
        typed,
        console,
        cancel,
        once,
        watch,
    };
    let mut seen = Seen::look(typed, &session.once, &mut session.watch, None, &session.cancel)?;
    if let Err(failure) = &seen.outcome
        && (failure.code() == USAGE || !seen.has_context())
    {
        // No file that could change would mend it.
        return Err(failure.clone());
    }
    let mut why = why::watching(session.watch.count());
    loop {
        let went_well = session.build(&seen, &why)?;
        seen.release();
        // What fails because files are being written is not begun again before they are.
        let limit = went_well.then_some(LIMIT);
        let changes = loop {
            if let Some(changes) = session.wait(&mut seen, limit)? {
                break changes;
            }
        };
        progress::changed(shared.progress, &changes);
        why = why::changed(&changes);
    }
}

/// What stays the same from build to build.
struct Session<'a> {
    typed: &'a ArgMatches,
    console: &'a Console,
    cancel: Cancel,
    once: Once,
    watch: Watch,
}

impl Session<'_> {
    /// Builds what was seen, and says how it went; only what ends the whole is an error.
    fn build(&self, seen: &Seen, why: &str) -> Result<bool, Failure> {
        let begun = Instant::now();
        let (options, shared) = (&seen.options, &seen.shared);
        let done = match &seen.outcome {
            Ok(job) => job.carry_out(options, shared, self.console, &self.cancel, Some(why)),
            Err(failure) => Err(failure.clone().of_a_look()),
        };
        match done {
            Ok(()) => Ok(true),
            Err(failure) if self.cancel.is_cancelled() => Err(failure),
            Err(failure) => {
                self.console.failure(&failure);
                if !options.quiet {
                    progress::failed(shared.progress, begun.elapsed(), why);
                }
                Ok(false)
            }
        }
    }

    /// Waits until something happens. If it makes another build of it, `seen` becomes what is seen now, and what changed
    /// is returned.
    fn wait(&mut self, seen: &mut Seen, limit: Option<Duration>) -> Result<Option<Vec<Change>>, Failure> {
        if self.watch.wait(limit) == Awakened::Stopped {
            return Err(Failure::Stopped);
        }
        if !seen.has_context() {
            return Err(Failure::Message {
                code: INVALID,
                message: format!("the context directory `{}` is gone", seen.options.context.display()),
                help: Some("begin again when it is back".to_owned()),
            });
        }
        let now = Seen::look(self.typed, &self.once, &mut self.watch, Some(seen), &self.cancel)?;
        let changes = seen.changes(&now);
        if changes.is_some() {
            *seen = now;
        }
        Ok(changes)
    }
}
