//! `prune`: what nothing in a layout leads to is removed.

use std::path::Path;

use serde_json::{Value, json};

use super::console::Console;
use super::exit::Failure;
use super::options::{self, Format};
use super::result::print;
use super::size::{human, plural};
use crate::digest::Digest;
use crate::store::house::{self, Pruned};
use crate::store::{Choice, Location, Taken};

/// The version of the JSON document.
const VERSION: u32 = 1;

/// Removes blobs, or says which.
pub fn run(options: &options::Prune, console: &Console) -> Result<(), Failure> {
    let (text_of, reference) = (&options.layout.text, &options.layout.reference);
    let path = match (&reference.location, &reference.choice) {
        (Location::Layout(path), Choice::Only) => path,
        (Location::Layout(path), _) => {
            return Err(Failure::usage(
                format!("`{text_of}` names one artifact, but a layout is pruned as a whole"),
                format!(
                    "`modelbuild prune {}` removes what nothing leads to; `modelbuild rm` removes an artifact",
                    path.display()
                ),
            ));
        }
        (Location::Archive(_) | Location::File(_), _) => {
            return Err(Failure::usage(
                format!("`{text_of}` is a tarball, from which nothing is removed in place"),
                "copy it to another one (`modelbuild copy`): only what belongs to the artifact goes along",
            ));
        }
        (Location::Registry(_), _) => {
            return Err(Failure::usage(
                format!("`{text_of}` is in a registry, which removes what it no longer needs by itself"),
                "use the registry's own tools, as `registry garbage-collect`",
            ));
        }
    };
    let console = (!options.quiet).then_some(console);
    let pruned = prune(path, options.dry_run, console)?;
    print(&match options.format {
        _ if options.quiet => String::new(),
        Format::Text => text(&pruned, options.dry_run),
        Format::Json => {
            let mut document = document(&pruned);
            if let Some(members) = document.as_object_mut() {
                members.insert("version".to_owned(), VERSION.into());
                members.insert("path".to_owned(), path.to_string_lossy().into());
                members.insert("dryRun".to_owned(), options.dry_run.into());
            }
            format!("{document:#}\n")
        }
    })
}

/// As [`house::prune`]; says so on the console where it has to wait.
pub fn prune(path: &Path, dry_run: bool, console: Option<&Console>) -> Result<Pruned, Failure> {
    let waiting = || {
        let Some(console) = console else { return };
        let message = format!(
            "something is being written to `{}`, or read from it; waiting for its end",
            path.display()
        );
        console.note(&message, &[]);
    };
    let pruned = house::prune(path, dry_run, &waiting).map_err(|error| Failure::keeping(error, Taken::Layout))?;
    if let Some(console) = console
        && pruned.resumable > 0
        && !pruned.blobs.is_empty()
    {
        tell_interrupted(path, &pruned, dry_run, console);
    }
    Ok(pruned)
}

/// That a transfer may have to fetch again what it had.
fn tell_interrupted(path: &Path, pruned: &Pruned, dry_run: bool, console: &Console) {
    let files = plural(pruned.resumable, "unfinished file");
    let (verb, help) = if dry_run {
        ("would be", "before you prune, end it by the same command once more")
    } else {
        ("are", "it fetches them again; next time, end it before you prune")
    };
    let message = format!(
        "an interrupted transfer has left {files} in `{}`, for itself to go on with; the layers that it has brought whole {verb} among the blobs removed",
        path.display()
    );
    console.note(&message, &[help.to_owned()]);
}

/// One line: what went, and what stays.
pub fn text(pruned: &Pruned, dry_run: bool) -> String {
    let removed = plural(pruned.blobs.len(), "blob");
    let unfinished = match pruned.unfinished {
        0 => String::new(),
        number => format!(" and {}", plural(number, "unfinished file")),
    };
    let size = human(pruned.bytes);
    let verb = if dry_run { "would be removed" } else { "removed" };
    format!("{removed}{unfinished} {verb} ({size}), {} kept\n", pruned.kept)
}

/// What is common to all documents that tell of it.
pub fn document(pruned: &Pruned) -> Value {
    let blob = |(digest, size): &(Digest, u64)| json!({"digest": digest, "size": size});
    json!({
        "removed": pruned.blobs.iter().map(blob).collect::<Vec<_>>(),
        "unfinished": pruned.unfinished,
        "resumable": pruned.resumable,
        "bytes": pruned.bytes,
        "kept": pruned.kept,
    })
}
