//! Why an artifact and its layers are (not) made again, for people and for machines.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::size::human;
use crate::build::explain::{Change, Explanation, LineChange, Origin, Reason};
use crate::modelfile::escape;
use crate::plan::Plan;

/// For people: what makes the artifact another one, then a line a layer.
pub fn text(plan: &Plan, explanation: &Explanation, origins: &[Origin]) -> String {
    let mut text = String::new();
    let mut line = |line: &str| {
        text.push_str(&escape(line));
        text.push('\n');
    };
    match explanation.artifact.as_slice() {
        [] => line("the artifact is what it was"),
        [Reason::First] => line("no earlier build of this Modelfile to this place is on record"),
        reasons => {
            line("the artifact is not what it was:");
            for reason in reasons {
                line(&format!("  {}", artifact(reason)));
            }
        }
    }
    for ((file, changes), origin) in plan.files.iter().zip(&explanation.layers).zip(origins) {
        let known = explanation.artifact.as_slice() != [Reason::First];
        line(&format!(
            "  {:<9}  {}: {}",
            file.kind,
            file.path,
            layer(changes, origin, known)
        ));
    }
    text
}

fn artifact(reason: &Reason) -> String {
    match reason {
        Reason::First => "no earlier build is on record".to_owned(),
        Reason::Line(LineChange { line, from, to }) => match (from, to) {
            (Some(from), Some(to)) => format!("Modelfile line {line}: `{from}` is now `{to}`"),
            (None, Some(to)) => format!("Modelfile line {line}: `{to}` is new"),
            (Some(from), None) => format!("Modelfile line {line}: `{from}` is gone"),
            (None, None) => format!("Modelfile line {line}"),
        },
        Reason::Setting { name, from, to } => match (from, to) {
            (Some(from), Some(to)) => format!("{name}: `{from}` is now `{to}`"),
            (None, Some(to)) => format!("{name}: `{to}` is new"),
            (Some(from), None) => format!("{name}: `{from}` is gone"),
            (None, None) => name.clone(),
        },
        Reason::Layers(1) => "1 layer is new or changed".to_owned(),
        Reason::Layers(count) => format!("{count} layers are new or changed"),
        Reason::Removed(path) => format!("the layer `{path}` is gone"),
    }
}

/// What happened to a layer, and how its digest is known.
fn layer(changes: &[Change], origin: &Origin, known: bool) -> String {
    let mut parts: Vec<_> = changes.iter().map(change).collect();
    if parts.is_empty() && known {
        parts.push("unchanged".to_owned());
    }
    parts.push(match origin {
        // It was written within two seconds of its last hashing, or the cache lost it.
        Origin::Read if changes.is_empty() && known => "not in the cache: read".to_owned(),
        Origin::Read => "read".to_owned(),
        Origin::Cached { when, path } => format!("cached, hashed {} as `{path}`", time(*when)),
        Origin::Stated(place) => format!("digest stated in {place}"),
        Origin::Inherited(base) => format!("inherited from `{base}`"),
        Origin::Empty => "empty".to_owned(),
    });
    parts.join(", ")
}

fn change(change: &Change) -> String {
    match change {
        Change::New => "new".to_owned(),
        Change::Size { from, to } if human(*from) == human(*to) => format!("size {from} → {to} bytes"),
        Change::Size { from, to } => format!("size {} → {}", human(*from), human(*to)),
        Change::Content => "content changed".to_owned(),
        Change::Touched => "touched, content unchanged".to_owned(),
        Change::Unread => "touched".to_owned(),
        Change::Kind { from, to } => format!("{from} → {to}"),
        Change::Executable(true) => "executable now".to_owned(),
        Change::Executable(false) => "not executable any more".to_owned(),
        Change::Envelope => "other tar header".to_owned(),
        Change::Line(line) => format!("Modelfile line {line} changed"),
    }
}

fn time(seconds: u64) -> String {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map_or_else(|| seconds.to_string(), |time| time.to_string())
}

/// For machines: the member `why` of the JSON documents (docs/output.md).
pub fn json(plan: &Plan, explanation: &Explanation, origins: &[Origin]) -> Value {
    let layer = |((file, changes), origin): ((&crate::plan::PlannedFile, &Vec<Change>), &Origin)| {
        json!({
            "path": file.path,
            "changes": changes.iter().map(change_json).collect::<Vec<_>>(),
            "digest": origin_json(origin),
        })
    };
    json!({
        "artifact": explanation.artifact.iter().map(reason_json).collect::<Vec<_>>(),
        "layers": plan.files.iter().zip(&explanation.layers).zip(origins).map(layer).collect::<Vec<_>>(),
    })
}

fn reason_json(reason: &Reason) -> Value {
    match reason {
        Reason::First => json!({"reason": "first"}),
        Reason::Line(LineChange { line, from, to }) => {
            json!({"reason": "modelfile", "line": line, "from": from, "to": to})
        }
        Reason::Setting { name, from, to } => json!({"reason": "option", "name": name, "from": from, "to": to}),
        Reason::Layers(count) => json!({"reason": "layers", "count": count}),
        Reason::Removed(path) => json!({"reason": "removed", "path": path}),
    }
}

fn change_json(change: &Change) -> Value {
    match change {
        Change::New => json!({"change": "new"}),
        Change::Size { from, to } => json!({"change": "size", "from": from, "to": to}),
        Change::Content => json!({"change": "content"}),
        Change::Touched => json!({"change": "touched"}),
        Change::Unread => json!({"change": "unread"}),
        Change::Kind { from, to } => json!({"change": "kind", "from": from, "to": to}),
        Change::Executable(to) => json!({"change": "executable", "to": to}),
        Change::Envelope => json!({"change": "envelope"}),
        Change::Line(line) => json!({"change": "modelfile", "line": line}),
    }
}

/// How the digest is known.
pub fn origin_json(origin: &Origin) -> Value {
    match origin {
        Origin::Read => json!({"from": "read"}),
        Origin::Cached { when, path } => json!({"from": "cache", "hashed": time(*when), "as": path}),
        Origin::Stated(place) => json!({"from": "stated", "in": place}),
        Origin::Inherited(base) => json!({"from": "base", "base": base}),
        Origin::Empty => json!({"from": "empty"}),
    }
}
