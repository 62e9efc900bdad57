use isolang::Language;

use super::{Findings, taken_as};
use crate::modelfile::show::quoted;
use crate::modelfile::{Diagnostic, Span};

/// `LANGUAGE`: an ISO 639-1 code. The schema asks for two lower-case letters, so a language that has no such code
/// cannot be stated.
pub fn language(text: &str, span: Span, found: &mut Findings) -> Option<String> {
    let lower = text.to_lowercase();
    let (code, region) = match lower.split_once(['-', '_']) {
        Some((code, _)) => (code, true),
        None => (lower.as_str(), false),
    };
    let language = Language::from_639_1(code).or_else(|| Language::from_639_3(code));
    let Some(short) = language.and_then(|language| language.to_639_1()) else {
        let problem = match language {
            Some(_) => Diagnostic::error(format!("the language {} has no two-letter code", quoted(text)), span)
                .help("the ModelPack config knows ISO 639-1 codes only; say it in `DESCRIPTION`"),
            None => Diagnostic::error(format!("unknown language {}", quoted(text)), span)
                .help("write it as in `LANGUAGE en`, one line for each"),
        };
        found.push(problem.label("expected an ISO 639-1 code: two lower-case letters"));
        return None;
    };
    if short != text {
        let note = taken_as(text, short, span);
        found.push(if region {
            note.help("the ModelPack config has no room for regions and scripts")
        } else {
            note
        });
    }
    Some(short.to_owned())
}
