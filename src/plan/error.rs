use std::io;
use std::path::PathBuf;

use super::show;
use crate::modelfile::Diagnostics;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The context is missing, no directory, or cannot be read.
    #[error("cannot use `{}` as the context", show::path(path))]
    Context {
        /// The context as given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An output is the context or holds it: nothing would be left to pack.
    #[error("the output `{}` holds the context `{}`", show::path(path), show::path(context))]
    Output {
        /// The output as given.
        path: PathBuf,
        /// The context as given.
        context: PathBuf,
    },
    /// The ignore file is there but cannot be read.
    #[error("cannot read `{}`", show::path(path))]
    Ignore {
        /// The ignore file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The ignore file holds a line that is no pattern.
    #[error(
        "`{}`, line {line}: `{}` is not a pattern: {reason}",
        show::path(path),
        show::text(pattern)
    )]
    IgnorePattern {
        /// The ignore file.
        path: PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// The line's text.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What is wrong with the Modelfile's paths or with the files that they name: all that was found in one run.
    #[error("{} in the files that the Modelfile names", show::plural(.0.0.len(), "error"))]
    Findings(Diagnostics),
}

impl Error {
    /// What to do about it, if that is not in the findings themselves.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Context { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => Some("name a directory that exists; it holds the files to pack"),
                io::ErrorKind::NotADirectory => {
                    Some("name the directory that holds the files; `-f` names a Modelfile elsewhere")
                }
                io::ErrorKind::PermissionDenied => Some("make it readable for the user who builds"),
                _ => None,
            },
            Self::Output { .. } => Some("write to a directory inside of the context, or to one beside it"),
            Self::Ignore { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => Some("make it readable for the user who builds"),
                io::ErrorKind::InvalidData => Some("save it as UTF-8"),
                _ => Some("it has to be a text file with a pattern on each line, as in a `.gitignore`"),
            },
            Self::IgnorePattern { .. } => Some("the syntax is that of a `.gitignore`; `\\` makes a character literal"),
            Self::Findings(_) => None,
        }
    }
}
