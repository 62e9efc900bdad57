//! `inspect`: what an artifact is, from its manifest and config alone.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::exit::{FAILED, Failure};
use super::options::{self, Document, Format, Shared};
use super::result::{self, print};
use super::size::human;
use super::value::Named;
use super::{progress, registries};
use crate::model::{Overview, Share};
use crate::modelfile::{Kind, escape};
use crate::registry::Cancel;
use crate::store::Reference;
use crate::store::stored::find;

/// The version of the JSON document.
const VERSION: u32 = 1;

/// Prints what an artifact is, or one of its documents byte for byte.
pub fn run(options: &options::Inspect, shared: &Shared) -> Result<(), Failure> {
    let reference = Reference {
        variant: options.variant.variant.clone(),
        ..options.reference.reference.clone()
    };
    let hosts: Vec<_> = reference.location.host().into_iter().collect();
    let watcher = progress::watcher(shared.progress, false);
    let client = registries::with_options(&options.registry, &hosts, shared, watcher, &Cancel::default())?;
    let found = find(&reference, &client)?;
    let printed = match options.document() {
        Some(Document::Manifest) => result::print_bytes(&found.artifact().manifest),
        Some(Document::Config) => {
            let config = found.artifact().config();
            result::print_bytes(config.map(|config| config.bytes.as_slice()).unwrap_or_default())
        }
        None => {
            let stored = found.model()?;
            let overview = Overview::new(&stored);
            print(&match options.format {
                Format::Text => text(&overview),
                Format::Json => json_document(&options.reference, &overview),
            })
        }
    };
    printed.map_err(|error| Failure::new(FAILED, format!("cannot print the result: {error}")))
}

/// For people: what is stated of the model, how large it is, and its layers.
fn text(overview: &Overview<'_>) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<12}  {}", escape(value));
    };
    for (name, statement) in &overview.stated {
        line(name, &statement.to_string());
    }
    let layers = overview.layers.len();
    let plural = if layers == 1 { "" } else { "s" };
    line("size", &format!("{} in {layers} layer{plural}", human(overview.size)));
    line("spec", overview.stored.dialect.name());
    line("digest", &overview.stored.digest.to_string());
    let _ = writeln!(
        text,
        "\n{:<9}  {:>7}  {:>6}  {:<31}  PATH",
        "KIND", "SIZE", "SHARE", "MEDIA TYPE"
    );
    for Share { layer, percent } in &overview.layers {
        let media_type = layer.descriptor.media_type.as_str();
        let named = layer.path.clone();
        let path = named.unwrap_or_else(|| layer.descriptor.digest.to_string());
        let _ = writeln!(
            text,
            "{:<9}  {:>7}  {percent:>4} %  {:<31}  {}",
            layer.kind.map_or("unknown", Kind::name),
            human(layer.descriptor.size),
            // As in the table of `plan`.
            escape(media_type.strip_prefix("application/vnd.").unwrap_or(media_type)),
            escape(&path)
        );
    }
    text
}

/// For machines (docs/output.md).
fn json_document(place: &Named, overview: &Overview<'_>) -> String {
    let stored = overview.stored;
    let stated: Map<_, _> = overview
        .stated
        .iter()
        .map(|(name, statement)| ((*name).to_owned(), json!(statement)))
        .collect();
    let layer = |Share { layer, .. }: &Share<'_>| {
        json!({
            "path": layer.path,
            "kind": layer.kind.map(Kind::name),
            "mediaType": layer.descriptor.media_type,
            "digest": layer.descriptor.digest,
            "size": layer.descriptor.size,
        })
    };
    let document = json!({
        "version": VERSION,
        "reference": place.text,
        "digest": stored.digest,
        "spec": stored.dialect.name(),
        "stated": stated,
        "annotations": stored.annotations,
        "config": {
            "mediaType": stored.config.media_type,
            "digest": stored.config.digest,
            "size": stored.config.size,
        },
        "layers": overview.layers.iter().map(layer).collect::<Vec<Value>>(),
        "size": overview.size,
    });
    format!("{document:#}\n")
}
