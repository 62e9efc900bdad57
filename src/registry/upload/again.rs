//! What can be read once more, where it has to be sent again.

use std::io;

/// The bytes of a blob once more, from any place on.
pub trait Again {
    /// Fills the start of `buffer` with the bytes from `position` on, and returns how many; 0 at the end.
    ///
    /// # Errors
    /// They cannot be read.
    fn read_at(&mut self, position: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// A document that is all in memory, to be read again.
pub struct Memory(Vec<u8>);

impl Memory {
    /// The document.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_owned())
    }
}

impl Again for Memory {
    fn read_at(&mut self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(position).unwrap_or(usize::MAX);
        let rest = self.0.get(start..).unwrap_or_default();
        io::Read::read(&mut &*rest, buffer)
    }
}
