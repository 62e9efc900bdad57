//! Layouts with damaged blobs.

use super::*;

/// The file's digest, by `printf '\7%.0s' {1..20000} | sha256sum`.
const BLOB: &str = "out/blobs/sha256/4694a5cff651ca6fe86b284bd62a25430d8402d26dd64d2b104e7a97a484e806";

#[test]
fn a_layout_with_a_damaged_blob() {
    into_refused(
        with_layout().file(BLOB, "short"),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: the blob sha256:4694a5cff651ca6fe86b284bd62a25430d8402d26dd64d2b104e7a97a484e806 has 5 bytes instead of 20000; it was not touched
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole; else remove it and build again, or choose another place with `-o`

"#]],
    );
    into_refused(
        with_layout().file(format!("{BLOB}/a"), "short"),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: the blob sha256:4694a5cff651ca6fe86b284bd62a25430d8402d26dd64d2b104e7a97a484e806 is not a file; it was not touched
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole; else remove it and build again, or choose another place with `-o`

"#]],
    );
    into_refused(
        with_layout().symlink("gone", BLOB),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: the blob sha256:4694a5cff651ca6fe86b284bd62a25430d8402d26dd64d2b104e7a97a484e806 is not a file; it was not touched
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole; else remove it and build again, or choose another place with `-o`

"#]],
    );
}

/// As `model`, built into `out` without and with a change to one of the blobs.
#[track_caller]
fn with_blob(which: impl Fn(&Path) -> Value, change: impl Fn(&Path), stderr: impl IntoData) {
    let test = model().args(["build", "m", "-q", "-o", "out"]).run().then();
    let layout = test.dir().join("out");
    change(&blob(&layout, &which(&layout)));
    into_refused(test, "out", 4, stderr);
}

fn flip_a_bit(blob: &Path) {
    let mut bytes = fs_err::read(blob).unwrap();
    bytes[7] ^= 1;
    fs_err::write(blob, bytes).unwrap();
}

#[test]
fn a_layout_with_a_damaged_config() {
    with_blob(
        |layout| manifest(layout)["config"].clone(),
        flip_a_bit,
        str![[r#"
error: the layout `out` is damaged: the blob sha256:00031d0ccbc42f99c0e3c805a4114230feda5b9c21948ce73df1639e14b44cfc has other bytes than its name says; it was not touched
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole; else remove it and build again, or choose another place with `-o`

"#]],
    );
}

#[test]
fn a_layout_with_a_damaged_manifest() {
    let entry = |layout: &Path| json(layout.join("index.json"))["manifests"][0].clone();
    with_blob(
        entry,
        flip_a_bit,
        str![[r#"
error: the layout `out` is damaged: entry sha256:d4ec847f4e51f259b9a5a6ce83236aea168f669abcdd841b6227cc60222ab04a of index.json: the manifest has other bytes than its digest says; it was not touched
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole; else take the entry out with `modelbuild rm`, or choose another place with `-o`

"#]],
    );
    with_blob(
        entry,
        |blob| fs_err::write(blob, "{}").unwrap(),
        str![[r#"
error: the layout `out` is damaged: entry sha256:d4ec847f4e51f259b9a5a6ce83236aea168f669abcdd841b6227cc60222ab04a of index.json: the manifest has 2 bytes instead of 762; it was not touched
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole; else take the entry out with `modelbuild rm`, or choose another place with `-o`

"#]],
    );
    with_blob(
        entry,
        |blob| fs_err::remove_file(blob).unwrap(),
        str![[r#"
error: the layout `out` is damaged: entry sha256:d4ec847f4e51f259b9a5a6ce83236aea168f669abcdd841b6227cc60222ab04a of index.json: the manifest is missing; it was not touched
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole; else take the entry out with `modelbuild rm`, or choose another place with `-o`

"#]],
    );
    let directory = |blob: &Path| {
        fs_err::remove_file(blob).unwrap();
        fs_err::create_dir(blob).unwrap();
    };
    with_blob(
        entry,
        directory,
        str![[r#"
error: the layout `out` is damaged: entry sha256:d4ec847f4e51f259b9a5a6ce83236aea168f669abcdd841b6227cc60222ab04a of index.json: the manifest is not a file; it was not touched
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole; else take the entry out with `modelbuild rm`, or choose another place with `-o`

"#]],
    );
}

/// Not referred to by the index: so it is found where it would be published.
#[test]
fn a_layout_with_a_damaged_manifest_that_nothing_names_yet() {
    let test = model().args(["build", "m", "-q", "-o", "out"]).run().then();
    let layout = test.dir().join("out");
    flip_a_bit(&blob(&layout, &json(layout.join("index.json"))["manifests"][0]));
    let test = test.file("out/index.json", r#"{"schemaVersion":2,"manifests":[]}"#);
    into_refused(
        test,
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: the blob sha256:d4ec847f4e51f259b9a5a6ce83236aea168f669abcdd841b6227cc60222ab04a has other bytes than its name says; it was not touched
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole; else remove it and build again, or choose another place with `-o`

"#]],
    );
}
