//! What had to be made to have a place for an output, so that it can be taken back.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::Error;

/// Files and directories that were made, in the order they were made.
#[derive(Debug, Default)]
pub struct Created(Vec<PathBuf>);

impl Created {
    /// Runs `action`, and takes back what it has made where it fails.
    pub fn make<T>(&mut self, action: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        action(self).inspect_err(|_| self.remove())
    }

    /// Notes that `path` was made.
    pub fn note(&mut self, path: PathBuf) {
        self.0.push(path);
    }

    /// `mkdir -p` that notes what it made.
    pub fn directories(&mut self, path: &Path) -> Result<(), Error> {
        self.within(path, |_| Ok(()))
    }

    /// Makes the directory `path` and runs `action` in it; again where another build, which had made it or one above
    /// it and failed, took it back in between.
    pub fn within<T>(&mut self, path: &Path, action: impl Fn(&Path) -> io::Result<T>) -> Result<T, Error> {
        /// Where it is still missing then, something else is wrong: a symlink to nothing, say.
        const ATTEMPTS: usize = 100;
        for _ in 1..ATTEMPTS {
            match self.make_directories(path).and_then(|()| action(path)) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                done => return done.map_err(Error::writing),
            }
        }
        self.make_directories(path)
            .and_then(|()| action(path))
            .map_err(Error::writing)
    }

    fn make_directories(&mut self, path: &Path) -> io::Result<()> {
        let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let missing: Vec<_> = path.ancestors().take_while(is_missing).collect();
        for directory in missing.into_iter().rev() {
            match fs_err::create_dir(directory) {
                Ok(()) => self.note(directory.into()),
                // Another build was quicker.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Removes what was made again, from the last on, until something is in use: then a directory is not empty, and
    /// what was made before it may be needed too.
    pub fn remove(&self) {
        for path in self.0.iter().rev() {
            match fs_err::remove_dir(path).or_else(|_| fs_err::remove_file(path)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return,
                _ => {}
            }
        }
    }
}
