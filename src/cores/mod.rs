//! Many small pieces of work, on all cores at once.
//!
//! Enters: items, and what to do with each. Leaves: the results in the order of the items. A `stat` or a line of JSON
//! takes a microsecond, so that only thousands of them are worth a thread; fewer are done by whoever asks. What has to
//! wait for a disk or a network has threads of its own elsewhere, more than there are cores.

use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::thread::available_parallelism;

use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// A thread is started, or woken up, in about the time of this many pieces of a microsecond.
const SHARE: usize = 128;

/// `None` where there is one core, or threads cannot be had: then the work is done without.
static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();

/// Does `work` on every item; it takes about a microsecond.
pub fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    match pool_for(items.len()) {
        Some(pool) => pool.install(|| items.into_par_iter().with_min_len(SHARE).map(work).collect()),
        None => items.into_iter().map(work).collect(),
    }
}

/// Does `work` on every item, of which each holds `weight` small ones on average.
pub fn map_groups<T: Send, R: Send>(items: Vec<T>, weight: usize, work: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    let weight = if items.len() > 1 {
        items.len().saturating_mul(weight)
    } else {
        0
    };
    match pool_for(weight) {
        Some(pool) => pool.install(|| items.into_par_iter().map(work).collect()),
        None => items.into_iter().map(work).collect(),
    }
}

/// Does two things at the same time, which take about as long as `weight` small pieces of work together.
pub fn join<A: Send, B: Send>(
    weight: usize,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    match pool_for(weight) {
        Some(pool) => pool.join(one, other),
        None => (one(), other()),
    }
}

/// The threads, where so many small pieces of work are worth them.
fn pool_for(weight: usize) -> Option<&'static ThreadPool> {
    if weight > 2 * SHARE { pool() } else { None }
}

fn pool() -> Option<&'static ThreadPool> {
    let start = || {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        let builder = ThreadPoolBuilder::new().num_threads(cores);
        let named = builder.thread_name(|index| format!("core {index}"));
        (cores > 1).then(|| named.build().ok()).flatten()
    };
    POOL.get_or_init(start).as_ref()
}
