//! What the same command once more is good for, after one that failed: told where it is true, and nowhere else.

use super::exit::{Failure, INTERRUPTED};
use crate::registry::GOES_ON;

impl Failure {
    /// Of a command that moves nothing: the next one begins where this one did.
    pub fn of_a_look(self) -> Self {
        self.with_help(|_, help| {
            let help = help?;
            let rest = help
                .strip_suffix(GOES_ON)
                .map(|rest| rest.trim_end_matches("; ").to_owned());
            match rest {
                Some(rest) if rest.is_empty() => Some("try again later".to_owned()),
                Some(rest) => Some(rest),
                None => Some(help),
            }
        })
    }

    /// Of a transfer from or to a registry: what was moved when somebody stopped it is not moved again.
    pub fn of_a_transfer(self) -> Self {
        self.with_help(|code, help| help.or_else(|| (code == INTERRUPTED).then(|| GOES_ON.to_owned())))
    }

    fn with_help(self, change: impl Fn(u8, Option<String>) -> Option<String> + Copy) -> Self {
        match self {
            Self::Message { code, message, help } => Self::Message {
                code,
                message,
                help: change(code, help),
            },
            Self::Several(failures) => {
                Self::Several(failures.into_iter().map(|failure| failure.with_help(change)).collect())
            }
            other => other,
        }
    }
}
