//! What `push`, `pull`, `copy` and `convert` take.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum, ValueHint};

use super::cache::CacheDir;
use super::format::Format;
use super::registry::RegistryOptions;
use crate::cli::value;
use crate::store::stored::Reach;
use crate::store::{Address, Name, Options, Target};

/// Options of `push`.
#[derive(Debug, Args)]
pub struct Push {
    /// A layout directory or a tarball: `DIR`, `FILE.tar`, `oci:DIR[:TAG]` or `oci-archive:FILE[:TAG]`
    pub source: String,
    /// Where to: `HOST/REPOSITORY[:TAG]` (repeatable) [default tag: latest]
    #[arg(required = true, value_name = "DESTINATION")]
    pub destinations: Vec<Address>,
    /// Take blobs over from this repository of the registry, where it has them (repeatable)
    #[arg(long, value_name = "REPOSITORY")]
    pub mount_from: Vec<String>,
    #[command(flatten)]
    pub variant: VariantChoice,
    #[command(flatten)]
    pub reach: ReachChoice,
    #[command(flatten)]
    pub moving: Moving,
}

/// Options of `pull`.
#[derive(Debug, Args)]
pub struct Pull {
    /// The artifact: `HOST/REPOSITORY[:TAG]` or `HOST/REPOSITORY@sha256:…` [default tag: latest]
    pub source: Address,
    /// Where to: DIR, FILE.tar, or `-`, as for `build` [default: the last part of the repository's name]
    #[arg(short, long = "output", value_name = "OUTPUT", value_hint = ValueHint::AnyPath)]
    pub output: Option<Target>,
    /// Write the files themselves to DIR, as `extract` does, and no layout
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with_all = ["output", "all", "referrers"])]
    pub extract: Option<PathBuf>,
    /// With `--extract`: lay the files out for an engine, as `extract --bundle` does; `--quiet` prints the model's path
    #[arg(long, requires = "extract", conflicts_with_all = ["no_weights", "output"])]
    pub bundle: bool,
    /// With `--extract`: unpack compressed layers to SIZE bytes in all, such as `400GB`, and no more
    ///
    /// Copies of files that have several paths may come to as much again. Unless it is given, a layer may come to 100
    /// times its size, and all of them to 1 TiB.
    #[arg(long, value_name = "SIZE", value_parser = value::size, requires = "extract", conflicts_with = "output")]
    pub max_unpacked: Option<u64>,
    #[command(flatten)]
    pub choice: LayerChoice,
    #[command(flatten)]
    pub variant: VariantChoice,
    #[command(flatten)]
    pub reach: ReachChoice,
    #[command(flatten)]
    pub moving: Moving,
}

/// Options of `copy`.
#[derive(Debug, Args)]
pub struct Copy {
    /// A layout, a tarball or a registry: DIR, FILE.tar, `docker://HOST/REPOSITORY[:TAG]`
    pub source: String,
    /// Where to: DIR, FILE.tar, `-` or `docker://HOST/REPOSITORY[:TAG]` (repeatable)
    #[arg(required = true, value_name = "DESTINATION")]
    pub destinations: Vec<Target>,
    #[command(flatten)]
    pub choice: LayerChoice,
    /// Take blobs over from this repository of the destination, where it has them (repeatable)
    #[arg(long, value_name = "REPOSITORY")]
    pub mount_from: Vec<String>,
    #[command(flatten)]
    pub variant: VariantChoice,
    #[command(flatten)]
    pub reach: ReachChoice,
    #[command(flatten)]
    pub moving: Moving,
}

/// Options of `convert`.
#[derive(Debug, Args)]
pub struct Convert {
    /// The format that it is to have
    #[arg(long, value_enum)]
    pub spec: ConvertedSpec,
    /// The artifact: a layout, a tarball or a registry, as for `copy`
    pub source: String,
    /// Where to: DIR, FILE.tar, `-` or `docker://HOST/REPOSITORY[:TAG]` [default: the layout that it is in]
    #[arg(value_name = "DESTINATION")]
    pub destination: Option<Target>,
    /// The tag that it is to have there (repeatable) [default: its own, in a registry
    /// `latest`; none in the layout that it is in]
    #[arg(short, long = "tag", value_name = "TAG", value_parser = value::tag)]
    pub tags: Vec<Name>,
    #[command(flatten)]
    pub variant: VariantChoice,
    #[command(flatten)]
    pub moving: Moving,
}

/// The formats that an artifact can be converted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConvertedSpec {
    /// CNCF ModelPack's
    Modelpack,
    /// Docker Model Runner's
    Docker,
    /// What it was before it was converted, to the byte
    Original,
}

/// Which artifact of an index is meant.
#[derive(Debug, Args)]
pub struct VariantChoice {
    /// Of an index, the artifact that has this annotation, or this `platform` (repeatable)
    #[arg(long, value_name = "KEY=VALUE", value_parser = value::annotation)]
    pub variant: Vec<(String, String)>,
}

/// How much is moved of what hangs together.
#[derive(Debug, Args)]
pub struct ReachChoice {
    /// Of an index, all artifacts and the index itself
    #[arg(long, conflicts_with = "variant")]
    pub all: bool,
    /// Also what refers to it: signatures, attestations
    #[arg(long)]
    pub referrers: bool,
}

impl ReachChoice {
    /// The same for who finds artifacts.
    pub const fn reach(&self) -> Reach {
        Reach {
            all: self.all,
            referrers: self.referrers,
        }
    }
}

/// Which layers are moved.
#[derive(Debug, Args)]
pub struct LayerChoice {
    /// Only layers whose path matches this pattern (repeatable)
    ///
    /// As in a `.gitignore`: `*.json` is in any directory, `/*.json` at the top, `docs` is all that is below it. A layout
    /// may lack blobs then; the manifest stays as it is. Where files are extracted, the pattern holds for those inside of
    /// tars, too.
    #[arg(long, value_name = "PATTERN", value_parser = NonEmptyStringValueParser::new())]
    pub include: Vec<String>,
    /// Leave out layers whose path matches this pattern (repeatable)
    ///
    /// Where files are extracted, also files inside of tars.
    #[arg(long, value_name = "PATTERN", value_parser = NonEmptyStringValueParser::new())]
    pub exclude: Vec<String>,
    /// Leave out weights: what is left says what the model is
    #[arg(long)]
    pub no_weights: bool,
}

/// Options of everything that moves artifacts.
#[derive(Debug, Args)]
pub struct Moving {
    /// How many layers to move at a time
    #[arg(short, long, value_name = "N", default_value_t = Options::default().jobs, value_parser = value::jobs)]
    pub jobs: NonZeroUsize,
    /// Do not wait until the output is on the disk
    #[arg(long)]
    pub no_sync: bool,
    /// Remember nothing, and go on with nothing
    #[arg(long)]
    pub no_cache: bool,
    #[command(flatten)]
    pub cache: CacheDir,
    /// Print nothing but the artifact's digest, and errors
    #[arg(short, long)]
    pub quiet: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t, conflicts_with = "quiet")]
    pub format: Format,
    #[command(flatten)]
    pub registry: RegistryOptions,
}
