//! A run of the binary that is watched while it goes on: what it says on standard error, which may be a terminal.

use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use rustix::io::{Errno, read};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use tempfile::TempDir;

use crate::harness::Test;

/// Killed when the value goes, if it has not ended.
pub struct Running {
    child: Child,
    stderr: OwnedFd,
    said: Vec<u8>,
    /// What it works in.
    _root: Rc<TempDir>,
}

impl Running {
    /// Begins the run with a pipe as standard error.
    pub fn piped(test: &Test) -> Self {
        let mut command = test.command();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = child.stderr.take().unwrap().into();
        Self {
            child,
            stderr,
            said: vec![],
            _root: test.keep(),
        }
    }

    /// Begins the run with a terminal of 100 columns as standard error, and nothing else of it.
    pub fn on_terminal(test: &Test) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        let ours = openpt(flags).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let theirs = ioctl_tiocgptpeer(&ours, flags).unwrap();
        let size = Winsize {
            ws_row: 24,
            ws_col: 100,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&theirs, size).unwrap();
        let mut command = test.command();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(theirs);
        if command.get_envs().all(|(key, _)| key != "TERM") {
            command.env("TERM", "xterm-256color");
        }
        // With the command goes this process's own end of what is the child's: without it, reading ends with the child.
        let child = command.spawn().unwrap();
        Self {
            child,
            stderr: ours,
            said: vec![],
            _root: test.keep(),
        }
    }

    /// Reads until `found` finds something in what was said so far.
    ///
    /// # Panics
    /// If the run ends before.
    #[track_caller]
    pub fn until<T>(&mut self, found: impl Fn(&str) -> Option<T>) -> T {
        loop {
            if let Some(found) = found(&self.said()) {
                return found;
            }
            assert!(self.read(), "the run ended, having said {:?}", self.said());
        }
    }

    /// Waits until it waits for a lock that somebody else has.
    ///
    /// # Panics
    /// If the run ends before.
    #[track_caller]
    pub fn until_locked_out(&mut self) {
        let pid = self.child.id().to_string();
        // As in `7: -> FLOCK ADVISORY READ 4711 …`.
        let waits = |line: &str| {
            let words: Vec<_> = line.split_whitespace().collect();
            words.get(1) == Some(&"->") && words.get(5) == Some(&pid.as_str())
        };
        while !fs_err::read_to_string("/proc/locks").unwrap().lines().any(waits) {
            let ended = self.child.try_wait().unwrap();
            assert_eq!(ended, None, "it ended without waiting for anybody");
            thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end: the exit code, and all that was said.
    pub fn end(mut self) -> (Option<i32>, String) {
        while self.read() {}
        (self.child.wait().unwrap().code(), self.said())
    }

    fn said(&self) -> String {
        // A terminal ends lines by two characters.
        String::from_utf8_lossy(&self.said).replace("\r\n", "\n")
    }

    /// Whether there was more. A terminal that nobody has open any more is an error (EIO), not an end.
    fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let length = match read(&self.stderr, &mut buffer) {
            Err(Errno::IO) => 0,
            length => length.unwrap(),
        };
        self.said.extend(&buffer[..length]);
        length > 0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both can only fail if it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
