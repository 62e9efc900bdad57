//! What happened to a layer, in words and as JSON: the same for `--explain` and `diff`.

use std::fmt::Display;

use serde_json::{Value, json};

use super::size::human;
use crate::model::Change;

/// For people; what was written by others is not escaped yet.
pub fn text(change: &Change) -> String {
    match change {
        Change::New => "new".to_owned(),
        Change::Removed => "gone".to_owned(),
        Change::Renamed { from: Some(from), .. } => format!("renamed from `{from}`"),
        Change::Renamed { from: None, .. } => "named".to_owned(),
        Change::Kind { from, to } => format!("{from} → {to}"),
        Change::Executable(true) => "executable now".to_owned(),
        Change::Executable(false) => "not executable any more".to_owned(),
        Change::Encoding { from, to } => format!("{from} → {to}"),
        Change::MediaType { from, to } => format!("media type `{from}` → `{to}`"),
        Change::Size { from, to } => sizes(*from, *to),
        Change::Content => "content changed".to_owned(),
        Change::Packed => "content or tar header changed".to_owned(),
        Change::Compression => "compressed otherwise, same diff ID".to_owned(),
        Change::Uncompared => "content not compared".to_owned(),
        Change::Touched => "touched, content unchanged".to_owned(),
        Change::Unread => "touched".to_owned(),
        Change::Envelope => "other tar header".to_owned(),
        Change::Line(line) => format!("Modelfile line {line} changed"),
        Change::Mode { from, to } => {
            let octal = |mode: &Option<u64>| mode.map_or_else(|| "none".to_owned(), |mode| format!("{mode:04o}"));
            format!("mode {} → {}", octal(from), octal(to))
        }
        Change::Time { from, to } => {
            let shown = |time: &Option<String>| time.clone().unwrap_or_else(|| "none".to_owned());
            format!("time {} → {}", shown(from), shown(to))
        }
        Change::Annotation { key, from, to } => replaced(&format!("annotation {key}"), from.as_ref(), to.as_ref()),
        Change::Moved { from, to } => format!("place {from} → {to}"),
    }
}

/// `size 3 B → 4 B`, to the byte where three digits show no difference.
pub fn sizes(from: u64, to: u64) -> String {
    if human(from) == human(to) {
        format!("size {from} → {to} bytes")
    } else {
        format!("size {} → {}", human(from), human(to))
    }
}

/// That what `name` stands for has another value, or has one now, or none any more.
pub fn replaced<T: Display>(name: &str, from: Option<T>, to: Option<T>) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("{name}: `{from}` is now `{to}`"),
        (None, Some(to)) => format!("{name}: `{to}` is new"),
        (Some(from), None) => format!("{name}: `{from}` is gone"),
        (None, None) => name.to_owned(),
    }
}

/// For machines (docs/output.md).
pub fn json(change: &Change) -> Value {
    match change {
        Change::New => json!({"change": "new"}),
        Change::Removed => json!({"change": "removed"}),
        Change::Renamed { from, to } => json!({"change": "renamed", "from": from, "to": to}),
        Change::Kind { from, to } => json!({"change": "kind", "from": from, "to": to}),
        Change::Executable(to) => json!({"change": "executable", "to": to}),
        Change::Encoding { from, to } => json!({"change": "encoding", "from": from, "to": to}),
        Change::MediaType { from, to } => json!({"change": "mediaType", "from": from, "to": to}),
        Change::Size { from, to } => json!({"change": "size", "from": from, "to": to}),
        Change::Content => json!({"change": "content"}),
        Change::Packed => json!({"change": "packed"}),
        Change::Compression => json!({"change": "compression"}),
        Change::Uncompared => json!({"change": "uncompared"}),
        Change::Touched => json!({"change": "touched"}),
        Change::Unread => json!({"change": "unread"}),
        Change::Envelope => json!({"change": "envelope"}),
        Change::Line(line) => json!({"change": "modelfile", "line": line}),
        Change::Mode { from, to } => json!({"change": "mode", "from": from, "to": to}),
        Change::Time { from, to } => json!({"change": "time", "from": from, "to": to}),
        Change::Annotation { key, from, to } => {
            json!({"change": "annotation", "name": key, "from": from, "to": to})
        }
        Change::Moved { from, to } => json!({"change": "moved", "from": from, "to": to}),
    }
}
