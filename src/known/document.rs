use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use fs_err::OpenOptions;
use fs_err::os::unix::fs::OpenOptionsExt as _;
use rustix::fs::OFlags;

use super::Error;

/// The most bytes of a document: a line for each of 100,000 files has 20 MB.
const LIMIT: u64 = 64 << 20;

/// The bytes of a document, or `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match bytes(path) {
        Ok(bytes) => Ok(Some(bytes)),
        // A file in the place of a directory on the way is no document either.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(cause) => Err(Error::Unreadable {
            path: path.into(),
            cause,
        }),
    }
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    // A FIFO must not be waited for.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"));
    }
    let mut bytes = Vec::new();
    if file.take(LIMIT + 1).read_to_end(&mut bytes)? as u64 > LIMIT {
        let why = format!("it has more than {LIMIT} bytes");
        return Err(io::Error::new(ErrorKind::InvalidData, why));
    }
    Ok(bytes)
}
