//! The small files that are written beside an artifact, or about one.

use std::io;
use std::path::Path;

use super::exit::{FAILED, Failure};
use crate::store::{Durability, write_file};

/// Whether one can be written at `path` later: not to learn after an hour that it cannot.
pub fn check(path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    if path == Path::new("-") {
        let help = "name a file, or take `--format json` for the same on standard output";
        return Err(Failure::usage("`-` is no file here", help));
    }
    let unwritable = |why: String, help: &str| Failure::Message {
        code: FAILED,
        message: format!("cannot write `{shown}`: {why}"),
        help: Some(help.to_owned()),
    };
    if path.is_dir() {
        return Err(unwritable("it is a directory".to_owned(), "name a file"));
    }
    let mut above = path.ancestors().skip(1);
    match above.find(|above| above.as_os_str().is_empty() || above.exists()) {
        Some(above) if !above.as_os_str().is_empty() && !above.is_dir() => Err(unwritable(
            format!("`{}` is not a directory", above.display()),
            "name a file in a directory that you can write to",
        )),
        _ => Ok(()),
    }
}

/// Writes it, and makes the directories that it lacks, as an output does.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        fs_err::create_dir_all(directory)?;
    }
    write_file(path, bytes, Durability::Unsynced)
}
