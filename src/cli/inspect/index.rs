use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use super::VERSION;
use super::text::line;
use crate::cli::size::{human, plural};
use crate::cli::value::Named;
use crate::model::Summary;
use crate::modelfile::escape;
use crate::store::stored::{Index, Listing, OpenError};

/// A whole digest, to be copied behind an `@`.
const WHOLE: usize = "sha256:".len() + 64;

/// What an artifact of the index says of itself, or why that cannot be read.
pub type Made = Arc<Result<Summary, OpenError>>;

fn model(listing: &Listing<Made>) -> Option<&Summary> {
    listing.made.as_deref()?.as_ref().ok()
}

/// For people: what the artifacts are, and by what each is chosen.
pub fn text(index: &Index<Made>) -> String {
    let mut text = String::new();
    line(
        &mut text,
        "index",
        &format!("of {}", plural(index.variants.len(), "artifact")),
    );
    line(&mut text, "digest", &index.descriptor.digest.to_string());
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "\n{:>7}  {:<11}  {:<10}  {:<12}  {:<WHOLE$}  VARIANT",
        "SIZE", "FORMAT", "PARAMETERS", "QUANTIZATION", "DIGEST"
    );
    for listing in &index.variants {
        let model = model(listing);
        let stated = |value: fn(&Summary) -> &Option<String>| {
            let value = model.map(value).and_then(Option::as_deref);
            escape(value.unwrap_or("-"))
        };
        let variant = marks(&listing.marks).unwrap_or_else(|| "-".to_owned());
        let _ = writeln!(
            text,
            "{:>7}  {:<11}  {:<10}  {:<12}  {}  {variant}",
            match (model, &listing.made) {
                (Some(model), _) => human(model.size),
                (None, Some(_)) => "invalid".to_owned(),
                (None, None) => "-".to_owned(),
            },
            stated(|model| &model.format),
            stated(|model| &model.parameters),
            stated(|model| &model.quantization),
            listing.descriptor.digest,
        );
    }
    text
}

/// What tells an artifact of an index from the others, where anything does.
pub fn marks(marks: &BTreeMap<String, String>) -> Option<String> {
    let marks: Vec<_> = marks.iter().map(|(key, value)| format!("{key}={value}")).collect();
    (!marks.is_empty()).then(|| escape(&marks.join(", ")))
}

/// For machines (docs/output.md).
pub fn json(place: &Named, index: &Index<Made>) -> String {
    let variant = |listing: &Listing<Made>| {
        let model = model(listing);
        json!({
            "digest": listing.descriptor.digest,
            "mediaType": listing.descriptor.media_type,
            "marks": *listing.marks,
            "spec": model.map(|model| model.dialect.name()),
            "size": model.map(|model| model.size),
            "format": model.map(|model| &model.format),
            "parameters": model.map(|model| &model.parameters),
            "quantization": model.map(|model| &model.quantization),
            "error": listing.made.as_deref().and_then(|made| made.as_ref().err()).map(ToString::to_string),
        })
    };
    let document = json!({
        "version": VERSION,
        "reference": place.text,
        "digest": index.descriptor.digest,
        "mediaType": index.descriptor.media_type,
        "variants": index.variants.iter().map(variant).collect::<Vec<Value>>(),
    });
    format!("{document:#}\n")
}
