//! Between the stages: where a word has `${name}`, and what is wrong with what only looks like it.

use pest::Parser as _;
use pest::iterators::Pair;

use super::show::quoted;
use super::written::{Grammar, Rule, span};
use super::{Diagnostic, Span, Spanned};

/// A part of a word as written.
pub(super) enum Piece<'a> {
    /// Text without references, with quotes and backslashes.
    Text(&'a str),
    /// `${name}`: the name, and the place of the whole.
    Reference(Spanned<&'a str>),
    /// `${` and no reference.
    Malformed(Diagnostic),
}

/// The parts of a word.
pub(super) fn pieces<'a>(word: &Spanned<&'a str>) -> impl Iterator<Item = Piece<'a>> {
    let Spanned { value, span: place } = *word;
    let pieces = match Grammar::parse(Rule::pieces, value) {
        Ok(pairs) => Ok(pairs.flat_map(Pair::into_inner)),
        // The grammar matches every word; should a change to it break that, this says so at the place.
        Err(error) => {
            let message = format!("this word cannot be read: {}", error.variant.message());
            Err(Piece::Malformed(Diagnostic::error(message, place)))
        }
    };
    let (pairs, failed) = pieces.map_or_else(|failed| (None, Some(failed)), |pairs| (Some(pairs), None));
    let known = pairs.into_iter().flatten().filter_map(move |pair| {
        let at = span(&pair, place.start);
        match pair.as_rule() {
            Rule::text => Some(Piece::Text(pair.as_str())),
            Rule::reference => {
                let name = pair.into_inner().next()?;
                Some(Piece::Reference(Spanned::new(name.as_str(), at)))
            }
            Rule::opening => {
                let rest = value.get(at.start - place.start..).unwrap_or_default();
                Some(Piece::Malformed(malformed(rest, at.start)))
            }
            _ => None,
        }
    });
    known.chain(failed)
}

/// Whether `text` can be the name of an argument: a letter or `_`, then letters, digits and `_`.
pub(super) fn is_name(text: &str) -> bool {
    Grammar::parse(Rule::name, text).is_ok_and(|name| name.as_str() == text)
}

/// What is wrong with a `${` that opens `rest` of a word.
fn malformed(rest: &str, start: usize) -> Diagnostic {
    let Some(length) = rest.find('}') else {
        let end = start + rest.len();
        return Diagnostic::error("this `${` is never closed", Span { start, end })
            .label("no `}` from here to the end of the word")
            .help("write it as in `${name}`, or `\\${` for the characters themselves");
    };
    let name = rest.get("${".len()..length).unwrap_or_default();
    let end = start + length + 1;
    let problem = not_a_name(name, Span { start, end });
    let literal = "write `\\${` for the characters themselves";
    match name.split_once([':', '-', '+', '?', '=']) {
        Some((name, default)) if is_name(name) && default.starts_with(['-', '=']) => problem
            .help(format!(
                "a default stands on the line of the `ARG`, as in `ARG {name}=value`"
            ))
            .help(literal),
        _ => problem.help(literal),
    }
}

/// What is wrong with a name.
pub(super) fn not_a_name(name: &str, span: Span) -> Diagnostic {
    let message = match name {
        "" => "an argument without a name".to_owned(),
        name => format!("{} is not a name for an argument", quoted(name)),
    };
    Diagnostic::error(message, span).label("a name is made of letters, digits and `_`, no digit first")
}
