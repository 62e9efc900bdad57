//! Ollama's Modelfile, told apart: another language under the same file name.

use std::path::Path;

use super::keyword::{Keyword, Takes};
use super::show::quoted;
use super::{Diagnostic, Span, Spanned};

/// Opens and closes a text of several lines, which our language does not know.
const TRIPLE: &str = "\"\"\"";

/// A line of an Ollama Modelfile that opens with a word.
struct Line<'a> {
    keyword: Spanned<&'a str>,
    rest: &'a str,
    /// Whether a text in triple quotes follows.
    block: bool,
}

/// One error for the whole text when it is plainly Ollama's: it has something that only Ollama's language has, and no
/// keyword that only ours has. So a stray `FROM` or `PARAMETER` in one of ours stays an error of its own.
pub(super) fn recognise(text: &str) -> Option<Diagnostic> {
    let mut used: Vec<Line<'_>> = Vec::new();
    for line in lines(text) {
        if is_ours(line.keyword.value) {
            return None;
        }
        let known = used
            .iter()
            .any(|other| other.keyword.value.eq_ignore_ascii_case(line.keyword.value));
        if counterpart(line.keyword.value).is_some() && (!known || line.block) {
            used.push(line);
        }
    }
    let telling = used.iter().find(|line| line.block || is_theirs(line))?;
    let message = "this is an Ollama Modelfile, which is another language";
    let mut diagnostic = Diagnostic::error(message, telling.keyword.span).label("Ollama's keyword");
    if telling.block {
        diagnostic = diagnostic.label("Ollama's text in triple quotes");
    }
    let mut told: Vec<String> = Vec::new();
    for line in &used {
        let keyword = line.keyword.value.to_uppercase();
        let help = match keyword.as_str() {
            "FROM" => format!("`FROM`: {}", weights(line.rest)),
            _ => format!("`{keyword}`: {}", counterpart(&keyword).unwrap_or_default()),
        };
        if !told.contains(&help) {
            told.push(help);
        }
    }
    diagnostic.help = told;
    Some(diagnostic)
}

/// Ollama's keywords, and what an artifact has in their place.
const COUNTERPARTS: [(&str, &str); 10] = [
    ("FROM", "name the weight files, as in `MODEL model.gguf`"),
    (
        "TEMPLATE",
        "save the template, written in Jinja, as a file and write `TEMPLATE template.jinja`",
    ),
    (
        "LICENSE",
        "save the text as a file and write `DOC LICENSE`, then `LICENSE` with its SPDX name",
    ),
    ("ADAPTER", "not supported yet; merge the adapter into the weights"),
    ("PARAMETER", "no counterpart here; sampling is set where the model runs"),
    (
        "SYSTEM",
        "no counterpart here; the system prompt is set where the model runs",
    ),
    (
        "MESSAGE",
        "no counterpart here; the conversation is kept where the model runs",
    ),
    ("RENDERER", "no counterpart here; it only means something to Ollama"),
    ("PARSER", "no counterpart here; it only means something to Ollama"),
    ("REQUIRES", "no counterpart here; it only means something to Ollama"),
];

/// What an artifact has in place of one of Ollama's keywords.
pub(super) fn counterpart(keyword: &str) -> Option<&'static str> {
    COUNTERPARTS
        .iter()
        .find(|(theirs, _)| theirs.eq_ignore_ascii_case(keyword))
        .map(|(_, ours)| *ours)
}

/// Whether only Ollama's language has this line. `FROM` is a keyword of both: theirs names weights.
fn is_theirs(line: &Line<'_>) -> bool {
    let keyword = line.keyword.value;
    counterpart(keyword).is_some()
        && match Keyword::find(keyword) {
            None => true,
            Some(ours) => ours.word == "FROM" && is_weight(line.rest),
        }
}

fn is_ours(keyword: &str) -> bool {
    counterpart(keyword).is_none() && Keyword::find(keyword).is_some_and(|ours| ours.takes != Takes::Reserved)
}

fn is_weight(argument: &str) -> bool {
    Path::new(argument.trim_matches('"'))
        .extension()
        .is_some_and(|extension| extension == "gguf" || extension == "safetensors")
}

fn weights(argument: &str) -> String {
    let path = argument.trim_matches('"');
    let is_path = path.starts_with(['.', '/', '~']) || is_weight(argument);
    let leaves = path.starts_with(['/', '~']) || path.split('/').any(|part| part == "..");
    match path.strip_prefix("./").unwrap_or(path) {
        "" | "." => "name the weight files, as in `MODEL *.safetensors`".to_owned(),
        _ if leaves => {
            let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            let line = match name {
                "" | "." | ".." | "~" => "MODEL *.gguf".to_owned(),
                name => format!("MODEL {}", word(name)),
            };
            format!(
                "only files in the context directory are packed: copy or hard-link it there and write {}",
                quoted(&line)
            )
        }
        file if is_path => format!("write {}", quoted(&format!("MODEL {}", word(file)))),
        name => format!(
            "{} is a model of Ollama's; name the weight files, as in `MODEL *.gguf`",
            quoted(name)
        ),
    }
}

/// A path as a word of our language that means just this path.
fn word(path: &str) -> String {
    let escaped = path.replace('\\', "\\\\").replace('"', "\\\"");
    if path.contains([' ', '\t', '*', '?', '[', '{']) {
        format!("\"{escaped}\"")
    } else {
        escaped
    }
}

/// The lines that open with a word, those within a text in triple quotes left out.
fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut at = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
            let line = rest.split_inclusive('\n').next()?;
            let start = at + line.len() - line.trim_start().len();
            at += line.len();
            let trimmed = line.trim();
            let word = trimmed.split([' ', '\t']).next().unwrap_or_default();
            if word.is_empty() || word.starts_with('#') {
                continue;
            }
            let after = trimmed.get(word.len()..).unwrap_or_default().trim_start();
            // MESSAGE has the role before the text. A text that is never closed is none.
            let opened = after
                .find(TRIPLE)
                .filter(|_| counterpart(word).is_some())
                .map(|index| start + word.len() + (trimmed.len() - word.len() - after.len()) + index + TRIPLE.len());
            let closed = opened.and_then(|open| Some(open + text.get(open..)?.find(TRIPLE)? + TRIPLE.len()));
            if let Some(closed) = closed {
                // Whatever stands behind the closing quotes on their line belongs to it.
                at = text
                    .get(closed..)
                    .and_then(|rest| rest.find('\n'))
                    .map_or(text.len(), |end| closed + end + 1);
            }
            let span = Span {
                start,
                end: start + word.len(),
            };
            return Some(Line {
                keyword: Spanned::new(word, span),
                rest: after,
                block: closed.is_some(),
            });
        }
    })
}
