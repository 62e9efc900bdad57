use std::cell::Cell;
use std::io::{Read, Write as _};
use std::rc::Rc;

use fs_err::File;

use super::decode::decode;
use super::entry::{Entries, Entry};
use super::limit::{Bounded, Spent};
use super::single;
use crate::digest::{Digest, Hasher};
use crate::store::Error;
use crate::store::tree::attributes::Attributes;
use crate::store::tree::claims::Claims;
use crate::store::tree::error::{Fault, TreeError};
use crate::store::tree::path::TreePath;
use crate::store::tree::session::Session;
use crate::store::tree::wanted::WantedBlob;

/// How much is written at a time.
pub const CHUNK: usize = 128 << 10;

/// What a layer held.
#[derive(Debug, Default)]
pub struct Unpacked {
    pub files: Vec<UnpackedFile>,
    pub directories: Vec<TreePath>,
    /// What nobody wants and is neither.
    pub passed_over: Vec<PassedOver>,
    /// What it took of the budget.
    pub spent: Spent,
}

/// A file out of a packed layer, staged.
#[derive(Debug)]
pub struct UnpackedFile {
    /// Its name in the staging directory.
    pub staged: String,
    pub path: TreePath,
    pub digest: Digest,
    pub size: u64,
    pub attributes: Attributes,
}

/// An entry that is neither file nor directory, and left out by its path.
#[derive(Debug)]
pub struct PassedOver {
    pub path: TreePath,
    /// What messages call the layer, and what the entry is.
    pub layer: String,
    pub what: &'static str,
}

/// Stages all files of a packed blob, whose bytes are `bytes`; none stays where that fails. Whether the paths are free of
/// what other layers have is to be seen when it is known that these were the right bytes.
pub fn unpack(session: &Session, index: usize, blob: &WantedBlob, bytes: impl Read) -> Result<Unpacked, Error> {
    let fed = Rc::new(Cell::new(0));
    let plain = decode(bytes, blob.encoding, fed.clone());
    let is_hashed = blob.diff_id.is_some();
    let mut bounded = Bounded::new(plain, &session.budget, fed, blob.encoding.is_compressed(), is_hashed);
    let mut unpacked = Unpacked::default();
    let done = if blob.encoding.is_tar() {
        let mut unpacking = Unpacking {
            session,
            index,
            blob,
            entries: Entries::new(bounded),
            claims: Claims::default(),
            unpacked,
            buffer: vec![0; CHUNK],
        };
        let done = unpacking.run();
        unpacked = unpacking.unpacked;
        bounded = unpacking.entries.into_inner();
        done
    } else {
        single::unpack(session, index, blob, &mut bounded, &mut unpacked)
    };
    unpacked.spent = bounded.spent();
    let checked = done.and_then(|()| match (bounded.finish(), blob.diff_id) {
        (Some(found), Some(expected)) if found != expected => Err(failed(blob, Fault::DiffId { expected, found })),
        _ => Ok(()),
    });
    match checked {
        Ok(()) => Ok(unpacked),
        Err(error) => {
            session.discard(&unpacked);
            Err(error)
        }
    }
}

struct Unpacking<'a, R> {
    session: &'a Session,
    index: usize,
    blob: &'a WantedBlob,
    entries: Entries<Bounded<'a, R>>,
    /// The layer's own.
    claims: Claims,
    unpacked: Unpacked,
    buffer: Vec<u8>,
}

