//! What is wrong with a statement before its values are looked at: unknown keywords, too few words, too many.

use super::keyword::{Keyword, Takes};
use super::read::LIMIT;
use super::show::{code_point, quoted};
use super::substitute::{is_name, not_a_name};
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
    problem.help("no keyword takes a LoRA adapter yet; leave it out, or merge it into the weights")
}

/// A base behind what it is the base of.
pub(super) fn late_base(span: Span, earlier: Span) -> Diagnostic {
    Diagnostic::error("`FROM` stands behind other lines", span)
        .label("what is inherited")
        .also(earlier, "stated before")
        .help("put it first; only `ARG` lines and comments may stand before it")
}

/// Whether the keyword has the words that it takes; as written, because a value never is several words or a comment.
pub(super) fn arity(keyword: &Keyword, span: Span, arguments: &[Spanned<&str>]) -> Option<Diagnostic> {
    let (fewest, most, what) = match keyword.takes {
        Takes::Value(_) => (1, 1, "one value"),
        Takes::KeyAndValue => (2, 2, "a key and a value"),
        Takes::Path(_) => (1, 1, "one path"),
        Takes::Paths(_) => (1, usize::MAX, "one path or more"),
        Takes::Declaration => (1, 1, "one name"),
        Takes::Reserved => return None,
    };
    let rule = format!("`{}` takes {what}", keyword.word);
    if arguments.len() < fewest {
        let problem = match arguments.last() {
            None => Diagnostic::error(rule, span).label("nothing follows"),
            Some(key) => Diagnostic::error(rule, key.span).label("nothing follows the key"),
        };
        let problem = problem.help(format!("write it as in `{}`", keyword.example_line()));
        let has_equals = arguments.iter().any(|word| word.value.contains('='));
        return Some(if has_equals {
            problem.help("a blank stands between key and value, not `=`")
        } else {
            problem
        });
    }
    // The first word may be the file `#1.gguf`, as it may for modctl; a later one is a comment that went astray.
    if let Some(at) = arguments.iter().skip(1).position(|word| word.value.starts_with('#')) {
        return Some(stray_comment(arguments.get(at + 1..).unwrap_or_default()));
    }
    let extra = arguments.get(most..).filter(|extra| !extra.is_empty())?;
    Some(too_many(keyword, rule, extra, arguments))
}

/// Whether one of the keyword's words is empty, as `written` or because of the values in it.
pub(super) fn empty(keyword: &Keyword, written: &[Spanned<&str>], arguments: &[Spanned<Word>]) -> Option<Diagnostic> {
    let (written, _) = written
        .iter()
        .zip(arguments)
        .find(|(_, argument)| argument.value.chars().is_empty())?;
    let message = format!("an empty value for `{}`", keyword.word);
    let label = if written.value.contains('$') {
        "nothing but empty arguments"
    } else {
        "nothing between the quotes"
    };
    Some(Diagnostic::error(message, written.span).label(label).help(format!(
        "leave the line out, or state something, as in `{}`",
        keyword.example_line()
    )))
}

fn stray_comment(words: &[Spanned<&str>]) -> Diagnostic {
    Diagnostic::error("a comment behind other words", across(words))
        .label("these would be words, not a comment")
        .help("give the comment a line of its own")
        .help("if it is meant as text or as a file's name, put it in double quotes")
}

fn too_many(keyword: &Keyword, rule: String, extra: &[Spanned<&str>], all: &[Spanned<&str>]) -> Diagnostic {
    let label = if extra.len() == 1 {
        "one word too many".to_owned()
    } else {
        format!("{} words too many", extra.len())
    };
    let value = all
        .get(usize::from(keyword.takes == Takes::KeyAndValue)..)
        .unwrap_or_default();
    let joined = value
        .iter()
        .map(|word| Word::unquote(word.value).text())
        .collect::<Vec<_>>()
        .join(" ");
    let problem = Diagnostic::error(rule, across(extra)).label(label);
    if keyword.takes == Takes::Declaration && is_apart(all) {
        return problem.help(format!(
            "no blank stands beside the `=`, as in `{}`",
            keyword.example_line()
        ));
    }
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

/// Whether a word begins or ends in `=`, as in `size = 8B`.
fn is_apart(words: &[Spanned<&str>]) -> bool {
    words
        .iter()
        .any(|word| word.value.starts_with('=') || word.value.ends_with('='))
}

/// From the first word to the last.
fn across(words: &[Spanned<&str>]) -> Span {
    Span {
        start: words.first().map_or(0, |word| word.span.start),
        end: words.last().map_or(0, |word| word.span.end),
    }
}

/// A Modelfile that names no file: there is nothing to build.
pub(super) fn no_file(text: &str) -> Diagnostic {
    let (message, label) = if text.trim_start_matches('\u{feff}').trim_start().is_empty() {
        ("the Modelfile is empty", "no keyword to be found")
    } else {
        ("the Modelfile states no file", "no line up to here names one")
    };
    Diagnostic::error(message, end(text))
        .label(label)
        .help("an artifact needs at least one file: add a line such as `MODEL *.gguf` or `MODEL *.safetensors`")
}

/// Behind the last word of a text: the place for what is not in it.
pub(super) fn end(text: &str) -> Span {
    let end = text.trim_end().len();
    Span { start: end, end }
}

/// An `ARG` whose word begins with no name.
pub(super) fn argument_name(name: &str, span: Span) -> Diagnostic {
    let problem = not_a_name(name, span);
    let meant = name.trim().replace(['-', '.', ' '], "_");
    if is_name(&meant) {
        problem.help(format!("did you mean `{meant}`?"))
    } else {
        problem.help("write it as in `ARG size` or `ARG size=8B`")
    }
}

/// A second `ARG` of one name.
pub(super) fn declared_twice(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(format!("the argument {} is declared twice", quoted(name)), span)
        .label("declared again")
        .also(first, "declared first")
        .help("keep one of them")
}

/// An `ARG` that has no default and was given nothing; `--build-arg NAME` may have asked the environment in vain.
pub(super) fn without_value(name: &str, span: Span, is_asked_for: bool) -> Diagnostic {
    let problem = Diagnostic::error(format!("the argument {} has no value", quoted(name)), span);
    let problem = if is_asked_for {
        problem.label("no default, and no variable of this name in the environment")
    } else {
        problem.label("no default, and no `--build-arg`")
    };
    problem.help(format!(
        "give it one, as in {}, or a default, as in {}",
        quoted(&format!("--build-arg {name}=value")),
        quoted(&format!("ARG {name}=value"))
    ))
}

/// A reference whose value would be more text than may be put in.
pub(super) fn too_long(span: Span) -> Diagnostic {
    Diagnostic::error("the values of arguments make the Modelfile too long", span)
        .label(format!("up to here they come to more than {LIMIT} bytes"))
        .help("does a default use another argument many times?")
}
