//! What every test through the binary is made of: files in a directory of its own, one run, and what must come out.
//!
//! ```ignore
//! Test::new().file("Modelfile", "NAME x\nMODEL a\n").args(["build", "."]).status(3).stderr(str![]).run();
//! ```
//!
//! `SNAPSHOTS=overwrite cargo test` fills in what `str![]` expects.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use sha2::{Digest as _, Sha256};
use snapbox::{Assert, Data, IntoData, Redactions, str};
use tempfile::TempDir;
use walkdir::{DirEntry, WalkDir};

/// A run that takes this long hangs: on a pipe, a lock, a device.
const TIMEOUT: Duration = Duration::from_mins(5);

/// A run of the binary that is to come, and what it must answer. What is not stated is not compared, except that the
/// exit code is 0.
pub struct Test {
    root: Rc<TempDir>,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    stdin: Option<Vec<u8>>,
    by_nobody: bool,
    status: i32,
    stdout: Option<Data>,
    stderr: Option<Data>,
}

impl Test {
    pub fn new() -> Self {
        let root = TempDir::with_prefix("modelbuild-test-").unwrap();
        for directory in ["work", "home", "tmp"] {
            fs_err::create_dir(root.path().join(directory)).unwrap();
        }
        Self::within(Rc::new(root))
    }

    fn within(root: Rc<TempDir>) -> Self {
        Self {
            root,
            args: vec![],
            env: vec![],
            stdin: None,
            by_nobody: false,
            status: 0,
            stdout: None,
            stderr: None,
        }
    }

