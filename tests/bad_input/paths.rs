//! What the Modelfile names and is not there, or leads elsewhere.

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
