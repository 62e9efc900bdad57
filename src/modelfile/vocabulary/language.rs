use isolang::Language;

use super::{Findings, taken_as};
use crate::modelfile::show::quoted;
use crate::modelfile::{Diagnostic, Span};

/// Codes of ISO 639-1 that were withdrawn, and what took their place; Java and Android wrote the first three for years.
const WITHDRAWN: [(&str, &str); 5] = [("iw", "he"), ("in", "id"), ("ji", "yi"), ("jw", "jv"), ("mo", "ro")];

/// The bibliographic codes of ISO 639-2, where they differ from the terminological ones that ISO 639-3 has.
const BIBLIOGRAPHIC: [(&str, &str); 20] = [
    ("alb", "sq"),
    ("arm", "hy"),
    ("baq", "eu"),
    ("bur", "my"),
    ("chi", "zh"),
    ("cze", "cs"),
    ("dut", "nl"),
    ("fre", "fr"),
    ("geo", "ka"),
    ("ger", "de"),
    ("gre", "el"),
    ("ice", "is"),
    ("mac", "mk"),
    ("mao", "mi"),
    ("may", "ms"),
    ("per", "fa"),
    ("rum", "ro"),
    ("slo", "sk"),
    ("tib", "bo"),
    ("wel", "cy"),
];

/// `LANGUAGE`: an ISO 639-1 code. The schema asks for two lower-case letters, so a language that has no such code
/// cannot be stated.
pub fn language(text: &str, span: Span, found: &mut Findings) -> Option<String> {
    let lower = text.to_lowercase();
    let (code, region) = match lower.split_once(['-', '_']) {
        Some((code, _)) => (code, true),
        None => (lower.as_str(), false),
    };
    let withdrawn = successor(code, &WITHDRAWN);
    let meant = withdrawn.or_else(|| successor(code, &BIBLIOGRAPHIC)).unwrap_or(code);
    let language = Language::from_639_1(meant).or_else(|| Language::from_639_3(meant));
    let Some(short) = language.and_then(|language| language.to_639_1()) else {
        found.push(unknown(text, code, language.is_some(), span));
        return None;
    };
    if short != text {
        let mut note = taken_as(text, short, span);
        if withdrawn.is_some() {
            note = note.help(format!("`{code}` is an old code, withdrawn from ISO 639-1"));
        }
        if region {
            note = note.help("the ModelPack config has no room for regions and scripts");
        }
        found.push(note);
    }
    Some(short.to_owned())
}

fn successor(code: &str, codes: &[(&str, &'static str)]) -> Option<&'static str> {
    codes.iter().find(|(old, _)| *old == code).map(|(_, new)| *new)
}

fn unknown(text: &str, code: &str, is_listed: bool, span: Span) -> Diagnostic {
    let label = "expected an ISO 639-1 code: two lower-case letters";
    if is_listed {
        Diagnostic::error(format!("the language {} has no two-letter code", quoted(text)), span)
            .label(label)
            .help("the ModelPack config knows ISO 639-1 codes only; say it in `DESCRIPTION`")
    } else if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase()) {
        Diagnostic::error(format!("unknown language {}", quoted(text)), span)
            .label("ISO 639-1 gives this code to no language")
            .help("write it as in `LANGUAGE en`, one line for each")
    } else {
        Diagnostic::error(format!("unknown language {}", quoted(text)), span)
            .label(label)
            .help("write it as in `LANGUAGE en`, one line for each")
    }
}
