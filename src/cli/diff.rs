use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::change::{self, replaced, sizes};
use super::exit::Failure;
use super::options::{self, Format, Shared};
use super::result::print;
use super::size::{human, plural};
use super::value::Named;
use super::{progress, registries};
use crate::artifact::read::{Stored, StoredLayer};
use crate::model::{Change, Counts, Diff, Difference, LayerDiff, Statement, brief, size};
use crate::modelfile::escape;
use crate::registry::Cancel;
use crate::store::stored::open;

/// The version of the JSON document.
const VERSION: u32 = 1;

/// Prints how one artifact differs from another.
pub fn run(options: &options::Diff, shared: &Shared) -> Result<(), Failure> {
    let ends = [&options.old, &options.new];
    let hosts: Vec<_> = ends
        .iter()
        .filter_map(|named| named.reference.location.host())
        .collect();
    let watcher = progress::watcher(shared.progress, false);
    let client = registries::with_options(&options.registry, &hosts, shared, watcher, &Cancel::default())?;
    let old = open(&options.old.reference, &client)?.artifact;
    let new = open(&options.new.reference, &client)?.artifact;
    let diff = Diff::new(&old, &new);
    let ends = [(&options.old, &old), (&options.new, &new)];
    let text = match options.format {
        Format::Json => json_document(ends, &diff),
        Format::Text if old.digest == new.digest => format!("the same artifact: {}\n", old.digest),
        Format::Text => text(ends, &diff),
    };
    print(&text)?;
    if options.exit_code && old.digest != new.digest {
        return Err(Failure::Differ);
    }
    Ok(())
}

/// For people: which two, what differs, and how much of it there is.
fn text(ends: [(&Named, &Stored); 2], diff: &Diff<'_>) -> String {
    let mut text = String::new();
    let mut line = |line: &str| {
        text.push_str(&escape(line));
        text.push('\n');
    };
    for (word, (place, stored)) in ["old", "new"].into_iter().zip(ends) {
        line(&format!("{word}  {}  {}", stored.digest, place.text));
    }
    for difference in &diff.artifact {
        line(&format!("  {}", artifact(difference)));
    }
    if !diff.uncompared.is_empty() {
        let names = diff.uncompared.join(", ");
        line(&format!(
            "  not compared, only one of the two formats has them: {names}"
        ));
    }
    let times = times(&diff.layers);
    for ((from, to), count) in times.iter().filter(|(_, count)| **count > 1) {
        let change = Change::Time {
            from: from.cloned(),
            to: to.cloned(),
        };
        line(&format!("  {count} layers: {}, nothing else", change::text(&change)));
    }
    for layer in &diff.layers {
        let told = only_time(layer).is_some_and(|time| times.get(&time).is_some_and(|count| *count > 1));
        if !layer.changes.is_empty() && !told {
            line(&format!("  {}", changed(layer)));
        }
    }
    let [old, new] = ends.map(|(_, stored)| size(stored));
    let Counts {
        same,
        changed,
        added,
        removed,
    } = diff.counts();
    let mut counts = vec![format!("{} the same", plural(same, "layer"))];
    for (count, word) in [(changed, "changed"), (added, "added"), (removed, "removed")] {
        if count > 0 {
            counts.push(format!("{count} {word}"));
        }
    }
    let size = if old == new {
        format!("size {}", human(new))
    } else {
        sizes(old, new)
    };
    let fresh = match diff.new_bytes {
        0 => String::new(),
        bytes => format!(", {} of it new", human(bytes)),
    };
    line(&format!("{}: {size}{fresh}", counts.join(", ")));
    text
}

/// A time of modification at both ends.
type Times<'a> = (Option<&'a String>, Option<&'a String>);

