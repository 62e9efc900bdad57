//! Whatever is wrong from outside: one clear message, the right exit code, and everything is as it was.

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;

use rustix::fs::{CWD, Mode, mkfifoat};
use serde_json::Value;
use snapbox::{IntoData, str};
use tempfile::TempDir;

use crate::harness::{Test, clean, snapshot};
use crate::layout::{self, contents};
use crate::mount::{Mounted, is_root, tmpfs};
use crate::oracle::denied;
use crate::tiny::{blob, json, manifest};

/// A model `m` of one file of 20,000 bytes.
fn model() -> Test {
    Test::new()
        .file("m/Modelfile", "NAME m\nMODEL a.gguf\n")
        .file("m/a.gguf", vec![7; 20_000])
}

fn with_modelfile(text: impl AsRef<[u8]>) -> Test {
    Test::new().file("m/Modelfile", text).file("m/a.gguf", "weights")
}

fn fifo(path: &Path) {
    mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR).unwrap();
}

/// Runs and compares what is told; nothing may have changed.
#[track_caller]
fn refused(test: Test, status: i32, stderr: impl IntoData) {
    let dir = test.dir();
    let before = snapshot(&dir);
    // Kept, for with it goes its directory.
    let _output = test.status(status).stdout("").stderr(stderr).run();
    assert_eq!(before, snapshot(&dir));
}

#[track_caller]
fn build_refused(test: Test, status: i32, stderr: impl IntoData) {
    refused(test.args(["build", "m"]), status, stderr);
}

mod modelfile {
    use super::*;

