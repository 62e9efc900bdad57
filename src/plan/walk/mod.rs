mod frame;
mod run;

use std::path::PathBuf;

use run::Run;

use super::Error;
use super::context::Context;
use super::frontier::RulePattern;
use super::harvest::Harvest;
use super::ignored::Ignored;

/// One walk through the context, into those directories only in which a pattern can still match.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk<'a> {
    /// Where.
    pub context: &'a Context,
    /// What is excluded.
    pub ignored: &'a Ignored,
    /// This run's outputs, canonical.
    pub outputs: &'a [PathBuf],
    /// What is asked for.
    pub patterns: &'a [RulePattern],
    /// Which of the usual omissions to leave out.
    pub lift: Lift,
}

/// Omissions that a second walk lifts, to learn why the first one found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Lift {
    /// Hidden files match any pattern.
    pub hidden: bool,
    /// `.modelignore` excludes nothing.
    pub ignored: bool,
    /// Outputs and earlier outputs match.
    pub outputs: bool,
}

impl Walk<'_> {
    /// Walks. Only a context that cannot be read is an error; all else stands in the harvest.
    ///
    /// Links from directory to directory could make a walk exponentially long. So after the first loop, when the plan has
    /// failed already, no more linked directories are entered; then the order counts, and such a walk starts anew in
    /// sorted order to tell the same every time.
    pub(super) fn run(&self) -> Result<Harvest, Error> {
        let mut run = Run::new(*self);
        run.all(false)?;
        if run.looped {
            run = Run::new(*self);
            run.all(true)?;
        }
        run.look();
        Ok(run.harvest)
    }
}
