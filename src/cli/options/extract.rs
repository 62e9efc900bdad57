//! What `extract` takes.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::build::LinkKind;
use super::transfer::{LayerChoice, Moving, VariantChoice};
use crate::cli::value;

/// Options of `extract`.
#[derive(Debug, Args)]
pub struct Extract {
    /// The artifact: DIR, FILE.tar, `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]` or `docker://HOST/REPOSITORY[:TAG]`
    #[arg(value_name = "REFERENCE", value_parser = value::place, value_hint = ValueHint::AnyPath)]
    pub reference: value::Named,
    /// The directory for the files; it is made where it is missing
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub directory: PathBuf,
    /// Lay the files out for an engine: DIR/config.json and DIR/model/…, as Docker Model Runner does
    ///
    /// Prints the path of the model, of its first shard if it is split, behind the digest; with `--quiet` it alone; with
    /// `--format json` those of projector and chat template, too. What an engine could not open is an error: an
    /// artifact without weights, a shard that is missing, a tar or something compressed in the place of a model.
    #[arg(long, conflicts_with = "no_weights")]
    pub bundle: bool,
    #[command(flatten)]
    pub choice: LayerChoice,
    /// Link the files to the blobs of a layout instead of copying them
    ///
    /// Where both are on one file system. To change such a file is to damage the layout; it has the mode and the time of
    /// the blob. Blocks are shared without that danger where the file system can, and nobody needs to ask for it.
    #[arg(long, value_name = "KIND", value_enum)]
    pub link: Option<LinkKind>,
    /// Unpack compressed layers to SIZE bytes in all, such as `400GB`, and no more
    ///
    /// Copies of files that have several paths may come to as much again. Unless it is given, a layer may come to 100 times its size, and
    /// all of them to 1 TiB.
    #[arg(long, value_name = "SIZE", value_parser = value::size)]
    pub max_unpacked: Option<u64>,
    #[command(flatten)]
    pub variant: VariantChoice,
    #[command(flatten)]
    pub moving: Moving,
}
