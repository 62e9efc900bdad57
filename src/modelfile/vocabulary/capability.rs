use super::{Findings, taken_as};
use crate::modelfile::show::{either, nearest, quoted};
use crate::modelfile::{Diagnostic, Span};

/// What a model can do beside answering (`ModelPack` config, `capabilities`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    Reasoning,
    Tools,
    Reward,
}

const WORDS: [(&str, Capability); 3] = [
    ("reasoning", Capability::Reasoning),
    ("tools", Capability::Tools),
    ("reward", Capability::Reward),
];

/// The schema's own spelling and what others call it.
const ALIASES: [(&str, &str); 6] = [
    ("toolusage", "tools"),
    ("tool_usage", "tools"),
    ("tool_use", "tools"),
    ("tool", "tools"),
    ("thinking", "reasoning"),
    ("reason", "reasoning"),
];

/// `CAPABILITY`.
pub fn capability(text: &str, span: Span, found: &mut Findings) -> Option<Capability> {
    let lower = text.to_lowercase().replace('-', "_");
    let alias = ALIASES.iter().find(|(alias, _)| *alias == lower).map(|(_, word)| *word);
    let word = alias.unwrap_or(&lower);
    if let Some((word, capability)) = WORDS.iter().find(|(known, _)| *known == word) {
        if *word != text {
            found.push(taken_as(text, word, span));
        }
        return Some(*capability);
    }
    let words = || WORDS.iter().map(|(word, _)| *word);
    let problem = Diagnostic::error(format!("unknown capability {}", quoted(text)), span)
        .label(format!("expected {}", either(words())));
    found.push(match nearest(text, words()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("what a model takes and gives is said with `INPUT` and `OUTPUT`"),
    });
    None
}
