use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use super::archive::Tar;
use super::choose::{names, tagged};
use super::flaw::Flaw;
use super::layout::Directory;
use super::members::Other;
use super::registry::Shop;
use super::{Extent, Files, OpenError, Shelf as _};
use crate::artifact::{Descriptor, read};
use crate::digest::Digest;
use crate::files::is_exhausted;
use crate::registry::{self, Client, Repository};
use crate::store::layout::{Index, MARKER};
use crate::store::reference::{Choice, Location, Reference};

/// A place as it is, however damaged: what is wrong with one thing in it is said, and does not hide the others.
pub struct Store(Kind);

enum Kind {
    Layout(Directory),
    Archive(Tar),
    Registry(Shop),
}

/// Something in a layout that no digest names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Root {
    /// `oci-layout`.
    Marker,
    /// `index.json`.
    Index,
    /// The `manifest.json` that Docker Model Runner loads from a tar.
    Manifest,
}

/// What lies where blobs do; in a tarball also what lies beside them.
#[derive(Debug, Clone, Default)]
pub struct Blobs {
    /// Digests and sizes of blobs.
    pub blobs: Vec<(Digest, u64)>,
    /// Those of them that are symlinks, which crane refuses.
    pub symlinks: Vec<Digest>,
    /// Anything else.
    pub others: Vec<Other>,
}

/// A manifest or an index with its descriptor.
pub type Named = (Descriptor, Vec<u8>);

/// Where a blob's bytes are.
#[derive(Debug, Clone)]
pub(super) enum Seat {
    File(Extent),
    Registry(Repository),
}

impl Store {
    /// Opens the place that `reference` names.
    ///
    /// # Errors
    /// There is none, or it is of another kind altogether.
    pub fn open(reference: &Reference, client: &Client) -> Result<Self, OpenError> {
        let of = |error: OpenError| error.of(&reference.choice);
        Ok(Self(match &reference.location {
            Location::Layout(path) => Kind::Layout(Directory::perhaps(path).map_err(of)?),
            Location::Archive(path) => Kind::Archive(Tar::open(path, true).map_err(of)?),
            Location::File(path) => Kind::Archive(Tar::open(path, false).map_err(of)?),
            Location::Registry(address) => {
                let repository = client
                    .repository(&address.host, &address.repository)
                    .map_err(|error| OpenError::Registry(Box::new(error)))?;
                Kind::Registry(Shop::new(repository, address.clone()))
            }
        }))
    }

    /// The layout's directory, if it is one.
    #[must_use]
    pub fn directory(&self) -> Option<&Path> {
        match &self.0 {
            Kind::Layout(directory) => Some(directory.path()),
            _ => None,
        }
    }

