//! Where blobs and manifests live, and the engine that moves them there.
//!
//! Enters: a [`Source`] (blobs whose digests may not be known yet) and any number of [`Destination`]s. Leaves: every
//! destination holds the artifact, whole and under its names, or is as it was before. What is common to all of them
//! (concurrency, hashing while copying, progress, cancellation) lives once, in [`transfer()`]; a destination only
//! says where bytes go and how they become visible. A blob is read once and written once for each destination.

mod again;
mod archive;

mod created;
mod destination;
mod error;
pub mod house;
mod layout;
mod meant;
mod name;
mod named;
mod os;
mod progress;
mod published;
mod reference;
mod remote;
mod source;
pub mod stored;
mod taken;
mod tar;
mod target;
mod transfer;
mod tree;

pub use crate::registry::Cancel;
pub use again::Again;
pub use archive::{ArchiveFile, ArchiveStream};
pub use destination::{Destination, Linking, Needs, Offer, Outcome, Place, Slot, Unlinked};
pub use error::{Error, Side};
pub use layout::{IMAGE_NAME, Layout, Link, REF_NAME};
pub use name::{Name, NameError};
pub use progress::{Event, Progress, Silent};
pub use published::{Published, Replaced};
pub use reference::{Choice, Location, Reference, ReferenceError, Variant};
pub use remote::{Address, AddressError, Remote};
pub use source::{Blob, Bytes, Content, Flow, Reading, Source};
pub use taken::Taken;
pub use target::{Target, TargetError};
pub(crate) use transfer::LARGE as LARGE_BLOB;
pub use transfer::{Options, Received, Transferred, digests, transfer};
pub(crate) use tree::fold;
pub use tree::{
    Arrangement, Claims, Copies, Extracted, Extraction, Fault, Head, Inside, Judge, OtherLayer, Packer, PathFault,
    Sieve, Tree, TreeError, TreeOptions, TreePath, Unfit, encoding_of,
};

pub use crate::files::{Durability, write_file};
