use std::collections::HashSet;

use crate::artifact::{Artifact, tar};
use crate::digest::Digest;
use crate::store::layout::{Index, MARKER, MARKER_BYTES};
use crate::store::{Error, Name};

/// Mode of every member, permission bits.
const MODE: u32 = 0o644;

/// The header of a member of `size` bytes at `position` of the tar.
pub fn header(name: &str, size: u64, position: u64) -> Vec<u8> {
    tar::header(
        &tar::Member {
            name,
            size,
            mode: MODE,
            mtime: 0,
        },
        position,
    )
}

/// A blob's member name. Its length does not depend on the digest, so neither does that of its header.
pub fn blob_name(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

/// A member that is all in memory: header, bytes, padding.
pub fn whole(name: &str, bytes: &[u8], position: u64) -> Vec<u8> {
    let mut member = header(name, bytes.len() as u64, position);
    member.extend_from_slice(bytes);
    member.resize(member.len() + tar::padding(bytes.len() as u64), 0);
    member
}

/// What comes before the blobs.
pub fn head() -> Vec<u8> {
    whole(MARKER, MARKER_BYTES, 0)
}

/// What comes behind the layers' blobs, from `position` to the end of the tar. `written` are those blobs.
pub fn tail(
    artifact: &Artifact,
    names: &[Name],
    written: &HashSet<Digest>,
    mut position: u64,
) -> Result<Vec<u8>, Error> {
    let place = "index.json".as_ref();
    let (index, _) = Index::empty()?.with(place, &artifact.descriptor, names, |_| false)?;
    let index = index.beside(place, artifact.referrers())?;
    let documents = artifact.documents.iter();
    let documents = documents.map(|document| (document.descriptor.digest, document.bytes.as_slice()));
    let root = (artifact.descriptor.digest, artifact.manifest.as_slice());
    let new = |(digest, _): &(Digest, &[u8])| !written.contains(digest);
    let blobs = documents.chain([root]).filter(new);
    let mut members: Vec<_> = blobs.map(|(digest, bytes)| (blob_name(&digest), bytes)).collect();
    members.push(("index.json".to_owned(), index.bytes()));
    // Docker Model Runner loads one artifact.
    if artifact.config().is_some() {
        members.push(("manifest.json".to_owned(), &artifact.manifest));
    }
    let mut tail = Vec::new();
    for (name, bytes) in members {
        let member = whole(&name, bytes, position);
        position += member.len() as u64;
        tail.extend_from_slice(&member);
    }
    tail.extend_from_slice(&tar::END);
    Ok(tail)
}
