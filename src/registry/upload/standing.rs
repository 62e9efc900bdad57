//! Which session an upload goes on with, and what becomes of the note of it.
//!
//! A session is worth the bytes that the registry has of it, which may have taken hours to send; its note is what lets
//! the next run go on with it. So both are given up no earlier than they must:
//!
//! * A session is noted as soon as it is begun: what a run sends of its first chunk is as dear as any other. The digest is
//!   added before the session becomes a blob, which is then asked for: a session that did is one that nobody knows.
//! * The note goes when the blob is there, and when what was sent proved wrong. Else it stays, whatever was answered,
//!   until the next session has taken a chunk and is noted in its place: a run that ends before that has lost nothing. Only
//!   a note of a session that had nothing yet, or that the registry does not know any more, makes room as soon as another
//!   one is begun.
//! * A run leaves a session where the registry does not know it any more, contradicts what it said of it, or will not go
//!   on with one that an earlier run began, or whose address at another host may have run out. Not where it cannot be
//!   asked for now, or nothing gets through: that is an error of the run, and the next one asks again.
//! * Only a run that begins does not insist on an answer: where the registry can say nothing of the session that was
//!   noted, but begins another one, that one is taken.

use super::Upload;
use super::kept::Kept;
use super::session::{Session, Status};
use crate::registry::Error;

