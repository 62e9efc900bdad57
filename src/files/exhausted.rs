use std::io;

use rustix::io::Errno;

/// What to do where [`is_exhausted`].
pub const EXHAUSTED: &str = "allow more open files (`ulimit -n`), or ask for fewer at a time with `-j`";

/// Whether a file cannot be opened because too many are open, in this process or in all of them: no file's fault.
#[must_use]
pub fn is_exhausted(error: &io::Error) -> bool {
    // fs_err keeps the number to itself, and ends with what the system says.
    let said = error.to_string();
    [Errno::MFILE, Errno::NFILE]
        .iter()
        .any(|errno| said.ends_with(&io::Error::from(*errno).to_string()))
}

#[cfg(test)]
mod tests {
    use super::{Errno, io, is_exhausted};

    #[test]
    fn it_is_told_from_other_failures_with_a_path_and_without() {
        for errno in [Errno::MFILE, Errno::NFILE] {
            let bare = io::Error::from(errno);
            assert!(is_exhausted(&bare));
            let named = io::Error::new(bare.kind(), format!("failed to open file `x`: {bare}"));
            assert!(is_exhausted(&named));
        }
        assert!(!is_exhausted(&Errno::NOENT.into()));
        assert!(!is_exhausted(&fs_err::File::open("/nowhere").unwrap_err()));
    }
}
