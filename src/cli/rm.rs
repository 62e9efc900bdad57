//! `rm`: artifacts out of a layout's index, one tag at a time.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::console::Console;
use super::exit::Failure;
use super::options::{self, Format};
use super::prune;
use super::replaced;
use super::result::print;
use super::value::Named;
use crate::modelfile::escape;
use crate::store::house::{Pruned, Removed, remove};
use crate::store::stored::OpenError;
use crate::store::{Choice, Durability, Location, Replaced, Taken};

/// The version of the JSON document.
const VERSION: u32 = 1;

/// Takes entries out of layouts.
pub fn run(options: &options::Rm, console: &Console) -> Result<(), Failure> {
    let mut layouts: Vec<(PathBuf, Vec<Choice>)> = Vec::new();
    for named in &options.references {
        let (path, choice) = chosen(named)?;
        match layouts.iter_mut().find(|(earlier, _)| *earlier == path) {
            Some((_, choices)) => choices.push(choice),
            None => layouts.push((path, vec![choice])),
        }
    }
    let console = (!options.quiet).then_some(console);
    let (mut lines, mut documents, mut failures) = (String::new(), Vec::new(), Vec::new());
    for (path, choices) in layouts {
        let removed = match remove(&path, &choices, Durability::Synced) {
            Ok(removed) => removed,
            Err(error) => {
                failures.push(Failure::keeping(error, Taken::InLayout));
                continue;
            }
        };
        let pruned = options.prune.then(|| prune::prune(&path, false, console)).transpose();
        // What was removed is, whatever becomes of its blobs.
        let pruned = pruned.unwrap_or_else(|failure| {
            failures.push(failure);
            None
        });
        if let Some(console) = console.filter(|_| !options.prune) {
            let message = format!("the blobs in `{}` stay", path.display());
            let help = format!(
                "`modelbuild prune {}` removes those that nothing leads to",
                path.display()
            );
            console.note(&message, &[help]);
        }
        lines += &text(&removed, pruned.as_ref());
        documents.push(document(&path, &removed, pruned.as_ref()));
    }
    if !documents.is_empty() {
        print(&match options.format {
            _ if options.quiet => String::new(),
            Format::Text => lines,
            Format::Json => format!("{:#}\n", json!({"version": VERSION, "layouts": documents})),
        })?;
    }
    Failure::of(failures)
}

/// The layout, and what of it.
fn chosen(named: &Named) -> Result<(PathBuf, Choice), Failure> {
    let text = &named.text;
    match (&named.reference.location, &named.reference.choice) {
        (Location::Layout(path), Choice::Only) if !path.exists() => Err(if is_in_tarball(path) {
            archive(text)
        } else {
            let missing = OpenError::Missing {
                path: path.clone(),
                digest: None,
            };
            Failure::keeping(missing.into(), Taken::InLayout)
        }),
        (Location::Layout(path), Choice::Only) => Err(Failure::usage(
            format!("`{text}` does not say which artifact"),
            format!(
                "name one by its tag, as `oci:{0}:TAG`, or by its digest, as `{0}@sha256:…`; `modelbuild ls {0}` lists them",
                path.display()
            ),
        )),
        (Location::Layout(path), choice) => Ok((path.clone(), choice.clone())),
        (Location::Archive(_) | Location::File(_), _) => Err(archive(text)),
        (Location::Registry(_), _) => Err(Failure::usage(
            format!("`{text}` is in a registry, from which nothing is removed here"),
            "many registries refuse it, and others remove all tags of the artifact with one of them: use the registry's own tools",
        )),
    }
}

/// Whether a path that does not exist is that of a file with a tag behind it, as in `FILE:TAG`.
fn is_in_tarball(path: &Path) -> bool {
    let parts = path.to_str().and_then(|text| text.rsplit_once(':'));
    parts.is_some_and(|(file, _)| Path::new(file).is_file())
}

fn archive(text: &str) -> Failure {
    Failure::usage(
        format!("`{text}` is a tarball, from which nothing is removed in place"),
        "copy the artifacts that are to stay to a layout (`modelbuild copy`), or remove the file",
    )
}

/// A line an entry, digest first.
fn text(removed: &Removed, pruned: Option<&Pruned>) -> String {
    let line = |entry: &Replaced| {
        let tag = entry.tag.as_deref().unwrap_or("-");
        format!("{}  {}\n", escape(&entry.digest), escape(tag))
    };
    let mut text: String = removed.entries.iter().chain(&removed.referrers).map(line).collect();
    if let Some(pruned) = pruned {
        text += &prune::text(pruned, false);
    }
    text
}

fn document(path: &Path, removed: &Removed, pruned: Option<&Pruned>) -> Value {
    json!({
        "path": path.to_string_lossy(),
        "removed": removed.entries.iter().map(replaced::json).collect::<Vec<_>>(),
        "referrers": removed.referrers.iter().map(replaced::json).collect::<Vec<_>>(),
        "pruned": pruned.map(prune::document),
    })
}
