use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use fs_err::File;
use rustix::fs::OFlags;

use super::Workspace;
use crate::artifact::{self, Artifact, Envelope};
use crate::digest::{Digest, Stamp};
use crate::modelfile::Severity;
use crate::plan::{self, Home, InheritedBlob, PlannedFile};
use crate::store::stored::RemoteBlob;
use crate::store::{Blob, Bytes, Cancel, Content, Error, Source};

/// Where in which file a blob's bytes are.
struct Place<'a> {
    path: &'a Path,
    stamp: Stamp,
    offset: u64,
}

impl<'a> Place<'a> {
    /// # Errors
    /// They are in a registry: where.
    fn of(file: &'a PlannedFile) -> Result<Self, &'a Home> {
        let (path, stamp, offset) = match &file.origin {
            plan::Origin::Context(own) => (&own.path, own.stamp, 0),
            plan::Origin::Base(layer) => match &layer.blob {
                InheritedBlob::File { path, stamp, offset } => (path, *stamp, *offset),
                InheritedBlob::Registry(home) => return Err(home),
            },
        };
        Ok(Self { path, stamp, offset })
    }
}

impl Workspace<'_> {
    /// The blob of a layer that is inherited from a registry.
    fn fetch(&self, file: &PlannedFile, home: &Home, stop: &Cancel) -> Result<Bytes, Error> {
        let repository = self.settings.client.repository(&home.host, &home.repository)?;
        let layer = file
            .inherited()
            .ok_or_else(|| Error::reading(std::io::Error::other("no layer of a base")))?;
        Ok(Bytes::Flow(Arc::new(RemoteBlob {
            repository: repository.stopped_by(stop),
            digest: layer.digest,
            size: layer.size,
            called: file.path.clone(),
        })))
    }
}

impl Source for Workspace<'_> {
    fn blobs(&self) -> &[Blob] {
        &self.blobs
    }

    fn is_remote(&self) -> bool {
        let mut layers = self.plan.files.iter().filter_map(PlannedFile::inherited);
        layers.any(|layer| matches!(layer.blob, InheritedBlob::Registry(_)))
    }

    fn open(&self, index: usize, stop: &Cancel) -> Result<Bytes, Error> {
        let missing = || Error::reading(std::io::Error::other("no such file in the plan"));
        let planned = self.plan.files.get(index).ok_or_else(missing)?;
        let note = self.notes.get(index).ok_or_else(missing)?;
        let Place { path, stamp, offset } = match Place::of(planned) {
            Ok(place) => place,
            Err(home) => return self.fetch(planned, home, stop),
        };
        self.opened.store(true, Ordering::Relaxed);
        // Should a FIFO have taken the file's place, opening it must not wait for a writer.
        let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
        let mut options = fs_err::OpenOptions::new();
        fs_err::os::unix::fs::OpenOptionsExt::custom_flags(options.read(true), flags);
        let file: File = options.open(path).map_err(Error::reading)?;
        let found = Stamp::of(&file.metadata().map_err(Error::reading)?);
        if found != stamp {
            return Err(Error::Changed { path: path.to_owned() });
        }
        // The file that holds an inherited layer may hold others: its stamp says nothing of one of them.
        let cache = self.settings.cache.filter(|_| planned.own().is_some());
        let settled = cache.is_some_and(|cache| cache.is_settled(path, &stamp));
        note.settled.store(settled, Ordering::Relaxed);
        let Envelope { prefix, suffix } = Envelope::of(planned, self.recipe)?;
        Ok(Bytes::File(Content {
            file: Arc::new(file),
            offset,
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
            self.record_at_once(index, content.size(), *digest);
        }
    }

    /// Where no file was opened, no time has passed since the plan was made.
    fn verify_unopened(&self) -> Result<(), Error> {
        if !self.opened.load(Ordering::Relaxed) {
            return Ok(());
        }
        let files = self.plan.files.iter().zip(&self.blobs);
        let known = files.filter(|(_, blob)| blob.digest.is_some());
        // What a registry has under a digest does not change.
        for place in known.filter_map(|(file, _)| Place::of(file).ok()) {
            let found = Stamp::of(&fs_err::metadata(place.path).map_err(Error::reading)?);
            if found != place.stamp {
                let path = place.path.to_owned();
                return Err(Error::Changed { path });
            }
        }
        Ok(())
    }

    fn assemble(&self, digests: &[Digest]) -> Result<Artifact, Error> {
        let artifact = artifact::assemble(self.plan, digests, self.recipe)?;
        if self.settings.strict {
            let findings = self.findings(&artifact);
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
