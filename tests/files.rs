//! Files that are there whole or not at all.

use std::io::ErrorKind;
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;

use modelbuild::files::{IfTaken, Staged};
use tempfile::TempDir;

/// A build that takes back a directory may do so while another one makes a file in it, which then has to begin again.
#[test]
fn a_directory_that_was_removed_is_missing_and_not_forbidden() {
    let root = TempDir::with_prefix("modelbuild-files-").unwrap();
    let directory = fs_err::File::open(root.path()).unwrap();
    root.close().unwrap();
    let path = PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd()));
    match Staged::new(&path) {
        Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error}"),
        // Some file systems have unnamed files there still. They can get no name.
        Ok(staged) => {
            let named = staged.publish("name", IfTaken::Keep);
            assert_eq!(named.unwrap_err().kind(), ErrorKind::NotFound);
        }
    }
}
