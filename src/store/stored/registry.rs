use std::collections::BTreeMap;

use super::{Held, OpenError, Shelf, Tagged};
use crate::artifact::{Descriptor, read};
use crate::digest::Digest;
use crate::registry::{self, Called, Document, Download, Repository};
use crate::store::layout::{IMAGE_NAME, REF_NAME};
use crate::store::reference::Choice;
use crate::store::source::{Flow, Reading};
use crate::store::{Address, Error};

/// How many manifests are asked for at a time.
const AT_A_TIME: usize = 8;

/// A repository of a registry.
pub struct Shop {
    repository: Repository,
    address: Address,
}

impl Shop {
    pub const fn new(repository: Repository, address: Address) -> Self {
        Self { repository, address }
    }

    /// Where its blobs are.
    pub const fn repository(&self) -> &Repository {
        &self.repository
    }

    /// A manifest or another small document, checked against its digest.
    pub fn fetch(&self, descriptor: &Descriptor, is_manifest: bool) -> Result<Vec<u8>, crate::registry::Error> {
        if !is_manifest {
            let most = usize::try_from(read::LIMIT).unwrap_or(usize::MAX);
            return self.repository.blob(descriptor, most);
        }
        let found = self.repository.manifest(&descriptor.digest.to_string())?;
        let nothing = || crate::registry::Error::NotFound {
            host: self.address.host.clone(),
            what: format!("manifest {}", descriptor.digest),
        };
        found.map(|document| document.bytes).ok_or_else(nothing)
    }

    fn failed(error: crate::registry::Error) -> OpenError {
        OpenError::Registry(Box::new(error))
    }

    /// What an index would say of it.
    fn names(&self) -> BTreeMap<String, String> {
        if self.address.digest.is_some() {
            return BTreeMap::new();
        }
        let tag = self.address.reference();
        let full = format!("{}:{tag}", self.address.whole_repository());
        BTreeMap::from([(IMAGE_NAME.to_owned(), full), (REF_NAME.to_owned(), tag)])
    }

    /// What the address stands for.
    pub fn document(&self) -> Result<Document, OpenError> {
        let found = self
            .repository
            .manifest(&self.address.reference())
            .map_err(Self::failed)?;
        found.ok_or_else(|| self.nothing(format!("`{}`", self.address)))
    }

    /// The manifests of a few `tags`, in their order. A request takes as long as the way there and back: all go at a time.
    fn manifests(&self, tags: &[String]) -> Vec<Result<Option<Document>, registry::Error>> {
        std::thread::scope(|scope| {
            let threads: Vec<_> = tags
                .iter()
                .map(|tag| scope.spawn(move || self.repository.manifest(tag)))
                .collect();
            let joined = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
            joined
                .map(|read| read.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    }

    fn nothing(&self, what: String) -> OpenError {
        Self::failed(crate::registry::Error::NotFound {
            host: self.address.host.clone(),
            what,
        })
    }
}

impl Shelf for Shop {
    fn choose(&self, _: &Choice) -> Result<(Descriptor, Vec<u8>), OpenError> {
        Ok(described(self.document()?, self.names()))
    }

    fn list(&self, choice: &Choice, each: &mut dyn FnMut(Tagged) -> Result<(), OpenError>) -> Result<(), OpenError> {
        let Address { tag, digest, .. } = &self.address;
        if tag.is_some() || digest.is_some() {
            let (descriptor, bytes) = self.choose(choice)?;
            return each((tag.clone(), descriptor, Some(bytes)));
        }
        let mut is_empty = true;
        for tags in self.repository.tags().map_err(Self::failed)?.chunks(AT_A_TIME) {
            for (tag, document) in tags.iter().zip(self.manifests(tags)) {
                // One that is gone meanwhile is not there.
                if let Some(document) = document.map_err(Self::failed)? {
                    let (descriptor, bytes) = described(document, BTreeMap::new());
                    each((Some(tag.clone()), descriptor, Some(bytes)))?;
                    is_empty = false;
                }
            }
        }
        if is_empty {
            return Err(self.nothing(format!("tag in `{}`", self.address)));
        }
        Ok(())
    }

    fn document(&self, what: &str, descriptor: &Descriptor) -> Result<Vec<u8>, OpenError> {
        self.fetch(descriptor, what == "manifest").map_err(Self::failed)
    }

    /// Nobody is asked: a registry that has the manifest has its blobs, and the transfer finds out.
    fn find(&self, _: &Descriptor) -> Result<Option<Held>, OpenError> {
        Ok(Some(Held::Registry(self.repository.clone())))
    }

    fn referrers(
        &self,
        subjects: &[Digest],
        each: &mut dyn FnMut(Descriptor) -> Result<(), OpenError>,
    ) -> Result<(), OpenError> {
        for subject in subjects {
            let listed = self.repository.referrers(subject).map_err(Self::failed)?;
            listed.into_iter().try_for_each(&mut *each)?;
        }
        Ok(())
    }

    fn name(&self) -> String {
        self.address.to_string()
    }
}

pub(super) fn described(document: Document, annotations: BTreeMap<String, String>) -> (Descriptor, Vec<u8>) {
    let descriptor = Descriptor {
        media_type: document.media_type,
        digest: document.digest,
        size: document.bytes.len() as u64,
        annotations,
    };
    (descriptor, document.bytes)
}

/// A blob that comes from a registry.
pub struct RemoteBlob {
    /// The repository that has it.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
    /// Size in bytes.
    pub size: u64,
    /// What messages call it.
    pub called: String,
}

impl Flow for RemoteBlob {
    fn from(&self, position: u64) -> Box<dyn Reading> {
        let called = Called::Layer(self.called.clone());
        let download = self.repository.download(&self.digest, self.size, called, position);
        Box::new(Incoming {
            download,
            called: self.called.clone(),
        })
    }

    fn distrust(&self) -> bool {
        self.repository.distrust(&self.digest)
    }
}

struct Incoming {
    download: Download,
    called: String,
}

impl Reading for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        self.download
            .read(buffer)
            .map_err(|error| Error::from(error).about(&self.called))
    }
}
