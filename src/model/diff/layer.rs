use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::artifact::annotation::{self, FILE_METADATA};
use crate::artifact::media_type::DOCKER_FILE;
use crate::artifact::read::StoredLayer;
use crate::model::{Change, File, compare};
use crate::plan::LayerEncoding::{self, Raw};

/// What is another one in a layer than it was, its place left aside. `same_spec` is whether the artifacts speak one
/// dialect.
pub fn changes(old: &StoredLayer, new: &StoredLayer, same_spec: bool) -> Vec<Change> {
    let mut changes = Vec::new();
    if old.path != new.path {
        changes.push(Change::Renamed {
            from: old.path.clone(),
            to: new.path.clone(),
        });
    }
    let same_blob = old.descriptor.digest == new.descriptor.digest;
    let (from, to) = (metadata(old), metadata(new));
    // Docker's type for any file says less than ModelPack's: the kind is a guess from the name there.
    let guessed = |layer: &StoredLayer| !same_spec && layer.descriptor.media_type == DOCKER_FILE;
    let comparable = !guessed(old) && !guessed(new);
    let alike = old.encoding == new.encoding;
    let file = |layer: &StoredLayer, metadata: &Map<String, Value>| File {
        kind: comparable.then(|| layer.kind_name().unwrap_or("unknown")),
        executable: layer.executable,
        size: size(layer, metadata).filter(|_| !same_blob),
    };
    if !alike {
        changes.push(Change::Encoding {
            from: encoding(old.encoding),
            to: encoding(new.encoding),
        });
    }
    let found = compare(&file(old, &from), &file(new, &to), || content(old, new));
    let other_type = old.descriptor.media_type != new.descriptor.media_type;
    let known = old.kind.is_some() && new.kind.is_some();
    let told = !alike || old.kind != new.kind || !same_spec;
    if other_type && !(known && told) {
        changes.push(Change::MediaType {
            from: old.descriptor.media_type.clone(),
            to: new.descriptor.media_type.clone(),
        });
    }
    changes.extend(found);
    of_metadata(from, to, &mut changes);
    of_annotations(old, new, &mut changes);
    changes
}

fn encoding(encoding: Option<LayerEncoding>) -> &'static str {
    encoding.map_or("unknown", LayerEncoding::name)
}

/// The size of the file, where it is known: of the blob unless it is packed, for then the layer's metadata states it.
fn size(layer: &StoredLayer, metadata: &Map<String, Value>) -> Option<u64> {
    match layer.encoding {
        Some(Raw) | None => Some(layer.descriptor.size),
        Some(_) => metadata.get("size").and_then(Value::as_u64),
    }
}

/// What became of the content of a file that has the same size as before, or an unknown one.
fn content(old: &StoredLayer, new: &StoredLayer) -> Option<Change> {
    if old.descriptor.digest == new.descriptor.digest {
        return None;
    }
    // Of a raw layer the digest is at hand; a diff ID that is not the same would be a lie.
    let packed = |layer: &StoredLayer| !matches!(layer.encoding, Some(Raw) | None);
    let compressed = |layer: &StoredLayer| layer.encoding.is_some_and(LayerEncoding::is_compressed);
    if !packed(old) && !packed(new) {
        return Some(if old.encoding == new.encoding {
            Change::Content
        } else {
            Change::Uncompared
        });
    }
    if !packed(old) || !packed(new) {
        return Some(Change::Uncompared);
    }
    match (old.diff_id, new.diff_id) {
        (Some(from), Some(to)) if from == to && (compressed(old) || compressed(new)) => Some(Change::Compression),
        (Some(_), Some(_)) => Some(Change::Packed),
        _ if old.encoding == new.encoding => Some(Change::Packed),
        _ => Some(Change::Uncompared),
    }
}

/// The members of the file's metadata; none where it has none, or something else.
fn metadata(layer: &StoredLayer) -> Map<String, Value> {
    let text = annotation::file_metadata(&layer.descriptor.annotations);
    let mut members: Map<_, _> = text
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let name = layer.path.as_ref().and_then(|path| path.rsplit('/').next());
    if members.get("name").and_then(Value::as_str) == name {
        members.remove("name");
    }
    members
}

fn of_metadata(mut from: Map<String, Value>, mut to: Map<String, Value>, changes: &mut Vec<Change>) {
    let mode = |members: &mut Map<String, Value>| members.remove("mode").as_ref().and_then(Value::as_u64);
    let modes = (mode(&mut from), mode(&mut to));
    if modes.0 != modes.1 && !changes.iter().any(|change| matches!(change, Change::Executable(_))) {
        changes.push(Change::Mode {
            from: modes.0,
            to: modes.1,
        });
    }
    let time = |members: &mut Map<String, Value>| match members.remove("mtime") {
        Some(Value::String(time)) => Some(time),
        other => other.map(|time| time.to_string()),
    };
    let times = (time(&mut from), time(&mut to));
    if times.0 != times.1 {
        changes.push(Change::Time {
            from: times.0,
            to: times.1,
        });
    }
    if changes.iter().any(|change| matches!(change, Change::Size { .. })) {
        from.remove("size");
        to.remove("size");
    }
    if from != to {
        let text = |members: Map<String, Value>| (!members.is_empty()).then(|| Value::Object(members).to_string());
        changes.push(Change::Annotation {
            key: FILE_METADATA.to_owned(),
            from: text(from),
            to: text(to),
        });
    }
}

fn of_annotations(old: &StoredLayer, new: &StoredLayer, changes: &mut Vec<Change>) {
    let annotations = (&old.descriptor.annotations, &new.descriptor.annotations);
    let keys: BTreeSet<_> = annotations.0.keys().chain(annotations.1.keys()).collect();
    for key in keys.into_iter().filter(|key| !annotation::is_file_metadata(key)) {
        let (from, to) = (annotations.0.get(key), annotations.1.get(key));
        let names = annotation::is_path(key);
        if from == to || names && from == old.path.as_ref() && to == new.path.as_ref() {
            continue;
        }
        changes.push(Change::Annotation {
            key: key.clone(),
            from: from.cloned(),
            to: to.cloned(),
        });
    }
}
