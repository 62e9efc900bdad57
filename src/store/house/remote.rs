use super::{Error, Tagged};
use crate::artifact::Descriptor;
use crate::registry::Client;
use crate::store::stored::{OpenError, document_at};
use crate::store::{self, Address, Name, Replaced};

/// Gives an artifact in a registry further tags: the same manifest once more, under each of them. No blob is moved.
///
/// # Errors
/// The registry has no such artifact, cannot be reached, or refuses.
pub fn tag_remote(client: &Client, address: &Address, names: &[Name]) -> Result<Tagged, Error> {
    let failed = |error| OpenError::Registry(Box::new(error));
    let repository = client.repository(&address.host, &address.repository).map_err(failed)?;
    let repository = repository.for_push();
    let document = document_at(&repository, address)?;
    let (mut replaced, mut changed) = (Vec::new(), false);
    for tag in names.iter().map(Name::tag) {
        let before = repository.resolve(tag).map_err(failed)?;
        if before == Some(document.digest) {
            continue;
        }
        repository
            .put_manifest(tag, &document.media_type, &document.bytes)
            .map_err(store::Error::from)?;
        changed = true;
        replaced.extend(before.map(|digest| Replaced {
            tag: Some(tag.to_owned()),
            digest: digest.to_string(),
        }));
    }
    Ok(Tagged {
        descriptor: Descriptor::of(&document.media_type, &document.bytes),
        names: names.to_vec(),
        replaced,
        changed,
    })
}
