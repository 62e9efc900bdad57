//! That the same command goes on is said where it does, and nowhere else.

use snapbox::str;

use super::Line;
use crate::tiny::assert_same_text;

#[test]
fn what_moves_nothing_does_not_go_on() {
    let line = Line::new();
    line.proxy.change(["* * always status=503".parse().unwrap()]);
    let remote = format!("docker://{}", line.remote());
    let (host, plain) = (line.proxy.address(), line.remote());
    for (args, what) in [
        (&["ls", &remote][..], "try again later"),
        (&["inspect", &remote], "try again later"),
        (&["verify", &remote], "try again later"),
        (&["diff", "pushed", &remote], "try again later"),
        (&["tag", &remote, "v2"], "try again later"),
        (&["login", &host, "-u=bob", "--password-stdin"], "try again later"),
        (&["pull", &plain], "the same command goes on where this one ended"),
        (
            &["push", "pushed", &plain],
            "the same command goes on where this one ended",
        ),
        (
            &["copy", &remote, "out"],
            "the same command goes on where this one ended",
        ),
        (
            &["extract", &remote, "out"],
            "the same command goes on where this one ended",
        ),
    ] {
        let test = line.built.then().args(args).args(["--retries=0"]).stdin("secret");
        let failed = test.status(5).run();
        let help: Vec<_> = failed.stderr.lines().filter(|line| line.contains("= help: ")).collect();
        assert_eq!(help, [format!("  = help: {what}")], "{args:?}\n{}", failed.stderr);
    }
}

#[test]
fn nor_where_nobody_is_reached() {
    let line = Line::new();
    let said = |args: &[&str]| {
        line.built
            .then()
            .args(args)
            .args(["--retries=0"])
            .status(5)
            .run()
            .stderr
    };
    assert_same_text(
        said(&["ls", "docker://127.0.0.1:1/a/b"]),
        str![[r#"
error: 127.0.0.1:1 cannot be reached: listing the tags of a/b: client error (Connect): tcp connect error: Connection refused (os error 111)
  = help: check the name and the network

"#]],
    );
    assert_same_text(
        said(&["pull", "127.0.0.1:1/a/b:v1"]),
        str![[r#"
error: 127.0.0.1:1 cannot be reached: fetching the manifest `a/b:v1`: client error (Connect): tcp connect error: Connection refused (os error 111)
  = help: check the name and the network; the same command goes on where this one ended

"#]],
    );
}

/// Nothing was moved yet, what was moved is nowhere, or nobody knows how far it has got.
#[test]
fn nor_where_nothing_is_kept() {
    let line = Line::new();
    let there = "docker://127.0.0.1:1/a/b:v1";
    let to = "127.0.0.1:1/a/b:v1";
    let (looks, goes_on) = (
        "check the name and the network",
        "check the name and the network; the same command goes on where this one ended",
    );
    for (args, what) in [
        (&["plan", "derived"][..], looks),
        (&["build", "derived", "-n"], looks),
        (&["build", "derived", "-o", "-"], looks),
        (&["build", "derived", "-o", "out"], looks),
        (&["copy", there, "-"], looks),
        (&["copy", there, "out"], goes_on),
        (&["push", "pushed", to], goes_on),
        (&["push", "pushed", to, "--no-cache"], looks),
        (&["copy", "oci:pushed", there, "--no-cache"], looks),
        (&["build", ".", "--push", "-t", to], goes_on),
        (&["build", ".", "--push", "-t", to, "--no-cache"], looks),
        (&["pull", to, "--no-cache"], goes_on),
    ] {
        let test = line.built.then().file("derived/Modelfile", format!("FROM {there}\n"));
        let failed = test.args(args).args(["--retries=0"]).status(5).run();
        let help: Vec<_> = failed.stderr.lines().filter(|line| line.contains("= help: ")).collect();
        assert_eq!(help, [format!("  = help: {what}")], "{args:?}\n{}", failed.stderr);
    }
}
