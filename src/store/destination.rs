use std::sync::Arc;

use fs_err::File;

use super::{Blob, Bytes, Cancel, Content, Error, Published};
use crate::artifact::Artifact;
use crate::digest::Digest;

/// What a destination must be told before it can take a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: blobs may come in any order, at the same time, before their digests are known.
    Nothing,
    /// The digest, and one blob after the other in manifest order: the destination cannot go back.
    DigestsInOrder,
}

/// What became of a blob at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its bytes were written.
    Written,
    /// It was there already; nothing was written.
    Present,
    /// It shares the source file by a hard link; nothing was written.
    Linked,
    /// It was taken over from another place at the destination; nothing was sent.
    Mounted,
}

/// Whether a destination takes a blob by a hard link to its source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linking {
    /// Nobody asked for links.
    Unasked,
    /// It does.
    Possible,
    /// Links are asked for, and this one is copied all the same.
    Not(Unlinked),
}

/// Why a blob is copied where links are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unlinked {
    /// The blob is more than the file: a tar around it.
    Wrapped,
    /// The blob is a part of the file: out of a tarball.
    Part,
    /// The file is on another file system, or on the same one mounted at another place.
    Elsewhere,
    /// What is in its place is a symlink, as a link to it would be.
    Symlink,
    /// The layer is a tar or compressed, and its files are none yet.
    Packed,
    /// The file has to be executable, and the blob is not.
    Executable,
}

/// What a destination answers to a blob that is offered.
pub enum Offer<'a> {
    /// It has the blob now, and needs no bytes.
    Has(Outcome),
    /// It has taken the blob over from the place of this name, and needs no bytes.
    Mounted(&'a str),
    /// Its bytes go here.
    Slot(Box<dyn Slot + 'a>),
}

/// Where the kernel may copy a blob to by itself: byte 0 of the blob is `offset` of `file`.
#[derive(Debug, Clone)]
pub struct Place {
    /// The open file.
    pub file: Arc<File>,
    /// Where the blob begins in it, in bytes.
    pub offset: u64,
    /// Whether the destination will wait until the file is on the device: then the device may as well begin early.
    pub synced: bool,
}

/// A place for one blob. Dropped without [`Slot::commit`], it leaves nothing behind.
pub trait Slot: Send {
    /// Where to write, if any byte of it can be written at any time; else [`Slot::write`] takes the bytes in order.
    fn place(&self) -> Option<Place> {
        None
    }

    /// How many bytes of the blob an earlier, broken transfer has left in [`Slot::place`], from its start on.
    fn held(&self) -> u64 {
        0
    }

    /// Is told, before the first byte, where all of them come from: some may be needed once more.
    fn reads_from(&mut self, bytes: &Bytes) {
        let _ = bytes;
    }

    /// How many bytes of the blob, from its start on, the place has got already and need not be given: what is written is
    /// what comes behind them. Asked only after [`Slot::reads_from`], and where nobody here has to hash the blob.
    ///
    /// # Errors
    /// The place cannot be asked.
    fn skip(&mut self) -> Result<u64, Error> {
        Ok(0)
    }

    /// How many bytes of the blob, from its start on, the place has got already, although all of them are given to it.
    /// Asked only after [`Slot::reads_from`], and before the first byte.
    ///
    /// # Errors
    /// The place cannot be asked.
    fn found(&mut self) -> Result<u64, Error> {
        Ok(0)
    }

    /// What it holds is not what it should be: it must not be gone on with.
    fn spoil(&mut self) {}

    /// Takes the next bytes of the blob.
    ///
    /// # Errors
    /// The destination cannot take them.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// Makes the blob visible under its digest, once all of its bytes are there.
    ///
    /// # Errors
    /// The destination cannot take it.
    fn commit(self: Box<Self>, digest: &Digest) -> Result<Outcome, Error>;
}

/// Something that an artifact can be moved to.
pub trait Destination: Sync {
    /// What the destination is called in messages.
    fn name(&self) -> String;

    /// What it must be told before it can take a blob.
    fn needs(&self) -> Needs {
        Needs::Nothing
    }

    /// Announces the blobs of the layers, in manifest order, and the artifact, where all their digests are known; called
    /// once, before anything else. Whatever is waited for from now on is not where `stop` says so.
    ///
    /// # Errors
    /// The destination cannot be used.
    fn begin(&mut self, blobs: &[Blob], artifact: Option<&Artifact>, stop: &Cancel) -> Result<(), Error>;

    /// Whether a blob of `size` bytes may be here already. Where it may, the engine hashes first and asks for a slot
    /// with the digest, so that what is here is not written again; where it cannot, it hashes while it copies.
    fn may_hold(&self, size: u64) -> bool {
        let _ = size;
        false
    }

    /// A place for the blob at `index`, which has `size` bytes, unless its digest is known and the destination has it.
    ///
    /// # Errors
    /// The destination cannot make the place, or what it holds under that digest is damaged.
    fn slot(&self, index: usize, size: u64, digest: Option<&Digest>) -> Result<Offer<'_>, Error>;

    /// Whether it hashes what it is sent, and takes nothing under a wrong digest.
    fn verifies(&self) -> bool {
        false
    }

    /// Whether writing waits for a network, so that several blobs at a time are quicker than one for each core.
    fn is_remote(&self) -> bool {
        false
    }

    /// The registry that it is in, where another place in it can be given blobs of this one without their being sent.
    fn registry(&self) -> Option<&str> {
        None
    }

    /// Whether [`Destination::link`] would take a blob from this file.
    ///
    /// # Errors
    /// The destination cannot find out.
    fn linking(&self, content: &Content) -> Result<Linking, Error> {
        let _ = content;
        Ok(Linking::Unasked)
    }

    /// Takes the blob by a hard link to its source file instead of a copy, where it can and was told to.
    ///
    /// # Errors
    /// The link cannot be made for a reason that a copy would meet too.
    fn link(&self, content: &Content, digest: &Digest) -> Result<bool, Error> {
        let _ = (content, digest);
        Ok(false)
    }

    /// Takes config and manifest and makes sure that everything is there to stay; nothing is visible yet. All layers
    /// have been taken. What can still fail (a full disk, a link that cannot be made) fails here, before any destination
    /// of the transfer publishes.
    ///
    /// # Errors
    /// The destination cannot take them.
    fn seal(&mut self, artifact: &Artifact) -> Result<(), Error>;

    /// Makes the artifact visible under the destination's names.
    ///
    /// # Errors
    /// The destination cannot do it; nothing became visible.
    fn publish(&mut self, artifact: &Artifact) -> Result<Published, Error>;

    /// Takes back what this transfer left here. Called instead of [`Destination::publish`] when something failed.
    fn abort(&mut self) {}

    /// Whether it has the blob, whole; nothing is touched for the answer. Asked for all blobs that are known, from many
    /// threads at once; before anything has begun too, for a preview.
    fn has(&self, digest: &Digest, size: u64) -> bool {
        let _ = (digest, size);
        false
    }

    /// Whether it is known to hold the whole artifact already; asked before anything has begun.
    fn is_up_to_date(&self, artifact: &Artifact) -> bool {
        let _ = artifact;
        false
    }

    /// Whether the same transfer can be run again after [`Destination::abort`]: not where bytes have gone out for good.
    fn can_begin_again(&self) -> bool {
        true
    }
}