impl<R: Read> Unpacking<'_, R> {
    fn run(&mut self) -> Result<(), Error> {
        while let Some(entry) = self.entries.next().map_err(|error| self.broken(error))? {
            let counted = self.entries.inner().entry(&entry.name);
            counted.map_err(|fault| self.failed(fault))?;
            self.take(&entry)?;
        }
        Ok(())
    }

    fn take(&mut self, entry: &Entry) -> Result<(), Error> {
        if self.blob.is_image && is_whiteout(&entry.name) {
            let what = "the mark of a container image that a file is gone";
            return Err(self.failed(entry.fault(what)));
        }
        let unfit = entry.unfit();
        let under = self.session.wanted.under;
        let named = TreePath::of_entry(&entry.name);
        if let (Ok(Some(path)), Some(sieve)) = (&named, &self.session.wanted.sieve)
            && entry.is_clear()
        {
            let is_directory = entry.size.is_none() && unfit.is_none();
            let keeps = |layer: &usize| sieve.keeps(*layer, path.as_str(), is_directory);
            if !self.blob.layers.iter().any(keeps) {
                self.unpacked.passed_over.extend(unfit.map(|what| PassedOver {
                    path: path.clone(),
                    layer: self.blob.layer.clone(),
                    what,
                }));
                return Ok(());
            }
        }
        if let Some(what) = unfit {
            return Err(self.failed(entry.fault(what)));
        }
        let within = named.and_then(|path| path.map(|path| path.within(under)).transpose());
        let path = within.map_err(|fault| {
            self.failed(Fault::Path {
                path: String::from_utf8_lossy(&entry.name).into_owned(),
                fault,
            })
        })?;
        let layer = self.blob.digest;
        match (path, entry.size) {
            (Some(path), Some(size)) => {
                let claimed = self.claims.file(&path, layer);
                claimed.map_err(|fault| self.failed(fault))?;
                self.write(path, size, entry.attributes)
            }
            (Some(path), None) => {
                let claimed = self.claims.directory(&path, layer);
                // One of a name that it has already is made with the first.
                if !claimed.map_err(|fault| self.failed(fault))? {
                    self.unpacked.directories.push(path);
                }
                Ok(())
            }
            (None, None) => Ok(()),
            (None, Some(_)) => Err(self.failed(entry.fault("a file without a name"))),
        }
    }

    fn write(&mut self, path: TreePath, size: u64, attributes: Attributes) -> Result<(), Error> {
        let staged = format!("{}-{}", self.index, self.unpacked.files.len());
        let shown = self.session.root.shown(path.as_str());
        let staging = self.session.staging()?;
        let file = staging.create(&staged, attributes.mode(), &shown)?;
        match self.fill(&file, &staged, size, attributes) {
            Ok(digest) => {
                self.unpacked.files.push(UnpackedFile {
                    staged,
                    path,
                    digest,
                    size,
                    attributes,
                });
                Ok(())
            }
            Err(error) => {
                staging.remove(&staged);
                Err(error)
            }
        }
    }

    /// Writes what the entry holds, and gives its digest.
    fn fill(&mut self, mut file: &File, staged: &str, size: u64, attributes: Attributes) -> Result<Digest, Error> {
        let mut hasher = Hasher::new();
        let mut buffer = std::mem::take(&mut self.buffer);
        loop {
            let read = self.entries.read(&mut buffer).map_err(|error| self.broken(error))?;
            if read == 0 {
                break;
            }
            let bytes = buffer.get(..read).unwrap_or_default();
            hasher.update(bytes);
            file.write_all(bytes).map_err(Error::writing)?;
        }
        self.buffer = buffer;
        attributes.set(file).map_err(Error::writing)?;
        self.session.settle(staged, file, size)?;
        Ok(hasher.finish())
    }

    /// What a failure to read means: the bytes are at hand, so they are not what they should be.
    fn broken(&self, error: std::io::Error) -> Error {
        self.failed(Fault::of(error))
    }

    fn failed(&self, fault: Fault) -> Error {
        failed(self.blob, fault)
    }
}

/// Whether the name is one that takes away what a layer below has (OCI image-spec, layer.md, "Whiteouts").
fn is_whiteout(name: &[u8]) -> bool {
    let name = name.strip_suffix(b"/").unwrap_or(name);
    let last = name.rsplit(|byte| *byte == b'/').next().unwrap_or(name);
    last.starts_with(b".wh.")
}

/// What is wrong with a layer.
pub fn failed(blob: &WantedBlob, fault: Fault) -> Error {
    let layer = blob.layer.clone();
    TreeError::Layer { layer, fault }.into()
}
