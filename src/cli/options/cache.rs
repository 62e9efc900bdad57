//! What `cache` takes, and where the cache is.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::format::Format;
use crate::cli::value;

/// Where the cache is.
#[derive(Debug, Args)]
pub struct CacheDir {
    /// Where digests of unchanged files are kept [default: ~/.cache/modelbuild]
    ///
    /// A file that did not change since it was hashed is not read again; docs/cache.md says how that is known. The
    /// default is below `XDG_CACHE_HOME` where that is set.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Cache")]
    pub cache_dir: Option<PathBuf>,
}

/// Options of `cache`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Cache {
    #[command(subcommand)]
    pub action: Option<CacheAction>,
    #[command(flatten)]
    pub place: CacheDir,
    /// How to print what is there
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// What can be done to the cache.
#[derive(Debug, Subcommand)]
pub enum CacheAction {
    /// Remove digests of files that are gone or changed, and uploads that are too old to go on with
    Prune(CachePrune),
    /// Remove everything
    Clear(CacheClear),
}

/// Options of `cache clear`.
#[derive(Debug, Args)]
pub struct CacheClear {
    #[command(flatten)]
    pub place: CacheDir,
    /// How to print what was removed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Options of `cache prune`.
#[derive(Debug, Args)]
pub struct CachePrune {
    /// Remove also what is older than DAYS
    #[arg(long, value_name = "DAYS", value_parser = value::days)]
    pub older_than: Option<u32>,
    #[command(flatten)]
    pub place: CacheDir,
    /// How to print what was removed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
