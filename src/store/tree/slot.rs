use std::io::Write as _;
use std::sync::Arc;

use fs_err::File;

use super::attributes::Attributes;
use super::session::{Came, Session};
use super::staging::{Staging, called};
use super::wanted::WantedBlob;
use crate::digest::Digest;
use crate::files::Partial;
use crate::store::{Durability, Error, Outcome, Place, Slot};

/// Smaller blobs are not worth going on with.
const RESUMED: u64 = 1 << 20;

/// A file on its way into a directory.
pub struct FileSlot {
    session: Arc<Session>,
    staging: Arc<Staging>,
    /// Of [`super::wanted::Wanted::blobs`].
    blob: usize,
    size: u64,
    attributes: Attributes,
    file: Arc<File>,
    /// Its name in the staging directory.
    name: String,
    /// `Some` for one that stays where the transfer breaks.
    partial: Option<Partial>,
    is_committed: bool,
}

impl FileSlot {
    pub fn new(session: Arc<Session>, index: usize, blob: &WantedBlob) -> Result<Self, Error> {
        let staging = session.staging()?;
        let file = blob.files.first().and_then(|file| session.wanted.files.get(*file));
        let (shown, attributes) = match file {
            Some(file) => (session.root.shown(file.path.as_str()), file.attributes),
            None => return Err(Error::writing(std::io::Error::other("no file has this blob"))),
        };
        let partial = if session.options.resumable && blob.size >= RESUMED {
            staging.partial(&blob.digest)
        } else {
            None
        };
        let (file, name) = if let Some(partial) = &partial {
            (called(partial.file(), &shown)?, partial.name())
        } else {
            let name = file.and_then(|file| session.fresh.staged(&file.path));
            let name = name.unwrap_or_else(|| index.to_string());
            (Arc::new(staging.create(&name, attributes.mode(), &shown)?), name)
        };
        Ok(Self {
            session,
            staging,
            blob: index,
            size: blob.size,
            attributes,
            file,
            name,
            partial,
            is_committed: false,
        })
    }
}

impl Slot for FileSlot {
    fn place(&self) -> Option<Place> {
        Some(Place {
            file: self.file.clone(),
            offset: 0,
            synced: self.session.options.durability == Durability::Synced,
        })
    }

    fn held(&self) -> u64 {
        self.partial.as_ref().map_or(0, |partial| partial.held().min(self.size))
    }

    fn spoil(&mut self) {
        if let Some(partial) = &self.partial {
            partial.discard();
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        (&*self.file).write_all(bytes).map_err(Error::writing)
    }

    fn commit(mut self: Box<Self>, _: &Digest) -> Result<Outcome, Error> {
        // What an earlier transfer left behind the end.
        if self.partial.is_some() && self.file.metadata().map_err(Error::writing)?.len() > self.size {
            self.file.set_len(self.size).map_err(Error::writing)?;
        }
        self.attributes.set(&self.file).map_err(Error::writing)?;
        self.session.settle(&self.name, &self.file, self.size)?;
        self.is_committed = true;
        self.session.came(self.blob, Came::Staged(self.name.clone()));
        Ok(Outcome::Written)
    }
}

impl Drop for FileSlot {
    fn drop(&mut self) {
        if !self.is_committed && self.partial.is_none() {
            self.staging.remove(&self.name);
        }
    }
}
