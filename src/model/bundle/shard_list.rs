use std::collections::{BTreeSet, HashMap};
use std::io;

use serde::Deserialize;

use super::contents::{Contents, extension};
use super::error::BundleError;
use crate::artifact::read::LIMIT;
use crate::store::Head;

/// What Hugging Face's libraries write beside shards, `model.safetensors.index.json`: which shard has which tensor.
#[derive(Deserialize)]
struct ShardList {
    /// The files by the tensors' names.
    weight_map: HashMap<String, String>,
}

/// Checks that all shards are among `paths` that a list beside the model names, if an engine goes by it: it does not where
/// the whole is there in one file, nor where the list is of another model, as `model.safetensors.index.json` is beside
/// Mistral's `consolidated.safetensors`. `paths` are sorted, and `read` gives a file, up to so many bytes. A list that is
/// none is for the engine to judge.
///
/// # Errors
/// A shard is missing, or the list cannot be read.
pub fn check(
    contents: &Contents,
    paths: &[&str],
    read: impl Fn(&str, u64) -> io::Result<Head>,
) -> Result<(), BundleError> {
    let Some(model) = contents.model().first() else {
        return Ok(());
    };
    let directory = model.rsplit_once('/').map_or("", |(directory, _)| directory);
    let end = format!(".{}.index.json", extension(model));
    let has = |path: &str| paths.binary_search(&path).is_ok();
    let is_beside = |path: &str| path.rsplit_once('/').map_or("", |(directory, _)| directory) == directory;
    let lists = paths.iter().filter(|path| is_beside(path) && path.ends_with(&end));
    for list in lists.filter(|list| !list.strip_suffix(".index.json").is_some_and(has)) {
        let head = read(list, LIMIT).map_err(BundleError::Unreadable)?;
        let Ok(ShardList { weight_map }) = serde_json::from_slice(&head.bytes) else {
            continue;
        };
        let within = |name: &String| match directory {
            "" => name.clone(),
            directory => format!("{directory}/{name}"),
        };
        let named: BTreeSet<_> = weight_map.values().map(within).collect();
        if !named.contains(model) {
            continue;
        }
        let missing: Vec<_> = named.into_iter().filter(|path| !has(path)).collect();
        if !missing.is_empty() {
            return Err(BundleError::Listed {
                list: (*list).to_owned(),
                missing,
            });
        }
    }
    Ok(())
}
