//! How it ends.

use std::process::Command;

use rustix::process::Signal;
use snapbox::{assert_data_eq, str};

use super::{Watching, model};
use crate::oracle::denied;

#[test]
fn a_tar_for_standard_output_is_refused() {
    model()
        .args(["watch", "m", "-o", "-"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: `watch` builds again and again, and `-o -` takes one tar
  = help: write a file with `-o`; each build replaces it

"#]])
        .run();
}

#[test]
fn what_no_change_could_mend_ends_it_at_once() {
    model()
        .args(["watch", "nowhere"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: the context directory `nowhere` does not exist
  = help: name the directory that holds the files to pack

"#]])
        .run();
    model()
        .args(["watch", "m", "-o", "out.tar", "--iidfile", "out.tar"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: the output `out.tar` is given twice
  = help: give it once, or write each to a place of its own; `-t` gives an artifact several names

"#]])
        .run();
}

#[test]
fn either_signal_ends_it() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let watching = Watching::new(&model(), &["m"]);
        watching.line();
        watching.signal(signal);
        assert_eq!(watching.end(), (Some(130), vec![]));
    }
}

#[test]
fn a_context_that_is_gone_ends_it() {
    let watching = Watching::new(&model(), &["m"]);
    watching.line();
    fs_err::rename(watching.path("m"), watching.path("n")).unwrap();
    let (code, lines) = watching.end();
    assert_eq!(code, Some(3));
    assert_data_eq!(
        lines.join("\n"),
        str![[r#"
error: the context directory `m` is gone
  = help: begin again when it is back
"#]]
    );

    let test = model();
    let mut command = Command::new("sh");
    command
        .args(["-c", "cd m && exec \"$0\" watch . -o ../out"])
        .arg(env!("CARGO_BIN_EXE_modelbuild"));
    let watching = Watching::by(&test, command);
    watching.line();
    watching.at_once(|| fs_err::remove_dir_all(watching.path("m")).unwrap());
    let (code, lines) = watching.end();
    assert_eq!(code, Some(3));
    assert_data_eq!(
        lines.join("\n"),
        str![[r#"
error: the context directory `.` is gone
  = help: begin again when it is back
"#]]
    );
}

/// Runs in a user namespace of its own, in which the system's limits can be set.
#[track_caller]
fn limited(limit: &str, number: usize) -> Option<(Option<i32>, Vec<String>)> {
    let script = format!("echo {number} > /proc/sys/user/{limit} && exec \"$0\" watch m");
    let mut command = Command::new("unshare");
    let command_line = ["--user", "--map-root-user", "sh", "-c"];
    if !Command::new("unshare")
        .args(command_line)
        .arg(format!("echo 1 > /proc/sys/user/{limit}"))
        .output()
        .is_ok_and(|output| output.status.success())
    {
        denied("this system has no user namespaces for everybody");
        return None;
    }
    command
        .args(command_line)
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_modelbuild"));
    Some(Watching::by(&model(), command).end())
}

#[test]
fn more_directories_than_the_system_watches_are_an_error() {
    let Some((code, lines)) = limited("max_inotify_watches", 1) else {
        return;
    };
    assert_eq!(code, Some(1));
    assert_data_eq!(
        lines.join("\n"),
        str![[r#"
error: cannot watch `m/code`: this user watches as many directories as the system allows
  = help: 2 are needed here: narrow the patterns, or allow more: `sysctl fs.inotify.max_user_watches=1048576`
"#]]
    );
}

#[test]
fn more_watchers_than_the_system_has_are_an_error() {
    let Some((code, lines)) = limited("max_inotify_instances", 0) else {
        return;
    };
    assert_eq!(code, Some(1));
    assert_data_eq!(
        lines.join("\n"),
        str![[r#"
error: cannot watch for changes: Too many open files (os error 24)
  = help: end other programs that watch files, or allow more: `sysctl fs.inotify.max_user_instances=512`
"#]]
    );
}
