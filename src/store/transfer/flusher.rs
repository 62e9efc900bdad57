use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use fs_err::File;

/// Somebody who has files written to the device while more is added to them.
///
/// Left alone, the kernel begins when a tenth of the memory waits to be written (`vm.dirty_background_ratio`), so that
/// the sync at the end would find nearly all of a blob still to do.
#[derive(Debug, Clone)]
pub struct Flusher(SyncSender<Arc<File>>);

impl Flusher {
    /// A flusher, and what [`run`] takes from it.
    pub fn new() -> (Self, Receiver<Arc<File>>) {
        // Room for none: who asks while the device is busy asks again later.
        let (sender, files) = sync_channel(0);
        (Self(sender), files)
    }

    /// Asks for what was written to `file` so far to go to the device. Returns whether somebody had time for it.
    pub fn ask(&self, file: &Arc<File>) -> bool {
        !matches!(
            self.0.try_send(file.clone()),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_))
        )
    }
}

/// Flushes until nobody can ask any more.
pub fn run(files: &Receiver<Arc<File>>) {
    while let Ok(file) = files.recv() {
        // Should it fail, the sync at the end fails too, and is heard.
        let _ = file.sync_data();
    }
}