    /// What messages call it.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.0 {
            Kind::Layout(directory) => directory.name(),
            Kind::Archive(tar) => tar.name(),
            Kind::Registry(shop) => shop.name(),
        }
    }

    /// Whether reading waits for a network.
    #[must_use]
    pub const fn is_remote(&self) -> bool {
        matches!(self.0, Kind::Registry(_))
    }

    /// That none of the `entries` of its index is the one that is chosen.
    #[must_use]
    pub fn nothing(&self, choice: &Choice, entries: Vec<Descriptor>) -> OpenError {
        let entries: Vec<_> = entries.into_iter().map(tagged).collect();
        OpenError::not_there(self.name().as_ref(), choice, names(&entries))
    }

    /// The bytes of what no digest names; a registry has nothing of that kind, and only a tar a [`Root::Manifest`].
    ///
    /// # Errors
    /// What is wrong with it.
    #[must_use]
    pub fn root(&self, root: Root) -> Option<Result<Vec<u8>, Flaw>> {
        match (&self.0, root) {
            (Kind::Registry(_), _) | (Kind::Layout(_), Root::Manifest) => None,
            (Kind::Layout(directory), root) => {
                let name = if root == Root::Marker { MARKER } else { "index.json" };
                let path = directory.path().join(name);
                Some(self::extent(&path).and_then(|extent| bytes(directory, &extent.ok_or(Flaw::Missing)?)))
            }
            (Kind::Archive(tar), Root::Manifest) => tar.root(root).map(|extent| bytes(tar, &extent)),
            (Kind::Archive(tar), root) => Some(tar.root(root).ok_or(Flaw::Missing).and_then(|it| bytes(tar, &it))),
        }
    }

    /// Checks that we can read what a layout has beside its blobs, so that nobody takes it for spoilt because we may not.
    ///
    /// # Errors
    /// We may not, or have too many files open.
    pub fn check_roots(&self) -> Result<(), OpenError> {
        let Kind::Layout(directory) = &self.0 else {
            return Ok(());
        };
        for name in [MARKER, "index.json"] {
            match super::extent::at_once(&directory.path().join(name)) {
                Err(error) if error.kind() == ErrorKind::PermissionDenied || is_exhausted(&error) => {
                    return Err(OpenError::Io(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The index of a layout or a tarball, or what one would say of a registry's address; `None` where there is none.
    ///
    /// # Errors
    /// The registry cannot be asked.
    pub fn index(&self) -> Result<Option<Index>, OpenError> {
        let Kind::Registry(shop) = &self.0 else {
            let bytes = self.root(Root::Index).and_then(Result::ok);
            return Ok(bytes.and_then(Index::from_bytes));
        };
        match shop.choose(&Choice::Only) {
            Ok((descriptor, _)) => Ok(Index::of_one(&descriptor).ok()),
            // Blobs may be had all the same.
            Err(OpenError::Registry(error)) if matches!(*error, registry::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What a registry's address stands for; its damage is the inner error.
    ///
    /// # Errors
    /// The registry cannot be asked, or has nothing there.
    pub fn tagged(&self) -> Result<Option<Result<Named, Flaw>>, OpenError> {
        let Kind::Registry(shop) = &self.0 else { return Ok(None) };
        match shop.document() {
            Ok(document) => Ok(Some(Ok(super::registry::described(document, BTreeMap::new())))),
            Err(OpenError::Registry(error)) if error.is_damage() => {
                Flaw::of(&error).map_or_else(|| Err(OpenError::Registry(error)), |flaw| Ok(Some(Err(flaw))))
            }
            Err(error) => Err(error),
        }
    }

    /// The bytes of a document, which are what its digest says; else what is wrong with it, as the inner error. Registries
    /// keep manifests and indexes apart from blobs: `is_manifest` says which it is.
    ///
    /// # Errors
    /// The registry cannot be asked.
    pub fn document(&self, descriptor: &Descriptor, is_manifest: bool) -> Result<Result<Vec<u8>, Flaw>, OpenError> {
        let (stated, most) = (descriptor.size, read::LIMIT);
        if stated > most {
            return Ok(Err(Flaw::TooLarge { size: stated, most }));
        }
        let found = match &self.0 {
            Kind::Layout(directory) => document(directory, &descriptor.digest),
            Kind::Archive(tar) => document(tar, &descriptor.digest),
            Kind::Registry(shop) => match shop.fetch(descriptor, is_manifest) {
                Ok(bytes) => Ok(bytes),
                Err(error) => Err(Flaw::of(&error).ok_or_else(|| OpenError::Registry(Box::new(error)))?),
            },
        };
        Ok(found.and_then(|bytes| {
            let found = bytes.len() as u64;
            if found == stated {
                Ok(bytes)
            } else {
                Err(Flaw::Size { stated, found })
            }
        }))
    }

    /// All that lies where blobs do, sorted; of a registry nobody can tell.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn held(&self) -> Result<Blobs, OpenError> {
        match &self.0 {
            Kind::Layout(directory) => directory.held(),
            Kind::Archive(tar) => Ok(tar.held()),
            Kind::Registry(_) => Ok(Blobs::default()),
        }
    }

    /// Where a blob is. Of a registry nobody asks: reading it will tell.
    pub(super) fn seat(&self, digest: &Digest) -> Result<Seat, Flaw> {
        let extent = match &self.0 {
            Kind::Registry(shop) => return Ok(Seat::Registry(shop.repository().clone())),
            Kind::Layout(directory) => self::extent(&directory.blob(digest))?,
            Kind::Archive(tar) => tar.extent_of(digest).map_err(unreadable)?,
        };
        extent.map(Seat::File).ok_or(Flaw::Missing)
    }
}

/// The whole of a file; `None` where there is none.
fn extent(path: &Path) -> Result<Option<Extent>, Flaw> {
    match fs_err::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Some(Extent::whole(path.to_owned(), &metadata))),
        Ok(_) => Err(Flaw::NoFile),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Flaw::Unreadable(error.to_string())),
    }
}

fn document(files: &impl Files, digest: &Digest) -> Result<Vec<u8>, Flaw> {
    let extent = files.extent_of(digest).map_err(|error| match error {
        OpenError::Damaged { .. } => Flaw::NoFile,
        error => unreadable(error),
    })?;
    let bytes = bytes(files, &extent.ok_or(Flaw::Missing)?)?;
    let found = Digest::of(&bytes);
    if found == *digest {
        Ok(bytes)
    } else {
        Err(Flaw::Digest { found })
    }
}

fn bytes(files: &impl Files, extent: &Extent) -> Result<Vec<u8>, Flaw> {
    let (size, most) = (extent.size, read::LIMIT);
    if size > most {
        return Err(Flaw::TooLarge { size, most });
    }
    files.read(extent).map_err(unreadable)
}

fn unreadable(error: OpenError) -> Flaw {
    match error {
        OpenError::Changed { .. } => Flaw::Changed,
        OpenError::Io(error) => Flaw::Unreadable(error.to_string()),
        error => Flaw::Unreadable(error.to_string()),
    }
}
