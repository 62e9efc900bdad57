use std::collections::HashMap;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::digest::Digest;

/// The copies that git-lfs keeps of large files, by their sizes.
pub struct Objects {
    directory: PathBuf,
    by_size: HashMap<u64, Vec<Digest>>,
}

impl Objects {
    /// Those in a `.git`: `lfs/objects/12/34/1234…`. What cannot be listed is not there.
    pub fn list(git: &Path) -> Self {
        let directory = git.join("lfs").join("objects");
        let mut by_size: HashMap<u64, Vec<Digest>> = HashMap::new();
        for entry in WalkDir::new(&directory).min_depth(3).max_depth(3).into_iter().flatten() {
            let digest = entry.file_name().to_str().and_then(Digest::from_hex);
            if let (Some(digest), Ok(metadata)) = (digest, entry.metadata())
                && metadata.is_file()
            {
                by_size.entry(metadata.len()).or_default().push(digest);
            }
        }
        Self { directory, by_size }
    }

    pub fn of_size(&self, size: u64) -> impl Iterator<Item = &Digest> {
        self.by_size.get(&size).into_iter().flatten()
    }

    pub fn path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        let (first, rest) = hex.split_at(2);
        let (second, _) = rest.split_at(2);
        self.directory.join(first).join(second).join(&hex)
    }
}
