use std::fmt;

use super::Owner;
use crate::modelfile::escape;

/// Who said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// A variable of the environment.
    Environment(String),
    /// A line of a file.
    File {
        /// Whose.
        owner: Owner,
        /// As messages show it.
        name: String,
        /// Counted from 1.
        line: usize,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => formatter.write_str("flag"),
            Self::Environment(variable) => write!(formatter, "env {variable}"),
            Self::File { name, line, .. } => write!(formatter, "{}:{line}", escape(name)),
        }
    }
}
