//! Artifacts that lie somewhere already.
//!
//! Enters: a [`Reference`]. Leaves: the artifact's manifest and config, checked against their digests, and where each of
//! its layers' blobs lies. No layer is read, however large it is; whoever reads one checks it. What is damaged is an
//! error there; a [`Store`] takes a place as it is, and says of each thing in it what is wrong.

mod archive;
mod checked;
mod choose;
mod closure;
mod error;
mod extent;
mod files;
mod flaw;
mod found;
mod hashing;
mod index;
mod layout;
mod lease;
mod leaves;
mod listed;
mod making;
mod members;
mod nested;
mod registry;
mod store;
mod variant;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use checked::Checked;
pub use closure::Reach;
use closure::{Closure, bare};
pub use error::{OpenError, mend};
pub use extent::Extent;
use files::Files;
pub use flaw::Flaw;
pub use found::{Found, path};
pub use hashing::{Content, HEAD, Packed, Sought};
pub use index::{Index, Listing, index, root};
pub(super) use layout::document;
pub use lease::Lease;
pub use listed::{Listed, list};
pub use members::Other;
pub use registry::RemoteBlob;
pub use store::{Blobs, Root, Store};

use super::layout::{IMAGE_NAME, REF_NAME};
use super::reference::{Choice, Location, Reference};
use super::{Address, Name};
use crate::artifact::read::{Kind, ReadError};
use crate::artifact::{Artifact, Descriptor, Layer, read};
use crate::cores;
use crate::digest::Digest;
use crate::registry::{Client, Document, Repository};

/// How many indexes may stand within each other: what goes deeper is made to be followed for ever.
pub const MOST_NESTED: usize = 4;

/// The most bytes that documents may have which are in memory at the same time, or say what is.
const MOST_BYTES: u64 = 4 * read::LIMIT;

/// An artifact: its tag, its manifest's descriptor, and the manifest, checked, where it came along.
type Tagged = (Option<String>, Descriptor, Option<Vec<u8>>);

/// A place whose artifacts can be read.
trait Shelf: Sync {
    /// The chosen artifact's manifest, checked.
    fn choose(&self, choice: &Choice) -> Result<(Descriptor, Vec<u8>), OpenError>;

    /// Gives all artifacts to `each`, or those that are chosen; one after the other, for all of them may be large.
    fn list(&self, choice: &Choice, each: &mut dyn FnMut(Tagged) -> Result<(), OpenError>) -> Result<(), OpenError>;

    /// The bytes of another document, checked; messages call it `what`.
    fn document(&self, what: &str, descriptor: &Descriptor) -> Result<Vec<u8>, OpenError>;

    /// Where the blob lies; `None` where there is none of that digest.
    fn find(&self, descriptor: &Descriptor) -> Result<Option<Held>, OpenError>;

    /// Gives to `each` what refers to one of `subjects`, as the place says it; it need not be so, nor be there any more.
    /// One after the other, for nobody knows how many are said to.
    fn referrers(
        &self,
        subjects: &[Digest],
        each: &mut dyn FnMut(Descriptor) -> Result<(), OpenError>,
    ) -> Result<(), OpenError>;

    /// What messages call the place.
    fn name(&self) -> String;

    /// What keeps its blobs there, where something has to.
    fn lease(&self) -> Lease {
        Lease::default()
    }
}

/// Where a blob lies.
#[derive(Debug, Clone)]
pub enum Held {
    /// In a file.
    File(Extent),
    /// In a repository of a registry.
    Registry(Repository),
    /// Something else is in its place, which whoever wants the blob is told; the other blobs can be had all the same.
    Damaged(Arc<OpenError>),
}

/// A model artifact that lies somewhere.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What its manifest and config say.
    pub artifact: read::Stored,
    /// Where the blob of each layer lies, in manifest order; `None` where the place lacks it.
    pub blobs: Vec<Option<Held>>,
    /// What keeps them there.
    pub lease: Lease,
}

/// Finds the model artifact that `reference` names, and reads its manifest and config.
///
/// # Errors
/// The place does not exist or is none, holds no such artifact, or what it holds is not what its digests say.
pub fn open(reference: &Reference, client: &Client) -> Result<Opened, OpenError> {
    let found = find(reference, client)?;
    Ok(Opened {
        artifact: found.model()?.clone(),
        blobs: found.held().to_vec(),
        lease: found.lease().clone(),
    })
}

/// Finds the artifact that `reference` names, of whatever kind.
///
/// # Errors
/// As those of [`open`], but that it is no model is none.
pub fn find(reference: &Reference, client: &Client) -> Result<Found, OpenError> {
    find_all(reference, Reach::default(), client, &[])
}

/// As [`find`], with all that is within `reach`; what an earlier transfer has brought to one of `layouts` is not
/// fetched again.
///
/// # Errors
/// As those of [`find`]; where `reach` is wide, also that a part of it is missing, or that it is too much.
pub fn find_all(reference: &Reference, reach: Reach, client: &Client, layouts: &[&Path]) -> Result<Found, OpenError> {
    let shelf = shelf(reference, client)?;
    let mut root = shelf.choose(&reference.choice).map(Checked::new)?;
    let name = name(&root.descriptor);
    if !reference.variant.is_empty() && !root.is_index() {
        let place = shelf.name();
        return Err(OpenError::NoIndex { place });
    }
    if root.is_index() && !reach.all {
        let descriptor = variant::choose(&root, &reference.variant, shelf.as_ref())?;
        let bytes = shelf.document("manifest", &descriptor)?;
        // As an index it would have been looked into.
        let is_too_deep = Kind::of_media_type(&descriptor.media_type) == Some(Kind::Index);
        root = Checked::new((descriptor, bytes));
        if root.is_index() && is_too_deep {
            return Err(OpenError::too_deep(shelf.name()));
        }
    }
    load(shelf.as_ref(), root, name, reach, layouts)
}