    #[test]
    fn missing() {
        build_refused(
            Test::new().file("m/a.gguf", "weights"),
            3,
            str![[r#"
error: there is no Modelfile at `m/Modelfile`
  = help: write one that names the model's files, such as `MODEL *.gguf`, or name another file with `-f`

"#]],
        );
    }

    #[test]
    fn in_no_directory() {
        build_refused(
            Test::new(),
            3,
            str![[r#"
error: the context directory `m` does not exist
  = help: name the directory that holds the files to pack

"#]],
        );
    }

    #[test]
    fn empty() {
        build_refused(
            with_modelfile(""),
            3,
            str![[r#"
error: the Modelfile is empty
 --> m/Modelfile:1:1
  |
1 |
  | ^ no keyword to be found
  |
  = help: an artifact needs at least one file: add a line such as `MODEL *.gguf` or `MODEL *.safetensors`


"#]],
        );
        build_refused(
            with_modelfile("# nothing\n\n"),
            3,
            str![[r#"
error: the Modelfile states no file
 --> m/Modelfile:1:10
  |
1 | # nothing
  |          ^ no line up to here names one
  |
  = help: an artifact needs at least one file: add a line such as `MODEL *.gguf` or `MODEL *.safetensors`


"#]],
        );
    }

    #[test]
    fn not_utf8() {
        build_refused(
            with_modelfile(b"NAME m\nMODEL \xff.gguf\n"),
            3,
            str![[r#"
error: `m/Modelfile` is not UTF-8: line 2, column 7 holds the byte 0xff
  = help: save the file as UTF-8

"#]],
        );
        build_refused(
            with_modelfile(b"\xff\xfeM\0O\0D\0"),
            3,
            str![[r#"
error: `m/Modelfile` looks like a binary file: it is not UTF-8 (line 1, column 1) and has NUL bytes
  = help: a Modelfile is a text that names the files; save UTF-16 text as UTF-8

"#]],
        );
    }

    #[test]
    fn of_100_mb() {
        let test = with_modelfile("");
        let file = fs_err::File::create(test.dir().join("m/Modelfile")).unwrap();
        file.set_len(100_000_000).unwrap();
        build_refused(
            test,
            3,
            str![[r#"
error: `m/Modelfile` is 100000000 bytes long; a Modelfile may have 4194304 bytes at most
  = help: is this a weight file? a Modelfile is a short text that names the files

"#]],
        );
    }

    #[test]
    fn a_directory() {
        build_refused(
            Test::new().file("m/Modelfile/a", ""),
            3,
            str![[r#"
error: `m/Modelfile` is a directory, not a Modelfile
  = help: name the file in it; a context directory is given without `-f`

"#]],
        );
    }

    #[test]
    fn a_fifo() {
        let test = Test::new().file("m/a.gguf", "weights");
        fifo(&test.dir().join("m/Modelfile"));
        build_refused(
            test,
            3,
            str![[r#"
error: `m/Modelfile` is a FIFO, not a regular file
  = help: name a regular file, or give the text on stdin with `-f -`

"#]],
        );
    }

    #[test]
    fn a_symlink_to_nothing() {
        let test = Test::new().file("m/a.gguf", "weights").symlink("gone", "m/Modelfile");
        build_refused(
            test,
            3,
            str![[r#"
error: `m/Modelfile` is a symlink, and there is no file where it points to
  = help: mend the symlink, or name another file with `-f`

"#]],
        );
    }

    #[test]
    fn unreadable() {
        if is_root() {
            let test = with_modelfile("MODEL a.gguf\n").by_nobody();
            fs_err::set_permissions(test.dir().join("m/Modelfile"), PermissionsExt::from_mode(0o000)).unwrap();
            build_refused(
                test,
                3,
                str![[r#"
error: no permission to read `m/Modelfile`: failed to open file `m/Modelfile`: Permission denied (os error 13)
  = help: make it readable, as with `chmod u+r`

"#]],
            );
        }
    }
}

mod files {
    use super::*;

    #[test]
    fn missing_beside_lines_that_cannot_be_read() {
        build_refused(
            with_modelfile("DOC none.md\nMODLE a.gguf\nCODE *.py ../x\nCUTOFF soon\nPRECISION bf16\n"),
            3,
            str![[r#"
error: `none.md` does not exist
 --> m/Modelfile:1:5
  |
1 | DOC none.md
  |     ^^^^^^^

error: unknown keyword `MODLE`
 --> m/Modelfile:2:1
  |
2 | MODLE a.gguf
  | ^^^^^ not a keyword
  |
  = help: did you mean `MODEL`?

error: no file matches `*.py`
 --> m/Modelfile:3:6
  |
3 | CODE *.py ../x
  |      ^^^^

error: cannot use `../x` as a path
 --> m/Modelfile:3:11
  |
3 | CODE *.py ../x
  |           ^^^^ `..` leaves the context
  |
  = help: only files in the context directory are packed; paths are relative to it

error: `soon` is not a date
 --> m/Modelfile:4:8
  |
4 | CUTOFF soon
  |        ^^^^ expected a date and time as RFC 3339 has them
  |
  = help: write it as in `CUTOFF 2024-06-01T00:00:00Z`, or the day alone: `CUTOFF 2024-06-01`

note: `bf16` is taken as `bfloat16`
 --> m/Modelfile:5:11
  |
5 | PRECISION bf16
  |           ^^^^


"#]],
        );
    }

    /// What is missing may stand on the line that cannot be read.
    #[test]
    fn nothing_is_said_that_a_line_which_cannot_be_read_may_answer() {
        let shards = |first: &str| {
            with_modelfile(format!("{first} a-00001-of-00002.gguf\nMODEL a-00002-of-00002.gguf\n"))
                .file("m/a-00001-of-00002.gguf", "")
                .file("m/a-00002-of-00002.gguf", "")
        };
        build_refused(
            shards("MODLE"),
            3,
            str![[r#"
error: unknown keyword `MODLE`
 --> m/Modelfile:1:1
  |
1 | MODLE a-00001-of-00002.gguf
  | ^^^^^ not a keyword
  |
  = help: did you mean `MODEL`?


"#]],
        );
        build_refused(
            with_modelfile("MODLE a.gguf\nNAME x\n"),
            3,
            str![[r#"
error: unknown keyword `MODLE`
 --> m/Modelfile:1:1
  |
1 | MODLE a.gguf
  | ^^^^^ not a keyword
  |
  = help: did you mean `MODEL`?


"#]],
        );
    }

    #[test]
    fn missing() {
        build_refused(
            with_modelfile("MODEL b.gguf\n"),
            3,
            str![[r#"
error: `b.gguf` does not exist
 --> m/Modelfile:1:7
  |
1 | MODEL b.gguf
  |       ^^^^^^
  |
  = help: did you mean `a.gguf`?


"#]],
        );
    }

    #[test]
    fn a_pattern_without_matches() {
        build_refused(
            with_modelfile("MODEL a.gguf\nCODE *.py\n"),
            3,
            str![[r#"
error: no file matches `*.py`
 --> m/Modelfile:2:6
  |
2 | CODE *.py
  |      ^^^^


"#]],
        );
    }

    #[test]
    fn outside_of_the_context() {
        let test = with_modelfile("MODEL ../b.gguf\n").file("b.gguf", "weights");
        build_refused(
            test,
            3,
            str![[r#"
error: cannot use `../b.gguf` as a path
 --> m/Modelfile:1:7
  |
1 | MODEL ../b.gguf
  |       ^^^^^^^^^ `..` leaves the context
  |
  = help: only files in the context directory are packed; paths are relative to it


"#]],
        );
        let test = with_modelfile("MODEL /etc/passwd\n");
        build_refused(
            test,
            3,
            str![[r#"
error: cannot use `/etc/passwd` as a path
 --> m/Modelfile:1:7
  |
1 | MODEL /etc/passwd
  |       ^^^^^^^^^^^ this absolute path lies outside of the context
  |
  = help: only files in the context directory are packed; paths are relative to it


"#]],
        );
        let test = with_modelfile("MODEL *.gguf\n").file("b.gguf", "weights");
        build_refused(
            test.symlink("../b.gguf", "m/b.gguf"),
            3,
            str![[r#"
error: `b.gguf` is a symlink to `[DIR]/b.gguf`, outside of the context
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: put the file itself into the context, or exclude the link in `.modelignore`


"#]],
        );
    }

    #[test]
    fn loops_of_symlinks() {
        let test = with_modelfile("MODEL *.gguf\n").symlink("c.gguf", "m/b.gguf");
        build_refused(
            test.symlink("b.gguf", "m/c.gguf"),
            3,
            str![[r#"
error: `b.gguf` is a symlink that leads back to itself
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: the same goes for `c.gguf`
  = help: remove the link, or exclude it in `.modelignore`


"#]],
        );
        let test = with_modelfile("MODEL .\n").file("m/d/e", "").symlink("..", "m/d/up");
        build_refused(
            test,
            3,
            str![[r#"
error: `d/up` is a symlink to the context itself: a loop
 --> m/Modelfile:1:7
  |
1 | MODEL .
  |       ^
  |
  = help: remove the link, or exclude it in `.modelignore`


"#]],
        );
    }

    #[test]
    fn neither_file_nor_directory() {
        let test = with_modelfile("MODEL *.gguf\n");
        fifo(&test.dir().join("m/b.gguf"));
        build_refused(
            test,
            3,
            str![[r#"
error: `b.gguf` is a FIFO, not a regular file
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: only regular files can be packed; narrow the pattern or exclude it in `.modelignore`


"#]],
        );
        let test = with_modelfile("MODEL *.gguf\n");
        let _socket = UnixListener::bind(test.dir().join("m/b.gguf")).unwrap();
        build_refused(
            test,
            3,
            str![[r#"
error: `b.gguf` is a socket, not a regular file
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: only regular files can be packed; narrow the pattern or exclude it in `.modelignore`


"#]],
        );
        let test = with_modelfile("MODEL *.gguf\n").symlink("/dev/zero", "m/b.gguf");
        build_refused(
            test,
            3,
            str![[r#"
error: `b.gguf` is a symlink to `/dev/zero`, outside of the context
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: put the file itself into the context, or exclude the link in `.modelignore`


"#]],
        );
    }

    #[test]
    fn a_device() {
        if is_root() {
            let test = with_modelfile("MODEL *.gguf\n");
            let path = test.dir().join("m/b.gguf");
            let made = Command::new("mknod").arg(path).args(["c", "1", "5"]).output().unwrap();
            if !made.status.success() {
                return denied("mknod refused by this machine");
            }
            build_refused(
                test,
                3,
                str![[r#"
error: `b.gguf` is a device, not a regular file
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: only regular files can be packed; narrow the pattern or exclude it in `.modelignore`


"#]],
            );
        }
    }

    #[test]
    fn unreadable() {
        if is_root() {
            let test = with_modelfile("MODEL a.gguf\n").by_nobody();
            fs_err::set_permissions(test.dir().join("m/a.gguf"), PermissionsExt::from_mode(0o000)).unwrap();
            build_refused(
                test,
                3,
                str![[r#"
error: `a.gguf` cannot be read: permission denied
 --> m/Modelfile:1:7
  |
1 | MODEL a.gguf
  |       ^^^^^^
  |
  = help: make it readable for the user who builds, or exclude it in `.modelignore`


"#]],
            );
        }
    }

    #[test]
    fn names_with_control_characters() {
        build_refused(
            with_modelfile("MODEL *.gguf\n").file("m/b\nc.gguf", ""),
            3,
            str![[r#"
error: the name `b\nc.gguf` holds a control character
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: readers of artifacts need names that are UTF-8 without control characters: rename it, or exclude it in `.modelignore`


"#]],
        );
        build_refused(
            with_modelfile("MODEL *.gguf\n").file("m/b\x1b[2J.gguf", ""),
            3,
            str![[r#"
error: the name `b\u{1b}[2J.gguf` holds a control character
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: readers of artifacts need names that are UTF-8 without control characters: rename it, or exclude it in `.modelignore`


"#]],
        );
    }

    #[test]
    fn names_that_are_not_utf8() {
        let name = OsStr::from_bytes(b"m/b\xff.gguf");
        build_refused(
            with_modelfile("MODEL *.gguf\n").file(name, ""),
            3,
            str![[r#"
error: the name `b\xff.gguf` is not UTF-8
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: readers of artifacts need names that are UTF-8 without control characters: rename it, or exclude it in `.modelignore`


"#]],
        );
    }

    #[test]
    fn names_with_quotes_and_spaces_come_through() {
        let output = Test::new()
            .file("m/Modelfile", "NAME m\nMODEL *.gguf\n")
            .file("m/it's \"b\" `c` $d\\e.gguf", "1")
            .file("m/ü – 模型.gguf", "2")
            .args(["build", "m", "-q", "--metadata-file", "metadata.json"])
            .run();
        let metadata = fs_err::read(output.dir().join("metadata.json")).unwrap();
        let metadata: serde_json::Value = serde_json::from_slice(&metadata).unwrap();
        let layers = metadata["modelbuild.layers"].as_array().unwrap();
        let paths: Vec<_> = layers.iter().map(|layer| layer["path"].as_str().unwrap()).collect();
        assert_eq!(paths, ["it's \"b\" `c` $d\\e.gguf", "ü – 模型.gguf"]);
        layout::check(&output.dir().join("m/dist/m"));
    }

    /// Not every file system that the artifact is unpacked to can hold both.
    #[test]
    fn names_that_differ_by_case_only() {
        let test = with_modelfile("NAME m\nMODEL *.gguf\n").file("m/A.gguf", "other weights");
        build_refused(
            test,
            3,
            str![[r#"
error: `A.gguf` and `a.gguf` differ by case only
 --> m/Modelfile:2:7
  |
2 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: they are one file on macOS and Windows: rename one, or exclude it in `.modelignore`


"#]],
        );
    }
}

mod output {
    use super::*;

    #[track_caller]
    fn into_refused(test: Test, output: &str, status: i32, stderr: impl IntoData) {
        refused(test.args(["build", "m", "-o", output]), status, stderr);
    }

    /// A layout `out` with another model.
    fn with_layout() -> Test {
        Test::new()
            .file("m/Modelfile", "NAME other\nMODEL a.gguf\n")
            .file("m/a.gguf", "other weights")
            .args(["build", "m", "-q", "-o", "out"])
            .run()
            .then()
            .file("m/Modelfile", "NAME m\nMODEL a.gguf\n")
            .file("m/a.gguf", vec![7; 20_000])
    }

    #[test]
    fn no_layout() {
        into_refused(
            model().file("out/notes", "mine"),
            "out",
            1,
            str![[r#"
error: `out` exists and is not an OCI layout (it has no file `oci-layout`); it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
        );
        into_refused(
            model().file("out/index.json", "{}"),
            "out",
            1,
            str![[r#"
error: `out` exists and is not an OCI layout (it has no file `oci-layout`); it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
        );
        into_refused(
            model().file("out", "mine"),
            "out",
            1,
            str![[r#"
error: `out` exists and is not a directory; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
        );
        into_refused(
            model().symlink("gone", "out"),
            "out",
            1,
            str![[r#"
error: `out` is a symlink to nothing; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
        );
        into_refused(
            model().file("out", "mine"),
            "out/below",
            1,
            str![[r#"
error: cannot write the output: failed to query resolved metadata `out/below`: Not a directory (os error 20)
  = help: choose a place that you can write to with `-o`

"#]],
        );
        let test = model();
        fifo(&test.dir().join("out"));
        into_refused(
            test,
            "out",
            1,
            str![[r#"
error: `out` exists and is not a directory; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
        );
    }

    #[test]
    fn no_tar() {
        into_refused(
            model().file("out.tar/notes", "mine"),
            "out.tar",
            1,
            str![[r#"
error: `out.tar` exists and is a directory; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
        );
        let test = model();
        fifo(&test.dir().join("out.tar"));
        into_refused(
            test,
            "out.tar",
            1,
            str![[r#"
error: `out.tar` exists and is not a regular file; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
        );
        into_refused(
            model(),
            "type=oci,dest=/dev/null",
            1,
            str![[r#"
error: `/dev/null` exists and is not a regular file; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
        );
    }

    #[test]
    fn the_context_or_above_it() {
        into_refused(
            model(),
            "m",
            3,
            str![[r#"
error: the output `m` holds the context `m`
  = help: write to a directory inside of the context, or to one beside it

"#]],
        );
        into_refused(
            model(),
            ".",
            3,
            str![[r#"
error: the output `.` holds the context `m`
  = help: write to a directory inside of the context, or to one beside it

"#]],
        );
        into_refused(
            model(),
            "m/..",
            3,
            str![[r#"
error: the output `m/..` holds the context `m`
  = help: write to a directory inside of the context, or to one beside it

"#]],
        );
    }

    #[test]
    fn read_only() {
        if is_root() {
            let test = with_layout().by_nobody();
            into_refused(
                test,
                "out",
                1,
                str![[r#"
error: cannot write the output: cannot create a file in `out`: Permission denied (os error 13)
  = help: choose a place that you can write to with `-o`

"#]],
            );
            into_refused(
                model().by_nobody(),
                "out/new",
                1,
                str![[r#"
error: cannot write the output: failed to create directory `out`: Permission denied (os error 13)
  = help: choose a place that you can write to with `-o`

"#]],
            );
            into_refused(
                model().by_nobody(),
                "out.tar",
                1,
                str![[r#"
error: cannot write the output: cannot create a file in `.`: Permission denied (os error 13)
  = help: choose a place that you can write to with `-o`

"#]],
            );
            refused(
                model().by_nobody().args(["build", "m"]),
                1,
                str![[r#"
error: cannot write the output: failed to create directory `m/dist`: Permission denied (os error 13)
  = help: choose a place that you can write to with `-o`

"#]],
            );
        }
    }

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

    #[test]
    fn names_that_are_too_long() {
        let long = "long".repeat(64);
        let model = || model().file("m/Modelfile", format!("NAME {long}\nMODEL a.gguf\n"));
        build_refused(
            model(),
            2,
            str![[r#"
error: the model's name is too long for a directory in `dist`: 256 bytes, 255 are the most
  = help: choose a place with `-o`, or shorten `NAME`

"#]],
        );
        let told = str![[r#"
error: cannot write the output: failed to query resolved metadata `longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong`: File name too long (os error 36)
  = help: choose a shorter name with `-o`

"#]];
        into_refused(model(), &long, 1, told);
        let built = model().args(["build", "m", "-q", "-o", "out"]).run();
        layout::check(&built.dir().join("out"));
        model().args(["build", "m", "-q", "-n"]).run();
    }

    #[test]
    fn what_a_killed_build_left_of_a_new_layout_is_taken_over() {
        let empty = "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}";
        for name in ["out/.modelbuild-x1y2z3", "out/index.json"] {
            let output = model().file(name, empty).args(["build", "m", "-q", "-o", "out"]).run();
            assert_eq!(layout::check(&output.dir().join("out")).manifests.len(), 1);
        }
    }

    #[test]
    fn a_second_output_that_is_refused_leaves_nothing_of_the_first() {
        let test = model().file("no", "mine");
        refused(
            test.args(["build", "m", "-o", "new/out", "-o", "no"]),
            1,
            str![[r#"
error: `no` exists and is not a directory; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
        );
    }

    #[test]
    fn files_beside_it_that_cannot_be_written() {
        let test = model().file("taken/a", "");
        let told = str![[r#"
error: `taken` is a directory
  = help: name a file

"#]];
        refused(test.args(["build", "m", "--metadata-file", "taken"]), 2, told);
        let test = model().args(["build", "m", "--iidfile", "none/digest"]);
        let told = str![[r#"
error: cannot write `none/digest`: its directory does not exist
  = help: make the directory first

"#]];
        refused(test, 2, told);
    }

    #[test]
    fn a_pipe_beside_it_is_written_to() {
        let output = model().args(["build", "m", "-q", "--iidfile", "/dev/stderr"]).run();
        assert_eq!(output.stderr, output.text());
        assert!(fs_err::symlink_metadata("/dev/stderr").unwrap().is_symlink());
    }
}

mod full_disk {
    use super::*;

    const PAGE: u64 = 4096;

    /// A small disk in `test`, full but for `free` bytes; `None` where nothing can be mounted.
    fn disk(test: &Test, fill: impl FnOnce(&Path), free: u64) -> Option<(Mounted, Rc<TempDir>)> {
        let path = test.dir().join("disk");
        let mounted = tmpfs(&path, "256k")?;
        fill(&path);
        let mut filler = fs_err::File::create(path.join("filler")).unwrap();
        let page = vec![0; usize::try_from(PAGE).unwrap()];
        let mut size = 0;
        while filler.write_all(&page).is_ok() {
            size += PAGE;
        }
        filler.set_len(size - free).unwrap();
        Some((mounted, test.keep()))
    }

    /// Builds with each amount of space left, from none to enough: so the disk is full once at each step of a build.
    /// Until it succeeds, everything on the disk must be as it was.
    fn each_amount(args: &[&str], fill: impl Fn(&Path), check: impl Fn(&Path)) {
        for pages in 0.. {
            let test = model();
            let Some(_mounted) = disk(&test, &fill, pages * PAGE) else {
                return;
            };
            let path = test.dir().join("disk");
            let before = contents(&path);
            let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
            clean(&mut command, &test.dir());
            command.args(["build", "m", "-q"]).args(args).current_dir(test.dir());
            let output = command.stdin(Stdio::null()).output().unwrap();
            if output.status.success() {
                assert!(pages > 3, "the disk was never full");
                return check(&path);
            }
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{stderr}");
            assert!(stderr.starts_with("error: cannot write "), "{stderr}");
            assert!(stderr.contains("No space left on device"), "{stderr}");
            assert_eq!(before, contents(&path), "with {pages} pages left: {stderr}");
        }
    }

    #[test]
    fn for_a_new_layout() {
        each_amount(
            &["-o", "disk/new/out"],
            |_| {},
            |disk| assert_eq!(layout::check(&disk.join("new/out")).manifests.len(), 1),
        );
    }

    #[test]
    fn for_an_existing_layout() {
        let fill = |disk: &Path| {
            let other = Test::new()
                .file("m/Modelfile", "NAME m\nMODEL a.gguf\n")
                .file("m/a.gguf", "other weights");
            other
                .args(["build", "m", "-q", "-t", "m:1", "-o"])
                .args([disk.join("out")])
                .run();
        };
        each_amount(&["-t", "m:2", "-o", "disk/out"], fill, |disk| {
            assert_eq!(layout::check(&disk.join("out")).manifests.len(), 2);
        });
    }

    #[test]
    fn for_a_tar() {
        let old = |disk: &Path| fs_err::write(disk.join("out.tar"), "old").unwrap();
        each_amount(&["-o", "disk/out.tar"], old, |disk| {
            assert_eq!(layout::check_tar(&disk.join("out.tar")).manifests.len(), 1);
        });
    }

    #[test]
    fn is_told_in_one_message() {
        told(
            "disk/out",
            str![[r#"
error: cannot write the output: failed to write to file `disk/out`: No space left on device (os error 28)
  = help: free some space or choose another place with `-o`; nothing was published

"#]],
        );
        told(
            "disk/out.tar",
            str![[r#"
error: cannot write the output: failed to write all with offset to `disk/out.tar`: No space left on device (os error 28)
  = help: free some space or choose another place with `-o`; nothing was published

"#]],
        );
    }

    #[track_caller]
    fn told(output: &str, stderr: impl IntoData) {
        let test = model();
        let Some(_mounted) = disk(&test, |_| {}, 3 * PAGE) else {
            return;
        };
        let before = contents(&test.dir());
        let output = test.args(["build", "m", "-o", output]).status(1).stderr(stderr).run();
        assert_eq!(before, contents(&output.dir()));
    }

    #[test]
    fn for_a_file_beside_the_output() {
        let test = model();
        let Some(_mounted) = disk(&test, |_| {}, 0) else { return };
        let before = contents(&test.dir().join("disk"));
        let output = test
            .args(["build", "m", "-q", "--metadata-file", "disk/metadata.json"])
            .status(1)
            .stderr(str![[r#"
error: cannot write `disk/metadata.json`: failed to write to file `disk/metadata.json`: No space left on device (os error 28)
  = help: the artifact itself is complete; only this report of it is missing

"#]])
            .run();
        assert_eq!(before, contents(&output.dir().join("disk")));
    }

    #[test]
    fn for_a_stream() {
        let test = model();
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
        clean(&mut command, &test.dir());
        command
            .args(["build", "m", "-o", "-", "-o", "new/out"])
            .current_dir(test.dir());
        let full = fs_err::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command
            .stdin(Stdio::null())
            .stdout(full.into_parts().0)
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("No space left on device"), "{stderr}");
        assert!(!test.dir().join("new").exists());
    }

    /// A file of 1 TiB takes neither an hour nor memory to fail.
    #[test]
    fn for_a_file_that_is_far_too_large() {
        for output in ["disk/out", "disk/out.tar"] {
            let test = model();
            let file = fs_err::OpenOptions::new()
                .write(true)
                .open(test.dir().join("m/a.gguf"))
                .unwrap();
            file.set_len(1 << 40).unwrap();
            let Some(_mounted) = disk(&test, |_| {}, 20 * PAGE) else {
                return;
            };
            let before = contents(&test.dir().join("disk"));
            let output = test.args(["build", "m", "-q", "-o", output]).status(1).run();
            assert!(output.stderr.contains("No space left on device"), "{}", output.stderr);
            assert_eq!(before, contents(&output.dir().join("disk")));
        }
    }
}
