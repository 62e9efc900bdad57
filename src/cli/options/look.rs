//! What `inspect` and `ls` take.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::format::Format;
use super::registry::RegistryOptions;
use super::transfer::VariantChoice;
use crate::cli::value;

/// Options of `inspect`.
#[derive(Debug, Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they exclude each other, which clap sees to"
)]
pub struct Inspect {
    /// The artifact: DIR, FILE.tar, `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]` or `docker://HOST/REPOSITORY[:TAG]`
    #[arg(value_name = "REFERENCE", value_parser = value::place, value_hint = ValueHint::AnyPath)]
    pub reference: value::Named,
    /// Print the manifest as it is
    #[arg(long, conflicts_with_all = ["config", "raw", "layers", "format", "html"])]
    pub manifest: bool,
    /// Print the config as it is
    #[arg(long, conflicts_with_all = ["raw", "layers", "format", "html"])]
    pub config: bool,
    /// Print what the reference stands for as it is: a manifest, or the index of several
    #[arg(long, conflicts_with_all = ["layers", "format", "html", "variant"])]
    pub raw: bool,
    /// Print the layers alone, with digests and sizes in bytes
    #[arg(long, conflicts_with = "html")]
    pub layers: bool,
    /// Write a page for whoever has to approve the model: what it is, its files, what to look at, where it comes from
    ///
    /// One file that needs no other, nor a network, for any browser; `-` is standard output.
    #[arg(long, value_name = "FILE", conflicts_with = "format", value_hint = ValueHint::FilePath)]
    pub html: Option<PathBuf>,
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
    /// What the reference stands for.
    Root,
    /// The manifest.
    Manifest,
    /// The config.
    Config,
}

impl Inspect {
    /// The document that is asked for, if it is one.
    pub const fn document(&self) -> Option<Document> {
        match self {
            Self { raw: true, .. } => Some(Document::Root),
            Self { manifest: true, .. } => Some(Document::Manifest),
            Self { config: true, .. } => Some(Document::Config),
            _ => None,
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
