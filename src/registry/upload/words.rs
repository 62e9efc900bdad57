//! What a refusal says of an upload, and what is said of one to whoever waits for it.

use reqwest::StatusCode;

use super::Upload;
use crate::registry::{Error, Notice};

impl Upload<'_> {
    pub(super) fn tell(&self, notice: &Notice) {
        self.repository.shared.observer.notice(notice);
    }

    pub(super) fn tell_resumed(&self, at: u64) {
        self.tell(&Notice::Resumed {
            host: self.repository.host.name.clone(),
            doing: self.doing.clone(),
            at,
        });
    }

    /// What an earlier process sent of it is lost, as far as that is known.
    pub(super) fn tell_begun_anew(&self, lost: Option<u64>) {
        self.tell(&Notice::Restarted {
            host: self.repository.host.name.clone(),
            doing: self.doing.clone(),
            lost,
        });
    }

    pub(super) fn tell_restarted(&self, lost: u64) {
        // What goes in one request by itself is nothing that anybody waits for.
        if lost > 0 && self.size > self.repository.host.chunks.usual() {
            self.tell_begun_anew(Some(lost));
        }
    }
}

/// Whether a chunk may have been refused so for its size: not where we have to say who we are, or go elsewhere.
pub fn may_be_the_size(status: StatusCode) -> bool {
    (status.is_client_error() || status.is_server_error()) && status != StatusCode::UNAUTHORIZED
}

/// Whether what was refused so may be wrong with the session, and not with what we ask for.
pub fn may_be_the_session(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY
    )
}

/// Whether the registry finds that what it was sent is another blob.
pub fn is_wrong_digest(error: &Error) -> bool {
    match error {
        Error::Refused { code: Some(code), .. } => code == "DIGEST_INVALID",
        Error::Mismatch { .. } => true,
        _ => false,
    }
}

/// Whether the registry says that it does not do such a thing at all, as Google's to a chunk.
pub fn is_unsupported(error: &Error) -> bool {
    code(error) == Some("UNSUPPORTED")
}

/// The code that a refusal has, where it has one.
pub fn code(error: &Error) -> Option<&str> {
    match error {
        Error::Refused { code, .. } => code.as_deref(),
        _ => None,
    }
}
