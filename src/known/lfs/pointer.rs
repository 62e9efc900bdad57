use std::ops::RangeInclusive;

use sha1::{Digest as _, Sha1};

use super::super::{Error, document};
use crate::digest::Digest;
use crate::plan::Own;

/// A pointer has fewer bytes (git-lfs, docs/spec.md).
const LIMIT: u64 = 1024;

/// How many it has with the three lines alone that git-lfs writes unless it is told of extensions, by the digits of the
/// size.
const USUAL: RangeInclusive<u64> = 126..=145;

/// How each begins.
const VERSION: &str = "version https://git-lfs.github.com/spec/v1\n";

/// git's name for a blob: the SHA-1 of its header and bytes.
pub type BlobName = [u8; 20];

/// The name of the blob that is the pointer to a file, as git-lfs has written it since its first version.
pub fn blob(digest: &Digest, size: u64) -> BlobName {
    let pointer = format!("{VERSION}oid {digest}\nsize {size}\n");
    let mut hasher = Sha1::new();
    hasher.update(format!("blob {}\0", pointer.len()));
    hasher.update(pointer);
    hasher.finalize().into()
}

/// Whether the file is such a pointer as git-lfs usually writes. One of another size, or that cannot be read, is not said
/// to be one.
pub fn is(file: &Own) -> bool {
    USUAL.contains(&file.stamp.size) && in_place_of(file).is_ok_and(|size| size.is_some())
}

/// The size of the file that a pointer in its place speaks of; `None` where there is none.
pub fn in_place_of(file: &Own) -> Result<Option<u64>, Error> {
    if file.stamp.size < VERSION.len() as u64 || file.stamp.size >= LIMIT {
        return Ok(None);
    }
    let bytes = document::read(&file.path)?.unwrap_or_default();
    let pointer = str::from_utf8(&bytes).ok().and_then(|text| text.strip_prefix(VERSION));
    let is_digest = |line: &str| {
        line.strip_prefix("oid ")
            .is_some_and(|oid| oid.parse::<Digest>().is_ok())
    };
    let pointer = pointer.filter(|rest| rest.lines().any(is_digest));
    let mut sizes = pointer
        .into_iter()
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("size "));
    Ok(sizes.next().and_then(|size| size.parse().ok()))
}
