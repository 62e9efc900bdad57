//! What `diff` takes.

use clap::{Args, ValueHint};

use super::format::Format;
use super::registry::RegistryOptions;
use crate::cli::value;

/// Options of `diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The artifact that was
    #[arg(value_name = "OLD", value_parser = value::place, value_hint = ValueHint::AnyPath)]
    pub old: value::Named,
    /// The artifact that is
    #[arg(value_name = "NEW", value_parser = value::place, value_hint = ValueHint::AnyPath)]
    pub new: value::Named,
    /// End with exit code 1 where the two are not the same artifact
    #[arg(long)]
    pub exit_code: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    #[command(flatten)]
    pub registry: RegistryOptions,
}
