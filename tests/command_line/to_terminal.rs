//! A tar is not written to a terminal, whatever the command.

use std::process::{Output, Stdio};

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use snapbox::str;

use crate::harness::Test;
use crate::servers::registry::{Options, Registry};
use crate::tiny::{assert_same_text, tiny};

/// What comes of it where standard output is a terminal.
fn on_terminal(test: &Test) -> Output {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    let ours = openpt(flags).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let theirs = ioctl_tiocgptpeer(&ours, flags).unwrap();
    let mut command = test.command();
    command.stdin(Stdio::null()).stdout(theirs).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    // Or the last one that holds the terminal open would be this process.
    drop(command);
    child.wait_with_output().unwrap()
}

#[test]
fn no_command_writes_a_tar_to_a_terminal() {
    let registry = Registry::start(Options::default());
    let place = format!("{}/a/tiny:v1", registry.address());
    let built = tiny()
        .args(["-q", "-o", "out", "-o", &format!("docker://{place}")])
        .run();
    let told = str![[r#"
error: standard output is a terminal, and a tar would make a mess of it
  = help: redirect it, with `> model.tar` behind the command, or name a file such as `model.tar` instead of `-`

"#]];
    for args in [
        &["copy", "out", "-"][..],
        &["convert", "--spec", "docker", "out", "-"],
        &["pull", &place, "-o", "-"],
    ] {
        let refused = on_terminal(&built.then().args(args));
        assert_eq!(refused.status.code(), Some(2), "{args:?}");
        assert_same_text(String::from_utf8(refused.stderr).unwrap(), told.clone());
        // Elsewhere it is written.
        assert!(built.then().args(args).run().stdout.len() > 1024);
    }
    let refused = on_terminal(&built.then().args(["-o", "-"]));
    assert_eq!(refused.status.code(), Some(2));
    built
        .then()
        .args(["copy", "out", "-", "-"])
        .status(2)
        .stderr(str![[r#"
error: the output `-` is given twice
  = help: give it once

"#]])
        .run();
}