    /// The working directory of the run.
    pub fn dir(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Keeps the directory that all runs are in, for what must go before it does.
    pub fn keep(&self) -> Rc<TempDir> {
        Rc::clone(&self.root)
    }

    /// Writes a file, relative to the working directory, with the directories above it.
    pub fn file(self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Self {
        let path = self.dir().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
        self
    }

    pub fn symlink(self, target: impl AsRef<Path>, path: impl AsRef<Path>) -> Self {
        symlink(target, self.dir().join(path)).unwrap();
        self
    }

    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((key.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    pub fn stdin(mut self, content: impl AsRef<[u8]>) -> Self {
        self.stdin = Some(content.as_ref().to_owned());
        self
    }

    /// Runs as a user without rights, which only root can: for it, permissions do not count.
    pub fn by_nobody(mut self) -> Self {
        self.by_nobody = true;
        self
    }

    /// Runs with a cache of digests, in the user's directory for caches. Other runs have none: how long ago a file was
    /// written must not decide what a test sees.
    pub fn cached(self) -> Self {
        let directory = self.root.path().join("home/cache_home");
        self.env("XDG_CACHE_HOME", directory)
    }

    /// The exit code; 0 unless stated.
    pub fn status(mut self, status: i32) -> Self {
        self.status = status;
        self
    }

    /// All of standard output. `[DIR]` stands for the working directory, `[HOME]` for the user's, `[TIME]` for
    /// durations and rates, `...` for any lines.
    pub fn stdout(mut self, expected: impl IntoData) -> Self {
        self.stdout = Some(expected.into_data());
        self
    }

    /// All of standard error, as for [`Self::stdout`].
    pub fn stderr(mut self, expected: impl IntoData) -> Self {
        self.stderr = Some(expected.into_data());
        self
    }

    /// The run that is to come, as a command with an environment of its own.
    pub fn command(&self) -> Command {
        let mut command = if self.by_nobody {
            for_nobody(self.root.path())
        } else {
            Command::new(env!("CARGO_BIN_EXE_modelbuild"))
        };
        command.args(&self.args).current_dir(self.dir());
        clean(&mut command, self.root.path());
        command.envs(self.env.iter().map(|(key, value)| (key, value)));
        command
    }

    /// Runs the binary without a terminal.
    #[track_caller]
    pub fn run(self) -> Output {
        let command = self.command();
        let output = finish(command, self.stdin);

        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(
            output.status.code(),
            Some(self.status),
            "{:?} ended with {}\n--- stdout\n{}\n--- stderr\n{stderr}",
            self.args,
            output.status,
            output.stdout.escape_ascii(),
        );
        let dir = self.root.path().join("work");
        if let Some(expected) = self.stdout {
            compare(&dir, &String::from_utf8_lossy(&output.stdout), expected);
        }
        if let Some(expected) = self.stderr {
            compare(&dir, &stderr, expected);
        }
        Output {
            root: self.root,
            stdout: output.stdout,
            stderr,
        }
    }
}

/// What a run left behind; its directory lives as long as this does.
pub struct Output {
    root: Rc<TempDir>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Output {
    /// The working directory of the run.
    pub fn dir(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Standard output as text, without white space around it.
    pub fn text(&self) -> &str {
        str::from_utf8(&self.stdout).unwrap().trim()
    }

    /// A further run in the same directory.
    pub fn then(&self) -> Test {
        Test::within(Rc::clone(&self.root))
    }
}

/// A user that owns nothing.
pub const NOBODY: u32 = 65534;

/// A command that runs the binary as [`NOBODY`]; `root` is opened for it. The binary is brought there, for the
/// directory that it was built in may be closed to others.
pub fn for_nobody(root: &Path) -> Command {
    let binary = root.join("modelbuild");
    if !binary.exists() {
        let built = env!("CARGO_BIN_EXE_modelbuild");
        if fs_err::hard_link(built, &binary).is_err() {
            fs_err::copy(built, &binary).unwrap();
        }
    }
    fs_err::set_permissions(root, PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = Command::new(binary);
    command.uid(NOBODY).gid(NOBODY);
    command
}

/// Takes away all of the environment that could change an outcome; `root` holds `home` and `tmp`.
pub fn clean(command: &mut Command, root: &Path) {
    command
        .env_clear()
        .env("LANG", "C.UTF-8")
        .env("HOME", root.join("home"))
        .env("TMPDIR", root.join("tmp"));
    for key in ["PATH", "LLVM_PROFILE_FILE"] {
        command.envs(std::env::var_os(key).map(|value| (key, value)));
    }
    // No directory can be made there.
    command.env("XDG_CACHE_HOME", "/dev/null");
    for directory in ["CONFIG_HOME", "DATA_HOME", "STATE_HOME", "RUNTIME_DIR"] {
        command.env(
            format!("XDG_{directory}"),
            root.join("home").join(directory.to_lowercase()),
        );
    }
}

/// Every file below `dir`: mode, size, path; sorted by path.
pub fn tree(dir: &Path) -> String {
    list(dir, |line, path, entry| {
        let metadata = entry.metadata().unwrap();
        let size = if metadata.is_file() { metadata.len() } else { 0 };
        write!(line, "{:04o} {size:>8} {path}", metadata.permissions().mode() & 0o7777).unwrap();
    })
}

/// All that can change about the files below `dir`, to compare that nothing did.
pub fn snapshot(dir: &Path) -> String {
    list(dir, |line, path, entry| {
        let metadata = entry.metadata().unwrap();
        let digest = if metadata.is_file() {
            sha256(&fs_err::read(entry.path()).unwrap())
        } else {
            String::new()
        };
        let (mode, inode) = (metadata.mode(), metadata.ino());
        write!(
            line,
            "{mode:o} {inode} {}.{:09} {digest} {path}",
            metadata.mtime(),
            metadata.mtime_nsec()
        )
        .unwrap();
    })
}

/// The digest of `bytes` by another way than the library's.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold("sha256:".to_owned(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
}

fn list(dir: &Path, describe: impl Fn(&mut String, &str, &DirEntry)) -> String {
    let mut text = String::new();
    for entry in WalkDir::new(dir).min_depth(1).sort_by_file_name() {
        let entry = entry.unwrap();
        let path = entry.path().strip_prefix(dir).unwrap().to_string_lossy();
        describe(&mut text, &path, &entry);
        if entry.file_type().is_dir() {
            text.push('/');
        } else if entry.path_is_symlink() {
            write!(text, " -> {}", fs_err::read_link(entry.path()).unwrap().display()).unwrap();
        }
        text.push('\n');
    }
    text
}

fn finish(mut command: Command, stdin: Option<Vec<u8>>) -> std::process::Output {
    command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    if let (Some(mut pipe), Some(content)) = (child.stdin.take(), stdin) {
        // From a thread, for both pipes can be full at once. A program that reads no further closes its end: no matter.
        thread::spawn(move || drop(pipe.write_all(&content)));
    }
    let pid = Pid::from_child(&child);
    let (done, waiting) = channel::<()>();
    let watch = thread::spawn(move || {
        let hangs = waiting.recv_timeout(TIMEOUT) == Err(RecvTimeoutError::Timeout);
        if hangs {
            kill_process(pid, Signal::KILL).unwrap();
        }
        hangs
    });
    let output = child.wait_with_output().unwrap();
    drop(done);
    assert!(!watch.join().unwrap(), "{command:?} did not end within {TIMEOUT:?}");
    output
}

#[track_caller]
fn compare(dir: &Path, actual: &str, expected: Data) {
    let mut redactions = Redactions::new();
    redactions.insert("[DIR]", dir.to_str().unwrap().to_owned()).unwrap();
    let home = dir.with_file_name("home").to_str().unwrap().to_owned();
    redactions.insert("[HOME]", home).unwrap();
    // Not paths: a backslash in a message is a backslash that the user typed.
    let assert = Assert::new()
        .action_env("SNAPSHOTS")
        .normalize_paths(false)
        .redact_with(redactions);
    assert.eq(redact_times(actual), expected);
}

/// Puts `[TIME]` for every duration and rate: a number that stands alone with a unit of time after it.
pub fn redact_times(text: &str) -> String {
    const UNITS: [&str; 12] = [
        "ns", "µs", "ms", "s", "B/s", "kB/s", "MB/s", "GB/s", "KiB/s", "MiB/s", "GiB/s", "TiB/s",
    ];
    let (mut redacted, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        let end = number
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(number.len());
        let after = number[end..].strip_prefix(' ').unwrap_or(&number[end..]);
        let word = after
            .find(|c: char| !c.is_alphanumeric() && c != '/')
            .unwrap_or(after.len());
        redacted.push_str(before);
        // A digit inside a word belongs to the word, as in a digest or a name.
        if !redacted.ends_with(|c: char| c.is_alphanumeric() || "-_/.:".contains(c)) && UNITS.contains(&&after[..word])
        {
            redacted.push_str("[TIME]");
            rest = &after[word..];
        } else {
            redacted.push_str(&number[..end]);
            rest = &number[end..];
        }
    }
    redacted + rest
}

#[test]
fn a_run_that_answers_as_stated_passes() {
    Test::new()
        .stdin("MODEL b.gguf\n")
        .args(["build", "--file", "-"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `b.gguf` does not exist
 --> <stdin>:1:7
  |
1 | MODEL b.gguf
  |       ^^^^^^


"#]])
        .run();
}

#[test]
#[should_panic(expected = "ended with")]
fn a_run_with_another_exit_code_fails() {
    Test::new().args(["--no-such-option"]).run();
}

#[test]
#[should_panic(expected = "another")]
fn a_run_with_other_output_fails() {
    Test::new().args(["--version"]).stdout("another\n").run();
}

#[test]
fn times_and_rates_are_redacted_and_nothing_else() {
    for (text, redacted) in [
        (
            "packed 3 files in 1.25 s (310.4 MiB/s)",
            "packed 3 files in [TIME] ([TIME])",
        ),
        ("1ms", "[TIME]"),
        (
            "sha256:12s 2 shards v1s model-5s.gguf 3 MiB 0:05",
            "sha256:12s 2 shards v1s model-5s.gguf 3 MiB 0:05",
        ),
    ] {
        assert_eq!(redact_times(text), redacted);
    }
}

#[test]
fn a_listing_shows_what_changed() {
    let test = Test::new().file("a/b", "12").symlink("b", "a/c");
    fs_err::set_permissions(test.dir().join("a"), PermissionsExt::from_mode(0o750)).unwrap();
    fs_err::set_permissions(test.dir().join("a/b"), PermissionsExt::from_mode(0o604)).unwrap();
    assert_eq!(
        tree(&test.dir()),
        "0750        0 a/\n0604        2 a/b\n0777        0 a/c -> b\n"
    );
    let before = snapshot(&test.dir());
    assert_eq!(before, snapshot(&test.dir()));
    let test = test.file("a/b", "13");
    assert_ne!(before, snapshot(&test.dir()));
}
