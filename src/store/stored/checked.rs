use crate::artifact::Descriptor;
use crate::artifact::read::{self, Outline, ReadError};

/// A manifest or an index whose bytes are what its descriptor says, read once: one of many layers takes its time.
pub struct Checked {
    pub descriptor: Descriptor,
    pub bytes: Vec<u8>,
    /// What the manifest lists; or why it is none, which may be that it is an index.
    pub outline: Result<Outline, ReadError>,
}

impl Checked {
    pub fn new((descriptor, bytes): (Descriptor, Vec<u8>)) -> Self {
        Self {
            outline: read::outline(&bytes),
            descriptor,
            bytes,
        }
    }

    /// Whether it is an index of several manifests.
    pub const fn is_index(&self) -> bool {
        matches!(self.outline, Err(ReadError::Index))
    }
}
