//! A person is asked, and what they type as a password is not shown.

use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rustix::io::{Errno, read, write};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use super::{DOCKER, PASSWORD, registry};
use crate::harness::Test;

/// Reads until `what` was said; all that was said with it.
#[track_caller]
fn until(terminal: &OwnedFd, said: &mut String, what: &str) {
    while !said.contains(what) {
        let mut buffer = [0; 1024];
        let length = match read(terminal, &mut buffer) {
            Err(Errno::IO) => 0,
            length => length.unwrap(),
        };
        assert!(length > 0, "the run ended, having said {said:?}");
        said.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
}

#[test]
fn a_person_is_asked_for_what_is_not_given() {
    let registry = registry();
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    let ours = openpt(flags).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let theirs = ioctl_tiocgptpeer(&ours, flags).unwrap();
    let test = Test::new().args(["login", &registry.address()]);
    let run = test.command();
    // A session of its own, for a password is asked of the terminal that rules it and not of standard input.
    let mut command = Command::new("setsid");
    command
        .args(["--ctty", "--wait"])
        .arg(run.get_program())
        .args(run.get_args());
    command.env_clear().current_dir(test.dir());
    command.envs(run.get_envs().filter_map(|(key, value)| Some((key, value?))));
    command
        .stdin(theirs.try_clone().unwrap())
        .stderr(theirs)
        .stdout(Stdio::piped());
    let child = command.spawn().unwrap();
    drop(command);
    let mut said = String::new();
    until(&ours, &mut said, &format!("user name at {}: ", registry.address()));
    write(&ours, b"user\n").unwrap();
    until(
        &ours,
        &mut said,
        &format!("password of user at {}: ", registry.address()),
    );
    // Who types as soon as the question stands there may be quicker than the terminal is.
    while tcgetattr(&ours).unwrap().local_modes.contains(LocalModes::ECHO) {
        sleep(Duration::from_millis(1));
    }
    write(&ours, format!("{PASSWORD}\n").as_bytes()).unwrap();
    until(&ours, &mut said, "not encrypted");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{said}");
    assert!(!said.contains(PASSWORD), "{said}");
    assert!(test.dir().join(DOCKER).exists());
}
