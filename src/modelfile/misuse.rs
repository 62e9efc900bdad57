//! What is wrong with a statement before its values are looked at: unknown keywords, too few words, too many.

use super::keyword::{Keyword, Takes};
use super::show::{code_point, quoted};
use super::written::is_unusual_space;
use super::{Diagnostic, Span, Spanned, Word, ollama};

/// A keyword that the language does not have.
pub(super) fn unknown(keyword: &Spanned<String>) -> Diagnostic {
    let text = keyword.value.as_str();
    let problem = Diagnostic::error(format!("unknown keyword {}", quoted(text)), keyword.span).label("not a keyword");
    if let Some(space) = text.chars().find(|character| is_unusual_space(*character)) {
        return problem.help(format!(
            "it holds the space {}; only plain spaces and tabs separate words",
            code_point(space)
        ));
    }
    if let Some(counterpart) = ollama::counterpart(text) {
        return problem.help(format!("it is a keyword of Ollama's Modelfile: {counterpart}"));
    }
    if let Some((keyword, value)) = text.split_once('=')
        && let Some(keyword) = Keyword::find(keyword).filter(|keyword| keyword.takes != Takes::Reserved)
    {
        let value = if value.is_empty() { keyword.example } else { value };
        return problem.help(format!(
            "a blank stands between keyword and value, not `=`: write {}",
            quoted(&format!("{} {value}", keyword.word))
        ));
    }
    match Keyword::near(text) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!(
            "the keywords are {}",
            Keyword::words().collect::<Vec<_>>().join(", ")
        )),
    }
}

/// A keyword that has no meaning yet.
pub(super) fn reserved(keyword: &Keyword, span: Span) -> Diagnostic {
    let problem = Diagnostic::error(format!("`{}` is not supported yet", keyword.word), span)
        .label("kept free for a later version");
    problem.help(match keyword.word {
        "FROM" => "name the files themselves, as in `MODEL model.gguf`",
        "ARG" => "write the value itself where it is used",
        _ => "no keyword takes a LoRA adapter yet; leave it out, or merge it into the weights",
    })
}

/// Whether the keyword has the words that it takes, none of them empty.
pub(super) fn arity(keyword: &Keyword, span: Span, arguments: &[Spanned<Word>]) -> Option<Diagnostic> {
    let (fewest, most, what) = match keyword.takes {
        Takes::Value(_) => (1, 1, "one value"),
        Takes::KeyAndValue => (2, 2, "a key and a value"),
        Takes::Path(_) => (1, 1, "one path"),
        Takes::Paths(_) => (1, usize::MAX, "one path or more"),
        Takes::Reserved => return None,
    };
    let rule = format!("`{}` takes {what}", keyword.word);
    if arguments.len() < fewest {
        let problem = match arguments.last() {
            None => Diagnostic::error(rule, span).label("nothing follows"),
            Some(key) => Diagnostic::error(rule, key.span).label("nothing follows the key"),
        };
        let problem = problem.help(format!("write it as in `{}`", keyword.example_line()));
        let has_equals = arguments
            .iter()
            .any(|word| word.value.chars().iter().any(|(character, _)| *character == '='));
        return Some(if has_equals {
            problem.help("a blank stands between key and value, not `=`")
        } else {
            problem
        });
    }
    // The first word may be the file `#1.gguf`, as it may for modctl; a later one is a comment that went astray.
    if let Some(at) = arguments
        .iter()
        .skip(1)
        .position(|word| word.value.chars().first() == Some(&('#', false)))
    {
        return Some(stray_comment(arguments.get(at + 1..).unwrap_or_default()));
    }
    if let Some(extra) = arguments.get(most..).filter(|extra| !extra.is_empty()) {
        return Some(too_many(keyword, rule, extra, arguments));
    }
    let empty = arguments.iter().find(|argument| argument.value.chars().is_empty())?;
    let message = format!("an empty value for `{}`", keyword.word);
    Some(
        Diagnostic::error(message, empty.span)
            .label("nothing between the quotes")
            .help(format!(
                "leave the line out, or state something, as in `{}`",
                keyword.example_line()
            )),
    )
}

fn stray_comment(words: &[Spanned<Word>]) -> Diagnostic {
    Diagnostic::error("a comment behind other words", across(words))
        .label("these would be words, not a comment")
        .help("give the comment a line of its own")
        .help("if it is meant as text or as a file's name, put it in double quotes")
}

fn too_many(keyword: &Keyword, rule: String, extra: &[Spanned<Word>], all: &[Spanned<Word>]) -> Diagnostic {
    let label = if extra.len() == 1 {
        "one word too many".to_owned()
    } else {
        format!("{} words too many", extra.len())
    };
    let value = all
        .get(usize::from(keyword.takes == Takes::KeyAndValue)..)
        .unwrap_or_default();
    let joined = value.iter().map(|word| word.value.text()).collect::<Vec<_>>().join(" ");
    let problem = Diagnostic::error(rule, across(extra)).label(label);
    let inner = joined.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let problem = match inner {
        Some(_) => problem.help("single quotes are ordinary characters here"),
        None => problem,
    };
    let joined = inner.unwrap_or(&joined);
    let problem = if keyword.repeats && keyword.takes != Takes::KeyAndValue {
        problem.help(format!(
            "give each value a line of its own, as in `{}`",
            keyword.example_line()
        ))
    } else {
        problem
    };
    if keyword.is_one_word() {
        return if keyword.repeats {
            problem
        } else {
            problem.help(format!("write it as in `{}`", keyword.example_line()))
        };
    }
    problem.help(format!(
        "put text with blanks in double quotes: {}",
        quoted(&format!("\"{joined}\""))
    ))
}

/// From the first word to the last.
fn across(words: &[Spanned<Word>]) -> Span {
    Span {
        start: words.first().map_or(0, |word| word.span.start),
        end: words.last().map_or(0, |word| word.span.end),
    }
}

/// A Modelfile that names no file: there is nothing to build.
pub(super) fn no_file(text: &str) -> Diagnostic {
    let end = text.trim_end().len();
    let (message, label) = if text.trim_start_matches('\u{feff}').trim_start().is_empty() {
        ("the Modelfile is empty", "no keyword to be found")
    } else {
        ("the Modelfile states no file", "no line up to here names one")
    };
    Diagnostic::error(message, Span { start: end, end })
        .label(label)
        .help("an artifact needs at least one file: add a line such as `MODEL *.gguf` or `MODEL *.safetensors`")
}
