//! What JSON must look like, written down as data.

use serde_json::Value;

use super::rule::{CONFIG_MISSING, CONFIG_UNKNOWN, CONFIG_VALUE, Rule};
use crate::digest::Digest;
use crate::modelfile::is_time;

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A text.
    Text,
    /// A text of at least one character.
    Name,
    /// A text with a date and a time, as RFC 3339 has it.
    Time,
    /// `true` or `false`.
    Flag,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number from 0 to this.
    UpTo(u64),
    /// One of these texts.
    Word(&'static [&'static str]),
    /// A text of two lower-case letters.
    Language,
    /// A SHA-256 digest.
    Digest,
    /// Any number of such.
    List(&'static Self),
    /// At least one of such.
    Some(&'static Self),
    /// Any members, each such.
    Map(&'static Self),
    /// These members and no other.
    Closed(&'static [Member]),
    /// These members and any others.
    Open(&'static [Member]),
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    pub name: &'static str,
    pub shape: Shape,
    pub required: bool,
}

/// One that may be left out.
pub const fn may(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        shape,
        required: false,
    }
}

/// One that must be there.
pub const fn must(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        shape,
        required: true,
    }
}

impl Shape {
    /// Tells `report` of all that is not so in `value`, which stands at `at`.
    pub fn judge(&self, value: &Value, at: &str, report: &mut impl FnMut(Rule, String)) {
        match (self, value) {
            (Self::Some(_), Value::Array(values)) if values.is_empty() => {
                report(CONFIG_VALUE, format!("{} is empty", shown(at)));
            }
            (Self::List(shape) | Self::Some(shape), Value::Array(values)) => each(shape, values, at, report),
            (Self::Map(shape), Value::Object(members)) => {
                for (name, value) in members {
                    shape.judge(value, &join(at, name), report);
                }
            }
            (Self::Closed(known) | Self::Open(known), Value::Object(members)) => {
                for member in *known {
                    let at = join(at, member.name);
                    match members.get(member.name) {
                        Some(value) => member.shape.judge(value, &at, report),
                        None if member.required => report(CONFIG_MISSING, format!("{} is missing", shown(&at))),
                        None => {}
                    }
                }
                if matches!(self, Self::Closed(_)) {
                    for name in members
                        .keys()
                        .filter(|name| known.iter().all(|member| member.name != *name))
                    {
                        report(
                            CONFIG_UNKNOWN,
                            format!("{} is none of the specification's", shown(&join(at, name))),
                        );
                    }
                }
            }
            (shape, value) if !shape.fits(value) => {
                report(CONFIG_VALUE, format!("{} is not {}", shown(at), shape.wanted()));
            }
            _ => {}
        }
    }

    /// Whether a value that holds no others is such.
    fn fits(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Text => text.is_some(),
            Self::Name => text.is_some_and(|text| !text.is_empty()),
            Self::Time => text.is_some_and(is_time),
            Self::Flag => value.is_boolean(),
            Self::Int32 => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            Self::UpTo(most) => value.as_u64().is_some_and(|number| number <= *most),
            Self::Word(words) => text.is_some_and(|text| words.contains(&text)),
            Self::Language => text.is_some_and(|text| text.len() == 2 && text.bytes().all(|b| b.is_ascii_lowercase())),
            Self::Digest => text.is_some_and(|text| text.parse::<Digest>().is_ok()),
            Self::List(_) | Self::Some(_) | Self::Map(_) | Self::Closed(_) | Self::Open(_) => false,
        }
    }

    fn wanted(&self) -> String {
        match self {
            Self::Text => "a text",
            Self::Name => "a text of at least one character",
            Self::Time => "a time as RFC 3339 has it",
            Self::Flag => "`true` or `false`",
            Self::Int32 => "a whole number of 32 bits",
            Self::UpTo(most) => return format!("a whole number from 0 to {most}"),
            Self::Word([word]) => return format!("`{word}`"),
            Self::Word(words) => return format!("one of `{}`", words.join("`, `")),
            Self::Language => "a language of two lower-case letters",
            Self::Digest => "a SHA-256 digest",
            Self::List(_) | Self::Some(_) => "an array",
            Self::Map(_) | Self::Closed(_) | Self::Open(_) => "an object",
        }
        .to_owned()
    }
}

fn each(shape: &Shape, values: &[Value], at: &str, report: &mut impl FnMut(Rule, String)) {
    for (index, value) in values.iter().enumerate() {
        shape.judge(value, &format!("{at}[{index}]"), report);
    }
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}

fn shown(at: &str) -> String {
    if at.is_empty() {
        "it".to_owned()
    } else {
        format!("`{at}`")
    }
}
