use std::cell::Cell;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use fs_err::File;

use super::extent::at_once;
use super::members::{Members, Named};
use super::{Blobs, Extent, Files, OpenError, Root};
use crate::artifact::read;
use crate::digest::{Digest, Stamp};
use crate::store::Error;

/// Twice as many as a manifest of [`read::LIMIT`] can name layers, at 200 bytes each; more would only fill the memory.
const MOST_MEMBERS: usize = 200_000;

/// The most bytes of a member's headers: its name and what else stands in front of it is read into memory.
const MOST_HEADERS: u64 = 1 << 20;

/// A tar of an OCI image layout. Its headers are read once, its blobs are skipped over.
pub struct Tar {
    path: PathBuf,
    stamp: Stamp,
    members: Members,
}

impl Tar {
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let file = match at_once(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(OpenError::Missing { path: path.to_owned() });
            }
            Err(error) => return Err(OpenError::Io(error)),
        };
        let metadata = file.metadata().map_err(OpenError::Io)?;
        let mut this = Self {
            path: path.to_owned(),
            stamp: Stamp::of(&metadata),
            members: Members::default(),
        };
        if !metadata.is_file() {
            return Err(this.unfit("is not a regular file".to_owned()));
        }
        if let Some(how) = compressed(&file)? {
            return Err(this.unfit(format!("is compressed by {how}; a layout's tar never is")));
        }
        this.read_headers(file)?;
        Ok(this)
    }

    fn read_headers(&mut self, file: File) -> Result<(), OpenError> {
        let damaged = |what: String| OpenError::Damaged {
            path: self.path.clone(),
            what,
            is_mendable: false,
        };
        let (left, is_over) = (Cell::new(0), Cell::new(false));
        let mut archive = tar::Archive::new(Headers {
            file,
            left: &left,
            is_over: &is_over,
        });
        let mut entries = archive.entries_with_seek().map_err(OpenError::Io)?;
        let mut members = Members::default();
        for number in 0.. {
            left.set(MOST_HEADERS);
            let Some(entry) = entries.next() else { break };
            let mut entry = entry.map_err(|error| match number {
                // What the crate says of it quotes the bytes.
                0 => self.unfit("is no tar".to_owned()),
                _ => damaged(format!("behind {number} members the tar cannot be read: {error}")),
            })?;
            if number == MOST_MEMBERS {
                return Err(damaged(format!("it has more than {MOST_MEMBERS} members")));
            }
            let (name, is_sparse) = name(&mut entry);
            let (named, kind) = (Named::new(&name), entry.header().entry_type());
            members.other(&named, kind);
            let Some(wanted) = named.wanted() else { continue };
            let is_file = kind.is_file();
            if is_sparse || !is_file {
                let (name, what) = (shown(&name), if is_sparse { "a sparse file" } else { "no plain file" });
                return Err(self.unfit(format!(
                    "has `{name}` as {what}; `tar` without `--sparse` packs a layout as it has to be"
                )));
            }
            let extent = (entry.raw_file_position(), entry.size());
            if extent.0.checked_add(extent.1).is_none_or(|end| end > self.stamp.size) {
                return Err(damaged(format!("it ends in the middle of `{}`", shown(&name))));
            }
            if !members.add(wanted, extent) {
                return Err(damaged(format!(
                    "it has `{}` twice: some tools take the first, others the last",
                    shown(&name)
                )));
            }
        }
        // Its end is marked by blocks of zeros (POSIX, pax, "ustar Interchange Format").
        if is_over.get() && !members.is_empty() {
            return Err(damaged("it ends before the tar does: it was cut off".to_owned()));
        }
        self.members = members;
        Ok(())
    }

    /// Where something is that no digest names.
    pub fn root(&self, root: Root) -> Option<Extent> {
        self.members.roots.get(&root).map(|extent| self.extent(*extent))
    }

    /// All blobs with their sizes, sorted, and what else there is.
    pub fn held(&self) -> Blobs {
        let blobs = self.members.blobs.iter();
        let mut blobs: Vec<_> = blobs.map(|(digest, (_, size))| (*digest, *size)).collect();
        blobs.sort_unstable();
        Blobs {
            blobs,
            symlinks: Vec::new(),
            others: self.members.others.clone(),
        }
    }

    /// Something else than a layout's tar.
    fn unfit(&self, why: String) -> OpenError {
        OpenError::NoPlace {
            path: self.path.clone(),
            why,
        }
    }

    fn extent(&self, (offset, size): (u64, u64)) -> Extent {
        Extent {
            path: self.path.clone(),
            stamp: self.stamp,
            offset,
            size,
        }
    }
}

