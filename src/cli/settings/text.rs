//! Values of TOML to the text that would be typed for them.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::DeValue;

use super::{Key, Shape};
use crate::modelfile::{Diagnostic, Span, quoted};

/// A text and its place, or what stands there instead.
type Text = Result<(String, Span), Box<Diagnostic>>;

/// The values that `value` gives `key`.
pub fn texts(key: &Key, value: &Spanned<DeValue>) -> Vec<Text> {
    match (key.shape, value.get_ref()) {
        (Shape::Flag, DeValue::Boolean(on)) => vec![Ok((on.to_string(), span(value)))],
        (Shape::One, _) => vec![text(key, value)],
        (Shape::Many, DeValue::Array(values)) => values.iter().map(|value| text(key, value)).collect(),
        (Shape::Pairs, DeValue::Table(table)) => table.iter().map(|(name, value)| pair(key, name, value)).collect(),
        _ => vec![Err(Box::new(mismatch(key, value)))],
    }
}

/// The place of something.
pub fn span<T>(value: &Spanned<T>) -> Span {
    let range = value.span();
    Span {
        start: range.start,
        end: range.end,
    }
}

fn text(key: &Key, value: &Spanned<DeValue>) -> Text {
    let text = match value.get_ref() {
        DeValue::String(text) => text.clone().into_owned(),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(decimal) => decimal.to_string(),
            Err(_) => number.as_str().to_owned(),
        },
        DeValue::Datetime(time) => time.to_string(),
        _ => return Err(Box::new(mismatch(key, value))),
    };
    if text.contains('\0') {
        let finding = Diagnostic::error(format!("`{}` has a NUL character in it", key.name), span(value));
        return Err(Box::new(finding.help("nothing that can be typed has one")));
    }
    Ok((text, span(value)))
}

/// `KEY=VALUE` as it would be typed.
fn pair(key: &Key, name: &Spanned<Cow<str>>, value: &Spanned<DeValue>) -> Text {
    let shown = quoted(name.get_ref());
    if name.get_ref().contains('=') {
        let finding = Diagnostic::error(format!("{shown} has a `=` in it"), span(name));
        return Err(Box::new(
            finding.help("the first one ends the key where pairs are typed"),
        ));
    }
    if value.get_ref().is_table() {
        let finding = Diagnostic::error(format!("{shown} is a table, not a string"), span(name));
        return Err(Box::new(finding.help("a key with dots in it stands in quotes")));
    }
    let (value, place) = text(key, value)?;
    let whole = Span {
        start: span(name).start,
        end: place.end,
    };
    Ok((format!("{}={value}", name.get_ref()), whole))
}

fn mismatch(key: &Key, value: &Spanned<DeValue>) -> Diagnostic {
    let kind = match value.get_ref().type_str() {
        kind @ ("array" | "integer") => format!("an {kind}"),
        kind => format!("a {kind}"),
    };
    let (expected, example) = match key.shape {
        Shape::Flag => ("`true` or `false`", "true"),
        Shape::One => ("a string or an integer", "\"…\""),
        Shape::Many => ("a list of strings", "[\"…\", \"…\"]"),
        Shape::Pairs => ("a table of strings", "{ \"key\" = \"value\" }"),
    };
    let finding = Diagnostic::error(format!("`{}` takes {expected}, not {kind}", key.name), span(value));
    finding.help(format!("write `{} = {example}`", key.name))
}
