use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Findings, taken_as};
use crate::modelfile::show::quoted;
use crate::modelfile::{Diagnostic, Span};

/// `CUTOFF`: an RFC 3339 date and time, which the schema's `date-time` means; a date alone is its first second in UTC.
pub fn cutoff(text: &str, span: Span, found: &mut Findings) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    if is_moment(&upper) {
        return Some(upper);
    }
    if has_shape(text.as_bytes(), b"0000-00-00") && text.parse::<Date>().is_ok() {
        let midnight = format!("{text}T00:00:00Z");
        found.push(taken_as(text, &midnight, span));
        return Some(midnight);
    }
    let leap = upper.get(SECONDS) == Some(":60");
    let problem = Diagnostic::error(format!("{} is not a date", quoted(text)), span).label(if leap {
        "readers of the artifact refuse the second 60"
    } else {
        "expected a date and time as RFC 3339 has them"
    });
    let month = format!("{text}-01");
    let mut spaced = upper.replacen(' ', "T", 1);
    if leap {
        spaced.replace_range(SECONDS, ":59");
    }
    let in_utc = format!("{spaced}Z");
    found.push(
        if has_shape(text.as_bytes(), b"0000-00") && month.parse::<Date>().is_ok() {
            problem.help(format!("state a day: `CUTOFF {month}`"))
        } else if let Some(meant) = [spaced, in_utc].into_iter().find(|text| is_moment(text)) {
            problem.help(format!("did you mean `{meant}`?"))
        } else {
            problem.help("write it as in `CUTOFF 2024-06-01T00:00:00Z`, or the day alone: `CUTOFF 2024-06-01`")
        },
    );
    None
}

/// Where the seconds stand.
const SECONDS: Range<usize> = 16..19;

/// Whether the text is a moment that every reader takes. RFC 3339 has leap seconds, but validators of the schema's
/// `date-time` refuse the second 60: some always, the others anywhere but at the end of a day.
fn is_moment(upper: &str) -> bool {
    is_rfc_3339(upper) && upper.get(SECONDS) != Some(":60") && upper.parse::<Timestamp>().is_ok()
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
