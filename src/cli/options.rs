//! What can be typed. Help, man pages and completions all come from here.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{
    Arg, ArgAction, ArgMatches, Args, ColorChoice, CommandFactory as _, Parser, Subcommand, ValueEnum, ValueHint,
};
use jiff::Timestamp;

use super::{settings, value};
use crate::artifact;
use crate::store::{Name, Target};

/// Build the files of an AI model into one OCI artifact.
///
/// modelbuild reads the Modelfile in the directory CONTEXT, hashes and copies the files that it names, and writes one
/// artifact: a directory or a tarball that skopeo, oras and other OCI tools carry to any registry. The same files give
/// the same digest on every machine.
#[derive(Debug, Parser)]
#[command(
    name = "modelbuild",
    version,
    override_usage = "modelbuild [OPTIONS] [CONTEXT]\n       modelbuild <COMMAND>",
    after_help = "Examples:\n  \
        modelbuild                        build ./Modelfile into the layout dist/NAME\n  \
        modelbuild . -t llama:v1 -o out   the layout `out`, with a tag\n  \
        modelbuild . -o model.tar         one file to carry across an air gap\n  \
        modelbuild . -o - | ssh host 'cat > model.tar'\n  \
        modelbuild . --spec docker        in the format of Docker Model Runner\n  \
        modelbuild . --dry-run            the digests, and nothing written\n\n\
        A Modelfile needs one line only, such as `MODEL *.gguf`.\n\n\
        Any option can be given elsewhere, too: `--strict` as `MODELBUILD_STRICT=true` in the\n\
        environment, as `strict = true` in the `modelbuild.toml` beside the Modelfile, or in the\n\
        user's, ~/.config/modelbuild/modelbuild.toml. The first of these that says something counts;\n\
        `--no-strict` takes it back. `modelbuild config` shows what is in force, and why\n\
        (docs/configuration.md).\n\n\
        Exit codes:\n  \
        0 done, 1 failed, 2 wrong usage, 3 the Modelfile or an input is invalid,\n  \
        4 the output is damaged, 130 interrupted"
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
#[allow(clippy::large_enum_variant, reason = "there is one of them in a run")]
pub enum Command {
    /// Build a directory: the same as no command
    Build(Box<Build>),
    /// Build, and build again whenever something has changed
    ///
    /// Takes the options of `build`, and ends by Ctrl-C. Each build leaves a line on standard error, which says what
    /// had changed, and the digest on standard output (docs/watch.md).
    Watch(Box<Build>),
    /// Show what a build would do, without reading a file's content
    ///
    /// Takes the options of a build. Prints the layers, which files would be read, and what would be written where.
    Plan(Box<Build>),
    /// Print what is in force, and where each setting comes from
    ///
    /// Takes the options of a build, and prints what they come to together with the environment and the files of
    /// settings. Nothing is built.
    Config(Box<Build>),
    /// Show the cache of digests, or remove what is in it
    #[command(after_help = "docs/cache.md says what is kept there, and when it is trusted.")]
    Cache(Cache),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example: modelbuild completions bash > ~/.local/share/bash-completion/completions/modelbuild"
    )]
    Completions(Completions),
    /// Write a man page for each command into a directory
    Man(Man),
}

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
    /// A bar that is redrawn
    Tty,
    /// A line now and then
    Plain,
    /// JSON lines, warnings and errors too (docs/output.md)
    Json,
    /// Nothing but warnings and errors
    None,
}

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
            -          that tarball on standard output (reads each file twice)"
    )]
    pub outputs: Vec<Target>,

    /// Name the artifact, as `[HOST/]REPOSITORY[:TAG]` (repeatable)
    #[arg(short, long = "tag", value_name = "NAME", help_heading = "Output")]
    pub tags: Vec<Name>,

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object, described in docs/output.md
    Json,
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

