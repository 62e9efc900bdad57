//! What `inspect` and `ls` take.

use clap::{Args, ValueHint};

use super::format::Format;
use super::registry::RegistryOptions;
use super::transfer::VariantChoice;
use crate::cli::value;

/// Options of `inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// The artifact: DIR, FILE.tar, `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]` or `docker://HOST/REPOSITORY[:TAG]`
    #[arg(value_name = "REFERENCE", value_parser = value::place, value_hint = ValueHint::AnyPath)]
    pub reference: value::Named,
    /// Print the manifest as it is
    #[arg(long, conflicts_with_all = ["config", "format"])]
    pub manifest: bool,
    /// Print the config as it is
    #[arg(long, conflicts_with = "format")]
    pub config: bool,
    #[command(flatten)]
    pub variant: VariantChoice,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    #[command(flatten)]
    pub registry: RegistryOptions,
}

/// A document of an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// The manifest.
    Manifest,
    /// The config.
    Config,
}

impl Inspect {
    /// The document that is asked for, if it is one.
    pub const fn document(&self) -> Option<Document> {
        match (self.manifest, self.config) {
            (true, _) => Some(Document::Manifest),
            (false, true) => Some(Document::Config),
            (false, false) => None,
        }
    }
}

/// Options of `ls`.
#[derive(Debug, Args)]
pub struct Ls {
    /// The place: DIR, FILE.tar or `docker://HOST/REPOSITORY`
    #[arg(value_name = "REFERENCE", value_parser = value::place, value_hint = ValueHint::AnyPath)]
    pub reference: value::Named,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    #[command(flatten)]
    pub registry: RegistryOptions,
}
