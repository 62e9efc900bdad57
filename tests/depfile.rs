//! `--depfile`: what make and ninja are told of an artifact, and what they make of it.

mod examples;
mod names;
mod report;
mod tools;

use std::path::Path;
use std::process::Command;

use crate::harness::Test;
use crate::oracle::{Oracle, oracle};

/// A tool that builds when something has changed.
struct Builder {
    tool: Oracle,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Make,
    Ninja,
    /// ninja again, which reads the file each time instead of taking it into its own log.
    PlainNinja,
}

impl Builder {
    /// Those that are installed.
    fn all() -> impl Iterator<Item = Self> {
        let builder = |kind| {
            let name = if kind == Kind::Make { "make" } else { "ninja" };
            Some(Self {
                tool: oracle(name)?,
                kind,
            })
        };
        [Kind::Make, Kind::Ninja, Kind::PlainNinja]
            .into_iter()
            .filter_map(builder)
    }

    /// Describes to it how to build `targets` in `dir` by `modelbuild ARGS --depfile d/d`.
    fn describe(&self, dir: &Path, targets: &str, args: &str) {
        fs_err::create_dir_all(dir.join("d")).unwrap();
        let command = format!("modelbuild {args} --depfile d/d");
        let (file, text) = match self.kind {
            Kind::Make => (
                "Makefile",
                format!("{targets}: ; {command}\n-include d/d\n").replace('$', "$$"),
            ),
            Kind::Ninja | Kind::PlainNinja => {
                let deps = if self.kind == Kind::Ninja { "  deps = gcc\n" } else { "" };
                let rule = format!("rule r\n  command = {command}\n  depfile = d/d\n{deps}  restat = 1\n");
                ("build.ninja", format!("builddir = d\n{rule}build {targets}: r\n"))
            }
        };
        fs_err::write(dir.join(file), text).unwrap();
    }

    fn command(&self, dir: &Path) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_modelbuild")).parent().unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(binary.to_owned()).chain(std::env::split_paths(&path)));
        let mut command = self.tool.command();
        command.current_dir(dir).env("PATH", path.unwrap());
        command
    }

    /// Builds `target`. Returns whether anything was done, which is said on standard output.
    fn run(&self, dir: &Path, target: &str) -> Result<bool, String> {
        let output = self.command(dir).arg(target).output().unwrap();
        let (stdout, stderr) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        if output.status.success() {
            Ok(stdout.contains("sha256:"))
        } else {
            Err(format!("{:?}: {}\n{stdout}{stderr}", self.kind, output.status))
        }
    }

    /// The same where it has to go well.
    #[track_caller]
    fn builds(&self, dir: &Path, target: &str) -> bool {
        self.run(dir, target).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// What somebody does to a model.
type Action<'a> = &'a dyn Fn(Test) -> Test;

/// Waits until what is written now is newer than `path`: file systems count in ticks of some milliseconds.
fn let_time_pass(path: &Path) {
    let modified = |path: &Path| fs_err::metadata(path).unwrap().modified().unwrap();
    let probe = tempfile::NamedTempFile::new_in(path.parent().unwrap().parent().unwrap()).unwrap();
    while modified(probe.path()) <= modified(path) {
        std::thread::yield_now();
        fs_err::write(probe.path(), "").unwrap();
    }
}

/// A model in `m`.
fn model() -> Test {
    Test::new()
        .file("m/Modelfile", "NAME m\nFORMAT gguf\nMODEL *.gguf\nCODE **/*.py\n")
        .file("m/a.gguf", "weights")
        .file("m/code/a.py", "pass")
}
