//! What `login` and `logout` take.

use clap::Args;

use super::registry::RegistryOptions;
use crate::cli::value;

/// Options of `login`.
#[derive(Debug, Args)]
#[command(mut_arg("username", |arg| arg.short('u')))]
pub struct Login {
    /// The registry, as HOST or HOST:PORT
    #[arg(value_parser = value::registry)]
    pub host: String,
    #[command(flatten)]
    pub registry: RegistryOptions,
}

/// Options of `logout`.
#[derive(Debug, Args)]
pub struct Logout {
    /// The registry, as HOST or HOST:PORT
    #[arg(value_parser = value::registry, required_unless_present = "all", conflicts_with = "all")]
    pub host: Option<String>,
    /// Log out everywhere
    ///
    /// Takes out what is written down for parts of a registry's repositories, too.
    #[arg(long)]
    pub all: bool,
}
