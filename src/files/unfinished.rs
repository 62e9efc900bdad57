use std::io;
use std::sync::Arc;

use fs_err::File;

use super::{IfTaken, Partial, Staged};

/// A file that is not complete yet.
#[derive(Debug)]
pub enum Unfinished {
    /// It goes away if it is not completed.
    Staged(Staged),
    /// It stays, to be gone on with.
    Partial(Partial),
}

impl Unfinished {
    /// The open file.
    #[must_use]
    pub const fn file(&self) -> &Arc<File> {
        match self {
            Self::Staged(staged) => staged.file(),
            Self::Partial(partial) => partial.file(),
        }
    }

    /// How many bytes an earlier process has left.
    #[must_use]
    pub const fn held(&self) -> u64 {
        match self {
            Self::Staged(_) => 0,
            Self::Partial(partial) => partial.held(),
        }
    }

    /// Gives it its final name in its directory. Returns whether it was this file that got it.
    ///
    /// # Errors
    /// The name cannot be given.
    pub fn publish(self, name: impl AsRef<std::path::Path>, if_taken: IfTaken) -> io::Result<bool> {
        match self {
            Self::Staged(staged) => staged.publish(name, if_taken),
            Self::Partial(partial) => partial.publish(name, if_taken),
        }
    }
}
