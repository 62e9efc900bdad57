//! A directory that an artifact's files are extracted to.
//!
//! Enters: an artifact from anywhere, whose layers may say anything. Leaves: its files at their paths, with the modes and
//! times that it states; whatever else is in the directory stays. What is promised: all paths are judged before anything
//! is written; nothing leads out of the directory, and no symlink in it is followed; what is to be seen under its name was
//! verified. Bytes arrive in files of a hidden directory, and get their places by renames, when all of them are there; a directory
//! that was not there is renamed with all its files.
//! A file that is there with the right bytes is neither read nor written, if the digest cache knows it.

mod arrangement;
mod attributes;
mod claims;
mod copies;
mod encoding;
mod error;
mod extraction;
mod fresh;
mod judged;
mod packed;
mod path;
mod present;
mod publish;
mod root;
mod seal;
mod session;
mod slot;
mod staging;
mod wanted;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

pub use arrangement::{Arrangement, Head, Judge, Sieve, Unfit};
pub use claims::Claims;
pub use copies::Copies;
pub use encoding::encoding_of;
pub use error::{Fault, OtherLayer, TreeError};
pub use extraction::{Extracted, Extraction};
pub(super) use packed::{Budget, Inspector};
pub use packed::{Inside, Packer};
pub(crate) use path::fold;
pub use path::{PathFault, TreePath};
use seal::Sealed;
use session::{Came, Session};
use wanted::Wanted;

use super::stored::Found;
use super::{Blob, Cancel, Content, Destination, Durability, Error, Link, Linking, Offer, Published, Unlinked, os};
use crate::artifact::Artifact;
use crate::cache::Cache;
use crate::digest::Digest;

/// How to extract.
#[derive(Debug, Clone, Default)]
pub struct TreeOptions {
    /// Whether to wait for the disk.
    pub durability: Durability,
    /// Whether files may be links to the blobs of a layout.
    pub link: Link,
    /// Whether a transfer that fails leaves what it has of large files for the next one: for bytes that are dear to fetch.
    pub resumable: bool,
    /// How many bytes all compressed layers may unpack to, and the copies of files come to; where nobody says, as many as
    /// can be expected of models.
    pub max_unpacked: Option<u64>,
    /// What knows the digests of files that did not change.
    pub cache: Option<Arc<Cache>>,
    /// What stops the reading of files that are there.
    pub cancel: Cancel,
}

/// A directory that takes an artifact's files.
#[derive(Debug)]
pub struct Tree {
    path: PathBuf,
    options: TreeOptions,
    /// What is wanted, until it begins.
    wanted: Option<(Wanted, Claims)>,
    session: Option<Arc<Session>>,
    sealed: Sealed,
    extraction: Extraction,
}

impl Tree {
    /// The directory `path`, which may exist or not, for the layers of `found` that are wanted. Nothing is touched yet.
    ///
    /// A layer whose file nothing names is refused, as the weights in many of Docker's artifacts are. `modelbuild extract`
    /// calls them `model.gguf` and so on: [`model::arrangement`](fn@crate::model::arrangement) has these names, for
    /// [`Self::arranged`].
    ///
    /// # Errors
    /// [`TreeError::Layer`] where a layer cannot become a file, or not beside the others.
    pub fn new(path: PathBuf, found: &Found, options: TreeOptions) -> Result<Self, Error> {
        Self::arranged(path, found, options, Arrangement::default())
    }

    /// The same for files that go to other places than the artifact says.
    ///
    /// # Errors
    /// As those of [`Self::new`].
    pub fn arranged(
        path: PathBuf,
        found: &Found,
        options: TreeOptions,
        arrangement: Arrangement,
    ) -> Result<Self, Error> {
        let mut claims = Claims::default();
        let wanted = Wanted::new(found, &mut claims, Copies::new(options.max_unpacked), arrangement)?;
        Ok(Self {
            path,
            options,
            wanted: Some((wanted, claims)),
            session: None,
            sealed: Sealed::default(),
            extraction: Extraction::default(),
        })
    }

    /// Where to find what was extracted, once it is.
    #[must_use]
    pub fn extraction(&self) -> Extraction {
        self.extraction.clone()
    }

    fn session(&self) -> Result<&Arc<Session>, Error> {
        self.session.as_ref().ok_or_else(no_session)
    }
}

fn no_session() -> Error {
    Error::writing(std::io::Error::other("no transfer has begun"))
}

impl Destination for Tree {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn begin(&mut self, _: &[Blob], _: Option<&Artifact>, _: &Cancel) -> Result<(), Error> {
        let (wanted, claims) = self.wanted.take().ok_or_else(no_session)?;
        let session = Session::begin(&self.path, wanted, claims, self.options.clone())?;
        self.session = Some(Arc::new(session));
        Ok(())
    }

    fn slot(&self, index: usize, _: u64, _: Option<&Digest>) -> Result<Offer<'_>, Error> {
        self.session()?.slot(index)
    }

    fn has(&self, digest: &Digest, _: u64) -> bool {
        self.session.as_ref().is_some_and(|session| session.has(digest))
    }

    fn linking(&self, content: &Content) -> Result<Linking, Error> {
        if self.options.link != Link::Hard {
            return Ok(Linking::Unasked);
        }
        if let Some(fault) = content.beyond_file() {
            return Ok(Linking::Not(fault));
        }
        let session = self.session()?;
        let is_near = os::is_linkable(&content.file, session.root.directory()).map_err(Error::writing)?;
        // A layout calls a blob by its digest.
        let name = content.file.path().file_name().and_then(|name| name.to_str());
        let blob = name
            .and_then(Digest::from_hex)
            .and_then(|digest| session.raw_blob(&digest));
        if !is_near {
            return Ok(Linking::Not(Unlinked::Elsewhere));
        }
        let Some((_, blob)) = blob else {
            return Ok(Linking::Not(Unlinked::Packed));
        };
        // A link to a symlink would be one, wherever it leads from here.
        let named = fs_err::symlink_metadata(content.file.path()).map_err(Error::reading)?;
        if !named.is_file() {
            return Ok(Linking::Not(Unlinked::Symlink));
        }
        let mode = content.file.metadata().map_err(Error::reading)?.permissions().mode();
        Ok(if mode & 0o100 != 0 || !session.has_executable(blob) {
            Linking::Possible
        } else {
            Linking::Not(Unlinked::Executable)
        })
    }

    fn link(&self, content: &Content, digest: &Digest) -> Result<bool, Error> {
        let session = self.session()?;
        let Some((index, _)) = session.raw_blob(digest) else {
            return Ok(false);
        };
        if self.linking(content)? != Linking::Possible {
            return Ok(false);
        }
        // Made when every file has been read: a link changes the file's `ctime`, which would look like a change to
        // whoever still reads it.
        session.came(index, Came::Linked(content.file.path().to_owned(), content.stamp));
        Ok(true)
    }

    fn seal(&mut self, _: &Artifact) -> Result<(), Error> {
        self.sealed = seal::seal(self.session()?)?;
        Ok(())
    }

    fn publish(&mut self, _: &Artifact) -> Result<Published, Error> {
        let (files, changed) = publish::publish(self.session()?, &self.sealed)?;
        self.extraction.fill(files);
        self.session = None;
        Ok(Published {
            changed,
            replaced: Vec::new(),
        })
    }

    fn abort(&mut self) {
        if let Some(session) = self.session.take() {
            session.take_back();
        }
    }

    fn can_begin_again(&self) -> bool {
        false
    }
}
