//! Why an artifact and its layers are (not) made again, for people and for machines.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::change::{self, replaced};
use crate::build::explain::{Explanation, LineChange, Origin, Reason};
use crate::model::Change;
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
        Reason::Line(LineChange { line, from, to }) => {
            replaced(&format!("Modelfile line {line}"), from.as_ref(), to.as_ref())
        }
        Reason::Setting { name, from, to } => replaced(name, from.as_ref(), to.as_ref()),
        Reason::Layers(1) => "1 layer is new or changed".to_owned(),
        Reason::Layers(count) => format!("{count} layers are new or changed"),
        Reason::Removed(path) => format!("the layer `{path}` is gone"),
    }
}

/// What happened to a layer, and how its digest is known.
fn layer(changes: &[Change], origin: &Origin, known: bool) -> String {
    let mut parts: Vec<_> = changes.iter().map(change::text).collect();
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
            "changes": changes.iter().map(change::json).collect::<Vec<_>>(),
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
