use std::fmt;
use std::path::PathBuf;

use super::Trust;

/// Where a digest is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Whose word it is.
    pub trust: Trust,
    /// The file that it stands in.
    pub path: PathBuf,
    /// The line there, counted from 1, where it has lines.
    pub line: Option<usize>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line} of ")?;
        }
        write!(f, "`{}`", self.path.display())
    }
}
