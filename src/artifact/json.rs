//! JSON bytes as Go's `encoding/json` writes them (1.22 and later).
//!
//! The field's tools are Go programs, and some serialise a document anew before they hash it; only bytes that survive
//! that keep their digest (`docs/decisions/0004-json-bytes.md`). What differs from `serde_json` is inside strings: `<`,
//! `>`, `&`, U+2028 and U+2029 are escaped there. Members stand in struct order, maps must be sorted by their type.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Compact JSON.
///
/// # Errors
/// When `value` cannot be JSON, such as a map whose keys are not strings; none of this crate's types is.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::new();
    write(&mut bytes, value)?;
    Ok(bytes)
}

/// Compact JSON, behind what is in `bytes`.
///
/// # Errors
/// As [`to_vec`].
pub fn write<T: Serialize + ?Sized>(bytes: &mut Vec<u8>, value: &T) -> Result<(), serde_json::Error> {
    value.serialize(&mut Serializer::with_formatter(bytes, Go))
}

/// Compact JSON as text: for JSON inside a JSON string.
///
/// # Errors
/// As [`to_vec`].
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    String::from_utf8(to_vec(value)?).map_err(serde::ser::Error::custom)
}

/// `serde_json`'s compact format already escapes quotes, backslashes and control characters as Go does.
struct Go;

impl Formatter for Go {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((plain, special, after)) = split_at_special(rest) {
            writer.write_all(plain.as_bytes())?;
            write!(writer, "\\u{:04x}", u32::from(special))?;
            rest = after;
        }
        writer.write_all(rest.as_bytes())
    }
}

/// What stands before the first character that Go escapes and `serde_json` does not, that character, and the rest.
fn split_at_special(text: &str) -> Option<(&str, char, &str)> {
    // Most text has none. Looked at without stopping, sixteen bytes take as long as one; U+2028 and U+2029 begin with 0xE2.
    let found = |any, byte| any | matches!(byte, b'<' | b'>' | b'&' | 0xe2);
    if !text.bytes().fold(false, found) {
        return None;
    }
    let (at, special) = text
        .char_indices()
        .find(|(_, c)| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}'))?;
    let (plain, tail) = text.split_at_checked(at)?;
    let after = tail.strip_prefix(special)?;
    Some((plain, special, after))
}
