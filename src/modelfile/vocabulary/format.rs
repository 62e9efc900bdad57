use super::{Findings, taken_as};
use crate::modelfile::Span;

/// `FORMAT`: any word, in lower case, because Docker Model Runner compares it with `gguf` and `safetensors` as they
/// stand.
pub fn format(text: &str, span: Span, found: &mut Findings) -> String {
    let lower = text.to_lowercase();
    if lower != text {
        found.push(taken_as(text, &lower, span));
    }
    lower
}
