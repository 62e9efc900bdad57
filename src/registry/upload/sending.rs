//! How the bytes of a blob get on their way: which request they go in, and which of them are read once more for it.

use std::io;

use bytes::Bytes;
use reqwest::Method;

use super::request::{Part, Request};
use super::{Upload, with_digest};
use crate::registry::Error;

/// How much is handed over at a time. On a slow line a piece must not take so long as to look like a stall; and what is
/// larger the allocator gives back to the system each time, which costs as much as sending it.
pub const PIECE: usize = 64 << 10;

impl Upload<'_> {
    /// Whether nothing can be sent before the digest is known.
    pub(super) fn waits_for_digest(&self) -> bool {
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
    pub(super) fn advance(&mut self, until: u64, bytes: &[u8]) -> Result<(), Error> {
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
    pub(super) fn owe(&mut self, bytes: u64) {
        let observer = &self.repository.shared.observer;
        if let Some(layer) = self.called.layer() {
            match bytes.checked_sub(self.owed) {
                Some(0) => {}
                Some(more) => observer.owed(layer, more),
                None => observer.made_good(layer, self.owed - bytes),
            }
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