/// The entry of a layout's index that `choice` means, whose manifest is there as it should be, and the name that it has.
///
/// # Errors
/// As those of [`find`]; but of what the manifest lists nothing is looked at.
pub(super) fn entry(layout: &Path, choice: &Choice) -> Result<(Descriptor, Option<Name>), OpenError> {
    let place = layout::Directory::open(layout).map_err(|error| error.of(choice))?;
    let (entry, _) = place.choose(choice)?;
    let name = name(&entry);
    Ok((entry, name))
}

/// The tags that the index of a layout has for what has the digest, each once and in its order.
///
/// # Errors
/// There is no such layout, or its index cannot be read.
pub(crate) fn tags(layout: &Path, digest: Digest) -> Result<Vec<String>, OpenError> {
    let place = layout::Directory::open(layout)?;
    let entries = match choose::matching(&place.index()?, &Choice::Digest(digest), place.spot()) {
        // It stands in an index, which has the names.
        Err(OpenError::NotThere { .. }) => Vec::new(),
        entries => entries?,
    };
    let mut tags: Vec<_> = entries.into_iter().filter_map(|(tag, _)| tag).collect();
    let mut seen = HashSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    Ok(tags)
}

/// The manifest or index that `address` stands for in `repository`.
///
/// # Errors
/// There is none, or it cannot be had.
pub(super) fn document_at(repository: &Repository, address: &Address) -> Result<Document, OpenError> {
    registry::Shop::new(repository.clone(), address.clone()).document()
}

/// The bytes of a manifest in a layout, which are what their descriptor says.
///
/// # Errors
/// They are not, or are missing.
pub(super) fn manifest(layout: &Path, descriptor: &Descriptor) -> Result<Vec<u8>, OpenError> {
    layout::Directory::open(layout)?.document("manifest", descriptor)
}

/// Whether `path` is a layout.
///
/// # Errors
/// It is none, or nothing.
pub(super) fn check_layout(path: &Path) -> Result<(), OpenError> {
    layout::Directory::open(path).map(drop)
}

/// The place of an artifact.
fn shelf(reference: &Reference, client: &Client) -> Result<Box<dyn Shelf>, OpenError> {
    let Reference { location, choice, .. } = reference;
    let of = |error: OpenError| error.of(choice);
    Ok(match location {
        Location::Layout(path) => Box::new(layout::Directory::open(path).map_err(of)?.leased()),
        Location::Archive(path) => Box::new(archive::Tar::open(path, true).map_err(of)?),
        Location::File(path) => Box::new(archive::Tar::open(path, false).map_err(of)?),
        Location::Registry(address) => {
            let repository = client
                .repository(&address.host, &address.repository)
                .map_err(|error| OpenError::Registry(Box::new(error)))?;
            Box::new(registry::Shop::new(repository, address.clone()))
        }
    })
}

/// Reads what `root` lists, as far as it is within `reach`; `name` is the one that it has there. Documents may lie in
/// one of `layouts` already.
fn load(
    shelf: &dyn Shelf,
    root: Checked,
    name: Option<Name>,
    reach: Reach,
    layouts: &[&Path],
) -> Result<Found, OpenError> {
    let unfit = |source| OpenError::Artifact {
        place: shelf.name(),
        source,
    };
    let outline = match root.outline {
        Err(ReadError::Index) if reach.all => None,
        outline => Some(outline.map_err(unfit)?),
    };
    let needs = outline
        .as_ref()
        .map_or_else(|| read::needs(&root.bytes), |outline| Ok(outline.into()));
    let needs = needs.map_err(unfit)?;
    let annotations = needs.annotations.clone();
    let descriptor = bare(root.descriptor);
    let mut closure = Closure::new(shelf, layouts);
    closure.root(&descriptor, needs)?;
    let own = closure.layers();
    if reach.referrers {
        closure.referrers(&descriptor)?;
    }
    let (documents, layers) = closure.into_parts();
    let held = cores::map(layers.iter().collect(), |layer| shelf.find(layer));
    let held = held.into_iter().collect::<Result<_, _>>()?;
    let artifact = Artifact {
        descriptor,
        manifest: root.bytes,
        documents,
        layers: layers.iter().map(Layer::from).collect(),
        annotations,
    };
    Ok(Found::new(
        (artifact, outline),
        layers,
        own,
        held,
        (shelf.name(), shelf.lease()),
        name,
    ))
}

/// The name that an entry of an index gives.
fn name(entry: &Descriptor) -> Option<Name> {
    let annotation = |key| entry.annotations.get(key);
    let full = annotation(IMAGE_NAME).and_then(|name| name.parse().ok());
    full.or_else(|| annotation(REF_NAME).and_then(|tag| Name::of_tag(tag)))
}
