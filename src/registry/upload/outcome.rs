//! What becomes of an upload when a request has ended, well or not.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode, Url};

use super::request::{Answer, End};
use super::session::{chunk_min, location, range_end, takes_no_chunks};
use super::{PIECE, Upload, with_digest};
use crate::digest::{Digest, Hasher};
use crate::registry::authority::Challenges;
use crate::registry::exchange::is_denial;
use crate::registry::failure::{broken, denial, refusal, stalled};
use crate::registry::retry::is_passing;
use crate::registry::{Error, Notice};

/// How long what a killed process sent may still be on its way.
const SETTLING: Duration = Duration::from_millis(500);

impl Upload<'_> {
    /// Hears how the request ended, and draws the consequences.
    pub(super) fn settle(&mut self) -> Result<(), Error> {
        let Some(request) = self.request.take() else {
            return Ok(());
        };
        let (url, sent, end) = (request.url.clone(), request.next, request.end);
        let is_grown = !self.single && self.repository.host.chunks.is_grown(end - request.start);
        let ended = request.end(&self.repository)?;
        let host = self.repository.host.clone();
        let error = match ended {
            End::Answered(answer) if is_grown && may_be_the_size(answer.status) => {
                host.has_answered();
                refusal(&host, &url, answer.status, &answer.text, &self.doing)
            }
            End::Answered(answer) => return self.judge(&url, sent, end, &answer),
            End::Broken(cause) => broken(&host, Some(&url), &self.doing, cause),
            End::Stalled(after) => stalled(&host, &url, &self.doing, after),
        };
        if is_grown {
            self.shrink(sent, &error)
        } else {
            self.recover(sent, error, None)
        }
    }

    /// A chunk has failed that was larger than the usual one, and that may be why: no other one is tried.
    fn shrink(&mut self, sent: u64, error: &Error) -> Result<(), Error> {
        let repository = self.repository.clone();
        repository.host.chunks.stop_growing();
        repository
            .shared
            .pause(&repository.host, &self.doing, error, Duration::ZERO)?;
        self.look(sent)
    }

    fn judge(&mut self, url: &Url, sent: u64, end: u64, answer: &Answer) -> Result<(), Error> {
        let host = self.repository.host.clone();
        host.has_answered();
        let refused = || refusal(&host, url, answer.status, &answer.text, &self.doing).divisible(!host.single_put());
        match answer.status {
            // One that has not heard it all out may know the blob from elsewhere.
            status if status.is_success() && self.single && sent < end => {
                let error = refused();
                self.recover(sent, error, None)
            }
            status if status.is_success() && self.single => {
                self.done = true;
                Ok(())
            }
            // It has made a blob of the first chunk.
            StatusCode::CREATED if end < self.size => {
                self.change_to_single();
                Ok(())
            }
            status if status.is_success() => self.accept(url, sent, end, answer),
            status if is_denial(status) && !host.is_home_of(url) => {
                let error = refused();
                self.renew(sent, error)
            }
            StatusCode::UNAUTHORIZED => {
                let (shared, scope) = (self.repository.shared.clone(), self.repository.scope(true));
                let shown = self.shown.take();
                let challenges = &mut self.challenges;
                let authority = &host.authority;
                if authority.challenged(&shared, &host, &scope, &answer.headers, shown.as_ref(), challenges)? {
                    // It has heard nothing of what was sent: the session stands where it stood.
                    Ok(())
                } else {
                    let error = denial(&host, 401, &answer.text, &self.doing);
                    self.renew(sent, error)
                }
            }
            status @ StatusCode::FORBIDDEN => {
                let error = denial(&host, status.as_u16(), &answer.text, &self.doing);
                self.renew(sent, error)
            }
            status if !self.single && self.best == 0 && (takes_no_chunks(status) || is_unsupported(&refused())) => {
                self.change_to_single();
                Ok(())
            }
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => self.follow(&answer.headers, refused()),
            status if is_passing(status) => {
                let error = refused();
                self.recover(sent, error, answer.retry_after)
            }
            StatusCode::RANGE_NOT_SATISFIABLE if self.may_have_moved() => {
                let error = refused();
                self.doubts += 1;
                let repository = self.repository.clone();
                repository.shared.pause(&host, &self.doing, &error, SETTLING)?;
                self.look(sent)
            }
            // It is not where it said that it is.
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::RANGE_NOT_SATISFIABLE if self.is_contradicted() => {
                self.begin_anew(sent);
                Ok(())
            }
            // The session is not what we thought.
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::RANGE_NOT_SATISFIABLE => {
                let error = refused();
                self.recover(sent, error, None)
            }
            status => {
                let error = self.explain(refused());
                if may_be_the_session(status) && !is_wrong_digest(&error) {
                    self.renew(sent, error)
                } else {
                    Err(error)
                }
            }
        }
    }

    /// A chunk has arrived.
    fn accept(&mut self, url: &Url, sent: u64, end: u64, answer: &Answer) -> Result<(), Error> {
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        if let Some(location) = location(&self.repository.host, &session.location, &answer.headers) {
            session.location = location;
        }
        session.chunk_min = session.chunk_min.max(chunk_min(&answer.headers));
        // What it does not say it has, it was sent to the end.
        let offset = range_end(&answer.headers).map_or(end, |last| last.saturating_add(1));
        if sent < end || offset > end {
            let cause = format!("it says that it has {offset} bytes of {end}");
            let error = broken(&self.repository.host, Some(url), &self.doing, cause);
            return self.recover(sent, error, None);
        }
        if offset <= session.offset {
            let error = Error::Protocol {
                host: self.repository.host.name.clone(),
                doing: self.doing.clone(),
                what: format!("it took a chunk, and still has {offset} bytes"),
            };
            return self.recover(sent, error, None);
        }
        self.chunk = self.repository.host.chunks.after(offset - session.offset, answer.took);
        session.offset = offset;
        if let Some(kept) = &self.kept {
            kept.note(session);
        }
        self.challenges = Challenges::default();
        self.redirects = 0;
        self.named = None;
        if offset > self.best {
            self.best = offset;
            self.is_renewed = false;
            self.attempts.progress();
        }
        Ok(())
    }

    /// The bytes go elsewhere: to the same place of the blob, and without credentials where that is another host.
    fn follow(&mut self, headers: &HeaderMap, refused: Error) -> Result<(), Error> {
        const MOST: u8 = 5;
        self.redirects += 1;
        let Some(session) = self.session.as_mut().filter(|_| self.redirects <= MOST) else {
            return Err(refused);
        };
        session.location = location(&self.repository.host, &session.location, headers).ok_or(refused)?;
        Ok(())
    }

    /// The registry takes a blob in one request only: remembers that, and begins so.
    fn change_to_single(&mut self) {
        self.repository.host.wants_single_put();
        if let Some(session) = self.session.take() {
            session.cancel(&self.repository);
        }
        if let Some(kept) = self.kept.take() {
            kept.forget();
        }
        self.single = true;
    }

    /// Waits, and goes on where the session stands.
    fn recover(&mut self, sent: u64, error: Error, asked: Option<Duration>) -> Result<(), Error> {
        let Some(pause) = self.attempts.next(asked) else {
            return self.give_up(sent, error);
        };
        let repository = self.repository.clone();
        self.chunk = repository.host.chunks.usual();
        repository.shared.pause(&repository.host, &self.doing, &error, pause)?;
        self.look(sent)
    }

    /// Of a blob that the registry finds to be another one, whether that is so, or its way there changed it.
    fn explain(&mut self, error: Error) -> Error {
        let Some(expected) = self.digest.filter(|_| is_wrong_digest(&error)) else {
            return error;
        };
        let (mut hasher, mut buffer, mut position) = (Hasher::new(), vec![0; PIECE], 0);
        loop {
            let read = self.again.read_at(position, &mut buffer);
            if self.repository.shared.cancel.is_cancelled() {
                return Error::Interrupted;
            }
            match read {
                Ok(read @ 1..) => {
                    hasher.update(buffer.get(..read).unwrap_or_default());
                    position += read as u64;
                }
                Ok(0) | Err(_) => break,
            }
        }
        let found = hasher.finish();
        // What cannot be read again any more says nothing of what was sent.
        if found == expected || position < self.size {
            return error;
        }
        Error::Mismatch {
            called: self.called.clone(),
            expected,
            found,
        }
    }

    /// Makes a blob of what was sent in chunks.
    pub(super) fn close(&mut self, digest: &Digest) -> Result<(), Error> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.open()?,
        };
        let url = with_digest(&session.location, digest);
        let response = match self.repository.ask(Method::PUT, url, Vec::new(), None, &self.doing) {
            Err(error @ Error::Refused { .. }) => {
                self.session = Some(session);
                return self.give_up(self.size, error);
            }
            response => response?,
        };
        let status = response.status();
        if status.is_success() {
            self.done = true;
            return Ok(());
        }
        let error = self
            .repository
            .shared
            .refused(&self.repository.host, response, &self.doing);
        let gone = matches!(
            status,
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::RANGE_NOT_SATISFIABLE
        );
        // Of what an earlier process sent, nobody here knows that it was right.
        let is_spoilt = may_be_the_session(status) && std::mem::take(&mut self.inherited) > 0;
        if is_wrong_digest(&error)
            && let Some(kept) = &self.kept
        {
            kept.forget();
        }
        if is_spoilt {
            self.lose(self.size);
            return Ok(());
        }
        if !gone {
            return Err(self.explain(error));
        }
        // An answer that was lost is a blob that is there.
        if self.repository.has_blob(digest, self.size)? {
            self.done = true;
            return Ok(());
        }
        self.session = Some(session);
        if self.is_contradicted() {
            self.begin_anew(self.size);
            return Ok(());
        }
        self.recover(self.size, error, None)
    }

    pub(super) fn tell(&self, notice: &Notice) {
        self.repository.shared.observer.notice(notice);
    }

    /// An earlier process began to send it, and how much it sent nobody knows.
    pub(super) fn tell_nothing_arrived(&self) {
        self.tell(&Notice::Restarted {
            host: self.repository.host.name.clone(),
            doing: self.doing.clone(),
            lost: 0,
        });
    }

    pub(super) fn tell_restarted(&self, lost: u64) {
        // What goes in one request by itself is nothing that anybody waits for.
        if lost > 0 && self.size > self.repository.host.chunks.usual() {
            self.tell(&Notice::Restarted {
                host: self.repository.host.name.clone(),
                doing: self.doing.clone(),
                lost,
            });
        }
    }
}

/// Whether a chunk may have been refused so for its size: not where we have to say who we are, or go elsewhere.
fn may_be_the_size(status: StatusCode) -> bool {
    (status.is_client_error() || status.is_server_error()) && status != StatusCode::UNAUTHORIZED
}

/// Whether what was refused so may be wrong with the session, and not with what we ask for.
fn may_be_the_session(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY
    )
}

/// Whether the registry finds that what it was sent is another blob.
fn is_wrong_digest(error: &Error) -> bool {
    match error {
        Error::Refused { code: Some(code), .. } => code == "DIGEST_INVALID",
        Error::Mismatch { .. } => true,
        _ => false,
    }
}

/// Whether the registry says that it does not do such a thing at all, as Google's to a chunk.
fn is_unsupported(error: &Error) -> bool {
    matches!(error, Error::Refused { code: Some(code), .. } if code == "UNSUPPORTED")
}