impl Upload<'_> {
    /// A session: the one that an earlier process left, the one that a mount began, or a new one.
    pub(super) fn open(&mut self) -> Result<Session, Error> {
        let mut left = None;
        if let Some(noted) = self.kept.as_ref().and_then(Kept::session) {
            let status = noted.status(&self.repository, &self.doing)?;
            if let Status::Stands(session) = &status
                && session.offset > 0
                && session.offset <= self.size
            {
                self.best = session.offset;
                self.inherited = session.offset;
                self.goes_on_at(session.offset);
                if let Some(begun) = self.begun.take() {
                    begun.cancel(&self.repository);
                }
                return Ok(session.clone());
            }
            left = Some((noted.offset, status));
        }
        let session = match self.begun.take() {
            Some(session) => session,
            None => Session::begin(&self.repository, &self.doing)?,
        };
        // Not earlier: whoever may not begin one may have forgotten to log in, and is spared what was sent.
        match left {
            Some((_, Status::Away | Status::Unknown(_))) => {
                self.leave();
                self.tell_begun_anew(None);
            }
            Some((noted, Status::Stands(_) | Status::Lost)) => {
                self.leave();
                self.lose_note();
                self.tell_begun_anew(Some(noted));
            }
            None => {}
        }
        if let Some(kept) = &mut self.kept {
            kept.begin(&session);
        }
        Ok(session)
    }

    /// Whether the registry has the blob that an earlier process had sent whole. Asked before the first byte, and only
    /// where nobody knows the digest, for else it was asked for that.
    pub(super) fn has_arrived(&mut self) -> Result<bool, Error> {
        if self.arrived.is_some() || self.given > 0 || self.session.is_some() || self.digest.is_some() {
            return Ok(self.arrived.is_some());
        }
        if let Some(ended) = self.kept.as_ref().and_then(Kept::ended)
            && self.repository.has_blob(&ended, self.size, &self.called)?
        {
            self.arrived = Some(ended);
            self.tell_resumed(self.size);
        }
        Ok(self.arrived.is_some())
    }

    /// Goes on with what an earlier process sent, if anything: how many bytes from the start on need not be given.
    ///
    /// # Errors
    /// The registry cannot be asked, or begins no upload.
    pub fn skip(&mut self) -> Result<u64, Error> {
        self.given = self.found()?;
        Ok(self.given)
    }

    /// The same, where all bytes are given: how many of them need not be sent.
    ///
    /// # Errors
    /// As those of [`Upload::skip`].
    pub fn found(&mut self) -> Result<u64, Error> {
        if self.has_arrived()? {
            return Ok(self.size);
        }
        if self.session.is_none() && self.kept.as_ref().and_then(Kept::session).is_some() {
            self.session = Some(self.open()?);
        }
        Ok(self.inherited)
    }

    /// Finds out where the session stands after a failure.
    pub(super) fn look(&mut self, sent: u64) -> Result<(), Error> {
        let Some(session) = self.session.take() else {
            return Ok(());
        };
        if self.single {
            // The answer alone may be what was lost.
            if let Some(digest) = self.digest
                && self.repository.has_blob(&digest, self.size, &self.called)?
            {
                self.done = true;
                self.owe(0);
                return Ok(());
            }
            self.tell_restarted(sent);
            return Ok(());
        }
        match session.status(&self.repository, &self.doing)? {
            Status::Stands(now)
                if now.offset <= self.size && (self.inherited > 0 || now.offset <= sent.max(session.offset)) =>
            {
                if now.offset > self.best {
                    self.best = now.offset;
                    self.attempts.progress();
                }
                if let Some(kept) = &self.kept {
                    kept.note(&now);
                }
                self.goes_on_at(now.offset);
                self.session = Some(now);
            }
            Status::Lost => {
                self.lose_note();
                self.lose(sent);
            }
            Status::Stands(_) | Status::Away => self.lose(sent),
            Status::Unknown(error) => return Err(error),
        }
        Ok(())
    }

    /// The registry says that it has the bytes before `offset`.
    fn goes_on_at(&mut self, offset: u64) {
        self.named = Some(offset);
        self.tell_resumed(offset);
    }

    /// Whether the registry refuses to go on at the very place that it named when it was asked, for the first time since
    /// it took something.
    pub(super) fn is_contradicted(&self) -> bool {
        let offset = self.session.as_ref().map(|session| session.offset);
        offset.is_some() && offset == self.named && !self.is_renewed
    }

    /// Whether it may be somewhere else by now: the last bytes that a killed process sent can come after it was asked.
    /// Not for long.
    pub(super) fn may_have_moved(&self) -> bool {
        const DOUBTS: u8 = 2;
        self.is_contradicted() && self.inherited > 0 && self.doubts < DOUBTS
    }

    /// Leaves the session, which is of no use any more, and says so: the blob begins anew.
    pub(super) fn lose(&mut self, lost: u64) {
        self.leave();
        self.tell_restarted(lost);
    }

    /// The registry does not know the session any more, and nobody is to ask for it again.
    fn lose_note(&mut self) {
        if let Some(kept) = &mut self.kept {
            kept.lose();
        }
    }

    fn leave(&mut self) {
        self.session = None;
        self.named = None;
        self.inherited = 0;
        self.chunk = self.repository.host.chunks.usual();
        if let Some(kept) = &mut self.kept {
            kept.leave();
        }
    }

    /// It will not go on, or we may not. Where that may be for the session's sake, because an earlier process has begun it
    /// or its address at another host has run out, another one is begun; once, until that has come further.
    pub(super) fn renew(&mut self, sent: u64, error: Error) -> Result<(), Error> {
        let is_home = |session: &Session| self.repository.host.is_home_of(&session.location);
        let is_its_own = self.inherited > 0 || !self.session.as_ref().is_none_or(is_home);
        if self.is_renewed || !is_its_own {
            return Err(error);
        }
        self.begin_anew(sent);
        Ok(())
    }

    /// It was tried as often as it may be. Where an earlier process has begun the session, and the registry answers as
    /// soon as it is asked of it, that it will not go on may be for the session's sake: each run would end so.
    pub(super) fn give_up(&mut self, sent: u64, error: Error) -> Result<(), Error> {
        let is_broken = matches!(error, Error::Refused { status: 500..=599, .. });
        let Some(session) = self.session.as_ref().filter(|_| is_broken && self.inherited > 0) else {
            return Err(error);
        };
        match session.status(&self.repository, &self.doing)? {
            Status::Stands(_) | Status::Lost | Status::Away => {
                self.renew(sent, error)?;
                // Another session may fail as often.
                self.attempts.progress();
                Ok(())
            }
            Status::Unknown(_) => Err(error),
        }
    }

    /// What was sent is not what it should be: nobody goes on with it.
    pub fn spoil(mut self) {
        if let Some(kept) = &self.kept {
            kept.forget();
        }
        // Before its session ends, the request that is under way does.
        self.request = None;
        if let Some(session) = self.session.take() {
            session.cancel(&self.repository);
        }
    }

    /// Has another session begun in place of this one, once.
    pub(super) fn begin_anew(&mut self, lost: u64) {
        self.is_renewed = true;
        self.lose(lost);
    }
}
