use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::{MOST_BYTES, MOST_NESTED, OpenError, Shelf, layout};
use crate::artifact::read::{self, Needs};
use crate::artifact::{Descriptor, Document, Role};
use crate::digest::Digest;

/// How much of what hangs together is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Of an index all artifacts, and the index itself, in place of one of them.
    pub all: bool,
    /// What refers to it, too: signatures, attestations.
    pub referrers: bool,
}

/// How many documents may be said to refer to an artifact: each is fetched to see whether it does.
const MOST_REFERRERS: usize = 1000;

/// All that has to be there for a document to be whole: gathered document by document, each only once.
pub struct Closure<'a> {
    shelf: &'a dyn Shelf,
    /// Layouts in which a document may lie already.
    layouts: &'a [&'a Path],
    documents: Vec<Document>,
    layers: Vec<Descriptor>,
    /// Documents that are known.
    seen: HashSet<Digest>,
    /// Layers that are known.
    blobs: HashSet<Digest>,
    bytes: u64,
}

impl<'a> Closure<'a> {
    pub fn new(shelf: &'a dyn Shelf, layouts: &'a [&'a Path]) -> Self {
        Self {
            shelf,
            layouts,
            documents: Vec::new(),
            layers: Vec::new(),
            seen: HashSet::new(),
            blobs: HashSet::new(),
            bytes: 0,
        }
    }

    /// How many layers there are so far.
    pub const fn layers(&self) -> usize {
        self.layers.len()
    }

    /// The documents, each behind those that it needs, and the layers.
    pub fn into_parts(self) -> (Vec<Document>, Vec<Descriptor>) {
        (self.documents, self.layers)
    }

    /// Takes the root itself, which is none of its own documents, and what it `needs`.
    pub fn root(&mut self, root: &Descriptor, needs: Needs) -> Result<(), OpenError> {
        self.count(root)?;
        self.needs(needs, Role::Config, MOST_NESTED)
    }

    /// Takes what refers to `root` or to one of its members, and what refers to that.
    pub fn referrers(&mut self, root: &Descriptor) -> Result<(), OpenError> {
        let members = self.documents.iter().filter(|document| document.role == Role::Member);
        let members = members.map(|document| document.descriptor.digest);
        let mut subjects: Vec<_> = members.chain([root.digest]).collect();
        let (place, mut count) = (self.shelf, 0);
        for step in 0..=MOST_NESTED {
            let mut found = Vec::new();
            place.referrers(&subjects, &mut |descriptor| {
                if self.seen.contains(&descriptor.digest) {
                    return Ok(());
                }
                count += 1;
                if count > MOST_REFERRERS {
                    let what = format!("more than {MOST_REFERRERS} manifests are said to refer to it");
                    return Err(self.too_much(what));
                }
                // The list may name what was removed, or has another subject.
                let bytes = self.referrer(&descriptor)?;
                let is_one = |bytes: &Vec<u8>| read::subject(bytes).is_some_and(|subject| subjects.contains(&subject));
                let Some(bytes) = bytes.filter(is_one) else {
                    return Ok(());
                };
                if step == MOST_NESTED {
                    return Err(self.too_much(format!(
                        "manifests refer to each other over more than {MOST_NESTED} steps"
                    )));
                }
                found.push(descriptor.digest);
                self.document(descriptor, bytes, Role::Referrer, MOST_NESTED)
            })?;
            if found.is_empty() {
                break;
            }
            subjects = found;
        }
        Ok(())
    }

    /// What refers to something; `None` where it is not there any more.
    fn referrer(&self, descriptor: &Descriptor) -> Result<Option<Vec<u8>>, OpenError> {
        match self.read("manifest", descriptor) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(OpenError::Registry(error)) if matches!(*error, crate::registry::Error::NotFound { .. }) => Ok(None),
            Err(OpenError::Absent { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes a manifest or an index, and before it what it needs. `deeper` indexes may stand in it.
    fn document(&mut self, descriptor: Descriptor, bytes: Vec<u8>, role: Role, deeper: usize) -> Result<(), OpenError> {
        if !self.count(&descriptor)? {
            return Ok(());
        }
        let needs = read::needs(&bytes).map_err(|error| OpenError::Member {
            place: self.shelf.name(),
            digest: descriptor.digest,
            source: error,
        })?;
        self.needs(needs, Role::Part, deeper)?;
        self.push(descriptor, bytes, role);
        Ok(())
    }

    fn needs(&mut self, needs: Needs, config_role: Role, deeper: usize) -> Result<(), OpenError> {
        if let Some(config) = needs.config
            && self.count(&config)?
        {
            let bytes = self.read("config", &config)?;
            self.push(config, bytes, config_role);
        }
        // A layer that stands twice in one manifest stands twice here, as in the manifest.
        let new = |layer: &Descriptor| !self.blobs.contains(&layer.digest);
        let layers: Vec<_> = needs.layers.into_iter().filter(new).collect();
        self.blobs.extend(layers.iter().map(|layer| layer.digest));
        self.layers.extend(layers);
        for manifest in needs.manifests {
            if self.seen.contains(&manifest.digest) {
                continue;
            }
            let Some(deeper) = deeper.checked_sub(1) else {
                return Err(OpenError::too_deep(self.shelf.name()));
            };
            let bytes = self.read("manifest", &manifest)?;
            self.document(manifest, bytes, Role::Member, deeper)?;
        }
        Ok(())
    }

    /// Takes note of a document; whether it is a new one.
    fn count(&mut self, descriptor: &Descriptor) -> Result<bool, OpenError> {
        if !self.seen.insert(descriptor.digest) {
            return Ok(false);
        }
        self.bytes = self.bytes.saturating_add(descriptor.size);
        if self.bytes > MOST_BYTES {
            return Err(self.too_much(format!("its manifests and configs have more than {MOST_BYTES} bytes")));
        }
        Ok(true)
    }

    fn push(&mut self, descriptor: Descriptor, bytes: Vec<u8>, role: Role) {
        let descriptor = bare(descriptor);
        self.documents.push(Document {
            descriptor,
            bytes,
            role,
        });
    }

    fn read(&self, what: &str, descriptor: &Descriptor) -> Result<Vec<u8>, OpenError> {
        let mut layouts = self.layouts.iter();
        match layouts.find_map(|layout| layout::document(layout, descriptor)) {
            Some(bytes) => Ok(bytes),
            None => self.shelf.document(what, descriptor),
        }
    }

    fn too_much(&self, what: String) -> OpenError {
        OpenError::TooMuch {
            place: self.shelf.name(),
            what,
        }
    }
}

/// A document's descriptor without what somebody else says of it.
pub fn bare(descriptor: Descriptor) -> Descriptor {
    Descriptor {
        annotations: BTreeMap::new(),
        ..descriptor
    }
}
