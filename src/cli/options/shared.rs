//! What every command takes.

use clap::{Args, ValueEnum};

use crate::cli::settings;
use crate::registry;

/// Options that every command takes.
#[derive(Debug, Args)]
pub struct Shared {
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, global = true)]
    pub color: Color,
    /// How to show progress, on standard error
    #[arg(long, value_enum, value_name = "MODE", default_value_t, global = true)]
    pub progress: ProgressMode,
    /// Where settings were looked for: as much of an input as the Modelfile.
    #[arg(skip)]
    pub settings: Vec<settings::File>,
    /// What those say of registries.
    #[arg(skip)]
    pub registries: registry::Settings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless the environment has `NO_COLOR`
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ProgressMode {
    /// `tty` on a terminal, `plain` elsewhere
    #[default]
    Auto,
    /// Lines that are redrawn
    Tty,
    /// A line every five seconds, and one for each layer that took longer
    Plain,
    /// JSON lines, warnings and errors too (docs/output.md)
    Json,
    /// Nothing but warnings and errors
    None,
}
