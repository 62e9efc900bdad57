//! The files of a plan, as what an artifact is made from.

mod source;

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use super::Settings;
use super::explain::Origin;
use crate::artifact::{self, Artifact, Concern, Encoding, Envelope, Finding, Recipe};
use crate::cache::{Asked, Known, View};
use crate::digest::Digest;
use crate::known::{self, Claim};
use crate::modelfile::Severity;
use crate::plan::{Own, Plan, PlannedFile};
use crate::store::{Blob, Error, LARGE_BLOB};

/// The files of a plan as the source of a transfer.
pub struct Workspace<'a> {
    plan: &'a Plan,
    recipe: &'a Recipe,
    settings: Settings<'a>,
    blobs: Vec<Blob>,
    notes: Vec<Note>,
    /// Whether a file was opened.
    opened: AtomicBool,
    /// Where what is found out of a file is recorded before its blob is sent: who does so.
    at_once: Option<Mutex<()>>,
}

/// What is known of a blob beside what everybody may know.
#[derive(Debug)]
struct Note {
    view: View,
    /// Whether its digest is the cache's word.
    remembered: Option<Known>,
    /// Whether the file was at rest when it was opened last.
    settled: AtomicBool,
    /// The digest that may be recorded.
    found: Mutex<Option<Digest>>,
}

impl<'a> Workspace<'a> {
    /// # Errors
    /// The recipe does not fit the plan.
    pub fn new(plan: &'a Plan, recipe: &'a Recipe, settings: Settings<'a>) -> Result<Self, Error> {
        let (mut blobs, mut notes) = (Vec::new(), Vec::new());
        for (index, file) in plan.files.iter().enumerate() {
            let envelope = Envelope::of(file, recipe)?;
            // Said before anything is read, not when it is all copied.
            artifact::layer_media_type(file, recipe)?;
            let size = envelope.blob_size(file.size());
            let claim = settings.claims.get(index).filter(|_| recipe.encoding == Encoding::Raw);
            blobs.push(Blob {
                name: file.path.clone(),
                size,
                digest: match (file.inherited(), claim) {
                    (Some(layer), _) => Some(layer.digest),
                    (None, Some(claim)) => Some(claim.digest),
                    // Nothing has but one digest; so equal empty files are known to be equal before anything is written.
                    (None, None) => (size == 0).then(|| Digest::of(&[])),
                },
            });
            notes.push(Note {
                view: View::within(&envelope.prefix, &envelope.suffix),
                remembered: None,
                settled: AtomicBool::new(false),
                found: Mutex::default(),
            });
        }
        Ok(Self {
            plan,
            recipe,
            settings,
            blobs,
            notes,
            opened: AtomicBool::new(false),
            at_once: None,
        })
    }

    /// The same, which has the cache keep the digest of a large file as soon as it is known: what has been sent of it is
    /// found again, whatever becomes of this process.
    #[must_use]
    pub fn recording_at_once(mut self, at_once: bool) -> Self {
        self.at_once = at_once.then(Mutex::default);
        self
    }

    /// Asks the cache for digests. What it says was found out by an earlier build.
    ///
    /// # Errors
    /// That disproves a claim.
    pub fn remembering(mut self) -> Result<Self, Error> {
        let Some(cache) = self.settings.cache else {
            return Ok(self);
        };
        let (indices, asked): (Vec<_>, Vec<_>) = self.asked().unzip();
        let known = cache.known(&asked);
        for (index, known) in indices.into_iter().zip(known) {
            let (Some(blob), Some(note)) = (self.blobs.get_mut(index), self.notes.get_mut(index)) else {
                continue;
            };
            let Some(known) = known.filter(|_| blob.size > 0) else {
                continue;
            };
            let claim = self.settings.claims.get(index);
            match (blob.digest, claim) {
                (Some(expected), Some(claim)) if expected != known.digest => {
                    return Err(disproved(blob.name.clone(), claim, known.digest));
                }
                _ => {
                    blob.digest = Some(known.digest);
                    note.remembered = Some(known);
                }
            }
        }
        Ok(self)
    }
}

