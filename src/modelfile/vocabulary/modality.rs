use super::{Findings, taken_as};
use crate::modelfile::show::{either, nearest, quoted};
use crate::modelfile::{Diagnostic, Modality, Span};

/// `INPUT` and `OUTPUT`: what a model takes or gives, from the schema's closed list.
pub fn modality(text: &str, span: Span, found: &mut Findings) -> Option<Modality> {
    let lower = text.to_lowercase();
    if let Some(modality) = Modality::ALL.into_iter().find(|modality| modality.name() == lower) {
        if lower != text {
            found.push(taken_as(text, modality.name(), span));
        }
        return Some(modality);
    }
    let words = || Modality::ALL.into_iter().map(Modality::name);
    let problem = Diagnostic::error(format!("unknown modality {}", quoted(text)), span)
        .label(format!("expected {}", either(words())));
    found.push(match nearest(text, words()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("what is none of these is `other`"),
    });
    None
}
