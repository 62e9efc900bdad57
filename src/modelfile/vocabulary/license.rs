use spdx::error::Reason;
use spdx::identifiers::{EXCEPTIONS, LICENSES};
use spdx::{Expression, ParseError, ParseMode};

use super::{Findings, taken_as};
use crate::modelfile::show::{nearest, quoted};
use crate::modelfile::{Diagnostic, Span};

/// `LICENSE`: an SPDX licence expression, in the list's own spelling.
pub fn license(text: &str, span: Span, found: &mut Findings) -> Option<String> {
    let spelt = spelling(text);
    let lenient = ParseMode {
        allow_deprecated: true,
        ..ParseMode::STRICT
    };
    if let Err(error) = Expression::parse_mode(&spelt, lenient) {
        found.push(invalid(&spelt, &error, span));
        return None;
    }
    if spelt != text {
        found.push(taken_as(text, &spelt, span));
    }
    if let Err(error) = Expression::parse_mode(&spelt, ParseMode::STRICT) {
        found.push(deprecated(spelt.get(error.span).unwrap_or_default().trim(), span));
    }
    Some(spelt)
}

fn invalid(spelt: &str, error: &ParseError, span: Span) -> Diagnostic {
    let term = spelt.get(error.span.clone()).unwrap_or_default().trim();
    let problem = Diagnostic::error(format!("{} is not an SPDX licence expression", quoted(spelt)), span);
    match error.reason {
        Reason::UnknownTerm | Reason::UnknownLicense | Reason::UnknownException => {
            let problem = problem.label(format!("SPDX lists no {}", quoted(term)));
            // Names with blanks, such as `GPL v3`, fail at one of their words; they are looked up as a whole first.
            problem.help(match near(spelt).or_else(|| near(term)) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!(
                    "a licence that SPDX does not list is written {}",
                    quoted(&own_name(term))
                ),
            })
        }
        Reason::GnuNoPlus | Reason::GnuPlusWithSuffix => problem
            .label(error.reason.to_string())
            .help("write `-or-later` in place of `+`"),
        Reason::InvalidCharacters if term.starts_with([',', '/', '&', '|']) => problem
            .label("names are joined with `AND` or `OR`")
            .help("write it as in `LICENSE \"MIT OR Apache-2.0\"`, or give each licence a line of its own"),
        _ => problem
            .label(error.reason.to_string())
            .help("write it as in `LICENSE Apache-2.0` or `LICENSE \"MIT OR Apache-2.0\"`"),
    }
}

/// What a licence of one's own is called in an expression: letters, digits, `-` and `.` only.
fn own_name(term: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '.';
    let name: String = term
        .chars()
        .map(|letter| if allowed(letter) { letter } else { '-' })
        .collect();
    format!("LicenseRef-{name}")
}

fn deprecated(term: &str, span: Span) -> Diagnostic {
    let problem = Diagnostic::warning(format!("the licence name {} is deprecated by SPDX", quoted(term)), span);
    match gnu(term) {
        Some(base) => problem.help(format!("say `{base}-only` or `{base}-or-later`")),
        None => problem.help("look its successor up in the SPDX licence list"),
    }
}

/// The operators of an expression, which the parser knows in capitals only.
const OPERATORS: [&str; 3] = ["AND", "OR", "WITH"];

/// The expression with its operators in capitals, and every name that SPDX lists in the list's own case.
fn spelling(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len());
    for piece in text.split_inclusive([' ', '\t', '(', ')']) {
        let name = piece.trim_end_matches([' ', '\t', '(', ')']);
        if let Some(operator) = OPERATORS.iter().find(|operator| operator.eq_ignore_ascii_case(name)) {
            spelt.push_str(operator);
            spelt.push_str(piece.get(name.len()..).unwrap_or_default());
            continue;
        }
        // `GPL-2.0+` is a name of the list, `Apache-2.0+` a name and an operator.
        let plain = name.strip_suffix('+').unwrap_or(name);
        let (written, known) = listed(name).map_or((plain, listed(plain)), |known| (name, Some(known)));
        spelt.push_str(known.unwrap_or(written));
        spelt.push_str(piece.get(written.len()..).unwrap_or_default());
    }
    spelt
}

fn listed(name: &str) -> Option<&'static str> {
    names().find(|known| known.eq_ignore_ascii_case(name))
}

fn names() -> impl Iterator<Item = &'static str> {
    let exceptions = EXCEPTIONS.iter().map(|exception| exception.name);
    LICENSES.iter().map(|license| license.name).chain(exceptions)
}

/// The name that a misspelt or informal one is likely to stand for: `apache2`, `gplv3`, `MIT License`.
fn near(term: &str) -> Option<&'static str> {
    let informal = spdx::imprecise_license_id(term).filter(|(_, length)| *length == term.len());
    informal
        .map(|(license, _)| license.name)
        .or_else(|| nearest(term, names()))
}

/// `GPL-3.0` of a deprecated `GPL-3.0` or `GPL-3.0+`.
fn gnu(term: &str) -> Option<&str> {
    let base = term.strip_suffix('+').unwrap_or(term);
    let is_gnu = ["GPL-", "LGPL-", "AGPL-", "GFDL-"]
        .iter()
        .any(|family| base.starts_with(family));
    (is_gnu && listed(&format!("{base}-only")).is_some()).then_some(base)
}
