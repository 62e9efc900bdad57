//! What can be typed. Help, man pages and completions all come from here.
//!
//! A file a command, or what several of them share; [`typed()`] reads the command line. What the options come to, with
//! the environment and the files of settings, is not decided here.

mod account;
mod build;
mod cache;
mod diff;
mod extract;
mod foreign;
mod format;
mod generated;
mod house;
mod look;
mod mistyped;
mod registry;
mod shared;
mod transfer;
mod typed;
mod verify;

use clap::{CommandFactory as _, Parser, Subcommand};

pub use account::{Login, Logout};
pub use build::{Build, LinkKind, Spec, Trust};
pub use cache::{Cache, CacheAction, CacheDir};
pub use diff::Diff;
pub use extract::Extract;
pub use foreign::command as foreign;
pub use format::Format;
pub use generated::{Completions, Man};
pub use house::{Prune, Rm, Tag};
pub use look::{Document, Inspect, Ls};
pub use mistyped::command as mistyped;
pub use registry::RegistryOptions;
pub use shared::{Color, ProgressMode, Shared};
pub use transfer::{Convert, ConvertedSpec, Copy, LayerChoice, Moving, Pull, Push, VariantChoice};
pub use typed::{color_typed, opposite, typed};
pub use verify::Verify;

/// Build the files of an AI model into one OCI artifact.
///
/// modelbuild reads the Modelfile in the directory CONTEXT, hashes and copies the files that it names, and writes one
/// artifact: to a registry, or as a directory or a tarball that skopeo, oras and other OCI tools read. The same files
/// give the same digest on every machine.
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
        modelbuild . -t registry.example/llama:v1 --push\n  \
        modelbuild . --spec docker        in the format of Docker Model Runner\n  \
        modelbuild . --dry-run            the digests, and nothing written\n\n\
        A Modelfile needs one line only, such as `MODEL *.gguf`.\n\n\
        Any option of a build can be given elsewhere, too: `--strict` as `MODELBUILD_STRICT=true` in\n\
        the environment, as `strict = true` in the `modelbuild.toml` beside the Modelfile, or in the\n\
        user's, ~/.config/modelbuild/modelbuild.toml. The first of these that says something counts;\n\
        `--no-strict` takes it back. `modelbuild config` shows what is in force, and why. Other\n\
        commands take from there what they share with a build, such as `--jobs`; options that are\n\
        theirs alone, such as `--include`, are typed (docs/configuration.md).\n\n\
        Exit codes:\n  \
        0 done, 1 failed, 2 wrong usage, 3 the Modelfile or an input is invalid,\n  \
        4 something is damaged, 5 a registry refused or cannot be reached,\n  \
        130 interrupted"
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
    /// Upload an artifact from a layout or a tarball to a registry
    ///
    /// What the registry has is not sent again. A push that was interrupted goes on where it ended, as far as the
    /// registry keeps what it got of a layer: the same command once more.
    #[command(after_help = "Examples:\n  \
        modelbuild push dist/llama registry.example/team/llama:v1\n  \
        modelbuild push oci:models:v2 registry.example/team/llama:v2 registry.example/team/llama\n  \
        modelbuild push llama.tar localhost:5000/llama:v1 --mount-from base/llama\n\n\
        docs/registries.md says how, and where credentials come from.")]
    Push(Push),
    /// Download an artifact from a registry to a layout or a tarball
    ///
    /// Every byte is verified while it arrives, and what is there already is not fetched. A pull that was interrupted
    /// goes on where it ended: the same command once more.
    #[command(after_help = "Examples:\n  \
        modelbuild pull registry.example/team/llama:v1\n  \
        modelbuild pull registry.example/team/llama:v1 -o llama.tar\n  \
        modelbuild pull registry.example/team/llama --no-weights --include '*.json'\n  \
        modelbuild pull registry.example/team/llama:v1 --extract model\n\n\
        docs/registries.md says how, and where credentials come from.")]
    Pull(Pull),
    /// Copy an artifact between layouts, tarballs and registries
    ///
    /// Nothing of it changes, its digest neither. Between repositories of one registry, layers are taken over without
    /// being moved where the registry allows that.
    #[command(after_help = "Examples:\n  \
        modelbuild copy docker://ghcr.io/team/llama:v1 docker://registry.example/mirror/llama:v1\n  \
        modelbuild copy oci:models:v1 llama.tar\n  \
        modelbuild copy docker://registry.example/team/llama:all llama.tar --all --referrers\n  \
        modelbuild copy docker://registry.example/team/llama:v1 models --no-weights\n\n\
        docs/registries.md says how, and where credentials come from.")]
    Copy(Copy),
    /// Turn a ModelPack artifact into one of Docker's, or the reverse
    ///
    /// With another config and manifest over the same layers: none of them is read, and in the layout where it is, none
    /// is written. Converted back, it is what it was, with the same digest, whoever has written it.
    #[command(after_help = "Examples:\n  \
        modelbuild convert --spec docker oci:models:v1 -t v1-docker\n  \
        modelbuild convert --spec docker oci:models:v1 llama.tar\n  \
        modelbuild convert --spec original llama.tar oci:models:v1\n  \
        modelbuild convert --spec modelpack docker://registry.example/ai/llama:v1 docker://registry.example/team/llama:v1\n\n\
        docs/output.md says what each format has no place for.")]
    Convert(Convert),
    /// Put the files of an artifact into a directory
    ///
    /// At their paths, with their modes and times, each verified before it is to be seen. What else is in the directory
    /// stays; a file in the place of one of the artifact's is replaced, unless it is the same already. An artifact that
    /// would write elsewhere, or one file over another, is refused before anything is written.
    #[command(after_help = "Examples:\n  \
        modelbuild extract dist/llama model\n  \
        modelbuild extract llama.tar model --exclude '*.md'\n  \
        modelbuild extract docker://registry.example/team/llama:v1 model\n  \
        llama-server --model \"$(modelbuild extract -q --bundle dist/llama run)\"\n\n\
        docs/extract.md says what is refused, and what is left when something goes wrong.")]
    Extract(Extract),
    /// Show what an artifact is, without fetching its layers
    ///
    /// What is stated of the model, its size and its layers, from manifest and config alone.
    #[command(after_help = "Examples:\n  \
        modelbuild inspect docker://registry.example/llama:v1\n  \
        modelbuild inspect model.tar --manifest\n  \
        modelbuild inspect dist/llama --html llama.html\n\n\
        docs/output.md describes what is printed.")]
    Inspect(Inspect),
    /// List the artifacts of a repository, a layout or a tarball
    ///
    /// With digest, size, format and parameters of each, from manifests and configs alone: to choose one before it is
    /// fetched.
    #[command(after_help = "Examples:\n  \
        modelbuild ls docker://registry.example/llama\n  \
        modelbuild ls dist/llama --format json\n\n\
        docs/output.md describes what is printed.")]
    Ls(Ls),
    /// Give an artifact further tags, where it is
    ///
    /// In a layout or in a registry; nothing is moved. A tag that another artifact has is taken from it. In a layout, a
    /// tag alone goes with the repository that the artifact is known by.
    #[command(after_help = "Examples:\n  \
        modelbuild tag dist/llama v1 latest\n  \
        modelbuild tag oci:models:v2 registry.example/team/llama:stable\n  \
        modelbuild tag docker://registry.example/team/llama:v2 stable")]
    Tag(Tag),
    /// Remove an artifact, or one of its tags, from a layout
    ///
    /// A tag goes, and the artifact stays as long as it has others. What only refers to an artifact that is gone, such
    /// as signatures, goes along. The blobs stay until `modelbuild prune`, or go at once with `--prune`.
    #[command(after_help = "Examples:\n  \
        modelbuild rm oci:models:v1 oci:models:v2\n  \
        modelbuild rm models@sha256:… --prune")]
    Rm(Rm),
    /// Remove the blobs from a layout that nothing there leads to
    ///
    /// What the layout's index lists is kept, of whatever kind it is, with all that it needs and refers to. A build that
    /// runs there is waited for. Of a pull that was interrupted, layers that came whole are removed, for nothing leads to
    /// them yet: end it first, by the same command once more.
    #[command(after_help = "Examples:\n  \
        modelbuild prune models --dry-run\n  \
        modelbuild prune models\n\n\
        docs/output.md says what is kept.")]
    Prune(Prune),
    /// Check every byte of an artifact, and all that is said of it
    ///
    /// Reads and hashes every blob, whatever was found out before, and checks configs, media types, diff IDs, paths and
    /// annotations. One line for each thing that is wrong; exit code 4 where it is an error or damage. Without a tag, all
    /// artifacts of a layout or a tarball are checked; of an index, always all.
    #[command(after_help = "Examples:\n  \
        modelbuild verify dist/llama\n  \
        modelbuild verify model.tar docker://registry.example/llama:v1 --strict\n  \
        modelbuild verify dist/llama --repair backup.tar --repair docker://registry.example/llama\n\n\
        docs/output.md lists what is checked.")]
    Verify(Verify),
    /// Keep credentials for a registry, once it has accepted them
    ///
    /// Where docker and podman find them, too. Asks for what the options do not say; a password is never taken as an
    /// argument.
    #[command(after_help = "\
        Examples:\n  \
        modelbuild login ghcr.io\n  \
        pass show ghcr | modelbuild login ghcr.io --username me --password-stdin\n\n\
        docs/registries.md says where credentials are kept.")]
    Login(Login),
    /// Remove the credentials for a registry
    ///
    /// From the files that docker, podman and skopeo share with this program, and from the programs that those name.
    #[command(after_help = "docs/registries.md says where credentials are kept.")]
    Logout(Logout),
    /// Print what is in force, and where each setting comes from
    ///
    /// Takes the options of a build, and prints what they come to together with the environment and the files of
    /// settings. Nothing is built.
    Config(Box<Build>),
    /// Show how one artifact differs from another
    ///
    /// Compares two artifacts wherever they lie and whoever made them: layers, what is stated of the model, annotations.
    /// No layer is read. OLD and NEW are `DIR`, `oci:DIR[:TAG]`, `FILE.tar`, `oci-archive:FILE[:TAG]` or
    /// `docker://HOST/REPOSITORY[:TAG]`, each also with `@sha256:…` behind it.
    #[command(after_help = "Examples:\n  \
        modelbuild diff oci:models:v1 oci:models:v2\n  \
        modelbuild diff approved.tar dist/llama --exit-code\n\n\
        docs/output.md says what the lines mean.")]
    Diff(Diff),
    /// Show the cache of digests and unfinished uploads, or remove what is in it
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

impl Command {
    /// Whether it may move an artifact from or to a registry, which another run can go on with.
    pub const fn moves(&self) -> bool {
        matches!(
            self,
            Self::Build(_)
                | Self::Watch(_)
                | Self::Push(_)
                | Self::Pull(_)
                | Self::Copy(_)
                | Self::Convert(_)
                | Self::Extract(_)
        )
    }
}

/// The whole command line, for completions and man pages.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}
