use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::cache_place::{self, Place};
use super::exit::{FAILED, Failure};
use super::options::{Cache, CacheAction, CacheDir, Format};
use super::result::print;
use super::size::{human, plural};
use crate::cache::{self, Survey};
use crate::modelfile::escape;
use crate::registry::{Unfinished, Uploads};

/// The version of the JSON document.
const VERSION: u32 = 1;

/// Shows the cache, or removes what is in it.
pub fn run(options: &Cache) -> Result<(), Failure> {
    let text = match &options.action {
        None => {
            let (place, cache, uploads) = open(&options.place)?;
            let survey = cache.survey().map_err(|error| unusable(&error))?;
            let unfinished = uploads.survey().map_err(|error| unusable(&error))?;
            show(&place, &survey, unfinished, options.format)
        }
        Some(CacheAction::Prune(prune)) => {
            let (_, cache, uploads) = open(&prune.place)?;
            let age = prune.older_than.map(|days| Duration::from_hours(24 * u64::from(days)));
            let pruned = cache.prune(age).map_err(|error| unusable(&error))?;
            let age = age.map_or(Uploads::LIFE, |age| age.min(Uploads::LIFE));
            let forgotten = uploads.forget(age).map_err(|error| unusable(&error))?;
            let (removed, kept) = (digests(pruned.removed), pruned.kept);
            match prune.format {
                Format::Json => removed_json(pruned.removed, pruned.kept, forgotten),
                Format::Text => format!("{removed} removed, {kept} kept{}\n", forgotten_uploads(forgotten)),
            }
        }
        Some(CacheAction::Clear(clear)) => {
            let (_, cache, uploads) = open(&clear.place)?;
            let removed = cache.clear().map_err(|error| unusable(&error))?;
            let forgotten = uploads.forget(Duration::ZERO).map_err(|error| unusable(&error))?;
            match clear.format {
                Format::Json => removed_json(removed, 0, forgotten),
                Format::Text => format!("{} removed{}\n", digests(removed), forgotten_uploads(forgotten)),
            }
        }
    };
    print(&text)
}

fn open(place: &CacheDir) -> Result<(Place, cache::Cache, Uploads), Failure> {
    let place = cache_place::place(place.cache_dir.as_deref()).ok_or_else(|| Failure::Message {
        code: FAILED,
        message: "there is no place for a cache: neither `XDG_CACHE_HOME` nor `HOME` is set".to_owned(),
        help: Some("name one with `--cache-dir`".to_owned()),
    })?;
    let cache = cache::Cache::new(&place.directory);
    let uploads = Uploads::new(&place.directory);
    Ok((place, cache, uploads))
}

fn unusable(error: &std::io::Error) -> Failure {
    Failure::new(FAILED, format!("the digest cache cannot be used: {error}"))
}

fn show(place: &Place, survey: &Survey, unfinished: Unfinished, format: Format) -> String {
    let path = std::path::absolute(&place.directory).unwrap_or_else(|_| place.directory.clone());
    let bytes = survey.bytes + unfinished.bytes;
    let oldest = survey.oldest.and_then(|oldest| Timestamp::try_from(oldest).ok());
    if format == Format::Json {
        let document = json!({
            "version": VERSION,
            // JSON has no other text than Unicode; a path that has none is shown as far as it goes.
            "path": path.to_string_lossy(),
            "entries": survey.entries,
            "bytes": bytes,
            "uploads": unfinished.uploads,
            "oldest": oldest.map(|oldest| oldest.to_string()),
        });
        return format!("{document:#}\n");
    }
    let oldest = oldest.map_or_else(String::new, |oldest| format!("oldest   {oldest}\n"));
    let uploads = match unfinished.uploads {
        0 => String::new(),
        count => format!("uploads  {count} not finished\n"),
    };
    format!(
        "path     {}\nentries  {}\nsize     {}\n{oldest}{uploads}",
        escape(&path.display().to_string()),
        survey.entries,
        human(bytes)
    )
}

fn removed_json(removed: usize, kept: usize, uploads: usize) -> String {
    let document = json!({"version": VERSION, "removed": removed, "kept": kept, "uploads": uploads});
    format!("{document:#}\n")
}

fn digests(count: usize) -> String {
    plural(count, "digest")
}

fn forgotten_uploads(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!(", {} forgotten", plural(count, "upload")),
    }
}