/// Where the cache is.
#[derive(Debug, Args)]
pub struct CacheDir {
    /// Where digests of unchanged files are kept [default: ~/.cache/modelbuild]
    ///
    /// A file that did not change since it was hashed is not read again; docs/cache.md says how that is known. The
    /// default is below `XDG_CACHE_HOME` where that is set.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Cache")]
    pub cache_dir: Option<PathBuf>,
}

/// Options of `cache`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Cache {
    #[command(subcommand)]
    pub action: Option<CacheAction>,
    #[command(flatten)]
    pub place: CacheDir,
    /// How to print what is there
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// What can be done to the cache.
#[derive(Debug, Subcommand)]
pub enum CacheAction {
    /// Remove digests of files that are gone or changed
    Prune(CachePrune),
    /// Remove all digests
    Clear(CacheDir),
}

/// Options of `cache prune`.
#[derive(Debug, Args)]
pub struct CachePrune {
    /// Remove digests too that were found out more than DAYS ago
    #[arg(long, value_name = "DAYS", value_parser = value::days)]
    pub older_than: Option<u32>,
    #[command(flatten)]
    pub place: CacheDir,
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

/// What was typed. Ends the process where that is `--help`, or wrong.
pub fn typed() -> ArgMatches {
    let mut command = with_opposites(command()).color(color_typed());
    let matches = command.get_matches_mut();
    if let Some(name) = matches.subcommand_name() {
        // They would be read, and then nobody would heed them.
        let typed = |arg: &&Arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
        let stray = command.get_arguments().filter(|arg| !arg.is_global_set()).find(typed);
        if let Some(arg) = stray {
            let mut typed = matches.get_raw(arg.get_id().as_str()).into_iter().flatten();
            let what = match (arg.get_long(), typed.next()) {
                (Some(long), _) => format!("--{long}"),
                (None, Some(typed)) => typed.display().to_string(),
                (None, None) => arg.get_id().to_string(),
            };
            let message = format!("'{what}' stands before the command '{name}', where it has no effect: put it behind");
            command.error(ErrorKind::ArgumentConflict, message).exit();
        }
    }
    matches
}

/// The option that takes back `--LONG`, which need not have been typed: `--no-strict` for `--strict`, `--sync` for
/// `--no-sync`, as git has it. It is clap's identifier too.
pub fn opposite(long: &str) -> String {
    match long.strip_prefix("no-") {
        Some(long) => format!("--{long}"),
        None => format!("--no-{long}"),
    }
}

/// Every flag of `command` with its opposite. Help and completions are spared them: one sentence explains them all.
fn with_opposites(command: clap::Command) -> clap::Command {
    let flags = command
        .get_arguments()
        .filter(|arg| matches!(arg.get_action(), ArgAction::SetTrue))
        .filter_map(|arg| Some((arg.get_id().clone(), opposite(arg.get_long()?))));
    let opposites: Vec<Arg> = flags
        .map(|(flag, opposite)| {
            let long = opposite.trim_start_matches('-').to_owned();
            let off = Arg::new(opposite).long(long).action(ArgAction::SetTrue);
            off.overrides_with(flag).hide(true)
        })
        .collect();
    command.args(opposites).mut_subcommands(with_opposites)
}

/// What `--color` or the environment says, for help and for errors about the options, which are printed before the
/// options are known, and even if there is something wrong with the files of settings.
fn color_typed() -> ColorChoice {
    let mut args = std::env::args_os().skip(1).take_while(|arg| arg != "--");
    let mut typed = None;
    while let Some(arg) = args.next() {
        if arg == "--color" {
            typed = args.next();
        } else if let Some(when) = arg.to_str().and_then(|arg| arg.strip_prefix("--color=")) {
            typed = Some(when.into());
        }
    }
    let said = typed.or_else(|| std::env::var_os("MODELBUILD_COLOR"));
    match said.and_then(|when| Color::from_str(when.to_str()?, false).ok()) {
        Some(Color::Always) => ColorChoice::Always,
        Some(Color::Never) => ColorChoice::Never,
        Some(Color::Auto) | None => ColorChoice::Auto,
    }
}
