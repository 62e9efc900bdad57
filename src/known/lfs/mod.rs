//! What git-lfs knows of the files in a working tree.
//!
//! The committed pointer, which has the digest, lies compressed in git's database, in a pack maybe. It need not be read:
//! git's index says which blob a file was checked out from, and whether `stat` still says what it said then. git-lfs keeps
//! a copy of each large file, named by its digest, and from digest and size follow the pointer's bytes, and from those
//! the blob's name. If that is the one in the index, the pointer is known.

mod index;
mod objects;
mod pointer;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use self::index::Index;
use self::objects::Objects;
pub(super) use self::pointer::is as is_pointer;
use super::{Claim, Error, Origin, Trust, document};
use crate::plan::Own;

/// The repositories that files lie in.
#[derive(Default)]
pub(super) struct Repositories {
    /// By directory; `None` where no repository is there or above.
    known: HashMap<PathBuf, Option<Rc<Repository>>>,
}

/// A git repository with a working tree and with files of git-lfs.
struct Repository {
    /// The working tree, canonical.
    root: PathBuf,
    objects: Objects,
    index: Index,
}

impl Repositories {
    /// What git-lfs says of a file that git sees as unchanged; messages call it `name`.
    pub(super) fn claim(&mut self, name: &str, file: &Own, context: &Path) -> Result<Option<Claim>, Error> {
        if let Some(size) = pointer::in_place_of(file)? {
            return Err(Error::Pointer {
                name: name.to_owned(),
                size,
            });
        }
        let directory = file.path.parent().unwrap_or(context);
        // The path that git knows a file by has no symlinks in it.
        let Ok(directory) = fs_err::canonicalize(if directory.as_os_str().is_empty() {
            Path::new(".")
        } else {
            directory
        }) else {
            return Ok(None);
        };
        let Some(repository) = self.of(&directory)? else {
            return Ok(None);
        };
        let named = file.path.file_name().map(|name| directory.join(name));
        let path = named.as_ref().and_then(|path| path.strip_prefix(&repository.root).ok());
        let Some(entry) = path.and_then(|path| repository.index.unchanged(path, &file.stamp)) else {
            return Ok(None);
        };
        let mut candidates = repository.objects.of_size(file.stamp.size);
        let found = candidates.find(|digest| pointer::blob(digest, file.stamp.size) == entry);
        Ok(found.map(|digest| Claim {
            digest: *digest,
            origin: Origin {
                trust: Trust::Lfs,
                path: repository.objects.path(digest),
                line: None,
            },
        }))
    }

    /// The repository that a directory, which is canonical, is in.
    fn of(&mut self, directory: &Path) -> Result<Option<Rc<Repository>>, Error> {
        if let Some(known) = self.known.get(directory) {
            return Ok(known.clone());
        }
        let found = match Repository::open(directory)? {
            Some(repository) => Some(Rc::new(repository)),
            None => match directory.parent() {
                Some(parent) => self.of(parent)?,
                None => None,
            },
        };
        self.known.insert(directory.to_owned(), found.clone());
        Ok(found)
    }
}

impl Repository {
    /// The repository whose working tree is `root`; `None` where it is none.
    fn open(root: &Path) -> Result<Option<Self>, Error> {
        let Some(git) = git_directory(root)? else {
            return Ok(None);
        };
        // A further working tree shares everything but its index with the first one.
        let common = document::read(&git.join("commondir"))?;
        let common = common.and_then(|bytes| line(&bytes).map(|line| git.join(line)));
        let objects = Objects::list(common.as_deref().unwrap_or(&git));
        Ok(Some(Self {
            root: root.to_owned(),
            objects,
            index: Index::read(&git)?,
        }))
    }
}

/// The `.git` of a working tree, or what it points to.
fn git_directory(root: &Path) -> Result<Option<PathBuf>, Error> {
    let git = root.join(".git");
    match fs_err::metadata(&git) {
        Ok(metadata) if metadata.is_dir() => Ok(Some(git)),
        Ok(metadata) if metadata.is_file() => {
            let bytes = document::read(&git)?.unwrap_or_default();
            let target = line(&bytes).and_then(|line| line.strip_prefix("gitdir: "));
            Ok(target.map(|target| root.join(target)))
        }
        _ => Ok(None),
    }
}

fn line(bytes: &[u8]) -> Option<&str> {
    str::from_utf8(bytes).ok()?.lines().next()
}
