use std::collections::HashMap;

use super::error::{Fault, OtherLayer};
use super::path::{TreePath, fold};
use crate::digest::Digest;

/// How many files and directories an artifact may have. What is known of each is in memory until all of them are there.
pub const MOST: usize = 100_000;

/// For how many of them a path counts: long ones take as much memory as several.
pub const fn weight(path: &[u8]) -> usize {
    1 + path.len() / 256
}

/// Which paths are taken, and by which layer's file.
#[derive(Debug, Default)]
pub struct Claims {
    taken: HashMap<String, Claim>,
    weight: usize,
}

#[derive(Debug, Clone)]
struct Claim {
    path: String,
    /// The digest of the layer.
    layer: Digest,
    is_file: bool,
}

impl Claims {
    /// Takes a path for a file of the layer of this digest, and the paths above it for directories.
    ///
    /// # Errors
    /// Some file system would not hold both it and what has the path already.
    pub fn file(&mut self, path: &TreePath, layer: Digest) -> Result<(), Fault> {
        self.above(path, layer)?;
        let folded = fold(path.as_str());
        if let Some(earlier) = self.taken.get(folded.as_ref()) {
            return Err(conflict(path.as_str(), layer, true, earlier));
        }
        self.take(folded.into_owned(), path.as_str(), layer, true)
    }

    /// Takes a path for a directory, which any number may share. Returns whether it was taken for one already.
    ///
    /// # Errors
    /// As those of [`Self::file`].
    pub fn directory(&mut self, path: &TreePath, layer: Digest) -> Result<bool, Fault> {
        self.above(path, layer)?;
        self.shared(path.as_str(), layer)
    }

    fn above(&mut self, path: &TreePath, layer: Digest) -> Result<(), Fault> {
        for directory in path.ancestors() {
            // Those above one that is taken are taken.
            if self.shared(directory, layer)? {
                break;
            }
        }
        Ok(())
    }

    /// Takes a path for a directory. Returns whether it was taken for one already.
    fn shared(&mut self, path: &str, layer: Digest) -> Result<bool, Fault> {
        let folded = fold(path);
        match self.taken.get(folded.as_ref()) {
            Some(earlier) if earlier.is_file => Err(conflict(path, layer, false, earlier)),
            Some(_) => Ok(true),
            None => self.take(folded.into_owned(), path, layer, false).map(|()| false),
        }
    }

    fn take(&mut self, folded: String, path: &str, layer: Digest, is_file: bool) -> Result<(), Fault> {
        let weight = self.weight + weight(path.as_bytes());
        if weight > MOST {
            return Err(Fault::TooMany { most: MOST });
        }
        self.weight = weight;
        let path = path.to_owned();
        self.taken.insert(folded, Claim { path, layer, is_file });
        Ok(())
    }
}

fn conflict(path: &str, layer: Digest, is_file: bool, earlier: &Claim) -> Fault {
    let (path, other) = (path.to_owned(), earlier.path.clone());
    let layer = OtherLayer {
        digest: earlier.layer,
        is_itself: earlier.layer == layer,
    };
    if is_file != earlier.is_file {
        Fault::FileAndDirectory { path, other, layer }
    } else if path == other {
        Fault::Twice { path, layer }
    } else {
        Fault::Collision { path, other, layer }
    }
}
