use std::io;

use fs_err::File;
use rustix::fs::FlockOperation;
use rustix::io::Errno;

/// Takes an advisory lock on a directory, until it is closed. Where the file system has no locks there is none, which it
/// says by `false`.
///
/// # Errors
/// The lock cannot be had; [`io::ErrorKind::WouldBlock`] where somebody else has it and `operation` does not wait.
pub fn lock(directory: &File, operation: FlockOperation) -> io::Result<bool> {
    loop {
        match rustix::fs::flock(directory, operation) {
            Err(Errno::INTR) => {}
            Ok(()) => return Ok(true),
            Err(Errno::NOLCK | Errno::OPNOTSUPP | Errno::NOSYS | Errno::BADF | Errno::INVAL) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
}
