use std::sync::Arc;

use crate::artifact::read::ReadError;
use crate::store::stored::OpenError;

/// Why a stored model does not give what is asked of it. That what is there is no model but another artifact comes as
/// [`ModelError::Read`] of [`ReadError::NoModel`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// It cannot be read from where it is said to be.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Its documents cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is not exactly one of what there should be one of.
    #[error("the model has {found} layers that are its {part}; exactly one is expected")]
    NotOne {
        /// What it is.
        part: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A layer's blob is not its file.
    #[error("the blob of `{layer}` is not its file: it is packed, or nothing says whether it is")]
    Packed {
        /// The layer's path, else its digest.
        layer: String,
    },
    /// The layout lacks a blob.
    #[error("the layout lacks the blob of `{layer}`")]
    Missing {
        /// The layer's path, else its digest.
        layer: String,
    },
    /// The layout has something else in a blob's place.
    #[error("{0}")]
    Damaged(Arc<OpenError>),
}
