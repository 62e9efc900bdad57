use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;

use super::siblings::Siblings;
use super::slot::RemoteSlot;
use crate::artifact::{Artifact, Descriptor, Document, Role, read};
use crate::digest::Digest;
use crate::registry::{self, Called, Identity, Parcel, Repository, Upload, Uploads};
use crate::store::{Blob, Cancel, Destination, Error, Offer, Outcome, Published, Replaced};

/// A repository that takes an artifact.
pub struct Remote {
    repository: Repository,
    /// The tags that it will have there; none means that its digest is its only name.
    tags: Vec<String>,
    /// Repositories of the same registry that may have some of its blobs.
    siblings: Siblings,
    uploads: Option<Uploads>,
    /// What the blobs are called, in manifest order.
    names: Vec<String>,
    /// Sizes of the blobs of the artifact that is there under the first tag.
    sizes: HashSet<u64>,
    /// Whether anything was stored.
    changed: AtomicBool,
    /// Whether a blob was there already.
    has_some: AtomicBool,
}

impl Remote {
    /// The `repository`, in which the artifact will have `tags`. Nothing is asked yet.
    #[must_use]
    pub fn new(repository: Repository, tags: Vec<String>) -> Self {
        Self {
            repository: repository.for_push(),
            tags,
            siblings: Siblings::default(),
            uploads: None,
            names: Vec::new(),
            sizes: HashSet::new(),
            changed: AtomicBool::new(false),
            has_some: AtomicBool::new(false),
        }
    }

    /// The same, which mounts blobs from other repositories of the registry that have them: those that somebody has
    /// `named`, and those `beside` it that get the same at the same time.
    #[must_use]
    pub fn mounting_from(mut self, named: Vec<String>, beside: Vec<String>) -> Self {
        self.siblings = Siblings::new(named, beside).of(&self.repository);
        self
    }

    /// The same, which goes on with uploads that an earlier process began.
    #[must_use]
    pub fn resuming(mut self, uploads: Option<Uploads>) -> Self {
        self.uploads = uploads;
        self
    }

    /// Notes that the repository has something that it had not.
    pub(super) fn note_change(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    pub(super) const fn repository(&self) -> &Repository {
        &self.repository
    }

    pub(super) const fn uploads(&self) -> Option<&Uploads> {
        self.uploads.as_ref()
    }

    /// Sends a document, unless it is there.
    fn put(&self, words: &str, descriptor: &Descriptor, bytes: &[u8]) -> Result<(), Error> {
        let called = Called::Other(words.to_owned());
        if self.repository.has_blob(&descriptor.digest, descriptor.size, &called)? {
            return Ok(());
        }
        let parcel = Parcel {
            called,
            size: descriptor.size,
            digest: Some(descriptor.digest),
            names: vec![Identity::Digest(descriptor.digest)],
            begun: None,
        };
        let mut upload = Upload::new(&self.repository, parcel, Box::new(registry::Memory::new(bytes)), None);
        upload.write(bytes)?;
        upload.commit(&descriptor.digest)?;
        self.note_change();
        Ok(())
    }

    /// Stores a manifest or an index under its digest, unless it is there and listed as what it is.
    fn put_manifest(&self, document: &Document) -> Result<(), Error> {
        let Document { descriptor, bytes, .. } = document;
        let name = descriptor.digest.to_string();
        if self.repository.resolve(&name)? == Some(descriptor.digest) && self.is_listed(document)? {
            return Ok(());
        }
        self.repository.put_manifest(&name, &descriptor.media_type, bytes)?;
        self.note_change();
        Ok(())
    }

    /// Whether a referrer is found by whoever asks what refers to its subject: it may be there and not be listed, where
    /// somebody stopped in between. Anything else need not be.
    fn is_listed(&self, document: &Document) -> Result<bool, Error> {
        match read::subject(&document.bytes) {
            Some(subject) if document.role == Role::Referrer => {
                let digest = document.descriptor.digest;
                let listed = self.repository.referrers(&subject)?;
                Ok(listed.iter().any(|referrer| referrer.digest == digest))
            }
            _ => Ok(true),
        }
    }
}

impl Destination for Remote {
    fn name(&self) -> String {
        format!("{}/{}", self.repository.host(), self.repository.name())
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn registry(&self) -> Option<&str> {
        Some(self.repository.host())
    }

    /// By the distribution specification, "Pushing blobs".
    fn verifies(&self) -> bool {
        true
    }

    fn begin(&mut self, blobs: &[Blob], artifact: Option<&Artifact>, stop: &Cancel) -> Result<(), Error> {
        self.repository = self.repository.clone().stopped_by(stop);
        self.names = blobs.iter().map(|blob| blob.name.clone()).collect();
        if let Some(most) = self.repository.largest_layer()
            && let Some(blob) = blobs.iter().find(|blob| blob.size > most)
        {
            let (host, what) = (self.repository.host().to_owned(), format!("`{}`", blob.name));
            let size = blob.size;
            return Err(registry::Error::TooLarge { host, what, size, most }.into());
        }
        if artifact.is_none()
            && let Some(tag) = self.tags.first()
        {
            self.sizes = match self.repository.manifest(tag) {
                Ok(there) => there.map_or_else(HashSet::new, |there| sizes(&there.bytes)),
                // Whatever is damaged or unheard of there is to be replaced.
                Err(error) if !stands_in_the_way(&error) => HashSet::new(),
                Err(error) => return Err(error.into()),
            };
        }
        Ok(())
    }

    /// What it may hold cannot be listed; but the artifact that is to be replaced is most often nearly the same, and
    /// whoever names a repository to mount from expects to find something there.
    fn may_hold(&self, size: u64) -> bool {
        self.sizes.contains(&size) || !self.siblings.is_empty() || self.repository.wants_digest_first()
    }

    fn slot(&self, index: usize, size: u64, digest: Option<&Digest>) -> Result<Offer<'_>, Error> {
        let name = self.names.get(index).map_or("a blob", String::as_str);
        let failed = |error: Error| error.about(name);
        let mut begun = None;
        if let Some(digest) = digest {
            let called = Called::Layer(name.to_owned());
            let there = self.repository.has_blob(digest, size, &called);
            let is_there = there.map_err(|error| failed(error.into()))?;
            self.has_some.fetch_or(is_there, Ordering::Relaxed);
            let mount = || self.siblings.mount(&self.repository, digest, size, &called);
            let mounted = (!is_there).then(mount).transpose();
            let (from, session) = mounted.map_err(|error| failed(error.into()))?.unwrap_or_default();
            let offer = match from {
                Some(from) => {
                    self.note_change();
                    Some(Offer::Mounted(from))
                }
                None => is_there.then_some(Offer::Has(Outcome::Present)),
            };
            if let Some(offer) = offer {
                if let Some(uploads) = &self.uploads {
                    uploads.has_arrived(&self.repository, size, digest);
                }
                return Ok(offer);
            }
            begun = session;
        }
        Ok(Offer::Slot(Box::new(RemoteSlot::new(
            self,
            name,
            size,
            digest.copied(),
            begun,
        ))))
    }

