//! A Modelfile and its context directory to a [`Plan`]: which files, what each is for, in which order, and what is
//! stated of the model.
//!
//! Enters: a resolved [`Modelfile`](crate::modelfile::Modelfile) and the context directory. Leaves: a [`Plan`]. The
//! room reads directories and `stat`s files; it opens no file but the ignore file. Whatever it returns stands inside
//! the context.

mod file;
mod metadata;

pub use file::PlannedFile;
pub use metadata::Metadata;

/// What will be built: the files in layer order, and what is stated of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// One entry a layer, in layer order; never empty, paths are unique.
    pub files: Vec<PlannedFile>,
    /// What the Modelfile states, defaults filled in.
    pub metadata: Metadata,
}
