use std::ops::Range;

use jiff::civil::Date;

use super::{Findings, taken_as};
use crate::modelfile::moment::{has_shape, is_time};
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
    is_time(upper) && upper.get(SECONDS) != Some(":60")
}
