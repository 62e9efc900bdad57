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
