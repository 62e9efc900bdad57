use super::{Findings, taken_as};
use crate::modelfile::show::quoted;
use crate::modelfile::{Diagnostic, Span};

/// `PARAMSIZE`: a count with one decimal at most and a unit, such as `8B` or `0.5B`. Anything else is kept with a warning,
/// since `modctl` passes it on.
pub fn param_size(text: &str, span: Span, found: &mut Findings) -> String {
    if let Some(size) = normal(text) {
        let short = short(&size);
        if short != size {
            found.push(
                Diagnostic::warning(format!("{} has more than one decimal", quoted(text)), span)
                    .label("kept as it stands")
                    .help(format!("did you mean `{short}`?")),
            );
        } else if size != text {
            found.push(taken_as(text, &size, span));
        }
        return size;
    }
    let problem = Diagnostic::warning(format!("{} is not a parameter count", quoted(text)), span)
        .label("expected a count and one of the units K, M, B, T, Q");
    found.push(match meant(text) {
        Some(size) => problem.help(format!("did you mean `{}`?", short(&size))),
        None => problem.help("write it as in `PARAMSIZE 8B`; it is kept as it stands"),
    });
    text.to_owned()
}

/// The size with one decimal at most, in the next smaller unit where it is less than one of its own.
fn short(size: &str) -> String {
    const UNITS: &str = "KMBTQ";
    let (count, unit) = size.split_at(size.len().saturating_sub(1));
    let decimals = count.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let number: f64 = count.parse().unwrap_or_default();
    let (number, unit) = match UNITS.split_once(unit) {
        _ if decimals < 2 => return size.to_owned(),
        Some((smaller, _)) if number < 1.0 && !smaller.is_empty() => {
            (number * 1000.0, smaller.get(smaller.len() - 1..).unwrap_or(unit))
        }
        _ => (number, unit),
    };
    let count = format!("{number:.1}");
    format!("{}{unit}", count.strip_suffix(".0").unwrap_or(&count))
}

/// The count with its unit in upper case, if that is what `text` is.
fn normal(text: &str) -> Option<String> {
    let unit = text
        .chars()
        .last()
        .filter(|unit| "kmbtq".contains(unit.to_ascii_lowercase()))?;
    let count = text.strip_suffix(unit)?;
    let is_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = count.split_once('.').unwrap_or((count, "0"));
    (is_digits(whole) && is_digits(fraction)).then(|| format!("{count}{}", unit.to_ascii_uppercase()))
}

/// `7` as billions, `1.5 B`, `7 billion`, `7_000_000_000` and the like.
fn meant(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let number = lower
        .trim_end_matches("params")
        .trim_end_matches("parameters")
        .trim_end();
    let short = [
        ("thousand", "k"),
        ("million", "m"),
        ("billion", "b"),
        ("trillion", "t"),
        ("bn", "b"),
    ]
    .into_iter()
    .find_map(|(long, short)| number.strip_suffix(long).map(|count| format!("{count}{short}")))
    .unwrap_or_else(|| number.to_owned());
    let compact: String = decimal_comma(&short)
        .chars()
        .filter(|character| !matches!(character, ' ' | '_' | ','))
        .collect();
    normal(&compact).or_else(|| {
        let zeros = compact.len() - compact.trim_end_matches('0').len();
        [(12, "T"), (9, "B"), (6, "M"), (3, "K")]
            .into_iter()
            .find(|(digits, _)| zeros >= *digits)
            .and_then(|(digits, unit)| normal(&format!("{}{unit}", compact.get(..compact.len() - digits)?)))
            // A bare small number: people who leave the unit out mean billions.
            .or_else(|| {
                if compact.len() <= 4 {
                    normal(&format!("{compact}B"))
                } else {
                    None
                }
            })
    })
}

/// The text with a point for a lone comma that does not stand before three digits: `1,5b` is no 15 billion.
fn decimal_comma(text: &str) -> String {
    let digits = |rest: &str| rest.bytes().take_while(u8::is_ascii_digit).count();
    match text.split_once(',') {
        Some((_, rest)) if !rest.contains(',') && digits(rest) != 3 => text.replacen(',', ".", 1),
        _ => text.to_owned(),
    }
}