impl Workspace<'_> {
    /// The context's own files with their places in the plan, as the cache knows them.
    fn asked(&self) -> impl Iterator<Item = (usize, Asked<'_>)> {
        let files = self.plan.files.iter().zip(&self.notes).enumerate();
        files.filter_map(|(index, (file, note))| {
            let Own { path, stamp } = file.own()?;
            let (stamp, view) = (*stamp, note.view);
            Some((index, Asked { path, stamp, view }))
        })
    }

    /// What is known of the blob at `index` beside what everybody may know.
    fn note(&self, index: usize) -> Option<&Note> {
        self.notes.get(index)
    }

    /// Whether the digest of the blob that messages call `name` is the cache's word.
    pub fn remembers(&self, name: &str) -> bool {
        let mut blobs = self.blobs.iter().zip(&self.notes);
        blobs.any(|(blob, note)| blob.name == name && note.remembered.is_some())
    }

    /// How the digest of each blob is known before anything is read.
    pub fn origins(&self) -> Vec<Origin> {
        let files = self.plan.files.iter().zip(&self.blobs).zip(&self.notes);
        let origin = |(index, ((file, blob), note)): (usize, ((&PlannedFile, &Blob), &Note))| match (
            file.inherited(),
            &note.remembered,
            self.claim(index),
        ) {
            (Some(layer), ..) => Origin::Inherited(layer.base.clone()),
            (None, Some(known), _) => Origin::Cached {
                when: known.when,
                path: known.path.clone(),
            },
            (None, None, Some(claim)) => Origin::Stated(claim.origin.to_string()),
            (None, None, None) if blob.digest.is_some() => Origin::Empty,
            (None, None, None) => Origin::Read,
        };
        files.enumerate().map(origin).collect()
    }

    /// What is worth saying about `artifact`, which was made of these files.
    pub fn findings(&self, artifact: &Artifact) -> Vec<Finding> {
        let paths = known::pointers(&self.plan.files);
        let pointers = (!paths.is_empty()).then_some(Finding {
            severity: Severity::Warning,
            concern: Concern::Pointers { paths },
        });
        let findings = artifact::findings(self.plan, artifact);
        pointers.into_iter().chain(findings).collect()
    }

    /// What is claimed of a blob. Of one that is more than its file nobody has written down anything.
    fn claim(&self, index: usize) -> Option<&Claim> {
        let raw = self.recipe.encoding == Encoding::Raw;
        self.settings.claims.get(index).filter(|_| raw)
    }

    /// Gives up everything that the cache said: a part of it proved wrong.
    pub fn forget(&self) -> std::io::Result<()> {
        let is_remembered = |index| self.note(index).is_some_and(|note| note.remembered.is_some());
        let asked = self.asked().filter(|(index, _)| is_remembered(*index));
        let remembered: Vec<_> = asked.map(|(_, file)| file).collect();
        self.settings.cache.map_or(Ok(()), |cache| cache.forget(&remembered))
    }

    /// Has the cache keep what was found out.
    pub fn record(&self) -> std::io::Result<()> {
        let found = |(index, file)| Some((file, self.note(index)?.found()?));
        let found: Vec<_> = self.asked().filter_map(found).collect();
        self.settings.cache.map_or(Ok(()), |cache| cache.record(&found))
    }

    /// Has the cache keep the digest of one large file, if that is not to wait: a smaller one is sent again as soon as this
    /// is written down. Whether it does shows in the end.
    fn record_at_once(&self, index: usize, size: u64, digest: Digest) {
        let place = self.plan.files.get(index).and_then(PlannedFile::own);
        if let Some(lock) = &self.at_once
            && let (Some(cache), Some(Own { path, stamp })) = (self.settings.cache, place)
            && let Some(note) = self.note(index).filter(|_| size >= LARGE_BLOB)
        {
            // The cache's own lock is for other processes.
            let _held = lock.lock().unwrap_or_else(PoisonError::into_inner);
            let (stamp, view) = (*stamp, note.view);
            drop(cache.record(&[(Asked { path, stamp, view }, digest)]));
        }
    }

    /// Says of a blob that is not what its digest says whose word that was: the base's, or somebody's who was trusted.
    pub fn blame(&self, error: Error) -> Error {
        let Error::Mismatch { name, expected, found } = error else {
            return error;
        };
        let mut files = self.plan.files.iter().enumerate();
        let file = files.find(|(_, file)| file.path == name);
        let claim = file.and_then(|(index, _)| self.claim(index));
        match (file.and_then(|(_, file)| file.inherited()), claim) {
            (Some(layer), _) => Error::DamagedBase {
                base: layer.base.clone(),
                name,
                expected,
                found,
            },
            (None, Some(claim)) if claim.digest == expected => disproved(name, claim, found),
            _ => Error::Mismatch { name, expected, found },
        }
    }
}

/// Says of a claim that the file gives another digest.
fn disproved(name: String, claim: &Claim, found: Digest) -> Error {
    Error::Disproved {
        name,
        origin: claim.origin.to_string(),
        expected: claim.digest,
        found,
    }
}

impl Note {
    fn found(&self) -> Option<Digest> {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, digest: Digest) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(digest);
    }
}
