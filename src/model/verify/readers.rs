//! What readers of models do not like, although it is allowed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::artifact::{Model, Part};
use super::finding::Findings;
use super::rule::{
    ARTIFACT_TYPE, CONFIG_TYPE, FORMAT, MODELPACK_MEMBER, NOT_ONE, OLD_NAMES, SAME_BYTES, Severity, WEIGHTS_INCOMPLETE,
    WEIGHTS_PACKED,
};
use crate::artifact::Dialect;
use crate::artifact::media_type::{self, MODELPACK_ARTIFACT};
use crate::modelfile::Kind;
use crate::plan::{LayerEncoding, gaps};

/// How many paths a message names.
const NAMED: usize = 4;

pub fn judge(model: &Model<'_>, found: &mut Findings) {
    incomplete_weights(model, found);
    match model.dialect {
        Dialect::ModelPack => modelpack(model, found),
        Dialect::Docker => docker(model, found),
        Dialect::Cnai | Dialect::ModelPackPage | Dialect::DockerDraft => {
            let what = format!("has the names of an earlier draft (`{}`)", model.dialect.name());
            found.add(OLD_NAMES, model.manifest.subject.clone(), what);
        }
        Dialect::Files if media_type::is_called_as_models(model.config_type) => return config_type(model, found),
        Dialect::Image | Dialect::ModelKit | Dialect::Files => return,
    }
    // It is a model by its `artifactType` alone then.
    if media_type::dialect(model.config_type, []).is_none() {
        config_type(model, found);
    }
    packed_weights(model, found);
    same_bytes(model, found);
}

fn config_type(model: &Model<'_>, found: &mut Findings) {
    let what = format!(
        "has the media type `{}`, which no config of a model has",
        model.config_type
    );
    found.add(CONFIG_TYPE, model.config_subject.clone(), what);
}

fn artifact_type<'a>(model: &'a Model<'_>) -> Option<&'a str> {
    let stated = model.manifest.value.get("artifactType").and_then(Value::as_str);
    stated.filter(|stated| !stated.is_empty())
}

fn modelpack(model: &Model<'_>, found: &mut Findings) {
    match artifact_type(model) {
        Some(MODELPACK_ARTIFACT) => {}
        Some(other) => {
            let what = format!("has the `artifactType` `{other}`, not `{MODELPACK_ARTIFACT}`");
            found.add(ARTIFACT_TYPE, model.manifest.subject.clone(), what);
        }
        None => {
            let what = format!("has no `artifactType`, which should be `{MODELPACK_ARTIFACT}`");
            found.add(ARTIFACT_TYPE, model.manifest.subject.clone(), what);
        }
    }
    format(model, Severity::Note, found);
    let is_top = |part: &&Part| part.path.as_deref().is_some_and(|path| !path.contains('/'));
    several(model, Kind::Template, "templates at the top", is_top, found);
    several(model, Kind::Projector, "projectors", |_| true, found);
}

fn docker(model: &Model<'_>, found: &mut Findings) {
    if let Some(stated) = artifact_type(model) {
        let what = format!("has the `artifactType` `{stated}`, and should have none");
        found.add(ARTIFACT_TYPE, model.manifest.subject.clone(), what);
    }
    format(model, Severity::Warning, found);
    let Some(config) = model.config else { return };
    for pointer in ["/modelfs", "/descriptor/createdAt", "/config/paramSize"] {
        if config.pointer(pointer).is_some() {
            let what = format!("has the member `{}`", pointer.trim_start_matches('/').replace('/', "."));
            found.add(MODELPACK_MEMBER, model.config_subject.clone(), what);
        }
    }
    several(model, Kind::Template, "templates", |_| true, found);
    several(model, Kind::Projector, "projectors", |_| true, found);
}

/// `unstated` is how bad it is to say nothing.
fn format(model: &Model<'_>, unstated: Severity, found: &mut Findings) {
    let Some(config) = model.config else { return };
    match config.pointer("/config/format").and_then(Value::as_str) {
        None | Some("") => {
            let what = "states no format of the model";
            found.add_as(unstated, FORMAT, model.config_subject.clone(), what);
        }
        Some(format) if format != format.to_lowercase() => {
            let what = format!("states the format `{format}`, not in lower case");
            found.add(FORMAT, model.config_subject.clone(), what);
        }
        Some(_) => {}
    }
}

fn several(model: &Model<'_>, kind: Kind, what: &str, counts: impl Fn(&&Part) -> bool, found: &mut Findings) {
    let parts = model.layers.iter().filter(|part| part.kind == Some(kind));
    let paths: Vec<_> = parts.filter(counts).map(called).collect();
    if paths.len() > 1 {
        let what = format!("has {} {what}: {}", paths.len(), named(&paths));
        found.add(NOT_ONE, model.manifest.subject.clone(), what);
    }
}

/// By the names of files that are layers themselves.
fn incomplete_weights(model: &Model<'_>, found: &mut Findings) {
    let weights = model
        .layers
        .iter()
        .filter(|part| part.kind == Some(Kind::Weight) && part.is_raw());
    for gap in gaps(weights.filter_map(|part| part.path.as_deref())) {
        let (present, total) = (gap.present, gap.total);
        let what = format!("has `{present}` as one of {total} shards, and {}", gap.missing());
        found.add(WEIGHTS_INCOMPLETE, model.manifest.subject.clone(), what);
    }
}

fn packed_weights(model: &Model<'_>, found: &mut Findings) {
    let weights = model.layers.iter().filter(|part| part.kind == Some(Kind::Weight));
    for part in weights {
        let how = match part.encoding {
            Some(LayerEncoding::Tar) => "are in a tar",
            Some(LayerEncoding::Raw) | None => continue,
            Some(_) => "are compressed",
        };
        found.add(
            WEIGHTS_PACKED,
            part.subject.clone(),
            format!("holds weights that {how}"),
        );
    }
}

/// As a build says it: most `ModelPack`s are not for Docker Model Runner, and empty files no slip.
fn same_bytes(model: &Model<'_>, found: &mut Findings) {
    let is_modelpack = model.dialect != Dialect::Docker;
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for part in model.layers {
        if !is_modelpack || part.descriptor.size > 0 {
            groups.entry(part.descriptor.digest).or_default().push(called(part));
        }
    }
    for (_, paths) in groups.into_iter().filter(|(_, paths)| paths.len() > 1) {
        let severity = if is_modelpack {
            Severity::Note
        } else {
            Severity::Warning
        };
        let what = format!("has {} layers of the same bytes: {}", paths.len(), named(&paths));
        found.add_as(severity, SAME_BYTES, model.manifest.subject.clone(), what);
    }
}

fn called(part: &Part) -> String {
    part.path.clone().unwrap_or_else(|| part.descriptor.digest.to_string())
}

fn named(paths: &[String]) -> String {
    let shown: Vec<_> = paths.iter().take(NAMED).map(|path| format!("`{path}`")).collect();
    match paths.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
