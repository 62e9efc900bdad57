use super::Findings;
use crate::modelfile::show::quoted;
use crate::modelfile::{Diagnostic, Span};

/// `CONTEXT`: tokens, from 1 to 2³¹ − 1, because Docker's `context_size` is an int32.
pub fn context(text: &str, span: Span, found: &mut Findings) -> Option<u32> {
    const MOST: u32 = i32::MAX.cast_unsigned();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        match text.parse::<u32>() {
            Ok(size @ 1..=MOST) => return Some(size),
            Ok(0) => found.push(
                Diagnostic::error("a context of no tokens", span)
                    .label("expected 1 at least")
                    .help("leave the line out if the size is not known"),
            ),
            _ => found.push(
                Diagnostic::error(format!("a context of {} tokens is too large", quoted(text)), span)
                    .label(format!("expected {MOST} at most")),
            ),
        }
        return None;
    }
    let problem =
        Diagnostic::error(format!("{} is not a number of tokens", quoted(text)), span).label("expected digits only");
    found.push(match meant(text) {
        Some(size) => problem.help(format!("did you mean `{size}`?")),
        None => problem.help("write it as in `CONTEXT 8192`"),
    });
    None
}

/// `8k`, `128K`, `1M`, `8_192`, `8,192`, `8192 tokens` as a number; `k` is 1024, as model cards mean it.
fn meant(text: &str) -> Option<u32> {
    let lower = text.to_lowercase();
    let number = lower.strip_suffix("tokens").unwrap_or(&lower).trim_end();
    let (digits, unit) = match (number.strip_suffix('k'), number.strip_suffix('m')) {
        (Some(digits), _) => (digits, 1 << 10),
        (_, Some(digits)) => (digits, 1 << 20),
        _ => (number, 1),
    };
    let digits = digits.replace(['_', ','], "");
    digits
        .parse::<u32>()
        .ok()?
        .checked_mul(unit)
        .filter(|size| (1..=i32::MAX.cast_unsigned()).contains(size))
}
