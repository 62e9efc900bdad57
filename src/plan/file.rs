use std::path::PathBuf;

use super::Inherited;
use crate::digest::Stamp;
use crate::modelfile::{Kind, Span};

/// One file that becomes one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    /// Path in the artifact: relative to the context, `/` separated, no `.` or `..` components, valid UTF-8.
    pub path: String,
    /// Where the bytes are: the context joined with the path as written; may be a symlink to a file in the context. For
    /// an inherited layer the file that holds its blob.
    pub source: PathBuf,
    /// What the file is for.
    pub kind: Kind,
    /// Whether the owner may execute it: mode 0755 in the artifact instead of 0644.
    pub executable: bool,
    /// What `stat` said of `source` when the plan was made; a difference later means that the file changed meanwhile.
    pub stamp: Stamp,
    /// Where the Modelfile names it: the pattern of the first rule that matches, or what `FROM` says.
    pub rule: Span,
    /// The layer of the base that this one is; `None` for a file of the context.
    pub inherited: Option<Box<Inherited>>,
}

impl PlannedFile {
    /// Size of the file in bytes; of an inherited layer's blob, which may be packed.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.inherited.as_ref().map_or(self.stamp.size, |layer| layer.size)
    }

    /// The last component of the path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}
