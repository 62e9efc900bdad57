use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{Claim, Error, Origin, Trust, above, document};
use crate::digest::{Digest, Stamp};

/// Where `hf download --local-dir DIR` keeps its notes, from `DIR`.
const NOTES: &str = ".cache/huggingface/download";

/// Directories that somebody downloaded into.
pub(super) struct Downloads<'a> {
    context: &'a Path,
    /// By directory, whether there are notes.
    known: HashMap<String, bool>,
}

impl<'a> Downloads<'a> {
    pub(super) fn new(context: &'a Path) -> Self {
        Self {
            context,
            known: HashMap::new(),
        }
    }

    /// What the nearest directory that was downloaded into notes of a file.
    pub(super) fn claim(&mut self, file: &str, stamp: &Stamp) -> Result<Option<Claim>, Error> {
        for (directory, path) in above(file) {
            let notes = self.context.join(directory).join(NOTES);
            let has_notes = match self.known.get(directory) {
                Some(known) => *known,
                None => *self.known.entry(directory.to_owned()).or_insert_with(|| notes.is_dir()),
            };
            if has_notes {
                let note = notes.join(format!("{path}.metadata"));
                let text = document::read(&note)?;
                return Ok(text.and_then(|text| claim(&text, note, stamp)));
            }
        }
        Ok(None)
    }
}

/// Reads a note: a line each for the commit, the entity tag, and the time of the note in seconds. The entity tag of a
/// file that is kept by git-lfs or xet is its SHA-256; of others it is git's own hash.
fn claim(text: &[u8], path: PathBuf, stamp: &Stamp) -> Option<Claim> {
    let mut lines = str::from_utf8(text).ok()?.lines();
    let (_, tag, time) = (lines.next()?, lines.next()?, lines.next()?);
    let digest = Digest::from_hex(tag.trim())?;
    let time: f64 = time.trim().parse().ok()?;
    // As huggingface_hub judges whether its note holds still, with a second to spare for coarse clocks
    // (`_local_folder.read_download_metadata`).
    #[allow(clippy::cast_precision_loss, reason = "to 0.2 µs")]
    let modified = stamp.modified as f64 / 1e9;
    let holds = time.is_finite() && modified - 1.0 <= time;
    holds.then_some(Claim {
        digest,
        origin: Origin {
            trust: Trust::Hf,
            path,
            line: Some(2),
        },
    })
}
