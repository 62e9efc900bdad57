use std::path::PathBuf;

use super::problem::Problem;
use crate::digest::Stamp;

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Harvest {
    /// Regular files that can be packed, in no order.
    pub files: Vec<Found>,
    /// Paths that a rule asks for and that cannot be packed.
    pub problems: Vec<(Asked, Problem)>,
    /// What it came by.
    pub visited: Visited,
}

/// Where a walk came by, and what decides that there was no more.
#[derive(Debug, Default)]
pub(super) struct Visited {
    /// The directories that were listed, relative to the context, which is among them.
    pub listed: Vec<PathBuf>,
    /// The directories that were left out as earlier outputs, relative to the context.
    pub layouts: Vec<PathBuf>,
    /// The symlinks that were followed, by the canonical path of their directory.
    pub links: Vec<PathBuf>,
}

/// A path and the rules that ask for it.
#[derive(Debug)]
pub(super) struct Asked {
    /// Relative to the context.
    pub path: PathBuf,
    /// Indices of the rules, ascending.
    pub rules: Vec<usize>,
}

/// A regular file that rules ask for.
#[derive(Debug)]
pub(super) struct Found {
    /// The file.
    pub asked: Asked,
    /// What `stat` said of it, links followed.
    pub stamp: Stamp,
    /// Whether its owner may execute it.
    pub executable: bool,
}
