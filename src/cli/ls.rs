//! `ls`: which artifacts there are to choose from, without fetching any of their layers.

use serde_json::{Value, json};

use super::exit::Failure;
use super::inspect::marks;
use super::options::{self, Format, Shared};
use super::result::print;
use super::size::human;
use super::{progress, registries};
use crate::model::Summary;
use crate::modelfile::escape;
use crate::registry::{Cancel, listed_subject};
use crate::store::stored::{Listed, OpenError, list};

/// The version of the JSON document.
const VERSION: u32 = 1;

/// How much of a digest the table shows: the twelve digits that docker shows.
const SHORT: usize = "sha256:".len() + 12;

/// Lists what is at a place.
pub fn run(options: &options::Ls, shared: &Shared) -> Result<(), Failure> {
    let reference = &options.reference.reference;
    let hosts: Vec<_> = reference.location.host().into_iter().collect();
    let watcher = progress::watcher(shared.progress, false);
    let client = registries::with_options(&options.registry, &hosts, shared, watcher, &Cancel::default())?;
    let entries = list(reference, &client, Summary::of)?;
    print(&match options.format {
        Format::Text => text(&entries),
        Format::Json => {
            let artifacts: Vec<_> = entries.iter().map(artifact_json).collect();
            let document = json!({
                "version": VERSION,
                "reference": options.reference.text,
                "artifacts": artifacts,
            });
            format!("{document:#}\n")
        }
    })?;
    // One artifact may have several tags.
    let mut failures = Vec::new();
    for failure in entries
        .into_iter()
        .filter_map(|entry| entry.made.err())
        .map(Failure::from)
    {
        if !failures.contains(&failure) {
            failures.push(failure);
        }
    }
    Failure::of(failures)
}

fn text(entries: &[Listed<Summary>]) -> String {
    let name = |entry: &Listed<_>| escape(&entry.tag.as_deref().map_or_else(|| "-".to_owned(), short));
    let has_variants = entries.iter().any(|entry| !entry.marks.is_empty());
    let width = entries
        .iter()
        .map(|entry| name(entry).chars().count())
        .max()
        .unwrap_or(0);
    let width = width.max("NAME".len());
    let mut text = format!(
        "{:<width$}  {:<SHORT$}  {:>7}  {:<11}  {:<10}  QUANTIZATION{}\n",
        "NAME",
        "DIGEST",
        "SIZE",
        "FORMAT",
        "PARAMETERS",
        if has_variants { "  VARIANT" } else { "" }
    );
    for entry in entries {
        let digest = entry.digest.to_string();
        let model = model(entry);
        let stated = |value: fn(&Summary) -> &Option<String>| {
            let value = model.map(value).and_then(Option::as_deref);
            escape(value.unwrap_or("-"))
        };
        let variant = marks(&entry.marks).unwrap_or_else(|| "-".to_owned());
        let line = format!(
            "{:<width$}  {:<SHORT$}  {:>7}  {:<11}  {:<10}  {:<12}  {}",
            name(entry),
            digest.get(..SHORT).unwrap_or(&digest),
            match &entry.made {
                Err(error) => wrong(error).to_owned(),
                Ok(_) if entry.is_index => "index".to_owned(),
                Ok(_) => model.map_or_else(|| "-".to_owned(), |model| human(model.size)),
            },
            stated(|model| &model.format),
            stated(|model| &model.parameters),
            stated(|model| &model.quantization),
            if has_variants { variant.as_str() } else { "" }
        );
        text += line.trim_end();
        text.push('\n');
    }
    text
}

fn model(entry: &Listed<Summary>) -> Option<&Summary> {
    entry.made.as_ref().ok()?.as_ref()
}

/// What the table says of an artifact that cannot be read, in as much room as a size has.
fn wrong(error: &OpenError) -> &'static str {
    match error {
        OpenError::Registry(error) if error.is_damage() => "damaged",
        OpenError::Absent { .. } | OpenError::Registry(_) => "missing",
        OpenError::Damaged { .. } => "damaged",
        OpenError::Io(_) => "denied",
        _ => "invalid",
    }
}

/// A tag as the table shows it. Those of what refers to an artifact (the list of a registry that keeps none, cosign's)
/// have its digest in them, which would make the column as wide as the screen.
fn short(tag: &str) -> String {
    /// How long a digest in a tag is: `sha256-` and its digits.
    const LONG: usize = "sha256-".len() + 64;
    match (tag.get(..SHORT), tag.get(..LONG), tag.get(LONG..)) {
        (Some(start), Some(listed), Some(rest)) if listed_subject(listed).is_some() => format!("{start}…{rest}"),
        _ => tag.to_owned(),
    }
}

fn artifact_json(entry: &Listed<Summary>) -> Value {
    let model = model(entry);
    json!({
        "tag": entry.tag,
        "digest": entry.digest,
        "mediaType": entry.media_type,
        "marks": *entry.marks,
        "referrersOf": entry.tag.as_deref().and_then(listed_subject),
        "spec": model.map(|model| model.dialect.name()),
        "size": model.map(|model| model.size),
        "format": model.map(|model| &model.format),
        "parameters": model.map(|model| &model.parameters),
        "quantization": model.map(|model| &model.quantization),
        "error": entry.made.as_ref().err().map(ToString::to_string),
    })
}
