use std::collections::BTreeMap;
use std::sync::Arc;

use super::making::{Made, Making};
use super::variant::Entry;
use super::{Found, OpenError, shelf};
use crate::artifact::Descriptor;
use crate::artifact::media_type::{DOCKER_LIST, OCI_INDEX};
use crate::digest::Digest;
use crate::registry::Client;
use crate::store::Reference;

/// One of the artifacts at a place; of an index, one of those in it.
#[derive(Debug)]
pub struct Listed<T> {
    /// Its tag there, where it has one, or the tag of its index.
    pub tag: Option<String>,
    /// The digest of its manifest.
    pub digest: Digest,
    /// The media type of that.
    pub media_type: String,
    /// Whether it is an index, of which nothing is made.
    pub is_index: bool,
    /// Of an artifact in an index, what tells it from the others: annotations, and `platform` as docker writes it.
    pub marks: Arc<BTreeMap<String, String>>,
    /// What was made of the artifact, if anything; `None` where it is an index within an index. Or why it cannot be read,
    /// which hides none of the others.
    pub made: Result<Option<T>, OpenError>,
}

/// All artifacts of the place that `reference` names, or the one of them that it chooses, each index before those in it,
/// with what `read` makes of the manifest and config of each, or why it makes nothing of them.
///
/// # Errors
/// As those of [`find`](super::find), but for those of one artifact alone; or its indexes list more than can be meant
/// well.
pub fn list<T: Clone>(
    reference: &Reference,
    client: &Client,
    read: impl Fn(&Found) -> Result<Option<T>, OpenError>,
) -> Result<Vec<Listed<T>>, OpenError> {
    let shelf = shelf(reference, client)?;
    let mut making = Making::new(shelf.as_ref(), read);
    let mut all = Vec::new();
    shelf.list(&reference.choice, &mut |(tag, descriptor, manifest)| {
        let made = match aside(making.made(&descriptor, manifest))? {
            Ok(Made::Artifact(made)) => Ok(made),
            Err(error) => Err(error),
            Ok(Made::Index(entries)) => {
                all.push(Listed {
                    is_index: true,
                    ..listed(tag.clone(), &descriptor, Arc::default(), Ok(None))
                });
                for Entry { descriptor, marks, .. } in entries.iter() {
                    let made = aside(making.within(descriptor))?;
                    all.push(listed(tag.clone(), descriptor, marks.clone(), made));
                }
                return Ok(());
            }
        };
        all.push(listed(tag, &descriptor, Arc::default(), made));
        Ok(())
    })?;
    Ok(all)
}

/// Parts what is wrong with one artifact from what ends it all.
fn aside<T>(read: Result<T, OpenError>) -> Result<Result<T, OpenError>, OpenError> {
    match read {
        Err(error) if !error.is_of_one() => Err(error),
        read => Ok(read),
    }
}

fn listed<T>(
    tag: Option<String>,
    descriptor: &Descriptor,
    marks: Arc<BTreeMap<String, String>>,
    made: Result<Option<T>, OpenError>,
) -> Listed<T> {
    Listed {
        tag,
        marks,
        is_index: matches!(&*descriptor.media_type, OCI_INDEX | DOCKER_LIST),
        digest: descriptor.digest,
        media_type: descriptor.media_type.clone(),
        made,
    }
}
