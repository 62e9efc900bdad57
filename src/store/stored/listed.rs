use std::collections::BTreeMap;
use std::sync::Arc;

use super::making::{Made, Making};
use super::variant::Entry;
use super::{Found, OpenError, shelf};
use crate::artifact::Descriptor;
use crate::digest::Digest;
use crate::registry::Client;
use crate::store::Reference;

/// One of the artifacts at a place; of an index, one of those in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// Its tag there, where it has one, or the tag of its index.
    pub tag: Option<String>,
    /// The digest of its manifest.
    pub digest: Digest,
    /// The media type of that.
    pub media_type: String,
    /// Of an artifact in an index, what tells it from the others: annotations, and `platform` as docker writes it.
    pub marks: Arc<BTreeMap<String, String>>,
    /// What was made of the artifact, if anything; `None` where it is an index within an index.
    pub made: Option<T>,
}

/// All artifacts of the place that `reference` names, or the one of them that it chooses, with what `read` makes of the
/// manifest and config of each.
///
/// # Errors
/// As those of [`find`](super::find); or its indexes list more than can be meant well.
pub fn list<T: Clone>(
    reference: &Reference,
    client: &Client,
    read: impl Fn(&Found) -> Option<T>,
) -> Result<Vec<Listed<T>>, OpenError> {
    let shelf = shelf(&reference.location, client)?;
    let mut making = Making::new(shelf.as_ref(), read);
    let mut all = Vec::new();
    shelf.list(&reference.choice, &mut |(tag, descriptor, manifest)| {
        match making.made(&descriptor, manifest)? {
            Made::Artifact(made) => all.push(listed(tag, &descriptor, Arc::default(), made)),
            Made::Index(entries) => {
                for Entry { descriptor, marks } in entries.iter() {
                    all.push(listed(
                        tag.clone(),
                        descriptor,
                        marks.clone(),
                        making.within(descriptor)?,
                    ));
                }
            }
        }
        Ok(())
    })?;
    Ok(all)
}

fn listed<T>(
    tag: Option<String>,
    descriptor: &Descriptor,
    marks: Arc<BTreeMap<String, String>>,
    made: Option<T>,
) -> Listed<T> {
    Listed {
        tag,
        marks,
        digest: descriptor.digest,
        media_type: descriptor.media_type.clone(),
        made,
    }
}
