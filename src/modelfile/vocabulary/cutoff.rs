use jiff::Timestamp;
use jiff::civil::Date;

use super::{Findings, taken_as};
use crate::modelfile::show::quoted;
use crate::modelfile::{Diagnostic, Span};

/// `CUTOFF`: an RFC 3339 date and time, which the schema's `date-time` means; a date alone is its first second in UTC.
pub fn cutoff(text: &str, span: Span, found: &mut Findings) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    if is_rfc_3339(&upper) && upper.parse::<Timestamp>().is_ok() {
        return Some(upper);
    }
    if has_shape(text.as_bytes(), b"0000-00-00") && text.parse::<Date>().is_ok() {
        let midnight = format!("{text}T00:00:00Z");
        found.push(taken_as(text, &midnight, span));
        return Some(midnight);
    }
    let problem = Diagnostic::error(format!("{} is not a date", quoted(text)), span)
        .label("expected a date and time as RFC 3339 has them");
    let month = format!("{text}-01");
    let spaced = upper.replacen(' ', "T", 1);
    let in_utc = format!("{spaced}Z");
    found.push(
        if has_shape(text.as_bytes(), b"0000-00") && month.parse::<Date>().is_ok() {
            problem.help(format!("state a day: `CUTOFF {month}`"))
        } else if let Some(meant) = [spaced, in_utc]
            .into_iter()
            .find(|text| is_rfc_3339(text) && text.parse::<Timestamp>().is_ok())
        {
            problem.help(format!("did you mean `{meant}`?"))
        } else {
            problem.help("write it as in `CUTOFF 2024-06-01T00:00:00Z`, or the day alone: `CUTOFF 2024-06-01`")
        },
    );
    None
}

/// Whether the text has the form that RFC 3339 section 5.6 asks for; jiff reads more forms than that.
fn is_rfc_3339(upper: &str) -> bool {
    let Some((local, rest)) = upper.as_bytes().split_at_checked("0000-00-00T00:00:00".len()) else {
        return false;
    };
    let fraction = match rest {
        [b'.', digits @ ..] => 1 + digits.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        _ => 0,
    };
    let offset = rest.get(fraction..).unwrap_or_default();
    has_shape(local, b"0000-00-00T00:00:00")
        && fraction != 1
        && (offset == b"Z" || has_shape(offset, b"+00:00") || has_shape(offset, b"-00:00"))
}

/// Whether `text` is `shape` with any digits in place of its zeros.
fn has_shape(text: &[u8], shape: &[u8]) -> bool {
    text.len() == shape.len()
        && text.iter().zip(shape).all(|(byte, form)| {
            if *form == b'0' {
                byte.is_ascii_digit()
            } else {
                byte == form
            }
        })
}
