//! What follows from a chunk that was taken, that is wanted elsewhere, or that is not taken at all.

use reqwest::header::HeaderMap;
use reqwest::{StatusCode, Url};

use super::Upload;
use super::request::Answer;
use super::session::{chunk_min, location, range_end};
use crate::plan::plural;
use crate::registry::authority::Challenges;
use crate::registry::error::said;
use crate::registry::failure::broken;
use crate::registry::{Error, Notice};

impl Upload<'_> {
    /// A chunk has arrived.
    pub(super) fn accept(&mut self, url: &Url, sent: u64, end: u64, answer: &Answer) -> Result<(), Error> {
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
            let cause = format!("it says that it has {offset} of {}", plural(end, "byte"));
            let error = broken(&self.repository.host, Some(url), &self.doing, cause);
            return self.recover(sent, error, None);
        }
        if offset <= session.offset {
            let error = Error::Protocol {
                host: self.repository.host.name.clone(),
                doing: self.doing.clone(),
                what: format!("it took a chunk, and still has {}", plural(offset, "byte")),
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
    pub(super) fn follow(&mut self, headers: &HeaderMap, refused: Error) -> Result<(), Error> {
        const MOST: u8 = 5;
        self.redirects += 1;
        let Some(session) = self.session.as_mut().filter(|_| self.redirects <= MOST) else {
            return Err(refused);
        };
        session.location = location(&self.repository.host, &session.location, headers).ok_or(refused)?;
        Ok(())
    }

    /// The registry takes a blob in one request only, as its answer with `status` and `code` shows: remembers that, and
    /// begins so.
    pub(super) fn change_to_single(&mut self, status: StatusCode, code: Option<&str>) {
        if self.repository.host.wants_single_put() {
            self.tell(&Notice::SinglePut {
                host: self.repository.host.name.clone(),
                doing: self.doing.clone(),
                why: format!("status {}{}", status.as_u16(), said(code, "")),
            });
        }
        if let Some(session) = self.session.take() {
            session.cancel(&self.repository);
        }
        if let Some(kept) = self.kept.take() {
            kept.forget();
        }
        self.single = true;
    }
}
