//! Bytes to SHA-256, and which file the bytes came from.
//!
//! Enters: bytes, or an open file. Leaves: a [`Digest`], and a [`Stamp`] that tells whether a file changed meanwhile.
//! The room knows nothing of artifacts; every other room may use it.

mod hasher;
mod lanes;
mod stamp;
mod value;

pub use hasher::{Hasher, update_both};
pub use stamp::Stamp;
pub use value::{Digest, ParseDigestError};
