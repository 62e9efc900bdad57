//! What `build` takes, and with it `watch`, `plan` and `config`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use jiff::Timestamp;

use super::cache::CacheDir;
use super::format::Format;
use super::registry::RegistryOptions;
use crate::artifact;
use crate::cli::value;
use crate::store::{Name, Target};

/// Options of `build`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Build {
    /// The directory of the model: paths in the Modelfile are relative to it
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub context: PathBuf,

    /// The Modelfile; `-` reads it from standard input [default: CONTEXT/Modelfile]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,

    /// Give an argument (`ARG`) of the Modelfile its value (repeatable)
    ///
    /// Of several for one NAME the last one counts. Without `=VALUE` it is the value of the environment's variable
    /// NAME, if there is one.
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]", value_parser = value::build_arg)]
    pub arguments: Vec<(String, Option<String>)>,

    /// Where `FROM` names an index, the artifact in it that has this annotation, or this `platform` (repeatable)
    #[arg(long, value_name = "KEY=VALUE", value_parser = value::annotation)]
    pub variant: Vec<(String, String)>,

    /// How many cores to use [default: all]
    #[arg(short, long, value_name = "N", value_parser = value::jobs)]
    pub jobs: Option<NonZeroUsize>,

    /// Find out the digests, and write no output, no `--metadata-file` or other report either
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,

    /// The format of the artifact
    #[arg(long, value_enum, default_value_t, help_heading = "Artifact")]
    pub spec: Spec,

    /// Store files as they are, which is the default
    #[arg(long, conflicts_with = "tar", help_heading = "Artifact")]
    pub raw: bool,

    /// Store each file as a tar of its own, uncompressed (ModelPack only)
    #[arg(long, help_heading = "Artifact")]
    pub tar: bool,

    /// Add an annotation to the manifest (repeatable)
    #[arg(long = "annotation", value_name = "KEY=VALUE", value_parser = value::annotation, help_heading = "Artifact")]
    pub annotations: Vec<(String, String)>,

    /// Record a time of creation [env: `SOURCE_DATE_EPOCH`] [default: no time]
    ///
    /// As `2026-01-31T12:00:00Z`, or as seconds since 1970. None is recorded unless one is given, so that the digest
    /// depends on the files alone.
    #[arg(long, value_name = "TIME", value_parser = value::time, help_heading = "Artifact")]
    pub created: Option<Timestamp>,

    /// Where to write: DIR, FILE.tar, or `-` (repeatable) [default: CONTEXT/dist/NAME]
    #[arg(
        short,
        long = "output",
        value_name = "OUTPUT",
        value_hint = ValueHint::AnyPath,
        help_heading = "Output",
        long_help = "Where to write (repeatable) [default: CONTEXT/dist/NAME]\n\n  \
            DIR        an OCI image layout, made or added to;\n             \
                       also oci:DIR[:TAG] or type=oci,tar=false,dest=DIR\n  \
            FILE.tar   the same in one file, uncompressed;\n             \
                       also oci-archive:FILE[:TAG] or type=oci,dest=FILE\n  \
            -          that tarball on standard output (reads each file twice);\n             \
                       also type=oci without dest\n  \
            docker://HOST/REPOSITORY[:TAG]\n             \
                       a registry"
    )]
    pub outputs: Vec<Target>,

    /// Name the artifact, as `[HOST/]REPOSITORY[:TAG]` (repeatable)
    #[arg(short, long = "tag", value_name = "NAME", help_heading = "Output")]
    pub tags: Vec<Name>,

    /// Push to every name that `-t` gives; nothing else is written unless `-o` says so
    ///
    /// Files are uploaded as they are read. What a registry has already is not sent again, and an upload that broke is
    /// gone on with by the same command.
    #[arg(long, help_heading = "Output")]
    pub push: bool,

    /// With `--push`: take blobs over from this repository of the registry, where it has them (repeatable)
    #[arg(long, value_name = "REPOSITORY", help_heading = "Output")]
    pub mount_from: Vec<String>,

    /// Link the layout's blobs to the source files instead of copying them
    ///
    /// Quick and takes no space, but whoever writes to a source file afterwards damages the layout. Files that cannot
    /// be linked, as across file systems, are copied.
    #[arg(long, value_enum, value_name = "KIND", help_heading = "Output")]
    pub link: Option<LinkKind>,

    /// Do not wait until the output is on the disk
    ///
    /// Quicker, but a power failure soon afterwards may leave a damaged output. Good enough for machines that are
    /// thrown away.
    #[arg(long, help_heading = "Output")]
    pub no_sync: bool,

    /// Read every file, and remember nothing
    #[arg(long, help_heading = "Cache")]
    pub no_cache: bool,

    #[command(flatten)]
    pub cache: CacheDir,

    /// Take digests that others wrote down, instead of reading the files (repeatable)
    ///
    /// Where a file is copied, its digest is checked on the way. What is trusted when stands in docs/cache.md.
    #[arg(long, value_enum, value_name = "WHOM", value_delimiter = ',', help_heading = "Cache")]
    pub trust: Vec<Trust>,

    #[command(flatten)]
    pub registry: RegistryOptions,

    /// Write digests and layers to FILE as JSON, with the keys of docker buildx
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Report")]
    pub metadata_file: Option<PathBuf>,

    /// Write the artifact's digest to FILE
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Report")]
    pub iidfile: Option<PathBuf>,

    /// Write what the outputs depend on to FILE, as a rule that make and ninja read
    ///
    /// Every file and directory that decides the result, so that a new file that a pattern matches counts too
    /// (docs/make.md).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Report")]
    pub depfile: Option<PathBuf>,

    /// Print nothing but the artifact's digest, and errors
    #[arg(short, long, help_heading = "Report")]
    pub quiet: bool,

    /// Say why each layer and the artifact are, or are not, other ones than at the last build
    #[arg(long, help_heading = "Report")]
    pub explain: bool,

    /// How to print the result
    #[arg(long, value_enum, default_value_t, conflicts_with = "quiet", help_heading = "Report")]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Spec {
    /// CNCF ModelPack's
    #[default]
    Modelpack,
    /// Docker Model Runner's
    Docker,
}

impl From<Spec> for artifact::Spec {
    fn from(spec: Spec) -> Self {
        match spec {
            Spec::Modelpack => Self::ModelPack,
            Spec::Docker => Self::Docker,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LinkKind {
    /// Hard links, on the same file system
    Hard,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Trust {
    /// What `hf download --local-dir` noted in `.cache/huggingface`
    Hf,
    /// git-lfs, for files that git sees as unchanged
    Lfs,
    /// SHA256SUMS, sha256sum.txt, *.sha256
    Sums,
    /// The list in model.sig (OpenSSF); the signature is not verified
    Oms,
}
