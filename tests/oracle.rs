//! Other people's tools as judges of what we write.
//!
//! A tool that is not there is said on a user's machine and is a failure in CI, for a check that nobody runs checks
//! nothing. `tests/oracles/install.sh` installs all of them.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::harness::clean;

/// Where `tests/oracles/install.sh` puts the Python tools.
const VENV: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/oracles/bin");

/// A tool of somebody else, found.
pub struct Oracle {
    program: PathBuf,
    /// A home without settings or credentials.
    root: TempDir,
}

/// Finds `tool` in the environment that `tests/oracles/install.sh` made, else on `PATH`; `python3` only in the former,
/// as it needs packages. `None` after saying so if it is missing.
///
/// # Panics
/// If it is missing and this is CI.
pub fn oracle(tool: &str) -> Option<Oracle> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = std::env::split_paths(&path).filter(|_| tool != "python3");
    let mut candidates = std::iter::once(PathBuf::from(VENV))
        .chain(system)
        .map(|directory| directory.join(tool));
    let Some(program) = candidates.find(|program| program.is_file()) else {
        skip(&format!("install {tool} by tests/oracles/install.sh"));
        return None;
    };
    let root = TempDir::with_prefix("modelbuild-oracle-").unwrap();
    for directory in ["home", "tmp"] {
        fs_err::create_dir(root.path().join(directory)).unwrap();
    }
    Some(Oracle { program, root })
}

/// Says that a test is left out for want of something that can be installed, and how.
///
/// # Panics
/// In CI, where all of that is installed.
pub fn skip(remedy: &str) {
    let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    assert!(!ci, "missing in CI: {remedy}");
    left_out(remedy);
}

/// Says that a test is left out because the machine will not have it, as a container that may not mount: nothing to
/// install would help, so that CI goes on too, and `tests/run.sh` says at its end what was left out.
pub fn denied(reason: &str) {
    left_out(reason);
}

fn left_out(reason: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // Not eprintln!, which the test harness swallows when a test passes.
    let line = format!("skipped: {reason} ({test})\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// What a tool answered.
pub struct Answer {
    pub success: bool,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Oracle {
    /// A command that finds no settings or credentials of the user.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        clean(&mut command, self.root.path());
        command
    }

    /// Runs the tool in `dir`, whatever it says.
    pub fn ask<S: AsRef<OsStr>>(&self, dir: &Path, args: impl IntoIterator<Item = S>) -> Answer {
        let output = self.command().args(args).current_dir(dir).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Answer {
            success: output.status.success(),
            stdout: output.stdout,
            stderr,
        }
    }

    /// Runs the tool in `dir` and gives what it printed; it must not fail.
    #[track_caller]
    pub fn approve<S: AsRef<OsStr>>(&self, dir: &Path, args: impl IntoIterator<Item = S>) -> Vec<u8> {
        let args: Vec<_> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        let answer = self.ask(dir, &args);
        let Answer {
            success,
            stdout,
            stderr,
        } = answer;
        assert!(
            success,
            "{} {args:?} failed\n{}\n{stderr}",
            self.program.display(),
            String::from_utf8_lossy(&stdout)
        );
        stdout
    }
}
