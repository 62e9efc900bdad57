//! What `logout` takes.

use clap::Args;

use crate::cli::value;

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
