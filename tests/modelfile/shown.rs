//! How findings are shown: how many of them, and on any terminal.

use modelbuild::modelfile::{BuildArgs, Modelfile, Source};
use snapbox::{IntoData as _, assert_data_eq, str};

use super::{findings, says, source};

#[test]
fn the_first_twenty_findings_are_shown_errors_before_the_rest() {
    let text = format!("{}FOO\nMODEL a", "LANGUAGE EN\n".repeat(30));
    let shown = findings(&text);
    assert_eq!(shown.matches("error: ").count(), 1);
    assert_eq!(shown.matches("\n --> ").count() + shown.matches("\n  --> ").count(), 20);
    assert!(shown.ends_with("note: and 40 more findings\n"), "{shown}");
}

#[test]
fn a_file_of_bad_lines_ends_after_a_thousand() {
    let source = source(&"x\n".repeat(100_000));
    let findings = Modelfile::parse(&source, &BuildArgs::new()).unwrap_err().findings;
    assert_eq!(findings.0.len(), 1000);
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let shown = findings("MODEL a\u{1b}[31mb\nNAME a\0b\nARCH a\rb\nFAMILY \u{9b}1m\n\u{202e}MODEL x");
    assert!(
        !shown
            .chars()
            .any(|character| character.is_control() && character != '\n'),
        "{shown:?}"
    );
    assert!(!shown.contains('\u{202e}'));
    assert_data_eq!(
        shown,
        str![[r#"
error: the control character U+001B
 --> Modelfile:1:8
  |
1 | MODEL a␛[31mb
  |        ^ not allowed in a Modelfile
  |
  = help: take it out; no name or value can hold control characters

error: a NUL character
 --> Modelfile:2:7
  |
2 | NAME a␀b
  |       ^ not allowed in a Modelfile
  |
  = help: is this a text file? it may be a binary, or text in UTF-16

error: a carriage return that does not end the line
 --> Modelfile:3:7
  |
3 | ARCH a␍b
  |       ^ not allowed in a Modelfile
  |
  = help: end every line in LF or CR LF

error: the control character U+009B
 --> Modelfile:4:8
  |
4 | FAMILY �1m
  |        ^ not allowed in a Modelfile
  |
  = help: take it out; no name or value can hold control characters

error: unknown keyword `\u{202e}MODEL`
 --> Modelfile:5:1
  |
5 | �MODEL x
  | ^^^^^^ not a keyword
  |
  = help: did you mean `MODEL`?

"#]]
        .raw()
    );
    let named = Source {
        name: "a\u{1b}]0;x\u{7}\n".to_owned(),
        text: "FOO\u{1b}".to_owned(),
    };
    let shown = Modelfile::parse(&named, &BuildArgs::new())
        .unwrap_err()
        .findings
        .render(&named, false);
    assert!(
        !shown
            .chars()
            .any(|character| character.is_control() && character != '\n'),
        "{shown:?}"
    );
}

#[test]
fn carets_stand_under_wide_characters_and_tabs() {
    says(
        "MODEL\t\"日本語\tx\"\tb \"c\n",
        str![[r#"
error: this double quote is never closed
 --> Modelfile:1:17
  |
1 | MODEL    "日本語    x"    b "c
  |                             ^^ no `"` from here to the end of the line
  |
  = help: close it on the same line, or write `\"` for the character itself

"#]],
    );
}

#[test]
fn color_is_asked_for() {
    let source = source("FOO");
    let findings = Modelfile::parse(&source, &BuildArgs::new()).unwrap_err().findings;
    assert!(findings.render(&source, true).contains("\u{1b}["));
    assert!(!findings.render(&source, false).contains('\u{1b}'));
    // The column is right in colour, too, where the line is cut.
    let long = super::source(&format!("NAME a{}\u{1b}", "a".repeat(500)));
    let findings = Modelfile::parse(&long, &BuildArgs::new()).unwrap_err().findings;
    assert!(findings.render(&long, true).contains("Modelfile:1:507"));
}
