use bytes::{Buf as _, Bytes};
use reqwest::header::{CONTENT_RANGE, HeaderMap, HeaderValue, RANGE};
use reqwest::{Method, Response, StatusCode};

use super::blobs::content_length;
use super::exchange::{reason, unreachable};
use super::retry::Attempts;
use super::{Error, Notice, Repository};
use crate::digest::Digest;

/// Fewer bytes than this before the next failure are no progress: who cuts every connection after a byte is not waited for.
const PROGRESS: u64 = 1 << 20;

/// A blob on its way from a registry. A connection that breaks is made anew, from the byte where it broke. The bytes are
/// not checked here: who reads them hashes them.
pub struct Download {
    /// Where it is read; those that failed for good are left out.
    places: Vec<Repository>,
    digest: Digest,
    size: u64,
    called: String,
    position: u64,
    response: Option<Response>,
    piece: Bytes,
    /// Bytes that the registry sends although they are not wanted: it does not know ranges.
    unwanted: u64,
    attempts: Attempts,
    since_failure: u64,
}

impl Download {
    pub(super) fn new(repository: &Repository, digest: Digest, size: u64, called: String, position: u64) -> Self {
        let mut places = repository.places();
        places.reverse();
        Self {
            attempts: Attempts::new(repository.shared.settings.patience),
            places,
            digest,
            size,
            called,
            position,
            response: None,
            piece: Bytes::new(),
            unwanted: 0,
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
            if let Err(error) = self.receive() {
                self.response = None;
                self.recover(error)?;
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
            what: self.called.clone(),
        })
    }

    fn doing(&self) -> String {
        format!("fetching {}", self.called)
    }

    /// Has the next piece come, or begins to ask for it.
    fn receive(&mut self) -> Result<(), Error> {
        let place = self.place()?.clone();
        let Some(response) = &mut self.response else {
            return self.begin(&place);
        };
        let limit = place.shared.settings.patience.stall;
        let piece = match place.shared.wait_for(limit, response.chunk())? {
            None => return Err(place.shared.stalled(&place.host, &self.doing())),
            Some(Err(error)) => return Err(unreachable(&place.host, &self.doing(), &error)),
            Some(Ok(None)) => {
                return Err(Error::Unreachable {
                    host: place.host.name.clone(),
                    doing: self.doing(),
                    cause: format!("the connection ended {} bytes early", self.size - self.position),
                });
            }
            Some(Ok(Some(piece))) => piece,
        };
        let mut piece = piece;
        let skipped = usize::try_from(self.unwanted).unwrap_or(usize::MAX).min(piece.len());
        piece.advance(skipped);
        self.unwanted -= skipped as u64;
        // More than there should be is cut off: the digest would not be the right one with it.
        piece.truncate(usize::try_from(self.size - self.position).unwrap_or(usize::MAX));
        self.since_failure += (piece.len() + skipped) as u64;
        if self.since_failure >= PROGRESS {
            self.attempts.progress();
        }
        self.piece = piece;
        Ok(())
    }

    /// Asks for the rest.
    fn begin(&mut self, place: &Repository) -> Result<(), Error> {
        let url = place.url(&format!("blobs/{}", self.digest))?;
        let mut headers = Vec::new();
        if self.position > 0
            && let Ok(range) = HeaderValue::try_from(format!("bytes={}-{}", self.position, self.size - 1))
        {
            headers.push((RANGE, range));
        }
        let mut response = place.ask(Method::GET, url.clone(), headers, None, &self.doing())?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE && self.position > 0 {
            // It cannot go on in the middle: from the start, then, without what is here already.
            response = place.ask(Method::GET, url, Vec::new(), None, &self.doing())?;
        }
        let protocol = |what: String| Error::Protocol {
            host: place.host.name.clone(),
            doing: self.doing(),
            what,
        };
        let start = match response.status() {
            // It does not know ranges, or none was wanted.
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT => range_start(response.headers())
                .ok_or_else(|| protocol("it does not say which part it sends".to_owned()))?,
            StatusCode::NOT_FOUND => {
                return Err(Error::NotFound {
                    host: place.host.name.clone(),
                    what: format!("blob of {}", self.called),
                });
            }
            _ => return Err(place.shared.refused(&place.host, response, &self.doing())),
        };
        if start > self.position {
            return Err(protocol(format!(
                "it sends from byte {start} on, not from {}",
                self.position
            )));
        }
        let expected = self.size - start;
        if let Some(length) = content_length(response.headers()).filter(|length| *length > expected) {
            return Err(protocol(format!("it has {length} bytes more, not {expected}")));
        }
        self.unwanted = self.position - start;
        self.response = Some(response);
        Ok(())
    }

    /// Goes on after a failure: at the same place where that may help, else at the next.
    fn recover(&mut self, error: Error) -> Result<(), Error> {
        let place = self.place()?.clone();
        let passing = matches!(error, Error::Unreachable { .. } | Error::Stalled { .. });
        // What was asked for by a range that the registry does not like can be asked for whole.
        let pause = if passing { self.attempts.next(None) } else { None };
        if let Some(pause) = pause {
            place.shared.pause(&place.host, &self.doing(), reason(&error), pause)?;
            if self.position > 0 {
                place.shared.observer.notice(&Notice::Resumed {
                    doing: self.doing(),
                    at: self.position,
                });
            }
        } else if self.places.len() > 1 && !matches!(error, Error::Interrupted) {
            self.places.pop();
            self.attempts.progress();
        } else {
            return Err(error);
        }
        self.since_failure = 0;
        Ok(())
    }
}

/// `N` of `Content-Range: bytes N-…`.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    let value = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (start, _) = value.trim().strip_prefix("bytes")?.trim_start().split_once('-')?;
    start.trim().parse().ok()
}
