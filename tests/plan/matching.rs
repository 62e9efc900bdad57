//! What a path or pattern means.
use super::*;

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
