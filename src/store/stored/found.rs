use std::sync::{Arc, OnceLock};

use super::registry::RemoteBlob;
use super::{Held, Lease, OpenError};
use crate::artifact::read::{self, Outline, ReadError};
use crate::artifact::{Artifact, Descriptor, annotation};
use crate::digest::Digest;
use crate::registry::{self, Repository};
use crate::store::{Blob, Bytes, Cancel, Content, Error, Name, Source};

/// An artifact as it lies somewhere, to be moved elsewhere without a change to any byte of it.
#[derive(Debug, Clone)]
pub struct Found {
    artifact: Artifact,
    /// What its manifest lists, where it is no index.
    outline: Option<Arc<Outline>>,
    /// Its layers, as the manifest describes them.
    layers: Vec<Descriptor>,
    /// How many of the layers are of the artifact itself; the others are of what refers to it.
    own: usize,
    /// Where each layer's blob lies; `None` where the place lacks it.
    held: Vec<Option<Held>>,
    /// What is moved of the layers, by their index: all of them, unless fewer are wanted.
    wanted: Vec<usize>,
    blobs: Vec<Blob>,
    /// The artifact as a model, once somebody has asked for that and it was one: a long manifest takes its time.
    model: Arc<OnceLock<read::Stored>>,
    /// What the place is called.
    place: String,
    /// What keeps the blobs there.
    lease: Lease,
    /// The name that it has there.
    name: Option<Name>,
}

impl Found {
    pub(super) fn new(
        (artifact, outline): (Artifact, Option<Outline>),
        layers: Vec<Descriptor>,
        own: usize,
        held: Vec<Option<Held>>,
        (place, lease): (String, Lease),
        name: Option<Name>,
    ) -> Self {
        let blobs = layers.iter().map(|layer| Blob {
            name: called(layer),
            size: layer.size,
            digest: Some(layer.digest),
        });
        Self {
            wanted: (0..layers.len()).collect(),
            blobs: blobs.collect(),
            layers,
            own,
            artifact,
            outline: outline.map(Arc::new),
            held,
            model: Arc::default(),
            place,
            lease,
            name,
        }
    }

    /// Manifest, config and layers.
    #[must_use]
    pub const fn artifact(&self) -> &Artifact {
        &self.artifact
    }

    /// Where each layer's blob lies, in manifest order; `None` where the place lacks it.
    #[must_use]
    pub fn held(&self) -> &[Option<Held>] {
        &self.held
    }

    /// The place where it was found.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What keeps its blobs there: as long as it, or what was found, is there, nobody removes one.
    #[must_use]
    pub const fn lease(&self) -> &Lease {
        &self.lease
    }

    /// The name that it has there, where it has one.
    #[must_use]
    pub fn name(&self) -> Option<Name> {
        self.name.clone()
    }

    /// The artifact as a model, where it is one.
    ///
    /// # Errors
    /// It is none, or its config cannot be read.
    pub fn model(&self) -> Result<&read::Stored, OpenError> {
        if let Some(model) = self.model.get() {
            return Ok(model);
        }
        let config = self.artifact.config().map(|config| config.bytes.as_slice());
        let (digest, outline) = (self.artifact.descriptor.digest, self.outline.as_deref());
        let outline = outline.ok_or(ReadError::Index);
        let read = outline.and_then(|outline| read::Stored::new(digest, outline, config.unwrap_or_default()));
        let model = read.map_err(|source| OpenError::Artifact {
            place: self.place.clone(),
            source,
        })?;
        Ok(self.model.get_or_init(|| model))
    }

    /// The layers that are moved, each with its index in the manifest: what [`Source::blobs`] has blobs of.
    pub fn wanted(&self) -> impl Iterator<Item = (usize, &Descriptor)> {
        let layer = |index: &usize| Some((*index, self.layers.get(*index)?));
        self.wanted.iter().filter_map(layer)
    }

    /// Those of them that are the artifact's own, and not of what refers to it.
    pub fn own(&self) -> impl Iterator<Item = (usize, &Descriptor)> {
        self.wanted().filter(|(index, _)| *index < self.own)
    }

    /// Leaves out the artifact's layers for which `wanted` says no, by their indexes in the manifest. What refers to it is whole all the same.
    pub fn retain(&mut self, wanted: impl Fn(usize, &Descriptor) -> bool) {
        let (layers, own) = (&self.layers, self.own);
        let is_wanted = |index: usize| index >= own || layers.get(index).is_some_and(|layer| wanted(index, layer));
        let moved = self.wanted.drain(..).zip(self.blobs.drain(..));
        (self.wanted, self.blobs) = moved.filter(|(index, _)| is_wanted(*index)).unzip();
    }

    /// How many of its layers are left out.
    #[must_use]
    pub const fn left_out(&self) -> usize {
        self.layers.len().saturating_sub(self.wanted.len())
    }

    /// Says of a blob that is not what its digest says that it is the registry's, where it is.
    #[must_use]
    pub fn blame(&self, error: Error) -> Error {
        match (error, self.repository()) {
            (Error::Mismatch { name, expected, found }, Some(repository)) => Error::from(registry::Error::Damaged {
                host: repository.host().to_owned(),
                what: "the blob".to_owned(),
                expected,
                found,
            })
            .about(&name),
            (error, _) => error,
        }
    }

    /// The repository that holds its blobs, where it is in a registry.
    #[must_use]
    pub fn repository(&self) -> Option<&Repository> {
        self.held.iter().flatten().find_map(|held| match held {
            Held::Registry(repository) => Some(repository),
            Held::File(_) | Held::Damaged(_) => None,
        })
    }
}

/// What messages call a layer: its file's path, else its digest.
fn called(layer: &Descriptor) -> String {
    path(layer).map_or_else(|| layer.digest.to_string(), str::to_owned)
}

/// The path that a layer says its file has, not judged.
#[must_use]
pub fn path(layer: &Descriptor) -> Option<&str> {
    annotation::path(&layer.annotations)
}

impl Source for Found {
    fn blobs(&self) -> &[Blob] {
        &self.blobs
    }

    fn is_remote(&self) -> bool {
        self.repository().is_some()
    }

    fn open(&self, index: usize, stop: &Cancel) -> Result<Bytes, Error> {
        let missing = || Error::Missing {
            place: self.place.clone(),
            name: self.blobs.get(index).map(|blob| blob.name.clone()).unwrap_or_default(),
        };
        let index = *self.wanted.get(index).ok_or_else(missing)?;
        let layer = self.layers.get(index).ok_or_else(missing)?;
        let extent = match self.held.get(index).and_then(Option::as_ref).ok_or_else(missing)? {
            Held::Registry(repository) => {
                return Ok(Bytes::Flow(Arc::new(RemoteBlob {
                    repository: repository.clone().stopped_by(stop),
                    digest: layer.digest,
                    size: layer.size,
                    called: called(layer),
                })));
            }
            Held::File(extent) => extent,
            Held::Damaged(error) => return Err(Error::Stored(Arc::clone(error))),
        };
        let file = extent.open()?;
        Ok(Bytes::File(Content {
            file: Arc::new(file),
            offset: extent.offset,
            length: extent.size,
            stamp: extent.stamp,
            prefix: Vec::new(),
            suffix: Vec::new(),
        }))
    }

    /// It is what it is: the digests were checked against it one by one.
    fn assemble(&self, _: &[Digest]) -> Result<Artifact, Error> {
        Ok(self.artifact.clone())
    }
}
