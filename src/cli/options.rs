//! What can be typed. Help, man pages and completions all come from here.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum, ValueHint};
use jiff::Timestamp;

use crate::store::{Name, Target};

/// Build an OCI artifact from an AI model: a Modelfile and a directory in, one layout, tarball or stream out.
///
/// `modelbuild` reads `Modelfile` in the context directory, hashes the files that it names in parallel, and writes one
/// artifact. The same input gives the same digest on every machine.
#[derive(Debug, Parser)]
#[command(
    name = "modelbuild",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Examples:\n  \
        modelbuild .                          build ./Modelfile into the layout ./dist/NAME\n  \
        modelbuild . -o model.tar             one file to carry across an air gap\n  \
        modelbuild . -t llama:v1 -o out       the layout `out`, with a tag\n  \
        modelbuild . --spec docker -o out     in the format of Docker Model Runner\n  \
        modelbuild . -o - | ssh host 'cat > model.tar'\n  \
        modelbuild . --dry-run                all digests, nothing written\n\n\
        Exit codes: 0 done; 1 failed; 2 wrong usage; 3 the Modelfile or an input is invalid; \
        4 damaged content; 130 interrupted."
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub build: Build,
    #[command(flatten)]
    pub shared: Shared,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the artifact of a directory (what `modelbuild DIR` does too)
    Build(Build),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example: modelbuild completions bash > ~/.local/share/bash-completion/completions/modelbuild"
    )]
    Completions(Completions),
    /// Write the man pages
    Man(Man),
}

/// Options that every command takes.
#[derive(Debug, Args)]
pub struct Shared {
    /// When to use colours [env: `NO_COLOR`]
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        global = true,
        hide_possible_values = false
    )]
    pub color: Color,
    /// How to show progress, on standard error
    #[arg(long, value_enum, value_name = "MODE", default_value_t, global = true)]
    pub progress: ProgressMode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
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
    /// A bar that is redrawn
    Tty,
    /// A line now and then
    Plain,
    /// A JSON object a line; warnings and errors too
    Json,
    /// Nothing but warnings and errors
    None,
}

/// Options of `build`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Build {
    /// The directory that the Modelfile's paths are relative to
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub context: PathBuf,

    /// The Modelfile, `-` for standard input [default: CONTEXT/Modelfile]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,

    /// A name for the artifact, `[HOST/]REPOSITORY[:TAG]`; may be given several times
    #[arg(short, long = "tag", value_name = "NAME")]
    pub tags: Vec<Name>,

    /// Where to write the artifact; may be given several times [default: CONTEXT/dist/NAME]
    ///
    /// DIR, oci:DIR[:TAG] or type=oci,tar=false,dest=DIR: an OCI layout directory, made or added to.
    /// FILE.tar, oci-archive:FILE[:TAG] or type=oci,dest=FILE: the same as one uncompressed tar.
    /// `-`: that tar on standard output; every file is then read twice.
    #[arg(short, long = "output", value_name = "OUTPUT", value_hint = ValueHint::AnyPath)]
    pub outputs: Vec<Target>,

    /// The format of the artifact
    #[arg(long, value_enum, default_value_t)]
    pub spec: Spec,

    /// Store files as they are (the default, and what every reader takes)
    #[arg(long, conflicts_with = "tar")]
    pub raw: bool,

    /// Store each file as an uncompressed tar with one member (ModelPack only)
    #[arg(long)]
    pub tar: bool,

    /// An annotation for the manifest; may be given several times
    #[arg(long = "annotation", value_name = "KEY=VALUE", value_parser = parse_annotation)]
    pub annotations: Vec<(String, String)>,

    /// The time of creation, RFC 3339 or seconds since 1970; without it there is none [env: `SOURCE_DATE_EPOCH`]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub created: Option<Timestamp>,

    /// How many files to hash at a time [default: the number of cores]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Do everything, digests too, but write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,

    /// Make the layout's blobs hard links to the source files where possible
    ///
    /// Quick and takes no space, but writing to a source file afterwards damages the layout.
    #[arg(long, value_enum, value_name = "KIND")]
    pub link: Option<LinkKind>,

    /// Do not wait until the output is on the disk
    ///
    /// Quicker; a power failure shortly afterwards may leave a damaged output. Enough for machines that are thrown
    /// away.
    #[arg(long)]
    pub no_sync: bool,

    /// Write a description of the result to FILE, as JSON (the keys of buildx, and the layers)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub metadata_file: Option<PathBuf>,

    /// Write the artifact's digest to FILE
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub iidfile: Option<PathBuf>,

    /// Print nothing but the artifact's digest
    #[arg(short, long)]
    pub quiet: bool,

    /// How to print the result
    #[arg(long, value_enum, default_value_t, conflicts_with = "quiet")]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Spec {
    /// CNCF ModelPack
    #[default]
    Modelpack,
    /// Docker Model Runner
    Docker,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LinkKind {
    /// Hard links
    Hard,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object, described in docs/output.md
    Json,
}

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Options of `man`.
#[derive(Debug, Args)]
pub struct Man {
    /// The directory to write them to
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub directory: PathBuf,
}

/// The whole command line, for completions and man pages.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// `KEY=VALUE`; buildx's `manifest:KEY=VALUE` means the same.
fn parse_annotation(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    let key = key.strip_prefix("manifest:").unwrap_or(key);
    if key.is_empty()
        || key
            .chars()
            .any(|character| character.is_whitespace() || character.is_control())
    {
        return Err("the key is empty or has white space".to_owned());
    }
    if ["index:", "manifest-descriptor:", "index-descriptor:"]
        .iter()
        .any(|kind| key.starts_with(kind))
    {
        return Err("only the manifest can be annotated".to_owned());
    }
    Ok((key.to_owned(), value.to_owned()))
}

/// RFC 3339, or whole seconds since 1970 as `SOURCE_DATE_EPOCH` has it.
pub fn parse_time(text: &str) -> Result<Timestamp, String> {
    let wrong = || "expected RFC 3339 such as `2026-01-31T12:00:00Z`, or whole seconds since 1970".to_owned();
    let time = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Timestamp::from_second(text.parse().map_err(|_| wrong())?)
    } else {
        text.parse()
    };
    time.map_err(|_| wrong())
}
