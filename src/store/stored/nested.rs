use std::collections::HashSet;

use super::choose::matching;
use super::{Checked, Files, MOST_BYTES, MOST_NESTED, OpenError, Shelf as _, variant};
use crate::artifact::Descriptor;
use crate::digest::Digest;
use crate::store::reference::Choice;

/// What is said of the artifact with `digest` by an index that the place has, or by one within it. Each is looked through
/// once, however many list it.
pub fn nested(shelf: &impl Files, digest: Digest) -> Result<Option<Descriptor>, OpenError> {
    let entries = matching(&shelf.index()?, &Choice::Only, shelf.spot())?;
    let mut indexes: Vec<_> = entries.into_iter().map(|(_, entry)| entry).collect();
    let mut seen = HashSet::new();
    let mut bytes = 0;
    for _ in 0..MOST_NESTED {
        let mut deeper = Vec::new();
        for entry in indexes {
            // Where two say another size of it, one of them is wrong.
            if !seen.insert((entry.digest, entry.size)) {
                continue;
            }
            // What is wrong with an entry that nobody chose is not ours to say.
            let Ok(index) = shelf.document("manifest", &entry) else {
                continue;
            };
            let index = Checked::new((entry, index));
            if !index.is_index() {
                continue;
            }
            bytes += index.descriptor.size;
            if bytes > MOST_BYTES {
                return Err(OpenError::TooMuch {
                    place: shelf.name(),
                    what: format!("its indexes have more than {MOST_BYTES} bytes"),
                });
            }
            for entry in variant::entries(&index.bytes) {
                if entry.descriptor.digest == digest {
                    return Ok(Some(entry.descriptor));
                }
                deeper.push(entry.descriptor);
            }
        }
        indexes = deeper;
    }
    Ok(None)
}
