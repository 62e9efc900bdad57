use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Something that is done at intervals, whether anything moves or not, until this is dropped.
#[derive(Debug)]
pub struct Pulse {
    stop: Option<Sender<()>>,
    beating: Option<JoinHandle<()>>,
}

impl Pulse {
    /// Does `work` after each `interval`; never, where no thread can be had.
    pub fn start(interval: Duration, work: impl Fn() + Send + 'static) -> Self {
        let (stop, stopped) = channel();
        let beat = move || {
            while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                work();
            }
        };
        Self {
            stop: Some(stop),
            beating: Builder::new().name("progress".to_owned()).spawn(beat).ok(),
        }
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.stop = None;
        // What is being said stands before what comes next.
        if let Some(beating) = self.beating.take() {
            let _ = beating.join();
        }
    }
}
