use std::collections::HashMap;

use super::{Found, OpenError, Reach, Shelf, Tagged, is_index, load, shelf, variant};
use crate::digest::Digest;
use crate::registry::Client;
use crate::store::Reference;

/// One of the artifacts at a place; of an index, one of those in it.
#[derive(Clone)]
pub struct Listed {
    /// Its tag there, where it has one, or the tag of its index.
    pub tag: Option<String>,
    /// The digest of its manifest.
    pub digest: Digest,
    /// The media type of that.
    pub media_type: String,
    /// The artifact, with its config; `None` where it is an index within an index.
    pub found: Option<Found>,
}

/// All artifacts of the place that `reference` names, or the one of them that it chooses: manifests and configs.
///
/// # Errors
/// As those of [`find`](super::find).
pub fn list(reference: &Reference, client: &Client) -> Result<Vec<Listed>, OpenError> {
    let shelf = shelf(&reference.location, client)?;
    let shelf = shelf.as_ref();
    let mut known: HashMap<Digest, Option<Found>> = HashMap::new();
    let mut all = Vec::new();
    for tagged in shelf.list(&reference.choice)? {
        for (tag, descriptor, manifest) in expanded(shelf, tagged)? {
            let (digest, media_type) = (descriptor.digest, descriptor.media_type.clone());
            // Most artifacts have more than one tag.
            let found = match known.get(&digest) {
                Some(found) => found.clone(),
                None if is_index(&manifest) => None,
                None => Some(load(shelf, descriptor, manifest, None, Reach::default(), &[])?),
            };
            known.insert(digest, found.clone());
            all.push(Listed {
                tag,
                digest,
                media_type,
                found,
            });
        }
    }
    Ok(all)
}

/// The artifacts of an index; else what it is.
fn expanded(shelf: &dyn Shelf, (tag, descriptor, manifest): Tagged) -> Result<Vec<Tagged>, OpenError> {
    if !is_index(&manifest) {
        return Ok(vec![(tag, descriptor, manifest)]);
    }
    let entries = variant::entries(&manifest).into_iter();
    let read = |entry: variant::Entry| {
        let manifest = shelf.document("manifest", &entry.descriptor)?;
        Ok((tag.clone(), entry.descriptor, manifest))
    };
    entries.map(read).collect()
}
