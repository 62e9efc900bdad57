//! Straight from a registry: every byte is fetched once, and a break costs nothing.

use crate::layout::contents;
use crate::pulling::{Line, WEIGHTS};
use crate::serving::noise;

/// Checks that `files` holds the model, and nothing else.
#[track_caller]
fn check(line: &Line, files: &str) {
    let dir = line.built.dir().join(files);
    let found: Vec<_> = contents(&dir).into_keys().collect();
    assert_eq!(found, ["README.md", "config.json", "m.gguf"]);
    assert_eq!(
        fs_err::read(dir.join("m.gguf")).unwrap(),
        noise(u32::try_from(WEIGHTS).unwrap())
    );
    assert_eq!(fs_err::read(dir.join("config.json")).unwrap(), b"{}\n");
}

#[test]
fn by_pull_and_by_extract() {
    let line = Line::new();
    let remote = line.remote();
    let pulled = line
        .built
        .then()
        .args(["pull", "-q", &remote, "--extract", "files"])
        .run();
    assert_eq!(pulled.text(), line.built.text());
    check(&line, "files");
    assert_eq!(line.fetched(), (WEIGHTS, 1));
    let reference = format!("docker://{remote}");
    line.built.then().args(["extract", "-q", &reference, "more"]).run();
    check(&line, "more");
    // What is there is read, and not fetched, though no cache knows it.
    line.proxy.record.clear();
    line.built.then().args(["extract", "-q", &reference, "more"]).run();
    check(&line, "more");
    assert_eq!(line.fetched(), (0, 0));
}

#[test]
fn a_break_is_gone_on_from() {
    let line = Line::new();
    line.spoil(&["cut-down=3000000", "status=404"]);
    let remote = line.remote();
    let pull = || line.built.then().args(["pull", "-q", &remote, "--extract", "files"]);
    pull().status(5).run();
    let files = line.built.dir().join("files");
    let left: Vec<_> = contents(&files).into_keys().collect();
    let digits = line.weights.replace("sha256:", "");
    let partial = format!(".modelbuild-extract/.partial-{digits}");
    assert_eq!(left, [".modelbuild-extract", partial.as_str()]);
    line.proxy.change([]);
    line.proxy.record.clear();
    pull().run();
    check(&line, "files");
    assert_eq!(line.fetched().0, WEIGHTS - 3_000_000);
}

/// A part that is wrong is found out, and all of it comes again.
#[test]
fn a_part_with_other_bytes_is_begun_anew() {
    let line = Line::new();
    line.spoil(&["cut-down=3000000", "status=404"]);
    let remote = line.remote();
    let pull = || line.built.then().args(["pull", "-q", &remote, "--extract", "files"]);
    pull().status(5).run();
    let digits = line.weights.replace("sha256:", "");
    let partial = line
        .built
        .dir()
        .join("files/.modelbuild-extract")
        .join(format!(".partial-{digits}"));
    let mut bytes = fs_err::read(&partial).unwrap();
    bytes[1000] ^= 1;
    fs_err::write(&partial, bytes).unwrap();
    line.proxy.change([]);
    pull().run();
    check(&line, "files");
}

/// What was left for another artifact than the one that is extracted now goes.
#[test]
fn a_part_of_something_else_is_removed() {
    let line = Line::new();
    line.spoil(&["cut-down=3000000", "status=404"]);
    let remote = line.remote();
    line.built
        .then()
        .args(["pull", "-q", &remote, "--extract", "files"])
        .status(5)
        .run();
    line.built.then().args(["extract", "-q", "pushed", "files"]).run();
    check(&line, "files");
}
