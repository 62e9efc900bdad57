use std::collections::BTreeMap;
use std::sync::Arc;

use super::making::Making;
use super::{Found, OpenError, shelf, variant};
use crate::artifact::Descriptor;
use crate::registry::Client;
use crate::store::Reference;

/// An index of several artifacts.
#[derive(Debug, Clone)]
pub struct Index<T> {
    /// Describes it.
    pub descriptor: Descriptor,
    /// The artifacts in it.
    pub variants: Vec<Listing<T>>,
}

/// An artifact of an index.
#[derive(Debug, Clone)]
pub struct Listing<T> {
    /// Describes its manifest.
    pub descriptor: Descriptor,
    /// What tells it from the others: annotations, and `platform` as docker writes it.
    pub marks: Arc<BTreeMap<String, String>>,
    /// What was made of the artifact, if anything; `None` where it is an index, too.
    pub made: Option<T>,
}

/// The document that `reference` stands for, byte for byte: a manifest or an index, of whatever kind of artifact.
///
/// # Errors
/// As those of [`find`](super::find).
pub fn root(reference: &Reference, client: &Client) -> Result<(Descriptor, Vec<u8>), OpenError> {
    shelf(reference, client)?.choose(&reference.choice)
}

/// The index that `reference` stands for, with what `read` makes of the manifest and config of each artifact in it.
///
/// # Errors
/// As those of [`find`](super::find); what is no index is one of nothing.
pub fn index<T: Clone>(
    reference: &Reference,
    client: &Client,
    read: impl Fn(&Found) -> Result<Option<T>, OpenError>,
) -> Result<Index<T>, OpenError> {
    let shelf = shelf(reference, client)?;
    let (descriptor, bytes) = shelf.choose(&reference.choice)?;
    let mut making = Making::new(shelf.as_ref(), read);
    let listing = |entry: variant::Entry| {
        Ok(Listing {
            made: making.within(&entry.descriptor)?,
            descriptor: entry.descriptor,
            marks: entry.marks,
        })
    };
    let variants = variant::entries(&bytes).into_iter().map(listing);
    Ok(Index {
        variants: variants.collect::<Result<_, OpenError>>()?,
        descriptor,
    })
}
