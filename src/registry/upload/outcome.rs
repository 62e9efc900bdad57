//! What becomes of an upload when a request has ended, well or not.

use std::time::Duration;

use reqwest::{StatusCode, Url};

use super::Upload;
use super::request::{Answer, End};
use super::session::takes_no_chunks;
use super::words::{code, is_unsupported, is_wrong_digest, may_be_the_session, may_be_the_size};
use crate::registry::Error;
use crate::registry::exchange::is_denial;
use crate::registry::failure::{broken, denial, refusal, stalled};
use crate::registry::retry::is_passing;

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
                self.change_to_single(answer.status, None);
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
                self.change_to_single(status, code(&refused()));
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

    /// Waits, and goes on where the session stands.
    pub(super) fn recover(&mut self, sent: u64, error: Error, asked: Option<Duration>) -> Result<(), Error> {
        let Some(pause) = self.attempts.next(asked) else {
            return self.give_up(sent, error);
        };
        let repository = self.repository.clone();
        self.chunk = repository.host.chunks.usual();
        repository.shared.pause(&repository.host, &self.doing, &error, pause)?;
        self.look(sent)
    }
}
