//! Repositories of the same registry that have the blobs already.

use snapbox::str;

use super::{Line, SIZE, weights};
use crate::harness::{Output, sha256};
use crate::servers::http::Reply;
use crate::servers::registry::{Instead, Options};
use crate::serving::noise;

/// Whatever the registry has against it: there is another way.
#[test]
fn a_mount_that_fails_is_no_failure() {
    for (fault, status) in [
        ("status=500", "500"),
        ("status=403", "403"),
        ("delay=12000", "-"),
        ("lose-answer", "-"),
    ] {
        let line = Line::new(Options::default());
        line.spoil(&[&format!("POST */uploads/ {fault}")]);
        line.push()
            .args(["-j1", "--timeout=4s", "--retries=0", "--mount-from", "nobody/here"])
            .run();
        line.assert_arrived();
        let asked = line.proxy.record.lines();
        let mount = asked.lines().find(|asked| asked.starts_with("POST "));
        assert!(
            mount.is_some_and(|mount| mount.ends_with(&format!("→ {status}"))),
            "{fault}\n{asked}"
        );
        assert_eq!(line.sent(), SIZE, "{fault}\n{}", line.proxy.record.lines());
    }
}

/// What is there need not be sent because it was asked for too soon.
#[test]
fn a_mount_that_comes_too_soon_is_waited_for() {
    let line = Line::new(Options::default());
    line.push().run();
    line.forget();
    let to = format!("{}/other/model:v1", line.proxy.address());
    let push = || {
        let push = line.built.then().args(["push", "layout", &to, "-j1"]);
        push.args(["--retries=1", "--mount-from", "some/model"])
    };
    line.spoil(&["POST */uploads/ status=429:1"]);
    let output = push().run();
    assert_eq!(line.sent(), 0, "{}", line.proxy.record.lines());
    assert!(output.stderr.contains("status 429"), "{}", output.stderr);
    assert_eq!(
        line.registry.tag("other/model", "v1").as_deref(),
        Some(line.built.text())
    );
}

