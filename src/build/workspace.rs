use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use fs_err::File;
use rustix::fs::OFlags;

use super::Settings;
use super::explain::Origin;
use crate::artifact::{self, Artifact, Encoding, Envelope, Recipe};
use crate::cache::{Asked, Known, View};
use crate::digest::{Digest, Stamp};
use crate::known::Claim;
use crate::modelfile::Severity;
use crate::plan::{Plan, PlannedFile};
use crate::store::{Blob, Bytes, Content, Error, Source};

/// The files of a plan as the source of a transfer.
pub struct Workspace<'a> {
    plan: &'a Plan,
    recipe: &'a Recipe,
    settings: Settings<'a>,
    blobs: Vec<Blob>,
    notes: Vec<Note>,
    /// Whether a file was opened.
    opened: AtomicBool,
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
                digest: match (&file.inherited, claim) {
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
        })
    }

    /// Asks the cache for digests. What it says was found out by an earlier build.
    ///
    /// # Errors
    /// That disproves a claim.
    pub fn remembering(mut self) -> Result<Self, Error> {
        let Some(cache) = self.settings.cache else {
            return Ok(self);
        };
        let known = cache.known(&self.asked().collect::<Vec<_>>());
        let own = self.plan.files.iter().map(|file| file.inherited.is_none());
        let blobs = self.blobs.iter_mut().zip(&mut self.notes).zip(own);
        for ((index, ((blob, note), own)), known) in blobs.enumerate().zip(known) {
            let Some(known) = known.filter(|_| own && blob.size > 0) else {
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
    /// The files, as the cache knows them.
    fn asked(&self) -> impl Iterator<Item = Asked<'_>> {
        self.plan.files.iter().zip(&self.notes).map(|(file, note)| Asked {
            path: &file.source,
            stamp: file.stamp,
            view: note.view,
        })
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
            &file.inherited,
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

    /// What is claimed of a blob. Of one that is more than its file nobody has written down anything.
    fn claim(&self, index: usize) -> Option<&Claim> {
        let raw = self.recipe.encoding == Encoding::Raw;
        self.settings.claims.get(index).filter(|_| raw)
    }

    /// Gives up everything that the cache said: a part of it proved wrong.
    pub fn forget(&self) -> std::io::Result<()> {
        let asked = self.asked().zip(&self.notes);
        let remembered: Vec<_> = asked
            .filter(|(_, note)| note.remembered.is_some())
            .map(|(file, _)| file)
            .collect();
        self.settings.cache.map_or(Ok(()), |cache| cache.forget(&remembered))
    }

    /// Has the cache keep what was found out.
    pub fn record(&self) -> std::io::Result<()> {
        let found = |(file, note): (_, &Note)| note.found().map(|digest| (file, digest));
        let found: Vec<_> = self.asked().zip(&self.notes).filter_map(found).collect();
        self.settings.cache.map_or(Ok(()), |cache| cache.record(&found))
    }

    /// Says of a blob that is not what its digest says whose word that was: the base's, or somebody's who was trusted.
    pub fn blame(&self, error: Error) -> Error {
        let Error::Mismatch { name, expected, found } = error else {
            return error;
        };
        let mut files = self.plan.files.iter().enumerate();
        let file = files.find(|(_, file)| file.path == name);
        let claim = file.and_then(|(index, _)| self.claim(index));
        match (file.and_then(|(_, file)| file.inherited.as_ref()), claim) {
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

impl Source for Workspace<'_> {
    fn blobs(&self) -> &[Blob] {
        &self.blobs
    }

    fn open(&self, index: usize) -> Result<Bytes, Error> {
        let missing = || Error::reading(std::io::Error::other("no such file in the plan"));
        let planned = self.plan.files.get(index).ok_or_else(missing)?;
        let note = self.notes.get(index).ok_or_else(missing)?;
        self.opened.store(true, Ordering::Relaxed);
        // Should a FIFO have taken the file's place, opening it must not wait for a writer.
        let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
        let mut options = fs_err::OpenOptions::new();
        fs_err::os::unix::fs::OpenOptionsExt::custom_flags(options.read(true), flags);
        let file: File = options.open(&planned.source).map_err(Error::reading)?;
        let stamp = Stamp::of(&file.metadata().map_err(Error::reading)?);
        if stamp != planned.stamp {
            return Err(Error::Changed {
                path: planned.source.clone(),
            });
        }
        // The file that holds an inherited layer may hold others: its stamp says nothing of one of them.
        let settled = planned.inherited.is_none()
            && self
                .settings
                .cache
                .is_some_and(|cache| cache.is_settled(&planned.source, &stamp));
        note.settled.store(settled, Ordering::Relaxed);
        let Envelope { prefix, suffix } = Envelope::of(planned, self.recipe)?;
        let inherited = planned.inherited.as_ref();
        Ok(Bytes::File(Content {
            file,
            offset: inherited.map_or(0, |layer| layer.offset),
            length: planned.size(),
            stamp,
            prefix,
            suffix,
        }))
    }

    fn is_claimed(&self, index: usize) -> bool {
        self.claim(index).is_some()
    }

    fn hashed(&self, index: usize, content: &Content, digest: &Digest) {
        if let Some(note) = self.notes.get(index)
            && note.remembered.is_none()
            && content.size() > 0
            && note.settled.load(Ordering::Relaxed)
        {
            note.find(*digest);
        }
    }

    /// Where no file was opened, no time has passed since the plan was made.
    fn verify_unopened(&self) -> Result<(), Error> {
        if !self.opened.load(Ordering::Relaxed) {
            return Ok(());
        }
        for (file, _) in self
            .plan
            .files
            .iter()
            .zip(&self.blobs)
            .filter(|(_, blob)| blob.digest.is_some())
        {
            let found = Stamp::of(&fs_err::metadata(&file.source).map_err(Error::reading)?);
            if found != file.stamp {
                return Err(Error::Changed {
                    path: file.source.clone(),
                });
            }
        }
        Ok(())
    }

    fn assemble(&self, digests: &[Digest]) -> Result<Artifact, Error> {
        let artifact = artifact::assemble(self.plan, digests, self.recipe)?;
        if self.settings.strict {
            let findings = artifact::findings(self.plan, &artifact);
            if findings.iter().any(|finding| finding.severity >= Severity::Warning) {
                return Err(Error::Rejected {
                    reason: "there are warnings, and `--strict` makes them errors".to_owned(),
                    findings,
                });
            }
        }
        Ok(artifact)
    }
}
