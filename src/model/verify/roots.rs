use std::path::Path;

use super::VerifyError;
use super::finding::Subject;
use super::place::{self, MarkerFlaw};
use super::sources::Sources;
use crate::store::Cancel;
use crate::store::house::{mend_index, mend_marker};
use crate::store::stored::Store;

/// Puts back what a layout has beside its blobs, where that is lost or spoilt: the marker, which is always the same, and
/// the index, from the first of `sources` that names something which lies in the layout. What was put back is added to
/// `mended`.
///
/// # Errors
/// The layout cannot be written to.
pub fn mend(
    store: &Store,
    path: &Path,
    sources: &mut Sources<'_>,
    mended: &mut Vec<Subject>,
    cancel: &Cancel,
) -> Result<(), VerifyError> {
    // A layout of another version is one that we know nothing of.
    if let Some(MarkerFlaw::Lost(_)) = place::marker_flaw(store) {
        mend_marker(path)?;
        mended.push(Subject::file("oci-layout"));
    }
    if place::index(store).is_some_and(|index| index.is_err()) {
        let is_mended = sources.first(cancel, |reference, source| {
            let Some(index) = source.index()? else { return Ok(None) };
            Ok(mend_index(path, &index, &reference.choice)?.then_some(()))
        })?;
        mended.extend(is_mended.map(|()| Subject::file("index.json")));
    }
    Ok(())
}
