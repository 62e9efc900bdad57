use std::path::Path;

use super::VerifyError;
use super::finding::Subject;
use super::place::{self, MarkerFlaw};
use crate::store::Reference;
use crate::store::house::{mend_index, mend_marker};
use crate::store::stored::Store;

/// Puts back what a layout has beside its blobs, where that is lost or spoilt: the marker, which is always the same, and
/// the index, from the first of `sources` that names something which lies in the layout. Gives what was put back.
///
/// # Errors
/// The layout cannot be written to, or a source cannot be asked.
pub fn mend(store: &Store, path: &Path, sources: &[(&Reference, Store)]) -> Result<Vec<Subject>, VerifyError> {
    let mut mended = Vec::new();
    // A layout of another version is one that we know nothing of.
    if let Some(MarkerFlaw::Lost(_)) = place::marker_flaw(store) {
        mend_marker(path)?;
        mended.push(Subject::file("oci-layout"));
    }
    if place::index(store).is_some_and(|index| index.is_err()) {
        for (reference, source) in sources {
            let Some(index) = source.index()? else { continue };
            if mend_index(path, &index, &reference.choice)? {
                mended.push(Subject::file("index.json"));
                break;
            }
        }
    }
    Ok(mended)
}
