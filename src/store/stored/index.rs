use std::collections::BTreeMap;

use super::{Found, OpenError, Reach, is_index, load, shelf, variant};
use crate::artifact::Descriptor;
use crate::registry::Client;
use crate::store::Reference;

/// An index of several artifacts.
#[derive(Clone)]
pub struct Index {
    /// Describes it.
    pub descriptor: Descriptor,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The artifacts in it.
    pub variants: Vec<Listing>,
}

/// An artifact of an index.
#[derive(Clone)]
pub struct Listing {
    /// Describes its manifest.
    pub descriptor: Descriptor,
    /// What tells it from the others: annotations, and `platform` as docker writes it.
    pub marks: BTreeMap<String, String>,
    /// The artifact, with its config; `None` where it is an index, too.
    pub found: Option<Found>,
}

/// The document that `reference` stands for, byte for byte: a manifest or an index, of whatever kind of artifact.
///
/// # Errors
/// As those of [`find`](super::find).
pub fn root(reference: &Reference, client: &Client) -> Result<(Descriptor, Vec<u8>), OpenError> {
    shelf(&reference.location, client)?.choose(&reference.choice)
}

/// The index that `reference` stands for, with all artifacts in it: manifests and configs.
///
/// # Errors
/// As those of [`find`](super::find); what is no index is one of nothing.
pub fn index(reference: &Reference, client: &Client) -> Result<Index, OpenError> {
    let shelf = shelf(&reference.location, client)?;
    let shelf = shelf.as_ref();
    let (descriptor, bytes) = shelf.choose(&reference.choice)?;
    let listing = |entry: variant::Entry| {
        let manifest = shelf.document("manifest", &entry.descriptor)?;
        let found = if is_index(&manifest) {
            None
        } else {
            Some(load(
                shelf,
                entry.descriptor.clone(),
                manifest,
                None,
                Reach::default(),
                &[],
            )?)
        };
        Ok(Listing {
            descriptor: entry.descriptor,
            marks: entry.marks,
            found,
        })
    };
    let variants = variant::entries(&bytes).into_iter().map(listing);
    Ok(Index {
        variants: variants.collect::<Result<_, OpenError>>()?,
        descriptor,
        bytes,
    })
}
