use std::fmt::Write as _;

use serde_json::{Value, json};

use super::VERSION;
use super::text::line;
use crate::artifact::Dialect;
use crate::artifact::read::Stored;
use crate::cli::size::human;
use crate::cli::value::Named;
use crate::model::size;
use crate::modelfile::escape;
use crate::store::stored::{Index, Listing};

/// For people: what the artifacts are, and by what each is chosen.
pub fn text(index: &Index) -> String {
    let mut text = String::new();
    line(&mut text, "index", &format!("of {} artifacts", index.variants.len()));
    line(&mut text, "digest", &index.descriptor.digest.to_string());
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "\n{:>7}  {:<11}  {:<10}  {:<12}  VARIANT",
        "SIZE", "FORMAT", "PARAMETERS", "QUANTIZATION"
    );
    for listing in &index.variants {
        let model = model(listing);
        let stated = |value: fn(&Stored) -> Option<&String>| {
            let value = model.as_ref().and_then(value);
            escape(value.map_or("-", String::as_str))
        };
        let marks = listing.marks.iter().map(|(key, value)| format!("{key}={value}"));
        let marks: Vec<_> = marks.collect();
        let variant = if marks.is_empty() {
            listing.descriptor.digest.to_string()
        } else {
            marks.join(", ")
        };
        let _ = writeln!(
            text,
            "{:>7}  {:<11}  {:<10}  {:<12}  {}",
            model
                .as_ref()
                .map_or_else(|| "-".to_owned(), |model| human(size(model))),
            stated(|model| model.metadata.format.as_ref()),
            stated(|model| model.metadata.param_size.as_ref()),
            stated(|model| model.metadata.quantization.as_ref()),
            escape(&variant)
        );
    }
    text
}

/// For machines (docs/output.md).
pub fn json(place: &Named, index: &Index) -> String {
    let variant = |listing: &Listing| {
        let model = model(listing);
        let stated = |value: fn(&Stored) -> Option<&String>| model.as_ref().and_then(value);
        json!({
            "digest": listing.descriptor.digest,
            "mediaType": listing.descriptor.media_type,
            "marks": listing.marks,
            "spec": model.as_ref().map(|model| model.dialect).map(Dialect::name),
            "size": model.as_ref().map(size),
            "format": stated(|model| model.metadata.format.as_ref()),
            "parameters": stated(|model| model.metadata.param_size.as_ref()),
            "quantization": stated(|model| model.metadata.quantization.as_ref()),
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

/// The artifact, where it is a model.
fn model(listing: &Listing) -> Option<Stored> {
    listing.found.as_ref()?.model().ok()
}
