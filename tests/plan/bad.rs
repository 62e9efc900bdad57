//! Bad input: one clear error each.
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use snapbox::IntoData;

use super::*;

#[test]
fn a_modelfile_without_files() {
    assert_data_eq!(
        Case::new().plan(),
        str![[r#"
Error: the Modelfile names no file
  at 1:  <- 
  help: an artifact needs at least one: add a line such as `MODEL model.gguf`

"#]]
    );
}

#[test]
fn the_context_must_be_a_directory() {
    let case = Case::new().files(["file"]).link("dangling", "nowhere").rule(Doc, "x");
    let mut shown = String::new();
    for path in ["missing", "file", "dangling", "file/below"] {
        let error = Plan::resolve(&case.modelfile, &case.context().join(path), &Options::default()).unwrap_err();
        shown += &case.error(&error);
    }
    assert_data_eq!(
        shown,
        str![[r#"
cannot use `[DIR]/context/missing` as the context
cause: failed to canonicalize path `[DIR]/context/missing`: No such file or directory (os error 2)
help: name a directory that exists; it holds the files to pack
cannot use `[DIR]/context/file` as the context
cause: not a directory
help: name the directory that holds the files; `-f` names a Modelfile elsewhere
cannot use `[DIR]/context/dangling` as the context
cause: failed to canonicalize path `[DIR]/context/dangling`: No such file or directory (os error 2)
help: name a directory that exists; it holds the files to pack
cannot use `[DIR]/context/file/below` as the context
cause: failed to canonicalize path `[DIR]/context/file/below`: Not a directory (os error 20)
help: name the directory that holds the files; `-f` names a Modelfile elsewhere

"#]]
    );
}

#[test]
fn the_ignore_file_must_be_readable_patterns() {
    let files = || Case::new().files(["a"]).rule(Doc, "a");
    assert_data_eq!(
        files().file(".modelignore", "ok\n\n[b\n").plan(),
        str![[r#"
`[DIR]/context/.modelignore`, line 3: `[b` is not a pattern: unclosed character class; missing ']'
help: the syntax is that of a `.gitignore`; `\` makes a character literal

"#]]
        .raw()
    );
    assert_data_eq!(
        files().fifo(".modelignore").plan(),
        str![[r#"
cannot read `[DIR]/context/.modelignore`
cause: it is not a regular file
help: it has to be a text file with a pattern on each line, as in a `.gitignore`

"#]]
        .raw()
    );
    assert_data_eq!(
        files().directory(".modelignore").plan(),
        str![[r#"
cannot read `[DIR]/context/.modelignore`
cause: it is not a regular file
help: it has to be a text file with a pattern on each line, as in a `.gitignore`

"#]]
        .raw()
    );
    assert_data_eq!(
        files().link(".modelignore", "gone").plan(),
        str![[r#"
cannot read `[DIR]/context/.modelignore`
cause: failed to query resolved metadata `[DIR]/context/.modelignore`: No such file or directory (os error 2)
help: it has to be a text file with a pattern on each line, as in a `.gitignore`

"#]]
        .raw()
    );
    let case = files();
    fs_err::write(case.context().join(".modelignore"), b"\xff\n").unwrap();
    assert_data_eq!(
        case.plan(),
        str![[r#"
cannot read `[DIR]/context/.modelignore`
cause: failed to read from file `[DIR]/context/.modelignore`: stream did not contain valid UTF-8
help: save it as UTF-8

"#]]
        .raw()
    );
}

#[test]
fn patterns_that_cannot_be_read() {
    let case = [
        "a[b",
        "{a,b",
        "[z-a]",
        "{,a}",
        "../x",
        "a/../../x",
        "/etc/passwd",
        "\"..\"/x",
        "**/../x",
        "../context/../x",
        "../*/x",
        "/",
    ]
    .into_iter()
    .fold(Case::new(), |case, pattern| case.rule(Doc, pattern));
    assert_data_eq!(
        case.plan(),
        str![[r#"
Error: cannot use `a[b` as a path
  at 1: a[b <- `[` is not closed
  help: add the `]`, or write `\[` if it belongs to a file's name
Error: cannot use `{a,b` as a path
  at 2: {a,b <- `{` is not closed
  help: add the `}`, or write `\{` if it belongs to a file's name
Error: cannot use `[z-a]` as a path
  at 3: [z-a] <- the range `z-a` is empty
  help: write `a-z`, or quote the word if it is a file's name
Error: cannot use `{,a}` as a path
  at 4: {,a} <- one of the alternatives is empty
  help: write `.` for the whole context, or take the extra comma away
Error: cannot use `../x` as a path
  at 5: ../x <- `..` leaves the context
  help: only files in the context directory are packed; paths are relative to it
Error: cannot use `a/../../x` as a path
  at 6: a/../../x <- `..` leaves the context
  help: only files in the context directory are packed; paths are relative to it
Error: cannot use `/etc/passwd` as a path
  at 7: /etc/passwd <- this absolute path lies outside of the context
  help: only files in the context directory are packed; paths are relative to it
Error: cannot use `../x` as a path
  at 8: ".."/x <- `..` leaves the context
  help: only files in the context directory are packed; paths are relative to it
Error: cannot use `**/../x` as a path
  at 9: **/../x <- `..` leaves the context
  help: only files in the context directory are packed; paths are relative to it
Error: cannot use `../context/../x` as a path
  at 10: ../context/../x <- `..` leaves the context
  help: only files in the context directory are packed; paths are relative to it
Error: cannot use `../*/x` as a path
  at 11: ../*/x <- `..` leaves the context
  help: only files in the context directory are packed; paths are relative to it
Error: cannot use `/` as a path
  at 12: / <- this absolute path lies outside of the context
  help: only files in the context directory are packed; paths are relative to it

"#]]
        .raw()
    );
}

#[test]
fn braces_that_multiply() {
    let pattern = "{a,b}".repeat(10);
    assert_data_eq!(
        Case::new().rule(Doc, &pattern).plan(),
        str![[r#"
Error: cannot use `{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}` as a path
  at 1: {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b} <- the braces stand for more than 1000 paths
  help: use `*`, or several lines

"#]]
    );
    for many in ["{", "{a}", "{a,"] {
        let error = Case::new().rule(Doc, &many.repeat(100_000)).resolve().unwrap_err();
        assert!(matches!(error, Error::Findings(findings) if findings.0.len() == 1));
    }
}

#[test]
fn a_missing_file_and_what_was_meant() {
    let case = Case::new().files(["README.md", "docs/guide.md", "model.gguf"]);
    let case = [
        "readme.md",
        "docs/giude.md",
        "doc/guide.md",
        "model.gguf/x",
        "nothing-like-it",
        "Docs/guide.md",
    ]
    .into_iter()
    .fold(case, |case, path| case.rule(Doc, path));
    assert_data_eq!(
        case.plan(),
        str![[r#"
Error: `readme.md` does not exist
  at 1: readme.md <- 
  help: names are case-sensitive: did you mean `README.md`?
Error: `docs/giude.md` does not exist
  at 2: docs/giude.md <- 
  help: did you mean `docs/guide.md`?
Error: `doc/guide.md` does not exist
  at 3: doc/guide.md <- 
  help: did you mean `docs/guide.md`?
Error: `model.gguf/x` does not exist
  at 4: model.gguf/x <- 
  help: `model.gguf` is a file
Error: `nothing-like-it` does not exist
  at 5: nothing-like-it <- 
Error: `Docs/guide.md` does not exist
  at 6: Docs/guide.md <- 
  help: names are case-sensitive: did you mean `docs/guide.md`?

"#]]
    );
}

#[test]
fn a_pattern_that_matches_nothing() {
    let case = Case::new().files([
        "a[1].bin",
        ".hidden/x.py",
        "ignored.csv",
        "dist/oci-layout",
        "dist/l.json",
    ]);
    let case = case
        .file(".modelignore", "*.csv")
        .directory("empty")
        .directory("dotted")
        .file("dotted/.x", "");
    let case = [
        "a[1].bin",
        "*.py",
        "**/*.py",
        "**/x.py",
        "*.csv",
        "dist/*.jso?",
        "*/*.json",
        "*.none",
        "empty",
        "dotted",
    ]
    .into_iter()
    .fold(case, |case, pattern| case.rule(Doc, pattern));
    assert_data_eq!(
        case.plan(),
        str![[r#"
Error: no file matches `a[1].bin`
  at 1: a[1].bin <- 
  help: there is a file of exactly this name: write `"a[1].bin"` to name it
Error: no file matches `*.py`
  at 2: *.py <- 
Error: no file matches `**/*.py`
  at 3: **/*.py <- 
  help: only hidden files would match: a pattern for them begins with a dot, such as `.*`
Error: no file matches `**/x.py`
  at 4: **/x.py <- 
  help: only hidden files would match: a pattern for them begins with a dot, such as `.*`
Error: no file matches `*.csv`
  at 5: *.csv <- 
  help: only files that `.modelignore` excludes would match
Error: no file matches `*/*.json`
  at 7: */*.json <- 
  help: only outputs of this or an earlier build would match; they are never packed
Error: no file matches `*.none`
  at 8: *.none <- 
Error: the directory `empty` holds no file to pack
  at 9: empty <- 
Error: the directory `dotted` holds no file to pack
  at 10: dotted <- 
  help: only hidden files would match: a pattern for them begins with a dot, such as `.*`

"#]]
    );
}

#[test]
fn files_that_are_not_regular() {
    let mut case = Case::new();
    for number in 0..15 {
        case = case.fifo(&format!("pipes/{number:02}"));
    }
    let _socket = UnixListener::bind(case.place("socket")).unwrap();
    assert_data_eq!(
        case.link("link", "pipes/00")
            .rule(Doc, "pipes")
            .rule(Doc, "link")
            .rule(Code, "s*")
            .plan(),
        str![[r#"
Error: `pipes/00` is a FIFO, not a regular file
  at 1: pipes <- 
  help: the same goes for `pipes/01`, `pipes/02`, `pipes/03`, `pipes/04`, `pipes/05`, `pipes/06`, `pipes/07`, `pipes/08`, `pipes/09`, `pipes/10` and 4 more
  help: only regular files can be packed; narrow the pattern or exclude it in `.modelignore`
Error: `link` is a FIFO, not a regular file
  at 2: link <- 
  help: only regular files can be packed; narrow the pattern or exclude it in `.modelignore`
Error: `socket` is a socket, not a regular file
  at 3: s* <- 
  help: only regular files can be packed; narrow the pattern or exclude it in `.modelignore`

"#]]
    );
}

#[test]
fn devices() {
    let case = Case::new().rule(Doc, "null");
    let error = Plan::resolve(&case.modelfile, Path::new("/dev"), &case.options).unwrap_err();
    assert_data_eq!(
        case.error(&error),
        str![[r#"
Error: `null` is a device, not a regular file
  at 1: null <- 
  help: only regular files can be packed; narrow the pattern or exclude it in `.modelignore`

"#]]
    );
}

#[test]
fn names_that_readers_cannot_take() {
    let case = Case::new()
        .files(["new\nline", "quo\"te's", "tab\t", "es\u{1b}[31m"])
        .file(OsStr::from_bytes(b"a\xffb"), "");
    assert_data_eq!(case.rule(Doc, ".").plan(), str![[r#"
Error: the name `a\xffb` is not UTF-8
  at 1: . <- 
  help: readers of artifacts need names that are UTF-8 without control characters: rename it, or exclude it in `.modelignore`
Error: the name `es\u{1b}[31m` holds a control character
  at 1: . <- 
  help: the same goes for `new\nline` and `tab\t`
  help: readers of artifacts need names that are UTF-8 without control characters: rename it, or exclude it in `.modelignore`

"#]].raw());
}

#[test]
fn names_that_differ_by_case_only() {
    let case = Case::new().files(["README.md", "readme.md", "Straße/É", "Straße/é"]);
    assert_data_eq!(
        case.rule(Doc, "README.md").rule(Doc, "*").rule(Code, "Straße").plan(),
        str![[r#"
Error: `Straße/É` and `Straße/é` differ by case only
  at 2: * <- 
  help: the same goes for `README.md` and `readme.md`
  help: they are one file on macOS and Windows: rename one, or exclude it in `.modelignore`
Error: `Straße/É` is matched by `DOC` and by `CODE`
  at 3: Straße <- `CODE` here
  and 2: * <- `DOC` here
  help: the same goes for `Straße/é`
  help: a file is one layer of one kind: narrow one of the two

"#]]
    );
}

#[test]
fn a_file_of_two_kinds() {
    let case = Case::new().files(["a.gguf", "b.gguf", "c"]);
    assert_data_eq!(
        case.rule(Weight, "*.gguf").rule(Doc, ".").plan(),
        str![[r#"
Error: `a.gguf` is matched by `MODEL` and by `DOC`
  at 2: . <- `DOC` here
  and 1: *.gguf <- `MODEL` here
  help: the same goes for `b.gguf`
  help: a file is one layer of one kind: narrow one of the two

"#]]
    );
}

#[test]
fn a_template_is_one_file() {
    let case = Case::new().files(["a.jinja", "b.jinja", "proj/mmproj-a", "proj/mmproj-b"]);
    assert_data_eq!(
        case.rule(Template, "*.jinja").rule(Projector, "proj").plan(),
        str![[r#"
Error: `TEMPLATE` takes one file, not 2
  at 1: *.jinja <- matches more than one
  help: it matches `a.jinja` and `b.jinja`
Error: `MMPROJ` takes one file, not 2
  at 2: proj <- matches more than one
  help: it matches `proj/mmproj-a` and `proj/mmproj-b`

"#]]
    );
}

/// Root may read everything, so this test runs itself again as nobody.
#[test]
fn files_and_directories_that_cannot_be_read() {
    if rustix::process::geteuid().is_root() {
        let place = TempDir::new().unwrap();
        let program = place.path().join("tests");
        fs_err::copy(std::env::current_exe().unwrap(), &program).unwrap();
        fs_err::set_permissions(place.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let mut again = Command::new(program);
        again.args(["--exact", "plan::bad::files_and_directories_that_cannot_be_read"]);
        let output = again.current_dir("/").uid(65534).gid(65534).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let case = Case::new()
        .files(["a", "b", "c", "locked/x", "listed/y", "sub/deep/z"])
        .mode("b", 0o200)
        .mode("locked", 0);
    let case = case.mode("listed", 0o600).mode("sub/deep", 0o300);
    let case = case
        .rule(Doc, "[abc]")
        .rule(Code, "locked")
        .rule(Code, "listed")
        .rule(Config, "**/z")
        .rule(Dataset, "locked/x");
    let shown = case.plan();
    let case = case.mode("locked", 0o700).mode("listed", 0o700).mode("sub/deep", 0o700);
    assert_data_eq!(
        shown,
        str![[r#"
Error: `b` cannot be read: permission denied
  at 1: [abc] <- 
  help: make it readable for the user who builds, or exclude it in `.modelignore`
Error: the directory `locked` cannot be read: permission denied
  at 2: locked <- 
  help: make it readable for the user who builds, or exclude it in `.modelignore`
Error: `listed/y` cannot be read: permission denied
  at 3: listed <- 
  help: make it readable for the user who builds, or exclude it in `.modelignore`
Error: the directory `sub/deep` cannot be read: permission denied
  at 4: **/z <- 
  help: make it readable for the user who builds, or exclude it in `.modelignore`

"#]]
    );
    assert_data_eq!(
        case.mode(".", 0o300).plan(),
        str![[r#"
cannot use `[DIR]/context` as the context
cause: Permission denied (os error 13)
help: make it readable for the user who builds

"#]]
    );
}
