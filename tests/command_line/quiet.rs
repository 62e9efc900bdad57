//! What `--quiet` leaves out where a build fails.

use snapbox::str;

use crate::harness::Test;

/// A Modelfile with two notes, whatever becomes of it.
fn noted(more: &str) -> Test {
    let modelfile = format!("NAME tiny\nFORMAT GGUF\nLICENSE mit\nMODEL m.gguf\n{more}");
    Test::new().file("Modelfile", modelfile).file("m.gguf", "weights\n")
}

#[test]
fn notes_are_left_out_beside_an_error() {
    let expected = str![[r#"
error: `nope.md` does not exist
 --> Modelfile:5:5
  |
5 | DOC nope.md
  |     ^^^^^^^


"#]];
    for command in ["build", "plan"] {
        noted("DOC nope.md\n")
            .args([command, "-q"])
            .status(3)
            .stdout("")
            .stderr(expected.clone())
            .run();
    }
    noted("DOC nope.md\n")
        .args(["-q", "--strict"])
        .status(3)
        .stderr(expected)
        .run();
    let loud = noted("DOC nope.md\n").status(3).run();
    assert_eq!(loud.stderr.matches("note: ").count(), 2, "{}", loud.stderr);
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_alone() {
    let test = noted("DOC README.md\n").file("README.md", "# tiny\n");
    let readme = test.dir().join("README.md");
    fs_err::set_permissions(&readme, std::os::unix::fs::PermissionsExt::from_mode(0o0)).unwrap();
    test.by_nobody()
        .args(["-q", "-n"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `README.md` cannot be read: permission denied
 --> Modelfile:5:5
  |
5 | DOC README.md
  |     ^^^^^^^^^
  |
  = help: make it readable for the user who builds, or exclude it in `.modelignore`


"#]])
        .run();
}

/// With `--strict` a warning is an error; a note is none.
#[test]
fn warnings_are_errors_where_they_are_to_be() {
    noted("MMPROJ p.gguf\n")
        .file("p.gguf", "p\n")
        .args(["-q", "--strict", "--spec", "docker", "-n"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
warning: the name of the projector `p.gguf` does not contain `mmproj`
 --> Modelfile:5:8
  |
5 | MMPROJ p.gguf
  |        ^^^^^^
  |
  = help: Docker Model Runner takes it for weights; rename it, such as `mmproj-model.gguf`

error: there are warnings, and `--strict` makes them errors

"#]])
        .run();
}
