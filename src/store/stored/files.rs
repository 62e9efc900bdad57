use std::collections::HashSet;
use std::sync::Arc;

use super::choose::{Spot, choose, matching};
use super::nested::nested;
use super::{Extent, Held, Lease, OpenError, Shelf, Tagged};
use crate::artifact::{Descriptor, read};
use crate::digest::Digest;
use crate::plan::plural;
use crate::registry::listed_subject;
use crate::store::reference::Choice;

/// A place in the file system: an index, and blobs in files.
pub trait Files: Sync {
    /// The place.
    fn path(&self) -> &std::path::Path;

    /// What keeps its blobs there, where something has to.
    fn lease(&self) -> Lease {
        Lease::default()
    }

    /// The bytes of `index.json`.
    fn index(&self) -> Result<Vec<u8>, OpenError>;

    /// Where the blob lies; `None` where there is none of that digest.
    fn extent_of(&self, digest: &Digest) -> Result<Option<Extent>, OpenError>;

    /// Whether damaged blobs can be put back one by one.
    fn is_mendable(&self) -> bool;

    /// The bytes of a small blob.
    fn read(&self, extent: &Extent) -> Result<Vec<u8>, OpenError>;

    /// The place, as errors have it.
    fn spot(&self) -> Spot<'_> {
        Spot {
            path: self.path(),
            is_mendable: self.is_mendable(),
        }
    }
}

impl<T: Files> Shelf for T {
    fn choose(&self, choice: &Choice) -> Result<(Descriptor, Vec<u8>), OpenError> {
        let is_referrer = |entry: &Descriptor| {
            let document = self.document("manifest", entry);
            document.is_ok_and(|bytes| read::subject(&bytes).is_some())
        };
        let entry = match choose(&self.index()?, choice, self.spot(), is_referrer) {
            Err(error @ OpenError::NotThere { .. }) => match choice {
                Choice::Digest(digest) => nested(self, *digest)?.ok_or(error)?,
                Choice::Only | Choice::Tag(_) => return Err(error),
            },
            entry => entry?,
        };
        let manifest = self.document("manifest", &entry)?;
        Ok((entry, manifest))
    }

    fn list(&self, choice: &Choice, each: &mut dyn FnMut(Tagged) -> Result<(), OpenError>) -> Result<(), OpenError> {
        let mut entries = matching(&self.index()?, choice, self.spot())?.into_iter();
        entries.try_for_each(|(tag, entry)| each((tag, entry, None)))
    }

    fn document(&self, what: &str, descriptor: &Descriptor) -> Result<Vec<u8>, OpenError> {
        let damaged = |what, is_mendable: bool| OpenError::Damaged {
            path: self.path().to_owned(),
            what,
            is_mendable: is_mendable && self.is_mendable(),
        };
        let digest = descriptor.digest;
        let absent = || OpenError::Absent {
            path: self.path().to_owned(),
            what: what.to_owned(),
            digest,
            is_mendable: self.is_mendable(),
        };
        let extent = self.extent_of(&digest)?.ok_or_else(absent)?;
        let size = plural(extent.size, "byte");
        if extent.size != descriptor.size {
            let said = descriptor.size;
            return Err(damaged(
                format!("the {what} {digest} has {size} instead of {said}"),
                true,
            ));
        }
        if extent.size > read::LIMIT {
            let most = read::LIMIT;
            return Err(damaged(
                format!("the {what} {digest} has {size}; {most} are the most"),
                false,
            ));
        }
        let bytes = self.read(&extent)?;
        if Digest::of(&bytes) == digest {
            Ok(bytes)
        } else {
            let what = format!("the {what} {digest} has other bytes than its digest says");
            Err(damaged(what, true))
        }
    }

    fn find(&self, descriptor: &Descriptor) -> Result<Option<Held>, OpenError> {
        let damaged = |error| Ok(Some(Held::Damaged(Arc::new(error))));
        match self.extent_of(&descriptor.digest) {
            Ok(Some(extent)) if extent.size != descriptor.size => {
                let (found, said) = (extent.size, descriptor.size);
                damaged(OpenError::Damaged {
                    path: self.path().to_owned(),
                    what: format!(
                        "the blob {} has {} instead of {said}",
                        descriptor.digest,
                        plural(found, "byte")
                    ),
                    is_mendable: self.is_mendable(),
                })
            }
            Ok(extent) => Ok(extent.map(Held::File)),
            Err(error @ OpenError::Damaged { .. }) => damaged(error),
            Err(error) => Err(error),
        }
    }

    /// Entries of `index.json` that have such a subject, and what the tag lists that registries without a list of
    /// referrers have in place of one: tools that copy all tags bring it along.
    fn referrers(
        &self,
        subjects: &[Digest],
        each: &mut dyn FnMut(Descriptor) -> Result<(), OpenError>,
    ) -> Result<(), OpenError> {
        let subjects: HashSet<_> = subjects.iter().collect();
        let mut read = HashSet::new();
        for (tag, entry) in matching(&self.index()?, &Choice::Only, self.spot())? {
            let is_list = tag.as_deref().and_then(listed_subject);
            let is_list = is_list.is_some_and(|subject| subjects.contains(&subject));
            // One that has several tags is one.
            if !read.insert((entry.digest, entry.size, is_list)) {
                continue;
            }
            // What is wrong with an entry that nobody chose is not ours to say.
            let Ok(bytes) = self.document("manifest", &entry) else {
                continue;
            };
            if is_list {
                let listed = read::needs(&bytes).map(|needs| needs.manifests).unwrap_or_default();
                listed.into_iter().try_for_each(&mut *each)?;
            } else if read::subject(&bytes).is_some_and(|subject| subjects.contains(&subject)) {
                each(entry)?;
            }
        }
        Ok(())
    }

    fn name(&self) -> String {
        self.path().display().to_string()
    }

    fn lease(&self) -> Lease {
        Files::lease(self)
    }
}
