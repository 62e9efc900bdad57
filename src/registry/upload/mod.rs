//! One blob to a registry, in pieces, so that a connection that breaks costs no more than it must.
//!
//! Bytes come in order from whoever reads and hashes them. What is cheap to send again goes in one request; the rest in
//! chunks, each of which the registry keeps. When something breaks, the session is asked how much arrived
//! (distribution-spec 1.1, "Pushing a blob in chunks"), and what is missing is read once more; where the session is gone,
//! the blob begins anew, and that is said. A session outlives the process: [`Uploads`] notes where it stands. The digest
//! is not needed before the end, unless the registry takes a blob in one request only.

mod kept;
mod outcome;
mod request;
pub(super) mod session;
mod standing;
mod survey;

use std::io;

use bytes::Bytes;
pub use kept::{Identity, Kept, Uploads};
use request::{Part, Request};
use reqwest::header::HeaderValue;
use reqwest::{Method, Url};
pub use session::Session;
pub use survey::Unfinished;

use super::authority::Challenges;
use super::retry::Attempts;
use super::{Error, Repository};
use crate::digest::Digest;

/// How much is handed over at a time. On a slow line a piece must not take so long as to look like a stall; and what is
/// larger the allocator gives back to the system each time, which costs as much as sending it.
const PIECE: usize = 64 << 10;

/// The bytes of a blob once more, from any place on.
pub trait Again {
    /// Fills the start of `buffer` with the bytes from `position` on, and returns how many; 0 at the end.
    ///
    /// # Errors
    /// They cannot be read.
    fn read_at(&mut self, position: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// A document that is all in memory, to be read again.
pub struct Memory(Vec<u8>);

impl Memory {
    /// The document.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_owned())
    }
}

impl Again for Memory {
    fn read_at(&mut self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(position).unwrap_or(usize::MAX);
        let rest = self.0.get(start..).unwrap_or_default();
        io::Read::read(&mut &*rest, buffer)
    }
}

/// What is uploaded.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// What messages call it.
    pub called: String,
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
    called: String,
    doing: String,
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
            doing: format!("sending {}", parcel.called),
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
        if !self.waits_for_digest() {
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

    /// Whether nothing can be sent before the digest is known.
    fn waits_for_digest(&self) -> bool {
        self.single && self.digest.is_none()
    }

    /// The next byte that the registry needs.
    fn position(&self) -> u64 {
        match (&self.request, &self.session) {
            (Some(request), _) => request.next,
            (None, Some(session)) => session.offset,
            (None, None) => 0,
        }
    }

    /// Sends until the registry has, or is being sent, the bytes before `until`; `bytes` begin where the last ones ended.
    fn advance(&mut self, until: u64, bytes: &[u8]) -> Result<(), Error> {
        while !self.done && !self.waits_for_digest() && (self.position() < until || self.must_begin_empty()) {
            if self.session.is_none() {
                // It may have more than we have read so far.
                self.session = Some(self.open()?);
                continue;
            }
            if self.request.is_none() {
                self.begin()?;
                continue;
            }
            let piece = self.piece(until, bytes)?;
            let repository = self.repository.clone();
            let Some(request) = &mut self.request else { continue };
            let sent = request.send(&repository, piece)?;
            if !sent || request.next >= request.end {
                self.settle()?;
            }
        }
        Ok(())
    }

    /// An empty blob in one request has no byte that would begin it.
    const fn must_begin_empty(&self) -> bool {
        self.size == 0 && self.single
    }

    /// The next bytes for the request: those that were just given, or earlier ones read again.
    fn piece(&mut self, until: u64, bytes: &[u8]) -> Result<Bytes, Error> {
        let Some(request) = &self.request else {
            return Ok(Bytes::new());
        };
        let end = request.end.min(until);
        if let Some(start) = request.next.checked_sub(self.given) {
            let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
            let start = index(start);
            let end = index(end.saturating_sub(self.given)).min(start + PIECE);
            if let Some(piece @ [_, ..]) = bytes.get(start..end) {
                return Ok(Bytes::copy_from_slice(piece));
            }
        }
        let length = (end - request.next).min(PIECE as u64);
        let mut buffer = vec![0; usize::try_from(length).unwrap_or(PIECE)];
        let read = self
            .again
            .read_at(request.next, &mut buffer)
            .map_err(|error| Error::Again(error.into()))?;
        if read == 0 && length > 0 {
            let shorter = io::Error::new(io::ErrorKind::UnexpectedEof, "the file is shorter than it was");
            return Err(Error::Again(shorter.into()));
        }
        buffer.truncate(read);
        self.owe(self.owed.saturating_sub(read as u64));
        Ok(buffer.into())
    }

    /// Tells how much of what we were given is not on its way.
    fn owe(&mut self, bytes: u64) {
        let observer = &self.repository.shared.observer;
        if bytes > self.owed {
            observer.owed(&self.called, bytes - self.owed);
        } else if bytes < self.owed {
            observer.made_good(&self.called, self.owed - bytes);
        }
        self.owed = bytes;
    }

    /// Begins the next request: a chunk, or all of it.
    fn begin(&mut self) -> Result<(), Error> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.open()?,
        };
        let scope = self.repository.scope(true);
        let shared = &self.repository.shared;
        self.shown = shared.header(&self.repository.host, &session.location, &scope)?;
        let shown = self.shown.clone();
        let part = if let Some(digest) = self.digest.filter(|_| self.single) {
            Part {
                method: Method::PUT,
                url: with_digest(&session.location, &digest),
                start: 0,
                end: self.size,
                range: false,
                shown,
            }
        } else {
            Part {
                method: Method::PATCH,
                url: session.location.clone(),
                start: session.offset,
                end: session
                    .offset
                    .saturating_add(self.repository.host.chunks.allowed(self.chunk).max(session.chunk_min))
                    .min(self.size),
                range: true,
                shown,
            }
        };
        self.session = Some(session);
        self.owe(self.given.saturating_sub(part.start));
        self.request = Some(Request::begin(&self.repository, part)?);
        if self.size == 0 {
            self.settle()?;
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
