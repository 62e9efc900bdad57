//! What is told of patterns that choose nothing, or leave nothing.

use super::exit::{Failure, INVALID};
use super::options::LayerChoice;

/// A message, and what helps.
pub type Told = (String, String);

/// Whoever names files and gets none has mistyped a name, as in a Modelfile: none of the `what` of `place`, which has
/// `files`, matches one of `patterns`.
pub fn unmatched<T: AsRef<str>>(what: &str, place: &str, patterns: &[T], files: &[String]) -> Told {
    let patterns: Vec<_> = patterns
        .iter()
        .map(|pattern| format!("`{}`", pattern.as_ref()))
        .collect();
    let message = format!("no {what} of `{place}` matches {}", patterns.join(" or "));
    (message, help(files))
}

/// Whoever leaves out all that there is has meant something else.
pub fn emptied(what: &str, place: &str, choice: &LayerChoice, files: &[String]) -> Told {
    let given = |option: &str, patterns: &[String]| -> Vec<String> {
        let shown = |pattern: &String| format!("`--{option} {pattern}`");
        patterns.iter().map(shown).collect()
    };
    let no_weights = choice.no_weights.then(|| "`--no-weights`".to_owned());
    let mut options = given("include", &choice.include);
    options.extend(given("exclude", &choice.exclude));
    options.extend(no_weights);
    let message = format!("no {what} of `{place}` is left by {}", options.join(", "));
    (message, help(files))
}

/// What is told, where it ends the command.
pub fn failure((message, help): Told) -> Failure {
    Failure::Message {
        code: INVALID,
        message,
        help: Some(help),
    }
}

fn help(files: &[String]) -> String {
    /// How many files are named.
    const SHOWN: usize = 5;
    let shown: Vec<_> = files.iter().take(SHOWN).map(|file| format!("`{file}`")).collect();
    let more = match files.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if files.is_empty() {
        "it has no layers; `modelbuild inspect` shows what it is".to_owned()
    } else {
        format!(
            "it has {}{more}; `modelbuild inspect` lists the paths of its layers",
            shown.join(", ")
        )
    }
}
