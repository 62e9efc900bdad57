//! Repositories of the same registry that have the blobs already.

use snapbox::str;

use super::{Line, SIZE};
use crate::servers::registry::Options;

/// Whatever the registry has against it: there is another way.
#[test]
fn a_mount_that_fails_is_no_failure() {
    for fault in ["status=500", "status=403", "stall-down=0:5000", "lose-answer"] {
        let line = Line::new(Options::default());
        line.spoil(&[&format!("POST */uploads/ {fault}")]);
        line.push()
            .args(["-j1", "--timeout=1s", "--retries=0", "--mount-from", "nobody/here"])
            .run();
        line.assert_arrived();
        assert_eq!(line.sent(), SIZE, "{fault}\n{}", line.proxy.record.lines());
    }
}

/// Where there may be something to mount, it is worth finding out a digest first.
#[test]
fn a_build_mounts_what_a_sibling_has() {
    let line = Line::new(Options::default());
    line.push().run();
    line.forget();
    let to = format!("{}/other/model:v1", line.proxy.address());
    let build = |args: &[&str]| {
        let build = line
            .built
            .then()
            .args(["build", "model", "-q", "--push", "--no-cache", "-t", &to]);
        build.args(args).run();
    };
    build(&["--mount-from", "some/model"]);
    assert_eq!(line.sent(), 0, "{}", line.registry.record.lines());
    let tag = line.registry.tag("other/model", "v1");
    assert_eq!(tag.as_deref(), Some(line.built.text()));
}

#[test]
fn a_sibling_may_be_named_with_its_host() {
    let line = Line::new(Options::default());
    line.push().run();
    line.forget();
    let host = line.proxy.address();
    let to = format!("{host}/other/model:v1");
    let push = |from: &str| line.built.then().args(["push", "layout", &to, "--mount-from", from]);
    push(&format!("{host}/some/model")).run();
    assert_eq!(line.sent(), 0, "{}", line.registry.record.lines());
    let output = push("registry.example/some/model").status(2).run();
    line.assert_said(
        &output,
        str![[r#"
error: `registry.example/some/model` is at another registry, from which [HOST] takes no blobs over
  = help: name a repository of [HOST]; if that is one, write `[HOST]/registry.example/some/model`

"#]],
    );
    let output = push("some/model:v1").status(2).run();
    line.assert_said(
        &output,
        str![[r#"
error: `some/model:v1` is no repository to mount from
  = help: write its name alone, without a tag, as in `base/llama`

"#]],
    );
}

/// Small layers go to each: asking would take as long.
#[test]
fn of_two_repositories_of_a_registry_one_is_sent_the_layers() {
    let line = Line::new(Options::default());
    let host = line.proxy.address();
    let to = [format!("{host}/some/model:v1"), format!("{host}/other/model:v1")];
    line.built.then().args(["push", "layout", &to[0], &to[1]]).run();
    assert_eq!(line.sent(), SIZE, "{}", line.registry.record.lines());
    line.assert_arrived();
    for args in [&["--no-cache"][..], &[]] {
        let line = Line::new(Options::default());
        let host = line.proxy.address();
        let to = [format!("{host}/some/model:v1"), format!("{host}/other/model:v2")];
        let build = line
            .built
            .then()
            .args(["build", "model", "-q", "--push", "-t", &to[0], "-t", &to[1]]);
        build.args(args).run();
        assert_eq!(line.sent(), SIZE, "{}", line.registry.record.lines());
        for (name, tag) in [("some/model", "v1"), ("other/model", "v2")] {
            assert_eq!(line.registry.tag(name, tag).as_deref(), Some(line.built.text()));
        }
    }
}
