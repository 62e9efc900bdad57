//! Names that make or ninja have other plans for, as the tools themselves read them.

use std::path::Path;

use super::Kind::{Make, Ninja, PlainNinja};
use super::{Builder, Kind, let_time_pass};
use crate::harness::Test;

/// What a tool does about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Builds when it changes, also when it goes away, and not otherwise.
    Follows,
    /// Follows changes, and gives up when it is gone.
    Misses,
    /// Builds every time.
    Insists,
}

/// Packs files of these names, and has a tool build before and after a change to each and after it is gone. Both `names`
/// and `others`, which are packed too, are at the beginning of a path.
#[track_caller]
fn ask(builder: &Builder, names: &[&str], others: &[&str]) -> Vec<Answer> {
    let kind = builder.kind;
    let test = Test::new()
        .file("Modelfile", "NAME m\nFORMAT gguf\nMODEL .\n")
        .file(".modelignore", "/Modelfile\n/Makefile\n/build.ninja\n/d\n/o\n")
        .file("x.gguf", "weights");
    let files = names.iter().chain(others);
    let test = files.fold(test, |test, name| test.file(Path::new("./").join(name), "1"));
    let (dir, target) = (test.dir(), "o/out.tar");
    builder.describe(&dir, target, ". -q -o o/out.tar");
    assert!(builder.builds(&dir, target));
    let idle = !builder.builds(&dir, target);
    let write = |name: &str, text: &str| {
        let_time_pass(&dir.join(target));
        fs_err::write(dir.join(name), text).unwrap();
        assert!(
            builder.builds(&dir, target),
            "`{name}` changed, and {kind:?} did nothing"
        );
    };
    let answer = |name: &&str| {
        write(name, "22");
        let_time_pass(&dir.join(target));
        fs_err::remove_file(dir.join(name)).unwrap();
        match builder.run(&dir, target) {
            Ok(built) => {
                assert!(built, "`{name}` went away, and {kind:?} did nothing");
                if idle { Answer::Follows } else { Answer::Insists }
            }
            Err(message) => {
                assert!(idle && message.contains("No rule to make target"), "{message}");
                write(name, "333");
                Answer::Misses
            }
        }
    };
    names.iter().map(answer).collect()
}

/// Asks all tools about all names; those of `otherwise` answer so, the others follow.
#[track_caller]
fn answer(names: &[&str], others: &[&str], otherwise: &[(Kind, Answer)]) {
    for builder in Builder::all() {
        let expected = otherwise.iter().find(|(kind, _)| *kind == builder.kind);
        let expected = expected.map_or(Answer::Follows, |(_, answer)| *answer);
        for (name, answer) in names.iter().zip(ask(&builder, names, others)) {
            assert_eq!(answer, expected, "`{name}` by {:?}", builder.kind);
        }
    }
}

#[test]
fn both_tools_read_white_space_and_what_begins_something_in_a_makefile() {
    let names = [
        "a b", " a", "a  b", "a$b", "$(a)b", "$$", "a#b", "a:b", "C:/a", "a /b", "a: b", "::a",
    ];
    answer(&names, &["b", "z.py"], &[]);
}

#[test]
fn both_tools_read_backslashes() {
    answer(&["a\\b", "a\\\\b", "a\\ b"], &["b", "z.py"], &[]);
}

#[test]
fn both_tools_read_what_looks_like_a_pattern_or_an_archive() {
    let names = [
        "[a]",
        "a[1].py",
        "a[bc] [$].py",
        "a[",
        "a]",
        "a(1",
        "(a)",
        "a)",
        "dir (1)/x",
        "dir[2]/x",
    ];
    answer(&names, &["z.py", "z)", "z(2).py"], &[]);
}

#[test]
fn both_tools_read_what_is_special_at_the_beginning() {
    let names = [
        "-a", "@a", "!a", "+a", "~", "~root", "~a", "include", "export", "define", ".PHONY",
    ];
    answer(&names, &["z.py"], &[]);
}

#[test]
fn both_tools_read_all_other_characters() {
    answer(&["a,b{c}@d!e+f~g", "é", "日本"], &["z.py"], &[]);
}

/// Make can have no rule for such a name, so it does not forgive that one is gone.
#[test]
fn make_follows_variables_and_patterns_while_they_are_there() {
    answer(&["a=b", "=a", "a+=b", "a%b"], &["z.py"], &[(Make, Answer::Misses)]);
}

/// ninja ends the name there; it knows of no such file, and so it builds.
#[test]
fn ninja_builds_every_time_for_what_it_cannot_read() {
    let ninjas = [(Ninja, Answer::Insists), (PlainNinja, Answer::Insists)];
    answer(&["a*b", "a&/b", "a^b", "a<b>c", "a`b"], &["z.py"], &ninjas);
    let all = [(Make, Answer::Misses), ninjas[0], ninjas[1]];
    answer(&["a|b", "a:"], &["z.py"], &all);
}

/// Make would find `a1.py` by `a[1].py`; ninja does not read the backslash that says otherwise.
#[test]
fn brackets_that_make_would_take_for_another_file_are_escaped() {
    let ninjas = [(Ninja, Answer::Insists), (PlainNinja, Answer::Insists)];
    answer(&["a[1].py", "a[b-d].py"], &["a1.py"], &ninjas);
    answer(&["a[1].py"], &["a2.py"], &[]);
}

#[test]
fn make_builds_every_time_for_what_could_be_in_an_archive() {
    answer(&["a(b)", "a (1)"], &["z.py"], &[(Make, Answer::Insists)]);
}

/// Then nothing can stand first in the rule but a name that make would take for a variable's.
#[test]
fn a_context_with_an_equals_sign_is_followed() {
    for builder in Builder::all() {
        let test = Test::new()
            .file("v=1/Modelfile", "NAME m\nFORMAT gguf\nMODEL x.gguf\n")
            .file("v=1/x.gguf", "weights");
        builder.describe(&test.dir(), "out.tar", "v=1 -q -o out.tar");
        assert!(builder.builds(&test.dir(), "out.tar"));
        assert!(!builder.builds(&test.dir(), "out.tar"));
        let_time_pass(&test.dir().join("out.tar"));
        let test = test.file("v=1/x.gguf", "other weights");
        assert!(builder.builds(&test.dir(), "out.tar"), "{:?}", builder.kind);
    }
}

#[test]
fn names_of_outputs_are_read_too() {
    for builder in Builder::all() {
        for output in ["a#b.tar", "a[1].tar", "(a).tar"] {
            let test = super::model();
            let target = match builder.kind {
                Make => output.replace('#', "\\#"),
                Ninja | PlainNinja => output.to_owned(),
            };
            builder.describe(&test.dir(), &target, &format!("m -q -o '{output}'"));
            assert!(builder.builds(&test.dir(), output));
            assert!(!builder.builds(&test.dir(), output), "`{output}` by {:?}", builder.kind);
            let_time_pass(&test.dir().join(output));
            let test = test.file("m/code/a.py", "other");
            assert!(builder.builds(&test.dir(), output), "`{output}` by {:?}", builder.kind);
        }
    }
}
