use std::path::PathBuf;

use super::Inherited;
use crate::digest::Stamp;
use crate::modelfile::{Kind, Span};

/// One file that becomes one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    /// Path in the artifact: relative to the context, `/` separated, no `.` or `..` components, valid UTF-8.
    pub path: String,
    /// What the file is for.
    pub kind: Kind,
    /// Whether the owner may execute it: mode 0755 in the artifact instead of 0644.
    pub executable: bool,
    /// Where the Modelfile names it: the pattern of the first rule that matches, or what `FROM` says.
    pub rule: Span,
    /// Where its bytes are.
    pub origin: Origin,
}

/// Where the bytes of a layer come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file of the context.
    Context(Own),
    /// A layer of the base.
    Base(Box<Inherited>),
}

/// A file of the context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The context joined with the path as written; may be a symlink to a file in the context.
    pub path: PathBuf,
    /// What `stat` said of it when the plan was made; a difference later means that the file changed meanwhile.
    pub stamp: Stamp,
}

impl PlannedFile {
    /// Size of the file in bytes; of an inherited layer's blob, which may be packed.
    #[must_use]
    pub fn size(&self) -> u64 {
        match &self.origin {
            Origin::Context(own) => own.stamp.size,
            Origin::Base(layer) => layer.size,
        }
    }

    /// The last component of the path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The file, where it is one of the context.
    #[must_use]
    pub const fn own(&self) -> Option<&Own> {
        match &self.origin {
            Origin::Context(own) => Some(own),
            Origin::Base(_) => None,
        }
    }

    /// The layer of the base that it is, where it is one.
    #[must_use]
    pub fn inherited(&self) -> Option<&Inherited> {
        match &self.origin {
            Origin::Context(_) => None,
            Origin::Base(layer) => Some(layer),
        }
    }
}
