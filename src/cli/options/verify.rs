//! What `verify` takes.

use std::num::NonZeroUsize;

use clap::{Args, ValueHint};

use super::format::Format;
use super::registry::RegistryOptions;
use crate::cli::value;

/// Options of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// What to verify: DIR, FILE.tar, `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]` or `docker://HOST/REPOSITORY[:TAG]`
    #[arg(required = true, value_name = "REFERENCE", value_parser = value::place, value_hint = ValueHint::AnyPath)]
    pub references: Vec<value::Named>,
    /// Fetch what is damaged or missing in a layout from FROM, another layout, tarball or registry (repeatable)
    ///
    /// By its digest, verified while it arrives, and renamed to its place; a lost index says again what FROM does of the
    /// manifests that are there. FROM may be damaged itself, elsewhere. A tarball is not repaired: copy it again.
    #[arg(long, value_name = "FROM", value_parser = value::place, value_hint = ValueHint::AnyPath)]
    pub repair: Vec<value::Named>,
    /// End with exit code 4 where there are warnings, too
    #[arg(long)]
    pub strict: bool,
    /// How many blobs to read at a time [default: one a core, of a registry at least 4]
    #[arg(short, long, value_name = "N", value_parser = value::jobs)]
    pub jobs: Option<NonZeroUsize>,
    /// Print nothing but what is wrong
    #[arg(short, long)]
    pub quiet: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    #[command(flatten)]
    pub registry: RegistryOptions,
}
