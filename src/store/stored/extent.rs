use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use fs_err::File;
use fs_err::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use rustix::fs::OFlags;

use crate::digest::Stamp;
use crate::store::{Error, Flow, Reading};

/// A part of a file: where a blob lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// The file.
    pub path: PathBuf,
    /// What `stat` said of it.
    pub stamp: Stamp,
    /// Where the blob begins, in bytes.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
}

impl Extent {
    /// All of the file at `path`, which `metadata` is of.
    pub(super) fn whole(path: PathBuf, metadata: &Metadata) -> Self {
        Self {
            path,
            stamp: Stamp::of(metadata),
            offset: 0,
            size: metadata.len(),
        }
    }

    /// Opens the file, if it is still the one that was looked at.
    ///
    /// # Errors
    /// It is gone, another one, or cannot be read.
    pub(super) fn open(&self) -> Result<File, Error> {
        let file = at_once(&self.path).map_err(Error::reading)?;
        self.verify(&file)?;
        Ok(file)
    }

    /// Checks that an open file is still the one that was looked at.
    pub(super) fn verify(&self, file: &File) -> Result<(), Error> {
        if Stamp::of(&file.metadata().map_err(Error::reading)?) == self.stamp {
            Ok(())
        } else {
            Err(Error::Changed {
                path: self.path.clone(),
            })
        }
    }
}

/// Opens a file to be read without waiting for whoever writes to a FIFO.
pub(super) fn at_once(path: &Path) -> io::Result<File> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let mut options = fs_err::OpenOptions::new();
    options.read(true).custom_flags(flags).open(path)
}

impl Flow for Extent {
    fn from(&self, position: u64) -> Box<dyn Reading> {
        Box::new(Stretch {
            extent: self.clone(),
            file: None,
            position,
        })
    }
}

/// A blob in a file on its way.
struct Stretch {
    extent: Extent,
    file: Option<File>,
    position: u64,
}

impl Reading for Stretch {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let file = match self.file.take() {
            Some(file) => file,
            None => self.extent.open()?,
        };
        let left = usize::try_from(self.extent.size.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        let buffer = buffer.get_mut(..length).unwrap_or_default();
        let read = file
            .read_at(buffer, self.extent.offset + self.position)
            .map_err(Error::reading)?;
        self.position += read as u64;
        if self.position >= self.extent.size || read == 0 {
            // Bytes that were written meanwhile are neither what was there nor what will be.
            self.extent.verify(&file)?;
        }
        self.file = Some(file);
        Ok(read)
    }
}
