use std::collections::HashMap;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use fs_err::File;
use fs_err::os::unix::fs::OpenOptionsExt as _;
use rustix::fs::OFlags;

use super::{Extent, OpenError, Shelf};
use crate::artifact::read;
use crate::digest::{Digest, Stamp};

/// More members than any artifact has; a tar of millions would only fill the memory.
const MOST_MEMBERS: usize = 1_000_000;

/// A tar of an OCI image layout. Its headers are read once, its blobs are skipped over.
pub struct Tar {
    path: PathBuf,
    stamp: Stamp,
    index: Option<(u64, u64)>,
    blobs: HashMap<Digest, (u64, u64)>,
}

impl Tar {
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let none = |why: String| OpenError::NoPlace {
            path: path.to_owned(),
            why,
        };
        let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
        let mut options = fs_err::OpenOptions::new();
        let file = match options.read(true).custom_flags(flags).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(OpenError::Missing { path: path.to_owned() });
            }
            Err(error) => return Err(OpenError::Io(error)),
        };
        let metadata = file.metadata().map_err(OpenError::Io)?;
        if !metadata.is_file() {
            return Err(none("is not a regular file".to_owned()));
        }
        let mut this = Self {
            path: path.to_owned(),
            stamp: Stamp::of(&metadata),
            index: None,
            blobs: HashMap::new(),
        };
        if let Some(how) = compressed(&file)? {
            return Err(none(format!("is compressed by {how}; a layout's tar never is")));
        }
        this.read_headers(file)?;
        Ok(this)
    }

    fn read_headers(&mut self, file: File) -> Result<(), OpenError> {
        let damaged = |what: String| OpenError::Damaged {
            path: self.path.clone(),
            what,
        };
        let mut archive = tar::Archive::new(file);
        let entries = archive.entries_with_seek().map_err(OpenError::Io)?;
        let (mut index, mut blobs) = (None, HashMap::new());
        for (number, entry) in entries.enumerate() {
            let entry = entry.map_err(|error| match number {
                // What the crate says of it quotes the bytes.
                0 => OpenError::NoPlace {
                    path: self.path.clone(),
                    why: "is no tar".to_owned(),
                },
                _ => damaged(format!("behind {number} members the tar cannot be read: {error}")),
            })?;
            if number == MOST_MEMBERS {
                return Err(damaged(format!("it has more than {MOST_MEMBERS} members")));
            }
            let name = entry.path_bytes();
            let name = name.strip_prefix(b"./").unwrap_or(&name);
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let extent = (entry.raw_file_position(), entry.size());
            if extent.0.checked_add(extent.1).is_none_or(|end| end > self.stamp.size) {
                let name = String::from_utf8_lossy(name).into_owned();
                return Err(damaged(format!("it ends in the middle of `{}`", name.escape_debug())));
            }
            if name == b"index.json" {
                index.get_or_insert(extent);
            } else if let Some(digest) = name.strip_prefix(b"blobs/sha256/").and_then(digest) {
                blobs.entry(digest).or_insert(extent);
            }
        }
        self.index = index;
        self.blobs = blobs;
        Ok(())
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

fn digest(hex: &[u8]) -> Option<Digest> {
    let hex = std::str::from_utf8(hex).ok()?;
    format!("sha256:{hex}").parse().ok()
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

impl Shelf for Tar {
    fn index(&self) -> Result<Vec<u8>, OpenError> {
        let Some(index) = self.index else {
            return Err(OpenError::NoPlace {
                path: self.path.clone(),
                why: "is no tar of an OCI layout (it has no `index.json`)".to_owned(),
            });
        };
        self.read(&self.extent(index))
    }

    fn find(&self, digest: &Digest) -> Result<Option<Extent>, OpenError> {
        Ok(self.blobs.get(digest).map(|extent| self.extent(*extent)))
    }

    fn read(&self, extent: &Extent) -> Result<Vec<u8>, OpenError> {
        if extent.size > read::LIMIT {
            return Err(OpenError::Damaged {
                path: self.path.clone(),
                what: format!("a document has {} bytes; {} are the most", extent.size, read::LIMIT),
            });
        }
        let mut file = File::open(&self.path).map_err(OpenError::Io)?;
        file.seek(SeekFrom::Start(extent.offset)).map_err(OpenError::Io)?;
        let mut bytes = Vec::new();
        file.take(extent.size).read_to_end(&mut bytes).map_err(OpenError::Io)?;
        Ok(bytes)
    }
}