/// How many layers have another time and are the same else: with `--created`, most of them.
fn times<'a>(layers: &'a [LayerDiff<'_>]) -> BTreeMap<Times<'a>, usize> {
    let mut times = BTreeMap::new();
    for time in layers.iter().filter_map(only_time) {
        *times.entry(time).or_default() += 1;
    }
    times
}

fn only_time<'a>(layer: &'a LayerDiff<'_>) -> Option<Times<'a>> {
    match layer.changes.as_slice() {
        [Change::Time { from, to }] => Some((from.as_ref(), to.as_ref())),
        _ => None,
    }
}

fn artifact(difference: &Difference) -> String {
    match difference {
        Difference::Spec { from, to } => replaced("format of the artifact", Some(from.name()), Some(to.name())),
        Difference::ConfigType { from, to } => replaced("media type of the config", Some(from), Some(to)),
        Difference::Field { name, from, to } => {
            let stated = |statement| Some(statement).filter(|statement: &&Statement| !statement.is_nothing());
            replaced(name, stated(from), stated(to))
        }
        Difference::Annotation { key, from, to } => {
            let [from, to] = [from, to].map(|value| value.as_deref().map(|value| brief(key, value)));
            replaced(&format!("annotation {key}"), from, to)
        }
        Difference::Bytes => {
            "manifest or config have other bytes, which make no difference that is known here".to_owned()
        }
    }
}

fn changed(layer: &LayerDiff<'_>) -> String {
    let (kind, name) = layer.new.or(layer.old).map_or(("", String::new()), |layer| {
        let name = layer
            .path
            .clone()
            .unwrap_or_else(|| layer.descriptor.digest.to_string());
        (layer.kind_name().unwrap_or("unknown"), name)
    });
    let changes: Vec<_> = layer.changes.iter().map(change::text).collect();
    let size = match (layer.old, layer.new) {
        (None, Some(only)) | (Some(only), None) => format!(", {}", human(only.descriptor.size)),
        _ => String::new(),
    };
    format!("{kind:<9}  {name}: {}{size}", changes.join(", "))
}

/// For machines (docs/output.md).
fn json_document(ends: [(&Named, &Stored); 2], diff: &Diff<'_>) -> String {
    let [old, new] = ends.map(|(place, stored)| {
        json!({
            "reference": place.text,
            "digest": stored.digest,
            "spec": stored.dialect.name(),
            "layers": stored.layers.len(),
            "size": size(stored),
        })
    });
    let Counts {
        same,
        changed,
        added,
        removed,
    } = diff.counts();
    let document = json!({
        "version": VERSION,
        "same": ends[0].1.digest == ends[1].1.digest,
        "old": old,
        "new": new,
        "artifact": diff.artifact.iter().map(artifact_json).collect::<Vec<_>>(),
        "uncompared": diff.uncompared,
        "layers": diff.layers.iter().map(layer_json).collect::<Vec<_>>(),
        "counts": {"same": same, "changed": changed, "added": added, "removed": removed},
        "newBytes": diff.new_bytes,
    });
    format!("{document:#}\n")
}

fn artifact_json(difference: &Difference) -> Value {
    match difference {
        Difference::Spec { from, to } => {
            json!({"reason": "spec", "from": from.name(), "to": to.name()})
        }
        Difference::ConfigType { from, to } => json!({"reason": "configType", "from": from, "to": to}),
        Difference::Field { name, from, to } => json!({"reason": "field", "name": name, "from": from, "to": to}),
        Difference::Annotation { key, from, to } => {
            json!({"reason": "annotation", "name": key, "from": from, "to": to})
        }
        Difference::Bytes => json!({"reason": "bytes"}),
    }
}

fn layer_json(layer: &LayerDiff<'_>) -> Value {
    let end = |layer: &StoredLayer| {
        json!({
            "path": layer.path,
            "kind": layer.kind_name(),
            "mediaType": layer.descriptor.media_type,
            "digest": layer.descriptor.digest,
            "size": layer.descriptor.size,
        })
    };
    json!({
        "old": layer.old.map(end),
        "new": layer.new.map(end),
        "changes": layer.changes.iter().map(change::json).collect::<Vec<_>>(),
    })
}
