use std::ffi::OsStr;
use std::path::PathBuf;

use super::Walk;
use crate::plan::frontier::Frontier;

/// A directory on the way from the context to the current entry.
pub struct Frame<'a> {
    /// Relative to the context.
    pub path: PathBuf,
    /// Canonical.
    pub real: PathBuf,
    pub frontier: Frontier<'a>,
    /// The names in it that are this run's outputs.
    pub outputs: Vec<&'a OsStr>,
}

impl<'a> Walk<'a> {
    /// `path` is relative to the context, `real` canonical.
    pub fn frame(&self, path: PathBuf, real: PathBuf, frontier: Frontier<'a>) -> Frame<'a> {
        let outputs: &'a [PathBuf] = if self.lift.outputs { &[] } else { self.outputs };
        let here = |output: &&PathBuf| output.parent() == Some(&real);
        let outputs = outputs.iter().filter(here).filter_map(|output| output.file_name());
        Frame {
            outputs: outputs.collect(),
            path,
            real,
            frontier,
        }
    }
}
