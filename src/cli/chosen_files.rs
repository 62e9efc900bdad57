//! Which of the files in tars are extracted, and that there is one: only their bytes tell.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::Failure;
use super::layer_choice::Chosen;
use super::unmatched::Told;
use crate::store::{Head, Judge, Sieve, Unfit};

/// What becomes of a file in a tar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is extracted.
    Kept,
    /// It would be, if it were not left out.
    Excluded,
    /// Nobody asked for it.
    Unasked,
}

/// When it is known what patterns match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Before a byte is fetched: no tar is read, and the paths of the layers are all that there is.
    AtOnce,
    /// When all tars have been read.
    InTheEnd,
    /// Never: what is in a tar that is left out, nobody knows.
    Never,
}

/// What to say where nothing comes out.
#[derive(Debug)]
pub struct Nothing {
    /// No file is one that is included.
    pub unmatched: Failure,
    /// Those that are, are excluded.
    pub emptied: Failure,
}

/// Who chooses among the files in tars, and refuses that there is none before anything is to be seen.
#[derive(Debug)]
pub struct ChosenFiles {
    pub(super) chosen: Chosen,
    /// Whether there is a file that is in no tar.
    pub(super) has_raw: bool,
    /// Whether all that is wanted of the tars is some files in them.
    pub(super) is_search: bool,
    pub(super) known: Known,
    /// Where it comes from, and what its layers are called.
    pub(super) place: String,
    pub(super) files: Vec<String>,
    pub(super) nothing: Nothing,
    pub(super) kept: AtomicBool,
    /// Whether something is left out that is included, a layer to begin with.
    pub(super) excluded: AtomicBool,
    /// Whether something was passed over that nobody asked for.
    pub(super) unasked: AtomicBool,
}

impl ChosenFiles {
    /// Whether something comes out of tars, if only directories.
    pub fn has_kept(&self) -> bool {
        self.kept.load(Ordering::Relaxed)
    }

    /// What to warn of, where it is known then: patterns that include nothing, where others do.
    pub fn unmatched(&self, when: Known) -> Option<Told> {
        let told = self.chosen.unmatched("file", &self.place, &self.files);
        told.filter(|_| self.known == when)
    }

    /// Why there is nothing, when all tars have been read; of tars that are empty nothing was left out.
    pub fn failure(&self) -> Option<&Failure> {
        let seen = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        if self.has_raw || self.has_kept() {
            None
        } else if seen(&self.excluded) {
            Some(&self.nothing.emptied)
        } else {
            let is_missed = self.is_search || seen(&self.unasked);
            is_missed.then_some(&self.nothing.unmatched)
        }
    }
}

impl Sieve for ChosenFiles {
    fn keeps(&self, layer: usize, path: &str, is_directory: bool) -> bool {
        let fate = self.chosen.judge(layer, path, is_directory);
        let seen = match fate {
            Fate::Kept => &self.kept,
            Fate::Excluded => &self.excluded,
            Fate::Unasked => &self.unasked,
        };
        seen.store(true, Ordering::Relaxed);
        fate == Fate::Kept
    }
}

impl Judge for ChosenFiles {
    fn judge(&self, _: &[String], _: &dyn Fn(&str, u64) -> io::Result<Head>) -> Result<(), Unfit> {
        match self.failure() {
            None => Ok(()),
            // Whoever extracts asks for the failure itself.
            Some(_) => Err(Unfit {
                reason: "no file is left".to_owned(),
                help: "nothing was extracted",
                is_damage: false,
            }),
        }
    }
}
