//! One blob to a registry, in pieces, so that a connection that breaks costs no more than it must.
//!
//! Bytes come in order from whoever reads and hashes them. What is cheap to send again goes in one request; the rest in
//! chunks, each of which the registry keeps. When something breaks, the session is asked how much arrived
//! (distribution-spec 1.1, "Pushing a blob in chunks"), and what is missing is read once more; where the session is gone,
//! the blob begins anew, and that is said. A session outlives the process: [`Uploads`] notes where it stands. The digest
//! is not needed before the end, unless the registry takes a blob in one request only.

mod again;
mod chunk;
mod close;
mod kept;
mod outcome;
mod request;
mod sending;
pub(super) mod session;
mod standing;
mod survey;
mod words;

pub use again::{Again, Memory};
pub use kept::{Identity, Kept, Uploads};
use request::Request;
use reqwest::Url;
use reqwest::header::HeaderValue;
pub use session::Session;
pub use survey::Unfinished;

use super::authority::Challenges;
use super::retry::Attempts;
use super::{Called, Doing, Error, Repository};
use crate::digest::Digest;

/// What is uploaded.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// What messages call it.
    pub called: Called,
    /// Size in bytes.
    pub size: u64,
    /// Its digest, where it is known already.
    pub digest: Option<Digest>,
    /// By what a later process would know it.
    pub names: Vec<Identity>,
    /// An upload that the registry has begun for it already.
    pub begun: Option<Session>,
}

/// A blob on its way to a registry.
pub struct Upload<'a> {
    repository: Repository,
    called: Called,
    doing: Doing,
    size: u64,
    digest: Option<Digest>,
    again: Box<dyn Again + Send + 'a>,
    kept: Option<Kept>,
    begun: Option<Session>,
    session: Option<Session>,
    request: Option<Request>,
    /// Whether it goes in one request.
    single: bool,
    /// Bytes in the next chunk.
    chunk: u64,
    /// What the request now under way showed.
    shown: Option<HeaderValue>,
    /// How many bytes we were given.
    given: u64,
    /// How many of them are not on their way, as far as was told: the request began before them.
    owed: u64,
    /// The most that the registry ever had.
    best: u64,
    attempts: Attempts,
    /// How often the registry has asked who we are since it last took something.
    challenges: Challenges,
    /// How often it has sent us elsewhere since then.
    redirects: u8,
    /// How many bytes of the session an earlier process sent.
    inherited: u64,
    /// The blob that an earlier process had sent whole, and the registry has.
    arrived: Option<Digest>,
    /// How much the registry said last that it has, where it was asked and nothing was taken since.
    named: Option<u64>,
    /// How often it would not go on where it said that an earlier process has brought it.
    doubts: u8,
    /// Whether another session was begun in place of one that would not do, and it has not come further since.
    is_renewed: bool,
    done: bool,
}

impl<'a> Upload<'a> {
    /// An upload of `parcel`, which `again` reads once more where that is needed. Nothing is sent yet.
    #[must_use]
    pub fn new(
        repository: &Repository,
        parcel: Parcel,
        again: Box<dyn Again + Send + 'a>,
        uploads: Option<&Uploads>,
    ) -> Self {
        // One request leaves nothing to go on with.
        let chunk = repository.host.chunks.usual();
        let single = repository.host.single_put() || (parcel.size <= chunk && parcel.digest.is_some());
        let kept = uploads.filter(|_| !single && parcel.size > chunk);
        Self {
            kept: kept.and_then(|uploads| uploads.of(repository, parcel.size, &parcel.names)),
            attempts: Attempts::new(repository.shared.settings.patience),
            repository: repository.clone(),
            doing: Doing::new(format!("sending {}", parcel.called)).about(&parcel.called),
            called: parcel.called,
            size: parcel.size,
            digest: parcel.digest,
            again,
            begun: parcel.begun,
            session: None,
            request: None,
            single,
            chunk,
            shown: None,
            given: 0,
            owed: 0,
            best: 0,
            challenges: Challenges::default(),
            redirects: 0,
            inherited: 0,
            arrived: None,
            named: None,
            doubts: 0,
            is_renewed: false,
            done: false,
        }
    }

    /// Takes the next bytes of the blob.
    ///
    /// # Errors
    /// The registry does not take them, whatever is tried.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let until = self.given + bytes.len() as u64;
        if !self.waits_for_digest() && !self.has_arrived()? {
            self.advance(until, bytes)?;
        }
        self.given = until;
        Ok(())
    }

    /// Makes it a blob, all bytes being there.
    ///
    /// # Errors
    /// The registry does not take it.
    pub fn commit(mut self, digest: &Digest) -> Result<(), Error> {
        self.digest = Some(*digest);
        self.done |= self.arrived.is_some_and(|arrived| arrived == *digest);
        while !self.done {
            self.advance(self.size, &[])?;
            if !self.done {
                self.close(digest)?;
            }
        }
        if let Some(kept) = &self.kept {
            kept.forget();
        }
        Ok(())
    }
}

fn with_digest(location: &Url, digest: &Digest) -> Url {
    let mut url = location.clone();
    // A redirect may have taken it along.
    if url.query_pairs().any(|(key, _)| key == "digest") {
        return url;
    }
    url.query_pairs_mut().append_pair("digest", &digest.to_string());
    url
}
