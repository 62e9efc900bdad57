use std::io::{Read, Write as _};

use fs_err::File;

use super::limit::Bounded;
use super::unpack::{CHUNK, Unpacked, UnpackedFile, failed};
use crate::digest::{Digest, Hasher};
use crate::store::tree::error::Fault;
use crate::store::tree::session::Session;
use crate::store::tree::wanted::WantedBlob;
use crate::store::{Error, os};

/// Stages what a compressed blob that is no tar unpacks to, as each of the files that layers name it; `unpacked` has those
/// that were begun, also where that fails.
pub fn unpack<R: Read>(
    session: &Session,
    index: usize,
    blob: &WantedBlob,
    bounded: &mut Bounded<'_, R>,
    unpacked: &mut Unpacked,
) -> Result<(), Error> {
    let failed = |fault| failed(blob, fault);
    let staging = session.staging()?;
    let mut first: Option<(String, Digest, u64)> = None;
    for (count, (path, attributes)) in blob.packed_files.iter().enumerate() {
        bounded.entry(path.as_str().as_bytes()).map_err(failed)?;
        let staged = format!("{index}-{count}");
        let shown = session.root.shown(path.as_str());
        let file = staging.create(&staged, attributes.mode(), &shown)?;
        unpacked.files.push(UnpackedFile {
            staged: staged.clone(),
            path: path.clone(),
            // Until it is known.
            digest: blob.digest,
            size: 0,
            attributes: *attributes,
        });
        let (digest, size) = match &first {
            None => fill(blob, bounded, &file)?,
            Some((first, digest, size)) => {
                bounded.take(*size).map_err(failed)?;
                os::copy_all(&staging.open(first)?, &file).map_err(Error::writing)?;
                (*digest, *size)
            }
        };
        attributes.set(&file).map_err(Error::writing)?;
        session.settle(&staged, &file, size)?;
        if let Some(unpacked) = unpacked.files.last_mut() {
            (unpacked.digest, unpacked.size) = (digest, size);
        }
        first.get_or_insert((staged, digest, size));
    }
    Ok(())
}

/// Writes all that there is, and gives its digest and size.
fn fill<R: Read>(blob: &WantedBlob, bounded: &mut Bounded<'_, R>, mut file: &File) -> Result<(Digest, u64), Error> {
    let mut hasher = Hasher::new();
    let (mut buffer, mut size) = (vec![0; CHUNK], 0);
    loop {
        let read = bounded.read(&mut buffer);
        let read = read.map_err(|error| failed(blob, Fault::of(error)))?;
        if read == 0 {
            return Ok((hasher.finish(), size));
        }
        let bytes = buffer.get(..read).unwrap_or_default();
        hasher.update(bytes);
        size += read as u64;
        file.write_all(bytes).map_err(Error::writing)?;
    }
}
