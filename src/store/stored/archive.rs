use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use fs_err::File;

use super::extent::at_once;
use super::members::{Members, Named};
use super::{Blobs, Extent, Files, OpenError, Root};
use crate::artifact::read;
use crate::digest::{Digest, Stamp};
use crate::plan::plural;
use crate::store::Error;
use crate::store::tar::{Kind, Walk};

/// Twice as many as a manifest of [`read::LIMIT`] can name layers, at 200 bytes each; more would only fill the memory.
const MOST_MEMBERS: usize = 200_000;

const CUT_OFF: &str = "it ends before the tar does: it was cut off";

/// A tar of an OCI image layout. Its headers are read once, its blobs are skipped over.
pub struct Tar {
    path: PathBuf,
    stamp: Stamp,
    members: Members,
}

impl Tar {
    /// Opens a file; where it is `said` to be such a tar, and is none, it is damaged.
    pub fn open(path: &Path, said: bool) -> Result<Self, OpenError> {
        let file = match at_once(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(OpenError::missing(path));
            }
            Err(error) => return Err(OpenError::Io(error)),
        };
        let metadata = file.metadata().map_err(OpenError::Io)?;
        let mut this = Self {
            path: path.to_owned(),
            stamp: Stamp::of(&metadata),
            members: Members::default(),
        };
        if metadata.file_type().is_fifo() {
            return Err(OpenError::Pipe { path: this.path });
        }
        if !metadata.is_file() {
            return Err(this.unfit("is not a regular file".to_owned()));
        }
        if let Some(how) = compressed(&file)? {
            return Err(this.unfit(format!("is compressed by {how}; a layout's tar never is")));
        }
        this.read_headers(file, said)?;
        Ok(this)
    }

    fn read_headers(&mut self, file: File, said: bool) -> Result<(), OpenError> {
        let damaged = |what: String| OpenError::Damaged {
            path: self.path.clone(),
            what,
            is_mendable: false,
        };
        let mut walk = Walk::seeking(file);
        let mut members = Members::default();
        for number in 0_usize.. {
            let entry = walk.next().map_err(|error| match error.kind() {
                // What it may be instead shows in no header.
                _ if !walk.is_tar() && !said => self.unfit("is no tar".to_owned()),
                ErrorKind::UnexpectedEof => damaged(CUT_OFF.to_owned()),
                _ if !walk.is_tar() => damaged("its first 512 bytes are no header of a tar".to_owned()),
                _ => damaged(format!(
                    "behind {} the tar cannot be read: {error}",
                    plural(number, "member")
                )),
            })?;
            let Some(entry) = entry else { break };
            if number == MOST_MEMBERS {
                return Err(damaged(format!("it has more than {MOST_MEMBERS} members")));
            }
            let name = entry.name.strip_prefix(b"./").unwrap_or(&entry.name);
            let named = Named::new(name);
            if entry.kind == Kind::Sparse {
                return Err(self.no_plain(name, "a sparse file"));
            }
            members.other(&named, entry.kind);
            let Some(wanted) = named.wanted() else { continue };
            if entry.kind != Kind::File {
                return Err(self.no_plain(name, "no plain file"));
            }
            let extent = (walk.position(), entry.size);
            if extent.0.checked_add(extent.1).is_none_or(|end| end > self.stamp.size) {
                return Err(damaged(format!("it ends in the middle of `{}`", shown(name))));
            }
            if !members.add(wanted, extent) {
                return Err(damaged(format!(
                    "it has `{}` twice: some tools take the first, others the last",
                    shown(name)
                )));
            }
        }
        if !walk.has_end() && !members.is_empty() {
            return Err(damaged(CUT_OFF.to_owned()));
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

    /// A part of a layout that is packed as none is.
    fn no_plain(&self, name: &[u8], what: &str) -> OpenError {
        let name = shown(name);
        self.unfit(format!(
            "has `{name}` as {what}; `tar` without `--sparse` packs a layout as it has to be"
        ))
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

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).escape_debug().to_string()
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
