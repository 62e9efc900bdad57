use std::path::{Path, PathBuf};

use crate::build::Output;
use crate::cache::Cache;
use crate::digest::Stamp;
use crate::store::Target;

/// The tarballs of a build whose times are set for make: the cache knows them by the times that they had.
#[derive(Debug)]
pub struct Tarballs(Vec<(PathBuf, Stamp, Stamp)>);

impl Tarballs {
    /// As they are before.
    pub fn of(outputs: &[Output]) -> Self {
        let tarballs = outputs.iter().filter_map(|output| match &output.target {
            Target::Archive(path, _) => Some(path),
            _ => None,
        });
        let now = |path: &PathBuf| stamp(path).map(|stamp| (path.clone(), stamp, stamp));
        Self(tarballs.filter_map(now).collect())
    }

    /// Takes note of what they are right after.
    pub fn were_dated(&mut self) {
        self.0.retain_mut(|(path, _, after)| match stamp(path) {
            Some(now) => {
                *after = now;
                true
            }
            None => false,
        });
    }

    /// Has the cache know them by the times that they have now. That it cannot means that they are written once more.
    pub fn tell(&self, cache: Option<&Cache>) {
        if let Some(cache) = cache {
            let _ = cache.redate(&self.0);
        }
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    fs_err::metadata(path).ok().map(|metadata| Stamp::of(&metadata))
}
