//! What a pattern matches and is not packed all the same: hidden files, what `.modelignore` excludes, outputs.
use super::*;

#[test]
fn hidden_files_need_a_dot_in_the_pattern() {
    let files = || Case::new().files([".env", ".git/config", ".git/.x", "a/.env", "a/b", "a/.c/d"]);
    assert_data_eq!(
        files().rule(Doc, ".").plan(),
        str![[r#"
doc a/b 0

"#]]
    );
    assert_data_eq!(
        files().rule(Doc, "**").plan(),
        str![[r#"
doc a/b 0

"#]]
    );
    assert_data_eq!(
        files().rule(Doc, "**/.env").plan(),
        str![[r#"
doc .env 0
doc a/.env 0

"#]]
    );
    assert_data_eq!(
        files().rule(Doc, ".*").plan(),
        str![[r#"
doc .env 0
doc .git/config 0

"#]]
    );
    assert_data_eq!(
        files().rule(Doc, ".git").plan(),
        str![[r#"
doc .git/config 0

"#]]
    );
    assert_data_eq!(
        files().rule(Doc, "[.]env").rule(Doc, "?env").rule(Doc, "a/*").plan(),
        str![[r#"
Error: no file matches `[.]env`
  at 1: [.]env <- 
  help: only hidden files would match: a pattern for them begins with a dot, such as `.*`
Error: no file matches `?env`
  at 2: ?env <- 
  help: only hidden files would match: a pattern for them begins with a dot, such as `.*`

"#]]
    );
}

#[test]
fn the_ignore_file_excludes() {
    let files = || {
        many()
            .file(".modelignore", "# not these\n*.bin\n!b.bin\ndeep/\n")
            .file(".gitignore", "c.txt\n")
    };
    assert_data_eq!(
        files().rule(Doc, ".").plan(),
        str![[r#"
doc b.bin 0
doc c.txt 0
doc docs/d.txt 0

"#]]
    );
    assert_data_eq!(
        files()
            .rule(Doc, "docs/deep/e.txt")
            .rule(Doc, "a.bin")
            .rule(Doc, "docs/**/*.bin")
            .plan(),
        str![[r#"
Error: `docs/deep/e.txt` is excluded by `.modelignore`
  at 1: docs/deep/e.txt <- 
  help: line 4 there is `deep/`; a later line with `!` takes a path in again
Error: `a.bin` is excluded by `.modelignore`
  at 2: a.bin <- 
  help: line 2 there is `*.bin`; a later line with `!` takes a path in again
Error: no file matches `docs/**/*.bin`
  at 3: docs/**/*.bin <- 
  help: only files that `.modelignore` excludes would match

"#]]
    );
}

#[test]
fn modelfile_and_ignore_file_are_files_like_others() {
    let case = Case::new().files(["Modelfile", ".modelignore"]);
    assert_data_eq!(
        case.rule(Doc, "*").rule(Doc, ".modelignore").plan(),
        str![[r#"
doc .modelignore 0
doc Modelfile 0

"#]]
    );
}

#[test]
fn outputs_are_never_packed() {
    let files = || {
        many()
            .files(["dist/m/oci-layout", "dist/m/blobs/x", "out.tar"])
            .output("dist/m")
            .output("out.tar")
    };
    assert_data_eq!(
        files().rule(Doc, ".").plan(),
        str![[r#"
doc a.bin 0
doc b.bin 0
doc c.txt 0
doc docs/d.txt 0
doc docs/deep/e.txt 0
doc docs/deep/f.bin 0

"#]]
    );
    assert_data_eq!(
        files()
            .rule(Doc, "dist/m")
            .rule(Doc, "out.tar")
            .rule(Doc, "dist/*/blobs")
            .plan(),
        str![[r#"
Error: `dist/m` is an output of this build
  at 1: dist/m <- 
  help: outputs are never packed: write the output elsewhere, or take the line out
Error: `out.tar` is an output of this build
  at 2: out.tar <- 
  help: outputs are never packed: write the output elsewhere, or take the line out
Error: no file matches `dist/*/blobs`
  at 3: dist/*/blobs <- 
  help: only outputs of this or an earlier build would match; they are never packed

"#]]
    );
    assert_data_eq!(
        files()
            .link("l", "dist/m/blobs/x")
            .link("m", "dist")
            .rule(Doc, "l")
            .rule(Doc, "m/m")
            .plan(),
        str![[r#"
Error: `l` is an output of this build
  at 1: l <- 
  help: outputs are never packed: write the output elsewhere, or take the line out
Error: `m/m` is an output of this build
  at 2: m/m <- 
  help: outputs are never packed: write the output elsewhere, or take the line out

"#]]
    );
}

#[test]
fn an_output_may_not_hold_the_context() {
    assert_data_eq!(
        many().rule(Doc, ".").output("../").plan(),
        str![[r#"
the output `[DIR]/context/../` holds the context `[DIR]/context`
help: write to a directory inside of the context, or to one beside it

"#]]
    );
}

#[test]
fn earlier_outputs_are_packed_only_by_name() {
    let files = || many().files(["dist/m/oci-layout", "dist/m/index.json", "dist/other"]);
    assert_data_eq!(
        files().rule(Doc, "**/index.json").rule(Doc, "dist/*").plan(),
        str![[r#"
Error: no file matches `**/index.json`
  at 1: **/index.json <- 
  help: only outputs of this or an earlier build would match; they are never packed

"#]]
    );
    assert_data_eq!(
        files().rule(Doc, "dist/*/index.json").plan(),
        str![[r#"
Error: no file matches `dist/*/index.json`
  at 1: dist/*/index.json <- 
  help: only outputs of this or an earlier build would match; they are never packed

"#]]
    );
    assert_data_eq!(
        files().rule(Doc, "dist/m").plan(),
        str![[r#"
doc dist/m/index.json 0
doc dist/m/oci-layout 0

"#]]
    );
    assert_data_eq!(
        files().rule(Doc, "dist/m/*.json").plan(),
        str![[r#"
doc dist/m/index.json 0

"#]]
    );
}
