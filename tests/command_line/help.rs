//! Help, versions, completions, man pages, and options that nobody knows.

use std::process::{Command, Stdio};

use snapbox::{file, str};

use crate::harness::{Test, clean, tree};
use crate::oracle::oracle;
use crate::tiny::tiny;

#[test]
#[allow(clippy::too_many_lines, reason = "the help is whole")]
fn the_short_help_names_every_option() {
    Test::new()
        .args(["-h"])
        .stdout(str![[r#"
Build the files of an AI model into one OCI artifact

Usage: modelbuild [OPTIONS] [CONTEXT]
       modelbuild <COMMAND>

Commands:
  build        Build a directory: the same as no command
  watch        Build, and build again whenever something has changed
  plan         Show what a build would do, without reading a file's content
  push         Upload an artifact from a layout or a tarball to a registry
  pull         Download an artifact from a registry to a layout or a tarball
  copy         Copy an artifact between layouts, tarballs and registries
  convert      Turn a ModelPack artifact into one of Docker's, or the reverse
  extract      Put the files of an artifact into a directory
  inspect      Show what an artifact is, without fetching its layers
  ls           List the artifacts of a repository, a layout or a tarball
  tag          Give an artifact further tags, where it is
  rm           Remove an artifact, or one of its tags, from a layout
  prune        Remove the blobs from a layout that nothing there leads to
  verify       Check every byte of an artifact, and all that is said of it
  login        Keep credentials for a registry, once it has accepted them
  logout       Remove the credentials for a registry
  config       Print what is in force, and where each setting comes from
  diff         Show how one artifact differs from another
  cache        Show the cache of digests and unfinished uploads, or remove what is in it
  completions  Print a completion script for a shell
  man          Write a man page for each command into a directory
  help         Print this message or the help of the given subcommand(s)

Arguments:
  [CONTEXT]  The directory of the model: paths in the Modelfile are relative to it [default: .]

Options:
  -f, --file <FILE>               The Modelfile; `-` reads it from standard input [default:
                                  CONTEXT/Modelfile]
      --build-arg <NAME[=VALUE]>  Give an argument (`ARG`) of the Modelfile its value (repeatable)
      --variant <KEY=VALUE>       Where `FROM` names an index, the artifact in it that has this
                                  annotation, or this `platform` (repeatable)
  -j, --jobs <N>                  How many cores to use [default: all]
  -n, --dry-run                   Find out the digests, and write no output, no `--metadata-file` or
                                  other report either
      --strict                    Treat warnings as errors
      --color <WHEN>              When to use colours [default: auto] [possible values: auto,
                                  always, never]
      --progress <MODE>           How to show progress, on standard error [default: auto] [possible
                                  values: auto, tty, plain, json, none]
  -h, --help                      Print help (see more with '--help')
  -V, --version                   Print version

Artifact:
      --spec <SPEC>             The format of the artifact [default: modelpack] [possible values:
                                modelpack, docker]
      --raw                     Store files as they are, which is the default
      --tar                     Store each file as a tar of its own, uncompressed (ModelPack only)
      --annotation <KEY=VALUE>  Add an annotation to the manifest (repeatable)
      --created <TIME>          Record a time of creation [env: `SOURCE_DATE_EPOCH`] [default: no
                                time]

Output:
  -o, --output <OUTPUT>          Where to write: DIR, FILE.tar, or `-` (repeatable) [default:
                                 CONTEXT/dist/NAME]
  -t, --tag <NAME>               Name the artifact, as `[HOST/]REPOSITORY[:TAG]` (repeatable)
      --push                     Push to every name that `-t` gives; nothing else is written unless
                                 `-o` says so
      --mount-from <REPOSITORY>  With `--push`: take blobs over from this repository of the
                                 registry, where it has them (repeatable)
      --link <KIND>              Link the layout's blobs to the source files instead of copying them
                                 [possible values: hard]
      --no-sync                  Do not wait until the output is on the disk

Cache:
      --no-cache         Read every file, and remember nothing
      --cache-dir <DIR>  Where digests of unchanged files are kept [default: ~/.cache/modelbuild]
      --trust <WHOM>     Take digests that others wrote down, instead of reading the files
                         (repeatable) [possible values: hf, lfs, sums, oms]

Registry:
      --plain-http          Speak http without TLS; with loopback addresses this is the default,
                            unless a certificate is spoken of below
      --insecure            Take any certificate, whoever it is of
      --ca-file <FILE>      Believe the certificates in FILE (PEM), too
      --client-cert <FILE>  Show the registry the certificate in FILE (PEM)
      --client-key <FILE>   The key for that certificate, if it is not in the same file
      --username <USER>     Be USER there, instead of whom the files of credentials say
      --password-stdin      Read the password from standard input, instead of asking for it
      --retries <N>         Try what failed for a while again, up to N times without any progress in
                            between [default: 5]
      --timeout <DURATION>  Give up a connection that was silent for so long, such as `5m`; a number
                            alone is seconds [default: 1m]

Report:
      --metadata-file <FILE>  Write digests and layers to FILE as JSON, with the keys of docker
                              buildx
      --iidfile <FILE>        Write the artifact's digest to FILE
      --depfile <FILE>        Write what the outputs depend on to FILE, as a rule that make and
                              ninja read
  -q, --quiet                 Print nothing but the artifact's digest, and errors
      --explain               Say why each layer and the artifact are, or are not, other ones than
                              at the last build
      --format <FORMAT>       How to print the result [default: text] [possible values: text, json]

Examples:
  modelbuild                        build ./Modelfile into the layout dist/NAME
  modelbuild . -t llama:v1 -o out   the layout `out`, with a tag
  modelbuild . -o model.tar         one file to carry across an air gap
  modelbuild . -o - | ssh host 'cat > model.tar'
  modelbuild . -t registry.example/llama:v1 --push
  modelbuild . --spec docker        in the format of Docker Model Runner
  modelbuild . --dry-run            the digests, and nothing written

A Modelfile needs one line only, such as `MODEL *.gguf`.

Any option of a build can be given elsewhere, too: `--strict` as `MODELBUILD_STRICT=true` in
the environment, as `strict = true` in the `modelbuild.toml` beside the Modelfile, or in the
user's, ~/.config/modelbuild/modelbuild.toml. The first of these that says something counts;
`--no-strict` takes it back. `modelbuild config` shows what is in force, and why. Other
commands take from there what they share with a build, such as `--jobs`; options that are
theirs alone, such as `--include`, are typed (docs/configuration.md).

Exit codes:
  0 done, 1 failed, 2 wrong usage, 3 the Modelfile or an input is invalid,
  4 something is damaged, 5 a registry refused or cannot be reached,
  130 interrupted

"#]])
        .stderr("")
        .run();
}

#[test]
fn the_long_help_explains_every_option() {
    Test::new().args(["--help"]).stdout(file!["help.txt"]).stderr("").run();
}

#[test]
fn the_help_of_build_has_the_same_options() {
    Test::new()
        .args(["build", "-h"])
        .stdout(str![[r#"
Build a directory: the same as no command

Usage: modelbuild build [OPTIONS] [CONTEXT]

Arguments:
  [CONTEXT]  The directory of the model: paths in the Modelfile are relative to it [default: .]

Options:
  -f, --file <FILE>               The Modelfile; `-` reads it from standard input [default:
                                  CONTEXT/Modelfile]
      --build-arg <NAME[=VALUE]>  Give an argument (`ARG`) of the Modelfile its value (repeatable)
      --variant <KEY=VALUE>       Where `FROM` names an index, the artifact in it that has this
                                  annotation, or this `platform` (repeatable)
  -j, --jobs <N>                  How many cores to use [default: all]
  -n, --dry-run                   Find out the digests, and write no output, no `--metadata-file` or
                                  other report either
      --strict                    Treat warnings as errors
      --color <WHEN>              When to use colours [default: auto] [possible values: auto,
                                  always, never]
      --progress <MODE>           How to show progress, on standard error [default: auto] [possible
                                  values: auto, tty, plain, json, none]
  -h, --help                      Print help (see more with '--help')

Artifact:
      --spec <SPEC>             The format of the artifact [default: modelpack] [possible values:
                                modelpack, docker]
      --raw                     Store files as they are, which is the default
      --tar                     Store each file as a tar of its own, uncompressed (ModelPack only)
      --annotation <KEY=VALUE>  Add an annotation to the manifest (repeatable)
      --created <TIME>          Record a time of creation [env: `SOURCE_DATE_EPOCH`] [default: no
                                time]

Output:
  -o, --output <OUTPUT>          Where to write: DIR, FILE.tar, or `-` (repeatable) [default:
                                 CONTEXT/dist/NAME]
  -t, --tag <NAME>               Name the artifact, as `[HOST/]REPOSITORY[:TAG]` (repeatable)
      --push                     Push to every name that `-t` gives; nothing else is written unless
                                 `-o` says so
      --mount-from <REPOSITORY>  With `--push`: take blobs over from this repository of the
                                 registry, where it has them (repeatable)
      --link <KIND>              Link the layout's blobs to the source files instead of copying them
                                 [possible values: hard]
      --no-sync                  Do not wait until the output is on the disk

Cache:
      --no-cache         Read every file, and remember nothing
      --cache-dir <DIR>  Where digests of unchanged files are kept [default: ~/.cache/modelbuild]
      --trust <WHOM>     Take digests that others wrote down, instead of reading the files
                         (repeatable) [possible values: hf, lfs, sums, oms]

Registry:
      --plain-http          Speak http without TLS; with loopback addresses this is the default,
                            unless a certificate is spoken of below
      --insecure            Take any certificate, whoever it is of
      --ca-file <FILE>      Believe the certificates in FILE (PEM), too
      --client-cert <FILE>  Show the registry the certificate in FILE (PEM)
      --client-key <FILE>   The key for that certificate, if it is not in the same file
      --username <USER>     Be USER there, instead of whom the files of credentials say
      --password-stdin      Read the password from standard input, instead of asking for it
      --retries <N>         Try what failed for a while again, up to N times without any progress in
                            between [default: 5]
      --timeout <DURATION>  Give up a connection that was silent for so long, such as `5m`; a number
                            alone is seconds [default: 1m]

Report:
      --metadata-file <FILE>  Write digests and layers to FILE as JSON, with the keys of docker
                              buildx
      --iidfile <FILE>        Write the artifact's digest to FILE
      --depfile <FILE>        Write what the outputs depend on to FILE, as a rule that make and
                              ninja read
  -q, --quiet                 Print nothing but the artifact's digest, and errors
      --explain               Say why each layer and the artifact are, or are not, other ones than
                              at the last build
      --format <FORMAT>       How to print the result [default: text] [possible values: text, json]

"#]])
        .stderr("")
        .run();
}

#[test]
fn the_version_is_the_package_s() {
    let version = concat!("modelbuild ", env!("CARGO_PKG_VERSION"), "\n");
    Test::new().args(["--version"]).stdout(version).stderr("").run();
    Test::new().args(["-V"]).stdout(version).stderr("").run();
}

#[test]
fn an_unknown_option_is_wrong_usage() {
    Test::new()
        .args(["--outptu", "x"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: unexpected argument '--outptu' found

  tip: a similar argument exists: '--output'

Usage: modelbuild [OPTIONS] [CONTEXT]
       modelbuild <COMMAND>

For more information, try '--help'.

"#]])
        .run();
}

/// Others' `pull` is told the place so.
#[test]
fn a_place_to_pull_to_is_no_argument() {
    Test::new()
        .args(["pull", "registry.example/a/b:v1", "models", "more"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: 'pull' takes one artifact, and 'models' is more: if that is where it goes, write '-o models', or '--extract models' for its files

Usage: modelbuild pull [OPTIONS] <SOURCE>

For more information, try '--help'.

"#]])
        .run();
}

#[test]
fn options_before_a_command_are_not_ignored() {
    tiny()
        .args(["-q", "build"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: '--quiet' stands before the command 'build', where it has no effect: put it behind

Usage: modelbuild [OPTIONS] [CONTEXT]
       modelbuild <COMMAND>

For more information, try '--help'.

"#]])
        .run();
    tiny()
        .args([".", "build"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: '.' stands before the command 'build', where it has no effect: put it behind

Usage: modelbuild [OPTIONS] [CONTEXT]
       modelbuild <COMMAND>

For more information, try '--help'.

"#]])
        .run();
    tiny().args(["--color", "never", "build", "-q"]).run();
}

#[test]
fn numbers_of_jobs_begin_at_one() {
    tiny()
        .args(["-j", "0"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: invalid value '0' for '--jobs <N>': expected a number, at least 1

For more information, try '--help'.

"#]])
        .run();
    let one = tiny().args(["-q", "-j", "1"]).run();
    assert_eq!(one.text(), one.then().args(["-q", "--jobs", "64"]).run().text());
}

#[test]
fn completions_are_scripts_for_their_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let script = Test::new().args(["completions", shell]).stderr("").run();
        assert!(script.text().contains("metadata-file"), "{shell}");
        let file = script.dir().join("script");
        fs_err::write(&file, &script.stdout).unwrap();
        if let Some(shell) = oracle(shell) {
            shell.approve(&script.dir(), ["-n", "script"]);
        }
    }
}

#[test]
fn man_pages_are_written_for_every_command() {
    let written = Test::new().args(["man", "a/pages"]).stdout("").stderr("").run();
    let pages = written.dir().join("a/pages");
    let names: Vec<_> = tree(&pages)
        .lines()
        .map(|line| line.rsplit(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        names,
        [
            "modelbuild-build.1",
            "modelbuild-cache-clear.1",
            "modelbuild-cache-prune.1",
            "modelbuild-cache.1",
            "modelbuild-completions.1",
            "modelbuild-config.1",
            "modelbuild-convert.1",
            "modelbuild-copy.1",
            "modelbuild-diff.1",
            "modelbuild-extract.1",
            "modelbuild-inspect.1",
            "modelbuild-login.1",
            "modelbuild-logout.1",
            "modelbuild-ls.1",
            "modelbuild-man.1",
            "modelbuild-plan.1",
            "modelbuild-prune.1",
            "modelbuild-pull.1",
            "modelbuild-push.1",
            "modelbuild-rm.1",
            "modelbuild-tag.1",
            "modelbuild-verify.1",
            "modelbuild-watch.1",
            "modelbuild.1"
        ]
    );
    let page = fs_err::read_to_string(pages.join("modelbuild.1")).unwrap();
    assert!(page.contains("metadata\\-file"), "{page}");
}

#[test]
fn whoever_reads_no_further_sees_no_error() {
    for args in [
        &["--help"][..],
        &["completions", "bash"],
        &["-n"],
        &["--format", "json", "-n"],
    ] {
        let test = tiny();
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
        clean(&mut command, test.dir().parent().unwrap());
        let mut child = command
            .args(args)
            .current_dir(test.dir())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let answer = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(answer.stderr).unwrap();
        assert!(
            !stderr.contains("error") && !stderr.contains("panic"),
            "{args:?}: {stderr}"
        );
        assert_eq!(answer.status.code(), Some(0), "{args:?}");
    }
}
