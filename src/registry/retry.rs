use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;

use super::patience::Patience;

/// The longest pause that is our own choice.
const LONGEST: Duration = Duration::from_secs(30);

/// The longest pause that a registry may ask for; one that wants more is not waited for.
pub const LONGEST_ASKED: Duration = Duration::from_mins(5);

/// How many times something went wrong since it last came forward.
#[derive(Debug, Clone, Copy)]
pub struct Attempts {
    patience: Patience,
    failed: u32,
}

impl Attempts {
    pub const fn new(patience: Patience) -> Self {
        Self { patience, failed: 0 }
    }

    /// There was progress: what failed before counts no more.
    pub const fn progress(&mut self) {
        self.failed = 0;
    }

    /// How long to wait before the next attempt; `None` where there is none. `asked` is what the registry wants.
    pub fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        if self.failed >= self.patience.retries || asked.is_some_and(|asked| asked > LONGEST_ASKED) {
            return None;
        }
        let grown = self
            .patience
            .pause
            .saturating_mul(1 << self.failed.min(16))
            .min(LONGEST);
        self.failed += 1;
        // Between a half and the whole of it, so that a hundred machines do not come back at the same moment.
        let jittered = grown.mul_f64(0.5 + fastrand::f64() / 2.0);
        Some(asked.map_or(jittered, |asked| asked.max(jittered)))
    }
}

/// Whether the same request may be answered otherwise a moment later. Never for what says that the request is wrong, nor
/// for a disk that is full or a network that wants to know who we are, which somebody has to see to.
pub fn is_passing(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
    ) || (status.is_server_error()
        && !matches!(
            status,
            StatusCode::NOT_IMPLEMENTED
                | StatusCode::HTTP_VERSION_NOT_SUPPORTED
                | StatusCode::INSUFFICIENT_STORAGE
                | StatusCode::NETWORK_AUTHENTICATION_REQUIRED
        ))
}

/// The time in `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_waited_for_as_it_asks() {
        let now = "2026-01-31T12:00:00Z".parse().unwrap();
        assert_eq!(retry_after(" 7 ", now), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after("Sat, 31 Jan 2026 12:00:09 GMT", now),
            Some(Duration::from_secs(9))
        );
        assert_eq!(
            retry_after("Sat, 31 Jan 2026 11:00:00 GMT", now),
            Some(Duration::ZERO),
            "it is over"
        );
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn pauses_grow_and_end() {
        let mut attempts = Attempts::new(Patience {
            retries: 3,
            pause: Duration::from_secs(1),
            ..Patience::default()
        });
        for longest in [1, 2, 4] {
            let pause = attempts.next(None).unwrap();
            assert!(
                pause <= Duration::from_secs(longest) && pause * 2 >= Duration::from_secs(longest),
                "{pause:?}"
            );
        }
        assert_eq!(attempts.next(None), None);
        attempts.progress();
        assert_eq!(
            attempts.next(Some(Duration::from_mins(1))),
            Some(Duration::from_mins(1))
        );
        assert_eq!(attempts.next(Some(LONGEST_ASKED * 2)), None, "nobody waits so long");
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let passing: Vec<u16> = (100..600)
            .filter(|status| is_passing(StatusCode::from_u16(*status).unwrap()))
            .filter(|status| *status < 514)
            .collect();
        assert_eq!(
            passing,
            [408, 425, 429, 500, 502, 503, 504, 506, 508, 509, 510, 512, 513]
        );
    }
}
