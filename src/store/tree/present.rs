use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::{Mutex, PoisonError};

use super::root::{self, Root};
use super::wanted::Wanted;
use crate::cache::{Asked, Cache, View};
use crate::cores;
use crate::digest::{Digest, Hasher, Stamp};
use crate::store::{Cancel, Error};

/// What is in the place of each wanted file already.
#[derive(Debug)]
pub struct Present {
    there: Vec<Mutex<There>>,
    /// Whether mode or time of a file are to be set, should it be the very one. One that has another name elsewhere, as a
    /// layout's blob, keeps those that it has there.
    to_repair: Vec<bool>,
    /// The directories of files that are not there.
    missing: Vec<String>,
    /// Files that were read and may be recorded: they had been at rest.
    learned: Mutex<Vec<(usize, Stamp)>>,
}

/// What is in the place of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum There {
    /// Nothing, or a file of other content.
    Other,
    /// A file of the right size, of which nothing is known.
    Unknown(Stamp),
    /// The very file.
    Same(Stamp),
}

impl Present {
    /// Looks at the place of every file, and asks the cache for the digests of those that may be right.
    pub fn look(root: &Root, wanted: &Wanted, cache: Option<&Cache>) -> Result<Self, Error> {
        let mut there = vec![There::Other; wanted.files.len()];
        let mut to_repair = vec![false; wanted.files.len()];
        let mut by_directory: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, file) in wanted.files.iter().enumerate() {
            by_directory.entry(file.path.split().0).or_default().push(index);
        }
        let many = wanted.files.len() / by_directory.len().max(1);
        let found = cores::map_groups(by_directory.into_iter().collect(), many, |(directory, files)| {
            let Some(opened) = root.find(directory)? else {
                return Ok((Vec::new(), Some(directory.to_owned())));
            };
            let mut found = Vec::new();
            for index in files {
                let Some(file) = wanted.files.get(index) else { continue };
                let (path, name) = (file.path.as_str(), file.path.split().1);
                let size = wanted.blobs.get(file.blob).map(|blob| blob.size);
                let stat = root.look_at_file(&opened, path, name)?;
                if let Some(stat) = stat.filter(|stat| u64::try_from(stat.st_size).ok() == size) {
                    let to_repair = stat.st_nlink == 1 && !file.attributes.hold(&stat);
                    found.push((index, root::stamp(&stat), to_repair));
                }
            }
            Ok((found, None))
        });
        let found = found.into_iter().collect::<Result<Vec<_>, Error>>()?;
        let (found, missing): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        for (index, stamp, is_to_repair) in found.concat() {
            if let (Some(there), Some(to_repair)) = (there.get_mut(index), to_repair.get_mut(index)) {
                *there = There::Unknown(stamp);
                *to_repair = is_to_repair;
            }
        }
        if let Some(cache) = cache {
            ask(cache, root, wanted, &mut there);
        }
        Ok(Self {
            there: there.into_iter().map(Mutex::new).collect(),
            to_repair,
            missing: missing.into_iter().flatten().collect(),
            learned: Mutex::default(),
        })
    }

    /// Whether mode or time of a file that stays are to be set.
    pub fn is_to_repair(&self, file: usize) -> bool {
        self.to_repair.get(file).copied().unwrap_or_default()
    }

    /// The directories of wanted files that are not there, by their paths.
    pub fn missing(&self) -> impl Iterator<Item = String> {
        self.missing.iter().cloned()
    }

    /// The files that were read, with the stamps that they had been at rest with.
    pub fn learned(&self) -> Vec<(usize, Stamp)> {
        std::mem::take(&mut self.learned.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is known of a file's place.
    pub fn of(&self, file: usize) -> There {
        let there = self.there.get(file);
        there.map_or(There::Other, |there| {
            *there.lock().unwrap_or_else(PoisonError::into_inner)
        })
    }

    /// What is in a file's place, which is read where it has to be.
    pub fn find_out(
        &self,
        file: usize,
        root: &Root,
        wanted: &Wanted,
        cache: Option<&Cache>,
        cancel: &Cancel,
    ) -> Result<There, Error> {
        let (There::Unknown(stamp), Some(wanted_file)) = (self.of(file), wanted.files.get(file)) else {
            return Ok(self.of(file));
        };
        let path = wanted_file.path.as_str();
        let is_settled = cache.is_some_and(|cache| cache.is_settled(&root.shown(path), &stamp));
        let digest = wanted.blobs.get(wanted_file.blob).map(|blob| blob.digest);
        let there = match read(root, path, stamp, cancel)? {
            found if found.is_some() && found == digest => {
                if is_settled {
                    let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
                    learned.push((file, stamp));
                }
                There::Same(stamp)
            }
            _ => There::Other,
        };
        if let Some(place) = self.there.get(file) {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = there;
        }
        Ok(there)
    }
}

fn ask(cache: &Cache, root: &Root, wanted: &Wanted, there: &mut [There]) {
    let unknown = there
        .iter_mut()
        .zip(&wanted.files)
        .filter_map(|(there, file)| match *there {
            There::Unknown(stamp) => Some((there, file, stamp, root.shown(file.path.as_str()))),
            _ => None,
        });
    let mut unknown: Vec<_> = unknown.collect();
    let asked: Vec<_> = unknown
        .iter()
        .map(|(_, _, stamp, path)| Asked {
            path,
            stamp: *stamp,
            view: View::default(),
        })
        .collect();
    let known = cache.digests(&asked);
    for ((there, file, stamp, _), digest) in unknown.iter_mut().zip(known) {
        let wanted = wanted.blobs.get(file.blob).map(|blob| blob.digest);
        match digest {
            Some(_) if digest == wanted => **there = There::Same(*stamp),
            Some(_) => **there = There::Other,
            None => {}
        }
    }
}

/// The digest of a file that is there; `None` where it is not the one that was looked at, or cannot be read.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn read(root: &Root, path: &str, stamp: Stamp, cancel: &Cancel) -> Result<Option<Digest>, Error> {
    match hash(root, path, stamp, cancel) {
        Err(Error::Interrupted) => Err(Error::Interrupted),
        // One that cannot be read is replaced.
        found => Ok(found.ok().flatten()),
    }
}

fn hash(root: &Root, path: &str, stamp: Stamp, cancel: &Cancel) -> Result<Option<Digest>, Error> {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let Some(directory) = root.find(directory)? else {
        return Ok(None);
    };
    let file = root.open_file(&directory, path, name)?;
    let is_it = || file.metadata().map(|metadata| Stamp::of(&metadata) == stamp);
    if !is_it().map_err(Error::writing)? {
        return Ok(None);
    }
    crate::store::os::expect_sequential(&file);
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        if cancel.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let read = (&file).read(&mut buffer).map_err(Error::writing)?;
        if read == 0 {
            break;
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
    }
    Ok(is_it().map_err(Error::writing)?.then(|| hasher.finish()))
}
