//! The Modelfile language through the library: what is understood, and the whole text of what is said about mistakes.

mod any_text;
mod argument_findings;
mod arguments;
mod findings;
mod lines;
mod ollama;
mod reading;
mod reference;
mod shown;
mod standards;
mod vocabulary;

use std::fmt::Write as _;

use modelbuild::modelfile::{BuildArgs, Diagnostics, Modelfile, Source};
use snapbox::{IntoData, assert_data_eq};

fn source(text: &str) -> Source {
    Source {
        name: "Modelfile".to_owned(),
        text: text.to_owned(),
    }
}

/// What the user gets to see about `text`, errors or not.
fn findings(text: &str) -> String {
    let source = source(text);
    match Modelfile::parse(&source, &BuildArgs::new()) {
        Ok((_, findings)) => findings.render(&source, false),
        Err(partial) => partial.findings.render(&source, false),
    }
}

/// Compares that with the whole text expected, backslashes as they are.
fn says(text: &str, expected: impl IntoData) {
    assert_data_eq!(findings(text), expected.raw());
}

/// What `text` states; it must be free of errors.
fn parsed(text: &str) -> (Modelfile, Diagnostics) {
    let source = source(text);
    Modelfile::parse(&source, &BuildArgs::new())
        .unwrap_or_else(|partial| panic!("{}", partial.findings.render(&source, false)))
}

/// What `text` states; there must be nothing to say about it.
fn stated(text: &str) -> Modelfile {
    let (modelfile, findings) = parsed(text);
    assert_eq!(findings.render(&source(text), false), "");
    modelfile
}

/// The paths as `kind word`, literal characters in brackets.
fn paths(text: &str) -> Vec<String> {
    let rule = |rule: &modelbuild::modelfile::PathRule| {
        let mut line = rule.kind.to_string();
        line.push(' ');
        for (character, literal) in rule.pattern.value.chars() {
            write!(
                line,
                "{}",
                if *literal {
                    format!("[{character}]")
                } else {
                    character.to_string()
                }
            )
            .unwrap();
        }
        line
    };
    stated(text).paths.iter().map(rule).collect()
}