/// What a member is called, and whether holes are left out of its bytes: GNU tar has a type of member for that, or says
/// so in front of a plain one, whose name it may change (GNU tar manual, "Storing Sparse Files").
fn name(entry: &mut tar::Entry<impl Read>) -> (Vec<u8>, bool) {
    let mut is_sparse = entry.header().entry_type().is_gnu_sparse();
    let mut name = entry.path_bytes().into_owned();
    for extension in entry.pax_extensions().ok().flatten().into_iter().flatten().flatten() {
        is_sparse |= extension.key_bytes().starts_with(b"GNU.sparse.");
        if extension.key_bytes() == b"GNU.sparse.name" {
            extension.value_bytes().clone_into(&mut name);
        }
    }
    (name.strip_prefix(b"./").map(<[u8]>::to_vec).unwrap_or(name), is_sparse)
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).escape_debug().to_string()
}

/// A file of which headers are read, so many bytes of each member's; what is skipped does not count.
struct Headers<'a> {
    file: File,
    left: &'a Cell<u64>,
    /// Whether something was looked for behind the end of the file.
    is_over: &'a Cell<bool>,
}

impl Read for Headers<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::other(format!("a header has more than {MOST_HEADERS} bytes")));
        }
        let read = (&self.file).take(self.left.get()).read(buffer)?;
        self.left.set(self.left.get().saturating_sub(read as u64));
        self.is_over.set(read == 0 && !buffer.is_empty());
        Ok(read)
    }
}

impl Seek for Headers<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// What compressed the file, as its first bytes say.
fn compressed(file: &File) -> Result<Option<&'static str>, OpenError> {
    let mut start = Vec::new();
    let mut file = file;
    file.take(4).read_to_end(&mut start).map_err(OpenError::Io)?;
    file.seek(SeekFrom::Start(0)).map_err(OpenError::Io)?;
    Ok(match start.as_slice() {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [0x28, 0xb5, 0x2f, 0xfd] => Some("zstd"),
        [0x42, 0x5a, 0x68, _] => Some("bzip2"),
        [0xfd, 0x37, 0x7a, 0x58] => Some("xz"),
        _ => None,
    })
}

impl Files for Tar {
    fn path(&self) -> &Path {
        &self.path
    }

    fn index(&self) -> Result<Vec<u8>, OpenError> {
        let Some(index) = self.root(Root::Index) else {
            return Err(self.unfit("is no tar of an OCI layout (it has no `index.json`)".to_owned()));
        };
        self.read(&index)
    }

    fn extent_of(&self, digest: &Digest) -> Result<Option<Extent>, OpenError> {
        Ok(self.members.blobs.get(digest).map(|extent| self.extent(*extent)))
    }

    fn is_mendable(&self) -> bool {
        false
    }

    fn read(&self, extent: &Extent) -> Result<Vec<u8>, OpenError> {
        if extent.size > read::LIMIT {
            return Err(OpenError::Damaged {
                path: self.path.clone(),
                what: format!("a document has {} bytes; {} are the most", extent.size, read::LIMIT),
                is_mendable: false,
            });
        }
        let failed = |error| match error {
            Error::Io { cause, .. } => OpenError::Io(cause),
            _ => OpenError::Changed {
                path: self.path.clone(),
            },
        };
        let mut file = extent.open().map_err(failed)?;
        file.seek(SeekFrom::Start(extent.offset)).map_err(OpenError::Io)?;
        let mut bytes = Vec::new();
        (&file)
            .take(extent.size)
            .read_to_end(&mut bytes)
            .map_err(OpenError::Io)?;
        extent.verify(&file).map_err(failed)?;
        Ok(bytes)
    }
}
