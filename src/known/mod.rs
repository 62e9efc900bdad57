//! Digests that somebody else has written down already.
//!
//! Enters: the files of a plan, and whom to [`Trust`]. Leaves: for each file the digest that is claimed of its bytes, if
//! one is, with the place where it stands; or which files are only pointers to what they should be. No file of the plan is opened but those as small as a git-lfs pointer. What is
//! claimed is not proved: whoever copies a file finds out, and names the place if it was wrong.

mod document;
mod error;
mod hf;
mod lfs;
mod oms;
mod origin;
mod sums;

use std::collections::HashMap;
use std::path::Path;

pub use error::Error;
pub use origin::Origin;

use crate::digest::Digest;
use crate::modelfile::Kind;
use crate::plan::PlannedFile;

/// Whom to believe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// What `hf download --local-dir` noted of the files that it fetched.
    Hf,
    /// git-lfs, for files that git sees as unchanged.
    Lfs,
    /// `SHA256SUMS` and the like.
    Sums,
    /// The list in an OpenSSF model signature. The signature itself is not verified.
    Oms,
}

/// The paths of those `files` that a model is run with (no code, document or dataset), and that are only pointers of
/// git-lfs. None is opened but those of 126 to 145 bytes, which few files have that are none: of so many as a dataset may
/// have, or documents, even these are too many to be opened in each build.
#[must_use]
pub fn pointers(files: &[PlannedFile]) -> Vec<String> {
    let is_run = |file: &&PlannedFile| !matches!(file.kind, Kind::Code | Kind::Doc | Kind::Dataset);
    let pointers = files
        .iter()
        .filter(is_run)
        .filter(|file| file.own().is_some_and(lfs::is_pointer));
    pointers.map(|file| file.path.clone()).collect()
}

/// What is claimed of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The SHA-256 of its bytes.
    pub digest: Digest,
    /// Where that stands.
    pub origin: Origin,
}

/// The claims about the files of a plan, in their order; by default none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims(Vec<Option<Claim>>);

impl Claims {
    /// Collects what those who are `trusted` claim of `files`, which lie in `context`.
    ///
    /// A document counts for the files in its directory and below, up to the context. Files of a base have known digests,
    /// and empty ones need none.
    ///
    /// # Errors
    /// Two claims about a file differ, a document cannot be read, or a file is only a pointer to what it should be.
    pub fn collect(files: &[PlannedFile], context: &Path, trusted: &[Trust]) -> Result<Self, Error> {
        let trusts = |who| trusted.contains(&who);
        // `SHA256SUMS`, not `./SHA256SUMS`, in every message.
        let context = if context == Path::new(".") {
            Path::new("")
        } else {
            context
        };
        let mut hf = hf::Downloads::new(context);
        let mut lfs = lfs::Repositories::default();
        let mut sums = Documents::new(context, sums::read);
        let mut oms = Documents::new(context, oms::read);
        let mut claims = Vec::with_capacity(files.len());
        for file in files {
            let mut found = Vec::new();
            if let Some(own) = file.own().filter(|own| own.stamp.size > 0) {
                if trusts(Trust::Hf) {
                    found.extend(hf.claim(&file.path, &own.stamp)?);
                }
                if trusts(Trust::Lfs) {
                    found.extend(lfs.claim(&file.path, own, context)?);
                }
                if trusts(Trust::Sums) {
                    sums.collect(file, &mut found)?;
                }
                if trusts(Trust::Oms) {
                    oms.collect(file, &mut found)?;
                }
            }
            claims.push(agreed(file, found)?);
        }
        Ok(Self(claims))
    }

    /// What is claimed of the file at `index` of the plan.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Claim> {
        self.0.get(index).and_then(Option::as_ref)
    }

    /// The places of all claims that hold, each once, in no order.
    pub fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.0.iter().flatten().map(|claim| &claim.origin)
    }
}

/// The claim that all agree on.
fn agreed(file: &PlannedFile, found: Vec<Claim>) -> Result<Option<Claim>, Error> {
    let mut found = found.into_iter();
    let Some(first) = found.next() else { return Ok(None) };
    match found.find(|other| other.digest != first.digest) {
        None => Ok(Some(first)),
        Some(other) => Err(Error::Disagreement {
            name: file.path.clone(),
            one: Box::new(first),
            other: Box::new(other),
        }),
    }
}

/// What the documents in a directory claim, by the files' paths from there.
type Listed = HashMap<String, Vec<Claim>>;

/// Documents that name files below their own directory; each directory is looked at once.
struct Documents<'a> {
    context: &'a Path,
    read: fn(&Path) -> Result<Listed, Error>,
    by_directory: HashMap<String, Listed>,
}

impl<'a> Documents<'a> {
    fn new(context: &'a Path, read: fn(&Path) -> Result<Listed, Error>) -> Self {
        Self {
            context,
            read,
            by_directory: HashMap::new(),
        }
    }

    /// Adds what is claimed of a file in its own directory and in those above.
    fn collect(&mut self, file: &PlannedFile, found: &mut Vec<Claim>) -> Result<(), Error> {
        for (directory, path) in above(&file.path) {
            if !self.by_directory.contains_key(directory) {
                let listed = (self.read)(&self.context.join(directory))?;
                self.by_directory.insert(directory.to_owned(), listed);
            }
            let listed = self.by_directory.get(directory);
            found.extend(
                listed
                    .and_then(|listed| listed.get(path))
                    .into_iter()
                    .flatten()
                    .cloned(),
            );
        }
        Ok(())
    }
}

/// The directories above a path of the plan, nearest first, and the path as seen from each.
fn above(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let inner = path.rmatch_indices('/').map(|(at, _)| {
        let (directory, rest) = path.split_at(at);
        (directory, rest.trim_start_matches('/'))
    });
    inner.chain([("", path)])
}