/// For as long as for anything else.
#[test]
fn a_mount_that_always_comes_too_soon_is_none() {
    let line = Line::new(Options::default());
    line.spoil(&["POST */uploads/ times=2 status=429:0"]);
    line.push()
        .args(["-j1", "--retries=1", "--mount-from", "nobody/here"])
        .run();
    line.assert_arrived();
    assert_eq!(line.sent(), SIZE, "{}", line.proxy.record.lines());
    let asked = line.proxy.record.lines();
    assert_eq!(asked.matches("→ 429").count(), 2, "{asked}");
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

/// Who names a repository counts on it, and hears once that it comes to nothing.
#[test]
fn a_sibling_that_gives_nothing_is_told() {
    for (fault, why) in [
        ("POST */nothing/ status=500", "the registry begins an upload instead"),
        ("POST */uploads/ status=404", "status 404"),
        ("POST */uploads/ status=403", "status 403"),
        // The next one is answered as the first would be.
        ("POST */uploads/ status=500", "status 500"),
    ] {
        let line = Line::new(Options::default());
        line.spoil(&[fault]);
        let output = line.push().args(["-j1", "--mount-from", "nobody/here"]).run();
        line.assert_said(
            &output,
            format!(
                "[HOST]: nothing is mounted from `nobody/here`: {why}\n\
                 pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written\n"
            ),
        );
        line.assert_arrived();
    }
}

/// A layer that is new is nowhere else; that there were none to take over is no news where the others are there.
#[test]
fn a_sibling_that_lacks_what_is_new_is_not_told() {
    let line = Line::new(Options::default());
    line.push().run();
    let modelfile = "NAME tiny\nMODEL *.bin\nDOC README.md\n";
    let test = line.built.then().file("model/Modelfile", modelfile);
    let test = test.file("model/new.bin", noise(5000));
    let built = test.args(["build", "model", "-q", "-o", "newer.layout"]).run();
    let to = format!("{}/other/model:v1", line.proxy.address());
    let push = || {
        let push = built.then().args(["push", "newer.layout", &to, "-j1"]);
        push.args(["--mount-from", "some/model"])
    };
    line.assert_said(
        &push().run(),
        str![[r#"
pushed `newer.layout` to `[HOST]/other/model:v1` in [TIME]: 3 layers, 3.01 MB; 1 written (5.00 kB), 2 mounted

"#]],
    );
    // There, they need not be taken over.
    let test = built.then().file("model/newest.bin", noise(6000));
    test.args(["build", "model", "-q", "-o", "newer.layout"]).run();
    line.assert_said(
        &push().run(),
        str![[r#"
pushed `newer.layout` to `[HOST]/other/model:v1` in [TIME]: 4 layers, 3.01 MB; 1 written (6.00 kB), 3 there already
note: in `[HOST]/other/model:v1` the tag `v1` was taken from sha256:876454404b3b4a62777bbebf76cb8732b0a6f3bec70cd55c0c6880aaf06dac79
  = help: its blobs stay; to keep its name too, give this one another tag

"#]],
    );
    // That it will not do is news all the same.
    let test = built.then().file("model/last.bin", noise(7000));
    test.args(["build", "model", "-q", "-o", "newer.layout"]).run();
    line.spoil(&["POST */uploads/ status=403"]);
    line.assert_said(
        &push().run(),
        str![[r#"
[HOST]: nothing is mounted from `some/model`: status 403
pushed `newer.layout` to `[HOST]/other/model:v1` in [TIME]: 5 layers, 3.02 MB; 1 written (7.00 kB), 4 there already
note: in `[HOST]/other/model:v1` the tag `v1` was taken from sha256:ad5342a23765fcb1beec612fef7133a81fda57df2aac9b70509f5242952dec52
  = help: its blobs stay; to keep its name too, give this one another tag

"#]],
    );
}

/// Small layers go to each: asking would take as long.
#[test]
fn of_two_repositories_of_a_registry_one_is_sent_the_layers() {
    let line = Line::new(Options::default());
    let host = line.proxy.address();
    let to = [format!("{host}/some/model:v1"), format!("{host}/other/model:v1")];
    let output = line.built.then().args(["push", "layout", &to[0], &to[1]]).run();
    assert_eq!(line.sent(), SIZE, "{}", line.registry.record.lines());
    line.assert_arrived();
    // Nobody has counted on it.
    assert!(!output.stderr.contains("nothing is mounted"), "{}", output.stderr);
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

/// A line with an artifact of `layers` layers, all of which `some/many` has.
fn many(layers: u32) -> (Line, Output) {
    let line = Line::new(Options::default());
    let mut test = line.built.then().file("many/Modelfile", "NAME many\nMODEL *.bin\n");
    for index in 0..layers {
        test = test.file(format!("many/{index:02}.bin"), noise(300_000 + index));
    }
    let built = test.args(["build", "many", "-q", "-o", "many.layout"]).run();
    let to = format!("{}/some/many:v1", line.proxy.address());
    built.then().args(["push", "-q", "many.layout", &to]).run();
    line.forget();
    (line, built)
}

/// How many of the layers were sent to another repository, and how many mounts were asked for, of which the first fails.
fn mounting(layers: u32, fault: &str) -> (usize, usize) {
    let (line, built) = many(layers);
    line.spoil(&[&format!("POST */uploads/ {fault}")]);
    push_and_count(&line, &built)
}

fn push_and_count(line: &Line, built: &Output) -> (usize, usize) {
    let to = format!("{}/other/many:v1", line.proxy.address());
    let push = built.then().args(["push", "many.layout", &to, "-j1", "--retries=0"]);
    push.args(["--mount-from", "some/many", "--timeout=1s"]).run();
    assert_eq!(line.registry.tag("other/many", "v1").as_deref(), Some(built.text()));
    let (posts, puts) = (line.proxy.record.of("POST"), line.proxy.record.of("PUT"));
    let mounts = posts.iter().filter(|entry| entry.target.contains("mount="));
    let sent = puts.iter().filter(|entry| entry.received() >= 300_000);
    (sent.count(), mounts.count())
}

/// One that fails says nothing of the next one; and what was done is done, though nobody heard of it.
#[test]
fn a_mount_that_fails_costs_the_others_nothing() {
    assert_eq!(mounting(5, "status=502"), (1, 5));
    assert_eq!(mounting(5, "lose-answer"), (0, 5));
}

/// Who will not do it, or takes a minute for each to say nothing, is not asked for each.
#[test]
fn mounts_that_will_not_do_are_given_up() {
    assert_eq!(mounting(5, "status=403"), (5, 1));
    assert_eq!(mounting(5, "delay=3000"), (5, 1));
    let (line, built) = many(20);
    line.registry.change(|options| {
        options.instead = Instead::of(|request| request.query("mount").map(|_| Reply::new(500)));
    });
    assert_eq!(push_and_count(&line, &built), (20, 16));
}

/// How many uploads it has begun and not ended, and how many times it was asked to take a layer over.
fn left(line: &Line) -> (usize, usize) {
    let posts = line.proxy.record.of("POST");
    let mounts = posts.iter().filter(|entry| entry.target.contains("mount="));
    (line.registry.open_uploads(), mounts.count())
}

/// An upload that the registry has begun in place of a mount is gone on with, or ended.
#[test]
fn what_a_mount_has_begun_is_not_left_behind() {
    let line = Line::new(Options::default());
    let model = line.model();
    let build = line
        .built
        .then()
        .args(["build", "model", "-q", "--push", "--no-cache", "-t", &model]);
    build.args(["--mount-from=nobody/here", "--mount-from=nor/there"]).run();
    line.assert_arrived();
    // Two for each layer.
    assert_eq!(left(&line), (0, 4), "{}", line.proxy.record.lines());
    let heads = line.proxy.record.of("HEAD");
    let asked = heads.iter().filter(|entry| entry.path().ends_with(&sha256(&weights())));
    assert_eq!(asked.count(), 1, "{}", line.proxy.record.lines());
    // Where there is one to go on with, none is needed.
    let line = Line::in_chunks(Options::default());
    line.spoil(&["PATCH */uploads/* skip=2 always status=400"]);
    line.push().args(["-j1"]).status(5).run();
    line.spoil(&[]);
    let output = line.push().args(["--mount-from=nobody/here"]).run();
    assert!(output.stderr.contains("goes on at 2.10 MB"), "{}", output.stderr);
    assert_eq!(line.registry.open_uploads(), 0, "{}", line.proxy.record.lines());
}

/// Whichever of them is asked for first, and however long the other one takes.
#[test]
fn of_two_equal_layers_one_is_sent_to_two_repositories() {
    let line = Line::new(Options::default());
    let test = line.built.then().file("twice/Modelfile", "NAME twice\nMODEL *.bin\n");
    let test = test.file("twice/a.bin", weights()).file("twice/b.bin", weights());
    let built = test.args(["build", "twice", "-q", "-o", "twice.layout"]).run();
    let host = line.proxy.address();
    let to = [format!("{host}/some/twice:v1"), format!("{host}/other/twice:v1")];
    line.spoil(&["PUT */uploads/* delay=1500"]);
    built.then().args(["push", "twice.layout", &to[0], &to[1]]).run();
    assert_eq!(line.sent(), SIZE, "{}", line.proxy.record.lines());
    for name in ["some/twice", "other/twice"] {
        assert_eq!(line.registry.tag(name, "v1").as_deref(), Some(built.text()));
    }
}
