//! `inspect`: what an artifact is, from its manifest and config alone.

mod index;
mod json;
mod page;
mod text;

pub use index::marks;

use std::path::Path;
use std::sync::Arc;

use super::exit::Failure;
use super::options::{self, Document, Format, Shared};
use super::result::{print, print_bytes};
use super::{progress, registries, written_over};
use crate::model::review::findings;
use crate::model::{Image, Overview, Summary};
use crate::registry::{Cancel, Client};
use crate::store::Reference;
use crate::store::stored::{self, Found, OpenError, find};

/// The version of the JSON documents.
const VERSION: u32 = 1;

/// Prints what an artifact is, or one of its documents byte for byte.
pub fn run(options: &options::Inspect, shared: &Shared) -> Result<(), Failure> {
    let reference = Reference {
        variant: options.variant.variant.clone(),
        ..options.reference.reference.clone()
    };
    if let Some(file) = options.html.as_deref().filter(|file| *file != Path::new("-")) {
        written_over::check_location(file, &reference.location)?;
    }
    let hosts: Vec<_> = reference.location.host().into_iter().collect();
    let watcher = progress::watcher(shared.progress, false);
    let client = registries::with_options(&options.registry, &hosts, shared, watcher, &Cancel::default())?;
    match options.document() {
        Some(Document::Root) => print_bytes(&stored::root(&reference, &client)?.1),
        Some(Document::Manifest) => print_bytes(&find(&reference, &client)?.artifact().manifest),
        Some(Document::Config) => {
            let found = find(&reference, &client)?;
            let config = found.artifact().config();
            print_bytes(config.map(|config| config.bytes.as_slice()).unwrap_or_default())
        }
        None => match find(&reference, &client) {
            Ok(found) => match &options.html {
                Some(file) => page::write(file, options, shared, &found),
                None => print(&shown(options, &found)?),
            },
            Err(error) => of_index(options, &reference, &client, error),
        },
    }
}

fn shown(options: &options::Inspect, found: &Found) -> Result<String, Failure> {
    let unreadable = |source| OpenError::Artifact {
        place: found.place().to_owned(),
        source,
    };
    let image = Image::of(found).map_err(unreadable)?;
    let overview = Overview::new(image.stored());
    Ok(match (options.format, options.layers) {
        (Format::Text, false) => text::whole(&overview, &findings(&image)),
        (Format::Text, true) => text::layers(&overview),
        (Format::Json, false) => json::whole(&options.reference, &overview, &findings(&image)),
        (Format::Json, true) => json::layers(&options.reference, &overview),
    })
}

/// Prints what there is to choose from, where the reference names an index and nothing is chosen; else `error`.
fn of_index(
    options: &options::Inspect,
    reference: &Reference,
    client: &Client,
    error: OpenError,
) -> Result<(), Failure> {
    let one_is_needed = options.layers || options.html.is_some() || !reference.variant.is_empty();
    if one_is_needed || !matches!(error, OpenError::Variants { .. }) {
        return Err(error.into());
    }
    // What cannot be read hides no other.
    let index = stored::index(reference, client, |found| {
        Ok(Summary::of(found).transpose().map(Arc::new))
    })?;
    print(&match options.format {
        Format::Text => index::text(&index),
        Format::Json => index::json(&options.reference, &index),
    })?;
    let made = index.variants.into_iter().filter_map(|listing| listing.made);
    let failures = made.filter_map(|made| Arc::into_inner(made)?.err());
    Failure::of(failures.map(Failure::from).collect())
}
