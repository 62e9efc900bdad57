//! `ls`: which artifacts there are to choose from, without fetching any of their layers.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::exit::{FAILED, Failure};
use super::options::{self, Format, Shared};
use super::result::print;
use super::size::human;
use super::{progress, registries};
use crate::artifact::Dialect;
use crate::model::{Entry, entries};
use crate::modelfile::escape;
use crate::registry::Cancel;
use crate::store::stored::list;

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
    let entries = entries(list(reference, &client)?);
    let printed = print(&match options.format {
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
    });
    printed.map_err(|error| Failure::new(FAILED, format!("cannot print the result: {error}")))
}

fn text(entries: &[Entry]) -> String {
    let name = |entry: &Entry| escape(entry.tag.as_deref().unwrap_or("-"));
    let width = entries
        .iter()
        .map(|entry| name(entry).chars().count())
        .max()
        .unwrap_or(0);
    let width = width.max("NAME".len());
    let mut text = format!(
        "{:<width$}  {:<SHORT$}  {:>7}  {:<11}  {:<10}  QUANTIZATION\n",
        "NAME", "DIGEST", "SIZE", "FORMAT", "PARAMETERS"
    );
    for entry in entries {
        let digest = entry.digest.to_string();
        let stated = |value: &Option<String>| escape(value.as_deref().unwrap_or("-"));
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:<width$}  {:<SHORT$}  {:>7}  {:<11}  {:<10}  {}",
            name(entry),
            digest.get(..SHORT).unwrap_or(&digest),
            entry.size.map_or_else(|| "-".to_owned(), human),
            stated(&entry.format),
            stated(&entry.parameters),
            stated(&entry.quantization)
        );
    }
    text
}

fn artifact_json(entry: &Entry) -> Value {
    json!({
        "tag": entry.tag,
        "digest": entry.digest,
        "mediaType": entry.media_type,
        "spec": entry.dialect.map(Dialect::name),
        "size": entry.size,
        "format": entry.format,
        "parameters": entry.parameters,
        "quantization": entry.quantization,
    })
}
