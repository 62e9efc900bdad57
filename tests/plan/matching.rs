//! What a path or pattern means.
use super::*;

fn many() -> Case {
    Case::new().files([
        "a.bin",
        "b.bin",
        "c.txt",
        "docs/d.txt",
        "docs/deep/e.txt",
        "docs/deep/f.bin",
    ])
}

#[test]
fn a_path_is_its_file() {
    let case = Case::new()
        .file("a b.gguf", "four")
        .file("b.gguf", "")
        .rule(Weight, "\"a b.gguf\"");
    assert_data_eq!(
        case.plan(),
        str![[r#"
weight a b.gguf 4

"#]]
    );
}

#[test]
fn a_directory_is_every_file_below() {
    assert_data_eq!(
        many().rule(Doc, "docs").plan(),
        str![[r#"
doc docs/d.txt 0
doc docs/deep/e.txt 0
doc docs/deep/f.bin 0

"#]]
    );
}

#[test]
fn a_dot_is_the_whole_context() {
    assert_data_eq!(
        many().rule(Doc, ".").plan(),
        str![[r#"
doc a.bin 0
doc b.bin 0
doc c.txt 0
doc docs/d.txt 0
doc docs/deep/e.txt 0
doc docs/deep/f.bin 0

"#]]
    );
}

#[test]
fn two_dots_take_the_name_before_them_away() {
    for pattern in [
        "docs/../a.bin",
        "./none/.././a.bin",
        "*/../a.bin",
        "docs/deep/../../a.bin",
        "../context/a.bin",
        "docs/../../context/docs/../a.bin",
    ] {
        assert_eq!(many().rule(Doc, pattern).plan(), "doc a.bin 0\n", "{pattern}");
    }
    assert_eq!(many().rule(Doc, "docs/deep/../*.txt").plan(), "doc docs/d.txt 0\n");
    let whole = many().rule(Doc, ".").plan();
    for pattern in ["docs/..", "docs/../", "../context", "docs/deep/../.."] {
        assert_eq!(many().rule(Doc, pattern).plan(), whole, "{pattern}");
    }
}

/// modctl takes them; where the context lies does not show in the artifact.
#[test]
fn an_absolute_path_in_the_context_is_relative_to_it() {
    for name in ["context", "docs/../context", "link"] {
        let case = many();
        symlink("context", case.directory.path().join("link")).unwrap();
        let place = case.context().join("..").join(name).display().to_string();
        let case = case.rule(Doc, &format!("{place}/a.bin"));
        let case = case.rule(Doc, &format!("/.{place}//docs/*.txt"));
        assert_eq!(case.plan(), "doc a.bin 0\ndoc docs/d.txt 0\n", "{name}");
    }
    let case = many();
    let place = case.context().display().to_string();
    assert_eq!(case.rule(Doc, &place).plan(), many().rule(Doc, ".").plan());
}

#[test]
fn a_slash_at_the_end_asks_for_directories() {
    assert_data_eq!(
        many().rule(Doc, "*/").plan(),
        str![[r#"
doc docs/d.txt 0
doc docs/deep/e.txt 0
doc docs/deep/f.bin 0

"#]]
    );
    assert_data_eq!(
        many().rule(Doc, "docs/").plan(),
        str![[r#"
doc docs/d.txt 0
doc docs/deep/e.txt 0
doc docs/deep/f.bin 0

"#]]
    );
    assert_data_eq!(
        many().rule(Doc, "a.bin/").plan(),
        str![[r#"
Error: `a.bin/` is a file, not a directory
  at 1: a.bin/ <- 
  help: take the last `/` away

"#]]
    );
}

#[test]
fn stars_stay_in_their_component() {
    assert_data_eq!(
        many().rule(Weight, "*.bin").plan(),
        str![[r#"
weight a.bin 0
weight b.bin 0

"#]]
    );
    assert_data_eq!(
        many().rule(Doc, "*/*.txt").plan(),
        str![[r#"
doc docs/d.txt 0

"#]]
    );
}

#[test]
fn two_stars_cross_directories() {
    assert_data_eq!(
        many().rule(Doc, "**/*.txt").plan(),
        str![[r#"
doc c.txt 0
doc docs/d.txt 0
doc docs/deep/e.txt 0

"#]]
    );
    assert_data_eq!(
        many().rule(Doc, "docs/**").plan(),
        str![[r#"
doc docs/d.txt 0
doc docs/deep/e.txt 0
doc docs/deep/f.bin 0

"#]]
    );
    assert_data_eq!(
        many().rule(Doc, "**/deep/**/*.bin").plan(),
        str![[r#"
doc docs/deep/f.bin 0

"#]]
    );
}

#[test]
fn a_matched_directory_is_every_file_below() {
    assert_data_eq!(
        many().rule(Doc, "doc*").plan(),
        str![[r#"
doc docs/d.txt 0
doc docs/deep/e.txt 0
doc docs/deep/f.bin 0

"#]]
    );
}

#[test]
fn braces_are_alternatives() {
    assert_data_eq!(
        many().rule(Doc, "{a,b,?x}.bin").plan(),
        str![[r#"
doc a.bin 0
doc b.bin 0

"#]]
    );
    assert_data_eq!(
        many().rule(Doc, "{docs/{d,deep/e},c}.txt").plan(),
        str![[r#"
doc c.txt 0
doc docs/d.txt 0
doc docs/deep/e.txt 0

"#]]
    );
}

#[test]
fn question_marks_and_classes_match_characters_not_bytes() {
    let case = Case::new().files(["é.txt", "e.txt", "1.txt", "].txt", "-.txt"]);
    assert_data_eq!(
        case.rule(Doc, "?.txt").plan(),
        str![[r#"
doc -.txt 0
doc 1.txt 0
doc ].txt 0
doc e.txt 0
doc é.txt 0

"#]]
    );
    let case = Case::new().files(["é.txt", "e.txt", "1.txt", "].txt", "-.txt"]);
    assert_data_eq!(
        case.rule(Doc, "[à-ü].txt").rule(Code, "[!0-9a-zé].txt").plan(),
        str![[r#"
code -.txt 0
code ].txt 0
doc é.txt 0

"#]]
    );
    let case = Case::new().files(["é.txt", "e.txt", "1.txt", "].txt", "-.txt"]);
    assert_data_eq!(
        case.rule(Doc, "[]-].txt").rule(Code, "[^]é-].txt").plan(),
        str![[r#"
code 1.txt 0
code e.txt 0
doc -.txt 0
doc ].txt 0

"#]]
    );
}

#[test]
fn quotes_and_backslashes_make_metacharacters_names() {
    let files = || Case::new().files(["a*", "ab", "{a,b}", "[x]", "x", "q?"]);
    assert_data_eq!(
        files().rule(Doc, r"a\*").plan(),
        str![[r#"
doc a* 0

"#]]
    );
    assert_data_eq!(
        files().rule(Doc, r#""{a,b}""#).plan(),
        str![[r#"
doc {a,b} 0

"#]]
    );
    assert_data_eq!(
        files().rule(Doc, r#""[x]""#).rule(Code, r#"?"?""#).plan(),
        str![[r#"
code q? 0
doc [x] 0

"#]]
    );
}

#[test]
fn paths_are_normalised() {
    assert_data_eq!(
        many()
            .rule(Doc, "./docs//deep/./e.txt")
            .rule(Doc, "docs/deep/e.txt")
            .plan(),
        str![[r#"
doc docs/deep/e.txt 0

"#]]
    );
}

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

#[test]
fn links_inside_the_context_are_followed() {
    let case = many()
        .link("l.bin", "docs/deep/f.bin")
        .link("again", "docs")
        .link("docs/up.bin", "../a.bin");
    let absolute = case.context().join("c.txt");
    let case = case.link("absolute", absolute).link("chain", "l.bin");
    assert_data_eq!(
        case.rule(Doc, "{l.bin,again,absolute,chain,docs}").plan(),
        str![[r#"
doc absolute 0
doc again/d.txt 0
doc again/deep/e.txt 0
doc again/deep/f.bin 0
doc again/up.bin 0
doc chain 0
doc docs/d.txt 0
doc docs/deep/e.txt 0
doc docs/deep/f.bin 0
doc docs/up.bin 0
doc l.bin 0

"#]]
    );
}

#[test]
fn the_context_may_be_a_link_and_have_any_name() {
    let case = Case::new().file("[a]*{b,c}?/x.gguf", "1");
    let odd = case.context().join("[a]*{b,c}?");
    let link = case.directory.path().join("link");
    symlink(odd, &link).unwrap();
    let case = case.rule(Weight, "*.gguf");
    let (plan, _) = Plan::resolve(&case.modelfile, &link, &Options::default()).unwrap();
    assert_eq!(plan.files[0].own().unwrap().path, link.join("x.gguf"));
    assert_eq!(plan.metadata.name, "[a]*{b,c}?");
}

#[test]
fn a_file_is_one_layer_however_often_it_matches() {
    assert_data_eq!(
        many()
            .rule(Weight, "a.bin")
            .rule(Weight, "*.bin")
            .rule(Weight, "{a,b}.*")
            .plan(),
        str![[r#"
weight a.bin 0
weight b.bin 0

"#]]
    );
}

#[test]
fn the_owner_s_execute_bit_counts() {
    let case = Case::new()
        .files(["run", "group"])
        .mode("run", 0o744)
        .mode("group", 0o674)
        .rule(Code, ".");
    assert_data_eq!(
        case.plan(),
        str![[r#"
code group 0
code run 0 executable

"#]]
    );
}
