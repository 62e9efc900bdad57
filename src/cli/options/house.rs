//! What `tag`, `rm` and `prune` take.

use clap::{Args, ValueHint};

use super::format::Format;
use super::registry::RegistryOptions;
use crate::cli::value;

/// Options of `tag`.
#[derive(Debug, Args)]
pub struct Tag {
    /// The artifact: DIR, `oci:DIR[:TAG]`, `DIR@sha256:…` or `docker://HOST/REPOSITORY[:TAG]`
    #[arg(value_name = "SOURCE", value_parser = value::place, value_hint = ValueHint::AnyPath)]
    pub source: value::Named,
    /// The tags that it is to have, too, alone or as `oci:DIR:TAG`; in a layout also `[HOST/]REPOSITORY:TAG`
    #[arg(required = true, value_name = "NEWTAG", value_parser = value::new_tag)]
    pub tags: Vec<value::NewTag>,
    /// Print nothing but the artifact's digest, and errors
    #[arg(short, long)]
    pub quiet: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t, conflicts_with = "quiet")]
    pub format: Format,
    #[command(flatten)]
    pub registry: RegistryOptions,
}

/// Options of `rm`.
#[derive(Debug, Args)]
pub struct Rm {
    /// What to remove: `oci:DIR:TAG`, or `DIR@sha256:…` with all of its tags (repeatable)
    #[arg(required = true, value_name = "REFERENCE", value_parser = value::place, value_hint = ValueHint::AnyPath)]
    pub references: Vec<value::Named>,
    /// Remove the blobs, too, that nothing leads to any more
    #[arg(long)]
    pub prune: bool,
    /// Print nothing but errors
    #[arg(short, long)]
    pub quiet: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t, conflicts_with = "quiet")]
    pub format: Format,
}

/// Options of `prune`.
#[derive(Debug, Args)]
pub struct Prune {
    /// The layout's directory
    #[arg(value_name = "LAYOUT", value_parser = value::place, value_hint = ValueHint::DirPath)]
    pub layout: value::Named,
    /// Only say what would be removed
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Print nothing but errors
    #[arg(short, long)]
    pub quiet: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t, conflicts_with = "quiet")]
    pub format: Format,
}
