//! A blob on its way from a registry.

mod answer;

use answer::Body;
use bytes::{Buf as _, Bytes};

use super::failure::{broken, causes, stalled};
use super::retry::Attempts;
use super::{Called, Doing, Error, Repository};
use crate::digest::Digest;
use crate::plan::plural;

/// Fewer bytes than this before the next failure are no progress: who cuts every connection after a byte is not waited for.
const PROGRESS: u64 = 1 << 20;

/// A blob on its way from a registry. A connection that breaks is made anew, from the byte where it broke. The bytes are
/// not checked here: who reads them hashes them.
pub struct Download {
    /// Where it is read; those that failed for good are left out.
    places: Vec<Repository>,
    digest: Digest,
    size: u64,
    called: Called,
    position: u64,
    /// Where it was when it came to the place.
    since_place: u64,
    body: Option<Body>,
    piece: Bytes,
    /// Bytes that the registry sends although they are not wanted: it does not know ranges.
    unwanted: u64,
    /// Whether it is asked for a part where only that is missing.
    by_range: bool,
    attempts: Attempts,
    since_failure: u64,
}

impl Download {
    pub(super) fn new(repository: &Repository, digest: Digest, size: u64, called: Called, position: u64) -> Self {
        let mut places = repository.places_of(&digest);
        places.reverse();
        Self {
            attempts: attempts_at(places.last(), repository),
            places,
            digest,
            size,
            called,
            position,
            since_place: position,
            body: None,
            piece: Bytes::new(),
            unwanted: 0,
            by_range: true,
            since_failure: 0,
        }
    }

    /// Fills the start of `buffer` with the next bytes; 0 at the end.
    ///
    /// # Errors
    /// The registry does not send them, whatever is tried.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        while self.piece.is_empty() {
            if self.position >= self.size {
                return Ok(0);
            }
            if let Err(failure) = self.receive() {
                self.body = None;
                self.recover(failure)?;
            }
        }
        let length = self.piece.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), self.piece.get(..length)) {
            to.copy_from_slice(from);
        }
        self.piece.advance(length);
        self.position += length as u64;
        Ok(length)
    }

    fn place(&self) -> Result<&Repository, Error> {
        self.places.last().ok_or_else(|| Error::NotFound {
            host: String::new(),
            what: self.called.to_string(),
        })
    }

    fn doing(&self) -> Doing {
        Doing::new(format!("fetching {}", self.called)).about(&self.called)
    }

    /// Has the next piece come, or begins to ask for it.
    fn receive(&mut self) -> Result<(), Failure> {
        let place = self.place()?.clone();
        let Some(body) = &mut self.body else {
            return self.begin(&place);
        };
        let limit = place.shared.settings.patience.stall;
        let received = place.shared.wait_for(limit, body.pieces.next())?;
        let (host, url, end) = (&place.host, body.url.clone(), body.end);
        let doing = self.doing();
        let cause = match received {
            Some(Ok(Some(piece))) => {
                self.take(piece);
                return Ok(());
            }
            None => return Err(Failure::passing(stalled(host, &url, &doing, limit))),
            Some(Err(error)) => causes(&error),
            // All of what it said that it would send: it has no more, or who is between us cuts it off.
            Some(Ok(None)) if let Some(end) = end => {
                return Err(Failure::passing(self.wrong_size(&place, &url, end)));
            }
            Some(Ok(None)) => format!(
                "the connection ended {} early",
                plural(self.size - self.position, "byte")
            ),
        };
        Err(Failure::passing(broken(host, Some(&url), &doing, cause)))
    }

    /// Takes the next piece of a body.
    fn take(&mut self, mut piece: Bytes) {
        let skipped = usize::try_from(self.unwanted).unwrap_or(usize::MAX).min(piece.len());
        piece.advance(skipped);
        self.unwanted -= skipped as u64;
        // More than there should be is cut off: the digest would not be the right one with it.
        piece.truncate(usize::try_from(self.size - self.position).unwrap_or(usize::MAX));
        // Not what was skipped: who sends the same bytes again and again brings nothing forward.
        self.since_failure += piece.len() as u64;
        if self.since_failure >= PROGRESS {
            self.attempts.progress();
        }
        self.piece = piece;
    }

    /// Goes on after a failure: at the same place where that may help, else at the next.
    fn recover(&mut self, Failure { error, may_pass }: Failure) -> Result<(), Error> {
        let place = self.place()?.clone();
        let pause = if !may_pass {
            None
        } else if self.position > self.since_place {
            self.attempts.next(None)
        } else {
            place.host.next(&mut self.attempts, &error, None)
        };
        if let Some(pause) = pause {
            place.shared.pause(&place.host, &self.doing(), &error, pause)?;
        } else if self.places.len() > 1 && !matches!(error, Error::Interrupted) {
            place.give_up(&error);
            // Where it proves wrong, who has sent nothing of it is not to blame, and need not be asked to see that.
            place.leave_out(&self.digest, self.position > self.since_place);
            self.since_place = self.position;
            self.places.pop();
            self.attempts = attempts_at(self.places.last(), &place);
            self.by_range = true;
        } else {
            return Err(error);
        }
        self.since_failure = 0;
        Ok(())
    }
}

/// As many attempts as `place` is worth, or else `other`.
fn attempts_at(place: Option<&Repository>, other: &Repository) -> Attempts {
    let place = place.unwrap_or(other);
    place.shared.attempts_at(&place.host)
}

/// What went wrong, and whether the same place may do better. A request that got no answer has been made again already.
struct Failure {
    error: Error,
    may_pass: bool,
}

impl Failure {
    const fn passing(error: Error) -> Self {
        Self { error, may_pass: true }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, may_pass: false }
    }
}
