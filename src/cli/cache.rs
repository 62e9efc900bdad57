use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::cache_place::{self, Place};
use super::exit::{FAILED, Failure};
use super::options::{Cache, CacheAction, CacheDir, Format};
use super::result::print;
use super::size::human;
use crate::cache::{self, Survey};
use crate::modelfile::escape;

/// The version of the JSON document.
const VERSION: u32 = 1;

/// Shows the cache, or removes what is in it.
pub fn run(options: &Cache) -> Result<(), Failure> {
    let text = match &options.action {
        None => {
            let (place, cache) = open(&options.place)?;
            show(
                &place,
                &cache.survey().map_err(|error| unusable(&error))?,
                options.format,
            )
        }
        Some(CacheAction::Prune(prune)) => {
            let (_, cache) = open(&prune.place)?;
            let age = prune.older_than.map(|days| Duration::from_hours(24 * u64::from(days)));
            let pruned = cache.prune(age).map_err(|error| unusable(&error))?;
            format!("{} removed, {} kept\n", digests(pruned.removed), pruned.kept)
        }
        Some(CacheAction::Clear(place)) => {
            let (_, cache) = open(place)?;
            let removed = cache.clear().map_err(|error| unusable(&error))?;
            format!("{} removed\n", digests(removed))
        }
    };
    print(&text).map_err(|error| Failure::new(FAILED, format!("cannot print the result: {error}")))
}

fn open(place: &CacheDir) -> Result<(Place, cache::Cache), Failure> {
    let place = cache_place::place(place.cache_dir.as_deref()).ok_or_else(|| Failure::Message {
        code: FAILED,
        message: "there is no place for a cache: neither `XDG_CACHE_HOME` nor `HOME` is set".to_owned(),
        help: Some("name one with `--cache-dir`".to_owned()),
    })?;
    let cache = cache::Cache::new(&place.directory);
    Ok((place, cache))
}

fn unusable(error: &std::io::Error) -> Failure {
    Failure::new(FAILED, format!("the digest cache cannot be used: {error}"))
}

fn show(place: &Place, survey: &Survey, format: Format) -> String {
    let path = std::path::absolute(&place.directory).unwrap_or_else(|_| place.directory.clone());
    let oldest = survey.oldest.and_then(|oldest| Timestamp::try_from(oldest).ok());
    if format == Format::Json {
        let document = json!({
            "version": VERSION,
            // JSON has no other text than Unicode; a path that has none is shown as far as it goes.
            "path": path.to_string_lossy(),
            "entries": survey.entries,
            "bytes": survey.bytes,
            "oldest": oldest.map(|oldest| oldest.to_string()),
        });
        return format!("{document:#}\n");
    }
    let oldest = oldest.map_or_else(String::new, |oldest| format!("oldest   {oldest}\n"));
    format!(
        "path     {}\nentries  {}\nsize     {}\n{oldest}",
        escape(&path.display().to_string()),
        survey.entries,
        human(survey.bytes)
    )
}

fn digests(count: usize) -> String {
    format!("{count} digest{}", if count == 1 { "" } else { "s" })
}
