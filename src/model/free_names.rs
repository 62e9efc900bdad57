use std::collections::HashMap;

use crate::digest::Digest;
use crate::plan::Shard;
use crate::store::{Claims, Fault, TreePath, fold};

/// Names for an artifact's files that none of the others has, on any file system.
#[derive(Debug, Default)]
pub struct FreeNames {
    claims: Claims,
    /// How often each name was asked for, as [`fold`] has it.
    asked: HashMap<String, usize>,
}

impl FreeNames {
    /// Beside the files of `layers`: paths and digests. Whether those can be beside each other, whoever writes them judges.
    pub fn beside<'a>(layers: impl IntoIterator<Item = (&'a str, Digest)>) -> Self {
        let mut names = Self::default();
        for (path, layer) in layers {
            names.claim(path, layer);
        }
        names
    }

    /// Takes `path` for the file of the layer of this digest; where another file has it, with a number, from 2 on.
    pub fn take(&mut self, path: &str, layer: Digest) -> String {
        let folded = fold(path).into_owned();
        let mut count = self.asked.get(&folded).copied().unwrap_or_default();
        loop {
            count += 1;
            let name = match count {
                1 => path.to_owned(),
                count => numbered(path, count),
            };
            if self.claim(&name, layer) {
                self.asked.insert(folded, count);
                return name;
            }
        }
    }

    /// Returns whether no file of other bytes, nor a directory, has the path.
    fn claim(&mut self, path: &str, layer: Digest) -> bool {
        let Ok(claimed) = TreePath::new(path) else {
            return true;
        };
        match self.claims.file(&claimed, layer) {
            Err(Fault::Twice { layer: other, .. }) => other.digest == layer,
            Err(Fault::Collision { .. }) => false,
            // One above it may be a file, which no other name helps against.
            Err(Fault::FileAndDirectory { path: at, .. }) => at != path,
            _ => true,
        }
    }
}

/// `path` with a number in front of what tells what it is: the number of a shard, and the extension.
fn numbered(path: &str, count: usize) -> String {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    let dot = path.rfind('.').filter(|dot| *dot > name);
    let at = Shard::of(path).map_or(dot.unwrap_or(path.len()), |shard| shard.prefix.len());
    let (stem, end) = path.split_at_checked(at).unwrap_or((path, ""));
    format!("{stem}-{count}{end}")
}
