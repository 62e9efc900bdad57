//! Which part of a blob an answer says that it is.

use reqwest::header::{CONTENT_RANGE, HeaderMap};

/// What `Content-Range` says (RFC 9110, 14.4).
#[derive(Default)]
pub struct Part {
    /// The first byte and the last.
    pub range: Option<(u64, u64)>,
    /// How many there are in all.
    pub total: Option<u64>,
}

impl Part {
    pub fn of(headers: &HeaderMap) -> Self {
        let value = headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
        let parts = value
            .and_then(|value| value.trim().strip_prefix("bytes"))
            .and_then(|value| value.split_once('/'));
        let Some((range, total)) = parts else {
            return Self::default();
        };
        let number = |text: &str| text.trim().parse().ok();
        Self {
            range: range
                .split_once('-')
                .and_then(|(first, last)| Some((number(first)?, number(last)?))),
            total: number(total),
        }
    }
}
