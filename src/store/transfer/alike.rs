use std::collections::{HashMap, HashSet};

use fs_err::os::unix::fs::FileExt as _;

use crate::digest::{Digest, Hasher};
use crate::store::{Blob, Bytes, Cancel, Source};

/// How much is read at each place of a sample, in bytes.
const PIECE: usize = 64 << 10;

/// Those of `blobs` that may well equal another of them: of the same size, with the same bytes at the start, in the
/// middle and at the end. To read that much is nothing beside sending a blob twice, and hashing all that have a size in
/// common first, as the shards of a model often do, would read each of them twice.
pub fn alike(source: &dyn Source, blobs: &[(usize, &Blob)], stop: &Cancel) -> HashSet<usize> {
    let mut by_size: HashMap<u64, Vec<usize>> = HashMap::new();
    for (index, blob) in blobs {
        by_size.entry(blob.size).or_default().push(*index);
    }
    // Of those whose digests are known that shows by itself.
    let unknown: HashSet<u64> = blobs
        .iter()
        .filter(|(_, blob)| blob.digest.is_none())
        .map(|(_, blob)| blob.size)
        .collect();
    by_size.retain(|size, same| same.len() > 1 && unknown.contains(size));
    let mut by_sample: HashMap<_, Vec<usize>> = HashMap::new();
    for (size, same) in by_size {
        for index in same {
            // One that cannot be read is met again, by those who say so.
            if let Some(sample) = sample(source, index, stop) {
                by_sample.entry((size, sample)).or_default().push(index);
            }
        }
    }
    let same = by_sample.into_values().filter(|same| same.len() > 1);
    same.flatten().collect()
}

/// The digest of some of a file's bytes.
fn sample(source: &dyn Source, index: usize, stop: &Cancel) -> Option<Digest> {
    let Ok(Bytes::File(content)) = source.open(index, stop) else {
        return None;
    };
    let mut hasher = Hasher::new();
    let mut piece = vec![0; PIECE];
    let last = content.length.checked_sub(PIECE as u64)?;
    for start in [0, last / 2, last] {
        content.file.read_exact_at(&mut piece, content.offset + start).ok()?;
        hasher.update(&piece);
    }
    Some(hasher.finish())
}
