use std::future::Future;
use std::io;
use std::panic::resume_unwind;
use std::sync::OnceLock;
use std::thread;

use tokio::runtime::{Builder, Handle, Runtime};

use super::Error;

/// Threads that only wait for sockets: what is heavy (hashing, files) happens in the callers'.
const THREADS: usize = 2;

const NAME: &str = "network";

/// The threads that wait for sockets. There are none before something is asked.
#[derive(Default)]
pub struct Network(OnceLock<Option<Runtime>>);

impl Network {
    /// What they run, begun if it has to be.
    pub fn runtime(&self) -> Result<&Runtime, Error> {
        let start = || {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(THREADS).thread_name(NAME);
            builder.enable_all().build().ok()
        };
        let missing = || failed(io::Error::other("the threads for the network cannot be had"));
        self.0.get_or_init(start).as_ref().ok_or_else(missing)
    }

    /// Waits until `work` is done. A caller that is in a runtime itself may not wait for another one, but for a thread.
    pub fn finish<T: Send>(&self, work: impl Future<Output = T> + Send) -> Result<T, Error> {
        let runtime = self.runtime()?;
        if Handle::try_current().is_err() {
            return Ok(runtime.block_on(work));
        }
        thread::scope(|scope| {
            let thread = thread::Builder::new().name(NAME.to_owned());
            let waiting = thread.spawn_scoped(scope, || runtime.block_on(work)).map_err(failed)?;
            waiting.join().or_else(|panic| resume_unwind(panic))
        })
    }
}

impl Drop for Network {
    /// Waits until the threads have ended; in a runtime, where nobody may wait for that, they end by themselves.
    fn drop(&mut self) {
        let runtime = self.0.take().flatten();
        if let Some(runtime) = runtime.filter(|_| Handle::try_current().is_ok()) {
            runtime.shutdown_background();
        }
    }
}

fn failed(error: io::Error) -> Error {
    Error::System(error.into())
}
