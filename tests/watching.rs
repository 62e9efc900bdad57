//! `watch`: real edits to real files, and what is built of them.
//!
//! Nothing here waits for a time: each step waits for the line that it has to lead to, and a line too many would be the
//! next one that somebody waits for.

mod limits;
mod noise;
mod steps;

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::harness::{Test, clean, redact_times};

/// What takes this long does not happen any more.
const PATIENCE: Duration = Duration::from_mins(2);

/// `modelbuild watch` at work.
pub struct Watching {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    directory: PathBuf,
    _root: Rc<TempDir>,
}

impl Watching {
    /// Begins to watch in the directory of `test`.
    pub fn new(test: &Test, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
        command.arg("watch").args(args);
        Self::by(test, command)
    }

    /// The same by a command that ends up in it.
    pub fn by(test: &Test, mut command: Command) -> Self {
        let root = test.keep();
        clean(&mut command, root.path());
        command
            .env("TZ", "UTC")
            .current_dir(test.dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        Self {
            stdout: lines(child.stdout.take().unwrap()),
            stderr: lines(child.stderr.take().unwrap()),
            child,
            directory: test.dir(),
            _root: root,
        }
    }

    /// A path in the directory of the test.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.directory.join(path)
    }

    /// Writes a file in one step, as editors do: this process may be held up between any two.
    pub fn write(&self, path: &str, text: &str) {
        let written = self.path("../tmp/written");
        fs_err::write(&written, text).unwrap();
        fs_err::rename(written, self.path(path)).unwrap();
    }

    /// Does several things of which it sees nothing before all are done, however long that takes here.
    pub fn at_once<T>(&self, actions: impl FnOnce() -> T) -> T {
        self.signal(Signal::STOP);
        let done = actions();
        self.signal(Signal::CONT);
        done
    }

    /// Writes more into a file, which stays the same one.
    pub fn append(&self, path: &str, text: &str) {
        let mut file = fs_err::OpenOptions::new().append(true).open(self.path(path)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// The next line on standard error; `[NOW]` stands for the time of day, `[TIME]` for durations, `[ID]` for a digest.
    #[track_caller]
    pub fn line(&self) -> String {
        let line = self
            .stderr
            .recv_timeout(PATIENCE)
            .expect("another line on standard error");
        redact(&line)
    }

    /// Waits for the line of the next build, which has to say this.
    #[track_caller]
    pub fn says(&self, expected: &str) {
        assert_eq!(self.line(), expected);
    }

    /// Waits for the next build to be done, and for what it prints.
    #[track_caller]
    pub fn prints(&self) -> String {
        self.stdout
            .recv_timeout(PATIENCE)
            .expect("another line on standard output")
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits until it ends. Returns the exit code, and what it had said before that nobody had waited for.
    pub fn end(mut self) -> (Option<i32>, Vec<String>) {
        let rest: Vec<_> = self.stderr.iter().map(|line| redact(&line)).collect();
        (self.child.wait().unwrap().code(), rest)
    }

    /// Stops it, when everything that it said has been waited for.
    #[track_caller]
    pub fn stop(self) {
        self.signal(Signal::INT);
        assert_eq!(self.end(), (Some(130), vec![]));
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // Best effort: it may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            if sender.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    receiver
}

fn redact(line: &str) -> String {
    let line = redact_times(line);
    let is_time = |word: &str| word.len() == 8 && word.bytes().filter(|byte| *byte == b':').count() == 2;
    let word = |word: &str| match word {
        _ if is_time(word) => "[NOW]".to_owned(),
        _ if word.starts_with("sha256:") && word.len() == 19 => "[ID]".to_owned(),
        _ => word.to_owned(),
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// A model in `m`.
fn model() -> Test {
    Test::new()
        .file("m/Modelfile", "NAME m\nFORMAT gguf\nMODEL *.gguf\nCODE **/*.py\n")
        .file("m/a.gguf", "weights")
        .file("m/code/a.py", "pass")
}

#[test]
fn lines_are_redacted() {
    assert_eq!(
        redact("09:52:33 built `w` sha256:55f327dbc34f in 0.04 s: `a:b:c.py` changed"),
        "[NOW] built `w` [ID] in [TIME]: `a:b:c.py` changed"
    );
}
