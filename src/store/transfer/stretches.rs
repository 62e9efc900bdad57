use std::sync::atomic::{AtomicUsize, Ordering};

use super::queue::Job;

/// The small blobs that wait, in manifest order and in as many stretches as there are threads. Neighbours lie in one
/// directory mostly, in which the kernel lets only one thread at a time make a file: so each thread has a stretch of its
/// own, and helps with the others when that is done.
#[derive(Debug, Default)]
pub struct Stretches {
    jobs: Vec<Job>,
    /// How many of each stretch are taken.
    taken: Vec<AtomicUsize>,
    /// How many threads have come.
    threads: AtomicUsize,
}

impl Stretches {
    pub fn new(jobs: Vec<Job>, threads: usize) -> Self {
        let mut taken = Vec::new();
        taken.resize_with(threads.max(1), AtomicUsize::default);
        Self {
            jobs,
            taken,
            threads: AtomicUsize::new(0),
        }
    }

    /// The jobs of another thread, until none is left.
    pub fn take(&self) -> impl Iterator<Item = &Job> {
        let first = self.threads.fetch_add(1, Ordering::Relaxed);
        let count = self.taken.len();
        (first..first + count).flat_map(move |stretch| self.rest_of(stretch % count))
    }

    /// What nobody else takes meanwhile of a stretch.
    fn rest_of(&self, stretch: usize) -> impl Iterator<Item = &Job> {
        let length = self.jobs.len().div_ceil(self.taken.len());
        let next = move || {
            self.taken
                .get(stretch)
                .map(|taken| taken.fetch_add(1, Ordering::Relaxed))
        };
        let job = move |index| self.jobs.get(stretch * length + index);
        std::iter::from_fn(move || next().filter(|index| *index < length).and_then(job))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_taken_once_however_many_threads_come() {
        for (jobs, threads) in [(0, 0), (0, 3), (1, 8), (7, 1), (7, 2), (100, 8), (101, 100)] {
            let job = |index| Job {
                index,
                digest: None,
                destinations: Vec::new(),
                is_counted: false,
            };
            let stretches = Stretches::new((0..jobs).map(job).collect(), threads);
            let mut indexes = Vec::new();
            let mut takers: Vec<_> = (0..3).map(|_| stretches.take()).collect();
            // In turns, and one of them takes what the others leave.
            for _ in 0..5 {
                indexes.extend(takers.iter_mut().filter_map(Iterator::next).map(|job| job.index));
            }
            indexes.extend(takers.pop().into_iter().flatten().map(|job| job.index));
            indexes.sort_unstable();
            assert_eq!(indexes, (0..jobs).collect::<Vec<_>>(), "{jobs} jobs, {threads} threads");
        }
    }

    #[test]
    fn threads_begin_apart() {
        let job = |index| Job {
            index,
            digest: None,
            destinations: Vec::new(),
            is_counted: false,
        };
        let stretches = Stretches::new((0..30).map(job).collect(), 3);
        let mut takers: Vec<_> = (0..3).map(|_| stretches.take()).collect();
        let first: Vec<_> = takers
            .iter_mut()
            .filter_map(Iterator::next)
            .map(|job| job.index)
            .collect();
        assert_eq!(first, [0, 10, 20]);
    }
}
