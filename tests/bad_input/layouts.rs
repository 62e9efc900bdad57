//! Layouts that are damaged as a whole.

use super::*;

#[test]
fn a_layout_with_a_damaged_index() {
    let damaged = |text: &str| with_layout().file("out/index.json", text);
    into_refused(
        damaged(""),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: index.json is not an image index: EOF while parsing a value at line 1 column 0; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    into_refused(
        damaged("{\"schemaVersion\":2,\"manif"),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: index.json is not an image index: EOF while parsing a string at line 1 column 25; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    into_refused(
        damaged("[]"),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: index.json is not an image index: invalid length 0, expected an object with `schemaVersion` and `manifests` at line 1 column 2; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    into_refused(
        damaged("{\"schemaVersion\":1,\"manifests\":[]}"),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: index.json has schemaVersion 1 instead of 2; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    into_refused(
        damaged("{\"schemaVersion\":2,\"manifests\":7}"),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: index.json is not an image index: invalid type: integer `7`, expected a sequence at line 1 column 32; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    let test = with_layout();
    let index = test.dir().join("out/index.json");
    fs_err::OpenOptions::new()
        .write(true)
        .open(&index)
        .unwrap()
        .set_len(100 << 20)
        .unwrap();
    into_refused(
        test,
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: index.json has 104857600 bytes; 67108864 are the most; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
}

#[test]
fn a_layout_without_an_index() {
    let without = || {
        let test = with_layout();
        fs_err::remove_file(test.dir().join("out/index.json")).unwrap();
        test
    };
    into_refused(
        without(),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: index.json is missing; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    into_refused(
        without().file("out/index.json/a", ""),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: index.json is not a file; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    let test = without();
    fifo(&test.dir().join("out/index.json"));
    into_refused(
        test,
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: index.json is not a file; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    into_refused(
        without().symlink("gone", "out/index.json"),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: index.json is missing; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
}

#[test]
fn a_layout_with_a_damaged_marker() {
    let damaged = |text: &str| with_layout().file("out/oci-layout", text);
    into_refused(
        damaged(""),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: `oci-layout` cannot be read: EOF while parsing a value at line 1 column 0; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    into_refused(
        damaged("{\"imageLayoutVersion\":\"2.0.0\"}"),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: its version is `2.0.0`, not `1.0.0`; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    let without = || {
        let test = with_layout();
        fs_err::remove_file(test.dir().join("out/oci-layout")).unwrap();
        test
    };
    into_refused(
        without(),
        "out",
        1,
        str![[r#"
error: `out` exists and is not an OCI layout (it has no file `oci-layout`); it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
    );
    into_refused(
        without().file("out/oci-layout/a", ""),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: `oci-layout` is not a file; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    let test = without();
    fifo(&test.dir().join("out/oci-layout"));
    into_refused(
        test,
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: `oci-layout` is not a file; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
}

#[test]
fn a_layout_whose_blobs_are_no_directory() {
    let without = |name: &str| {
        let test = with_layout();
        fs_err::remove_dir_all(test.dir().join(name)).unwrap();
        test
    };
    into_refused(
        without("out/blobs").file("out/blobs", ""),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: `blobs/sha256` is not a directory; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    into_refused(
        without("out/blobs/sha256").file("out/blobs/sha256", ""),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: `blobs/sha256` is not a directory; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    into_refused(
        without("out/blobs/sha256").symlink("gone", "out/blobs/sha256"),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: `blobs/sha256` is not a directory; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
}

#[test]
fn a_layout_whose_index_holds_something_else() {
    let entry = |entry: &str| {
        let index = format!(r#"{{"schemaVersion":2,"manifests":[{entry}]}}"#);
        with_layout().file("out/index.json", index)
    };
    into_refused(
        entry(r#"{"foo":1}"#),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: entry 1 of index.json is no descriptor: missing field `mediaType`; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    into_refused(
        entry("7"),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: entry 1 of index.json is no descriptor: not an object; it was not touched
  = help: remove it and build again, or choose another place with `-o`

"#]],
    );
    let named = |digest: &str| {
        entry(&format!(
            r#"{{"mediaType":"a/b","digest":"{digest}","size":3,"annotations":{{"org.opencontainers.image.ref.name":"v1"}}}}"#
        ))
    };
    into_refused(
        named("sha256:../../oci-layout"),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: entry `v1` (sha256:../../oci-layout) of index.json: it has no valid digest; it was not touched
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole; else take the entry out with `modelbuild rm`, or choose another place with `-o`

"#]],
    );
    into_refused(
        named("sha512:ab"),
        "out",
        4,
        str![[r#"
error: the layout `out` is damaged: entry `v1` (sha512:ab) of index.json: the manifest is missing; it was not touched
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole; else take the entry out with `modelbuild rm`, or choose another place with `-o`

"#]],
    );
}

/// Whose digest cannot be computed here; its size can be seen.
#[test]
fn an_entry_of_another_algorithm_is_left_alone() {
    let entry = r#"{"mediaType":"a/b","digest":"sha512:ab","size":3,"annotations":null}"#;
    let index = format!(r#"{{"schemaVersion":2,"manifests":[{entry}]}}"#);
    let test = with_layout()
        .file("out/index.json", index)
        .file("out/blobs/sha512/ab", "{}\n");
    let output = test.args(["build", "m", "-q", "-o", "out"]).run();
    let index = fs_err::read_to_string(output.dir().join("out/index.json")).unwrap();
    assert!(index.contains(entry), "{index}");
}
