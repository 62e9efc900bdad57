//! The Modelfile itself.

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
