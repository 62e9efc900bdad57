//! The end of an upload: what was sent becomes a blob, or it is found out why it does not.

use reqwest::{Method, StatusCode};

use super::sending::PIECE;
use super::words::{is_wrong_digest, may_be_the_session};
use super::{Upload, with_digest};
use crate::digest::{Digest, Hasher};
use crate::registry::Error;

impl Upload<'_> {
    /// Makes a blob of what was sent in chunks.
    pub(super) fn close(&mut self, digest: &Digest) -> Result<(), Error> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.open()?,
        };
        if let Some(kept) = &self.kept {
            kept.note_end(&session, digest);
        }
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
        if self.repository.has_blob(digest, self.size, &self.called)? {
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

    /// Of a blob that the registry finds to be another one, whether that is so, or its way there changed it.
    pub(super) fn explain(&mut self, error: Error) -> Error {
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
            called: self.called.to_string(),
            expected,
            found,
        }
    }
}
