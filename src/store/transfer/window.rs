use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::Scope;

use fs_err::File;
use fs_err::os::unix::fs::FileExt as _;

use crate::store::{Error, os};

/// A part of a file that the kernel is to copy to others.
#[derive(Debug)]
pub struct Window {
    pub from: Arc<File>,
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    /// How long it is, in bytes.
    pub length: u64,
    pub to: Vec<Goal>,
}

/// Where one copy of a window goes.
#[derive(Debug)]
pub struct Goal {
    /// Which slot of the blob that is.
    pub slot: usize,
    pub file: Arc<File>,
    /// Where the copy begins in the file, in bytes.
    pub offset: u64,
}

impl Window {
    /// Has the kernel copy it. Returns the slots that it cannot copy to, which may have a part of it.
    ///
    /// # Errors
    /// The file cannot be read, or is shorter than it was; the device of a copy is full.
    pub fn copy(&self) -> Result<Vec<usize>, Error> {
        let mut others = Vec::new();
        for goal in &self.to {
            if !self.copy_to(goal)? {
                others.push(goal.slot);
            }
        }
        Ok(others)
    }

    fn copy_to(&self, goal: &Goal) -> Result<bool, Error> {
        let mut done = 0;
        while done < self.length {
            let from = self.offset + done;
            match os::copy_range(&self.from, from, &goal.file, goal.offset + done, self.length - done) {
                Ok(Some(0)) => {
                    return Err(Error::Changed {
                        path: self.from.path().into(),
                    });
                }
                Ok(Some(copied)) => done += copied,
                Ok(None) => return Ok(false),
                // The kernel does not say which of the two files it is about.
                Err(cause) => {
                    self.from.read_at(&mut [0], from).map_err(Error::reading)?;
                    let what = format!("cannot copy `{}`: {cause}", self.from.path().display());
                    return Err(Error::writing(io::Error::new(cause.kind(), what)));
                }
            }
        }
        Ok(true)
    }
}

/// A thread that has windows copied while those before them are hashed.
#[derive(Debug)]
pub struct Copier {
    windows: Sender<Window>,
    copied: Receiver<Result<Vec<usize>, Error>>,
}

impl Copier {
    /// Starts the thread, which ends with the value.
    pub fn start<'scope>(scope: &'scope Scope<'scope, '_>) -> Result<Self, Error> {
        let (windows, to_copy) = channel::<Window>();
        let (done, copied) = channel();
        super::worker::start("copy", scope, move || {
            while let Ok(window) = to_copy.recv() {
                if done.send(window.copy()).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { windows, copied })
    }

    /// Has the next window copied.
    pub fn ask(&self, window: Window) {
        // A thread that is gone is found out by who waits for it.
        let _ = self.windows.send(window);
    }

    /// What has come of the window that was asked for; `None` while it is being copied.
    pub fn look(&self) -> Result<Option<Vec<usize>>, Error> {
        match self.copied.try_recv() {
            Ok(others) => others.map(Some),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(gone()),
        }
    }

    /// Waits for the window that was asked for.
    pub fn wait(&self) -> Result<Vec<usize>, Error> {
        self.copied.recv().map_err(|_| gone())?
    }
}

fn gone() -> Error {
    Error::writing(io::Error::other("the copying thread went away"))
}