    fn seal(&mut self, artifact: &Artifact) -> Result<(), Error> {
        self.siblings
            .tell(&self.repository, self.has_some.load(Ordering::Relaxed));
        for document in &artifact.documents {
            if document.role.is_manifest() {
                self.put_manifest(document)?;
            } else {
                self.put("the config", &document.descriptor, &document.bytes)?;
            }
        }
        Ok(())
    }

    fn publish(&mut self, artifact: &Artifact) -> Result<Published, Error> {
        let digest = artifact.descriptor.digest;
        let by_digest = [digest.to_string()];
        let names = if self.tags.is_empty() {
            &by_digest[..]
        } else {
            &self.tags
        };
        let mut replaced = Vec::new();
        for name in names {
            let there = self.repository.resolve(name)?;
            if there == Some(digest) {
                continue;
            }
            let media_type = &artifact.descriptor.media_type;
            self.repository.put_manifest(name, media_type, &artifact.manifest)?;
            self.note_change();
            replaced.extend(there.map(|other| Replaced {
                tag: Some(name.clone()),
                digest: other.to_string(),
            }));
        }
        Ok(Published {
            changed: self.changed.load(Ordering::Relaxed),
            replaced,
        })
    }

    fn has(&self, digest: &Digest, size: u64) -> bool {
        let called = Called::Other(digest.to_string());
        self.repository.has_blob(digest, size, &called).unwrap_or(false)
    }

    fn is_up_to_date(&self, artifact: &Artifact) -> bool {
        let is_current = |tag: &String| matches!(self.repository.resolve(tag), Ok(Some(there)) if there == artifact.descriptor.digest);
        !self.tags.is_empty() && self.tags.iter().all(is_current)
    }
}

/// Whether whoever cannot read what is under a tag for this reason could not write there either.
fn stands_in_the_way(error: &registry::Error) -> bool {
    use registry::Error::{Damaged, Protocol, Refused};
    error.is_passing() || !matches!(error, Damaged { .. } | Protocol { .. } | Refused { .. })
}

/// The sizes of the layers of a manifest.
fn sizes(manifest: &[u8]) -> HashSet<u64> {
    #[derive(Deserialize)]
    struct Manifest {
        #[serde(default)]
        layers: Vec<Layer>,
    }
    #[derive(Deserialize)]
    struct Layer {
        size: u64,
    }
    let manifest = serde_json::from_slice::<Manifest>(manifest);
    manifest
        .map(|manifest| manifest.layers.iter().map(|layer| layer.size).collect())
        .unwrap_or_default()
}
