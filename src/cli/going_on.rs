//! What the same command once more is good for, after one that failed: told where it is true, and nowhere else.

use super::exit::{Failure, INTERRUPTED};
use crate::registry::GOES_ON;

impl Failure {
    /// Of a command that moves nothing: the next one begins where this one did.
    pub fn of_a_look(self) -> Self {
        self.with_help(|_, help| help.map(of_a_look))
    }

    /// Of a transfer, of which the next one goes on with what was moved when this one was stopped, or does not.
    pub fn of_a_transfer(self, goes_on: bool) -> Self {
        if !goes_on {
            return self.of_a_look();
        }
        self.with_help(|code, help| help.or_else(|| (code == INTERRUPTED).then(|| GOES_ON.to_owned())))
    }

    fn with_help(self, change: impl Fn(u8, Option<String>) -> Option<String> + Copy) -> Self {
        let code = self.code();
        match self {
            Self::Message { code, message, help } => Self::Message {
                code,
                message,
                help: change(code, help),
            },
            Self::Several(failures) => {
                Self::Several(failures.into_iter().map(|failure| failure.with_help(change)).collect())
            }
            Self::Findings(source, mut findings) => {
                for finding in &mut findings.0 {
                    let help = std::mem::take(&mut finding.help).into_iter();
                    finding.help = help.filter_map(|help| change(code, Some(help))).collect();
                }
                Self::Findings(source, findings)
            }
            other @ (Self::Differ | Self::Unsound | Self::Stopped) => other,
        }
    }
}

/// A help without what it says of going on.
fn of_a_look(help: String) -> String {
    match help.strip_suffix(GOES_ON).map(|rest| rest.trim_end_matches("; ")) {
        Some("") => "try again later".to_owned(),
        Some(rest) => rest.to_owned(),
        None => help,
    }
}
