//! The first stage: text to statements as written. Nothing is known of keywords here.

use pest::Parser as _;
use pest::iterators::Pair;
use pest_derive::Parser;

use super::show::{code_point, quoted};
use super::{Diagnostic, Span, Spanned};

#[derive(Parser)]
#[grammar = "../grammar/modelfile.pest"]
pub(super) struct Grammar;

/// One line that states something.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    /// The first word, as spelt.
    pub keyword: Spanned<String>,
    /// The other words, with quotes and backslashes.
    pub arguments: Vec<Spanned<&'a str>>,
    /// What is wrong with the way the line is written. Such a line is not looked at further.
    pub broken: Vec<Diagnostic>,
    /// What is odd about the way the line is written.
    pub odd: Vec<Diagnostic>,
}

/// The statements of a text, line by line, so that memory follows the longest line and not the file.
pub(super) fn statements(text: &str) -> impl Iterator<Item = Statement<'_>> {
    lines(text).filter_map(|(line, offset)| statement(line, offset))
}

/// Those of them that open with `keyword`, in any case. The other lines are not parsed.
pub(super) fn statements_of<'a>(text: &'a str, keyword: &str) -> impl Iterator<Item = Statement<'a>> {
    lines(text)
        .filter(move |(line, _)| {
            line.split([' ', '\t'])
                .next()
                .is_some_and(|word| word.eq_ignore_ascii_case(keyword))
        })
        .filter_map(|(line, offset)| statement(line, offset))
}

/// Each line without the white space around it, and where it begins. A byte order mark belongs to no line.
fn lines(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let marked = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut next = text.len() - marked.len();
    marked.split_inclusive('\n').map(move |line| {
        let start = next;
        next += line.len();
        // Every kind of white space, as modctl trims; this takes CR LF away, too.
        let unindented = line.trim_start();
        (unindented.trim_end(), start + line.len() - unindented.len())
    })
}

fn statement(line: &str, offset: usize) -> Option<Statement<'_>> {
    let mut statement = match Grammar::parse(Rule::line, line) {
        Ok(mut pairs) => pairs
            .next()?
            .into_inner()
            .find(|pair| pair.as_rule() == Rule::statement)
            .map(|pair| Statement::new(pair, offset))?,
        // The grammar matches every line; should a change to it break that, this says so at the place.
        Err(error) => {
            let span = Span {
                start: offset,
                end: offset + line.len(),
            };
            let message = format!("this line cannot be read: {}", error.variant.message());
            Statement {
                keyword: Spanned::new(line.to_owned(), span),
                arguments: Vec::new(),
                broken: vec![Diagnostic::error(message, span)],
                odd: Vec::new(),
            }
        }
    };
    statement.broken.extend(control_character(line, offset));
    Some(statement)
}

impl<'a> Statement<'a> {
    fn new(pair: Pair<'a, Rule>, offset: usize) -> Self {
        let mut statement = Self {
            keyword: Spanned::new(String::new(), span(&pair, offset)),
            arguments: Vec::new(),
            broken: Vec::new(),
            odd: Vec::new(),
        };
        for part in pair.into_inner() {
            let place = span(&part, offset);
            match part.as_rule() {
                Rule::keyword => statement.keyword = Spanned::new(part.as_str().to_owned(), place),
                Rule::word => {
                    statement.odd.extend(unusual_space(part.as_str(), place));
                    statement.arguments.push(Spanned::new(part.as_str(), place));
                }
                Rule::unclosed => statement.broken.push(unclosed(part.as_str(), place)),
                Rule::dangling => statement.broken.push(dangling(place)),
                _ => {}
            }
        }
        statement
    }
}

/// The place in the text of what was found in the part of it that begins at `offset`.
pub(super) fn span(pair: &Pair<'_, Rule>, offset: usize) -> Span {
    let place = pair.as_span();
    Span {
        start: offset + place.start(),
        end: offset + place.end(),
    }
}

/// The quote that opens and is never closed, which need not be the first of the word.
fn unclosed(written: &str, place: Span) -> Diagnostic {
    let mut open = None;
    let mut characters = written.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' if open.is_none() => open = Some(at),
            '"' => open = None,
            '\\' => drop(characters.next()),
            _ => {}
        }
    }
    let start = place.start + open.unwrap_or_default();
    Diagnostic::error("this double quote is never closed", Span { start, end: place.end })
        .label("no `\"` from here to the end of the line")
        .help("close it on the same line, or write `\\\"` for the character itself")
}

fn dangling(place: Span) -> Diagnostic {
    Diagnostic::error(
        "a backslash at the end of a line",
        Span {
            start: place.end - 1,
            end: place.end,
        },
    )
    .label("there is no character left for it to take literally")
    .help("a line cannot be continued on the next one; write `\\\\` for the character itself")
    .help("put a word that ends in a blank in double quotes")
}

/// The first control character of the line. A tab separates words, or is quoted.
fn control_character(line: &str, offset: usize) -> Option<Diagnostic> {
    let (at, character) = line
        .char_indices()
        .find(|(_, character)| character.is_control() && *character != '\t')?;
    let start = offset + at;
    let place = Span {
        start,
        end: start + character.len_utf8(),
    };
    let what = match character {
        '\0' => "a NUL character".to_owned(),
        '\r' => "a carriage return that does not end the line".to_owned(),
        _ => format!("the control character {}", code_point(character)),
    };
    let help = match character {
        '\0' => "is this a text file? it may be a binary, or text in UTF-16",
        '\r' => "end every line in LF or CR LF",
        _ => "take it out; no name or value can hold control characters",
    };
    Some(
        Diagnostic::error(what, place)
            .label("not allowed in a Modelfile")
            .help(help),
    )
}

/// White space that looks like a blank and is none, as it comes along with text copied from a web page.
fn unusual_space(written: &str, place: Span) -> Option<Diagnostic> {
    let mut in_quotes = false;
    let mut characters = written.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => in_quotes = !in_quotes,
            '\\' => drop(characters.next()),
            _ if in_quotes || !is_unusual_space(character) => {}
            _ => {
                let start = place.start + at;
                let message = format!("the space {} is part of the word", code_point(character));
                return Some(
                    Diagnostic::warning(
                        message,
                        Span {
                            start,
                            end: start + character.len_utf8(),
                        },
                    )
                    .label("only plain spaces and tabs separate words")
                    .help(format!("if it is meant, put {} in double quotes", quoted(written))),
                );
            }
        }
    }
    None
}

/// White space other than blanks and control characters, such as U+00A0 and U+3000.
pub(super) fn is_unusual_space(character: char) -> bool {
    character.is_whitespace() && !character.is_ascii() && !character.is_control()
}
