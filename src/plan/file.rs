use std::path::PathBuf;

use crate::digest::Stamp;
use crate::modelfile::Kind;

/// One file that becomes one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    /// Path in the artifact: relative to the context, `/` separated, no `.` or `..` components, valid UTF-8.
    pub path: String,
    /// Where the bytes are: the context joined with the path as written; may be a symlink to a file in the context.
    pub source: PathBuf,
    /// What the file is for.
    pub kind: Kind,
    /// Whether the owner may execute it: mode 0755 in the artifact instead of 0644.
    pub executable: bool,
    /// What `stat` said when the plan was made; a difference later means that the file changed meanwhile.
    pub stamp: Stamp,
}

impl PlannedFile {
    /// Size of the file in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.stamp.size
    }

    /// The last component of the path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}
