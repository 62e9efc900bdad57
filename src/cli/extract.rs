//! `extract`, and `pull --extract`: the files of an artifact in a directory.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use super::exit::{FAILED, Failure};
use super::options::{self, Format, LayerChoice, Moving, Pull, Shared};
use super::{cache_place, layer_choice, progress, registries, result, signals};
use crate::cache::Cache;
use crate::modelfile::escape;
use crate::registry::Cancel;
use crate::store::stored::find;
use crate::store::{
    Choice, Destination, Durability, Error, Extracted, Link, Location, Options, Outcome, Reference, Side, Source as _,
    Transferred, Tree, TreeOptions, transfer,
};

/// The version of the JSON document; it grows when a member changes its meaning or goes away.
const VERSION: u32 = 1;

/// What is extracted where.
struct Errand<'a> {
    from: Reference,
    directory: &'a Path,
    choice: &'a LayerChoice,
    link: Link,
    max_unpacked: Option<u64>,
    moving: &'a Moving,
}

/// Extracts an artifact from wherever it lies.
pub fn run(options: &options::Extract, shared: &Shared) -> Result<(), Failure> {
    let errand = Errand {
        from: Reference {
            variant: options.variant.variant.clone(),
            ..options.reference.reference.clone()
        },
        directory: &options.directory,
        choice: &options.choice,
        link: if options.link.is_some() {
            Link::Hard
        } else {
            Link::Never
        },
        max_unpacked: options.max_unpacked,
        moving: &options.moving,
    };
    errand.run(shared)
}

/// Extracts an artifact of a registry, as `pull` names it.
pub fn pull(options: &Pull, directory: &Path, shared: &Shared) -> Result<(), Failure> {
    let errand = Errand {
        from: Reference {
            location: Location::Registry(options.source.clone()),
            choice: Choice::Only,
            variant: options.variant.variant.clone(),
        },
        directory,
        choice: &options.choice,
        link: Link::Never,
        max_unpacked: options.max_unpacked,
        moving: &options.moving,
    };
    errand.run(shared)
}

impl Errand<'_> {
    fn run(self, shared: &Shared) -> Result<(), Failure> {
        let started = Instant::now();
        let cancel = Cancel::default();
        let watcher = progress::watcher(shared.progress, self.moving.quiet);
        let hosts: Vec<_> = self.from.location.host().into_iter().collect();
        // Before somebody listens for Ctrl-C, which just ends it all while a password is typed.
        let client = registries::with_options(&self.moving.registry, &hosts, shared, watcher.clone(), &cancel)?;
        signals::watch(&cancel, || {})?;
        let mut found = find(&self.from, &client)?;
        layer_choice::choose(&mut found, self.choice)?;
        let place = cache_place::place(self.moving.cache.cache_dir.as_deref()).filter(|_| !self.moving.no_cache);
        let options = TreeOptions {
            durability: if self.moving.no_sync {
                Durability::Unsynced
            } else {
                Durability::Synced
            },
            link: self.link,
            max_unpacked: self.max_unpacked,
            resumable: found.is_remote(),
            cache: place.map(|place| Arc::new(Cache::new(&place.directory))),
            cancel: cancel.clone(),
        };
        let tree = Tree::new(self.directory.to_owned(), &found, options).map_err(failure)?;
        let extraction = tree.extraction();
        let mut destinations: [Box<dyn Destination>; 1] = [Box::new(tree)];
        let options = Options { jobs: self.moving.jobs };
        let moved = transfer(&found, &mut destinations, options, watcher.as_ref(), &cancel);
        let moved = moved.map_err(|error| failure(found.blame(error)))?;
        let files = extraction.files();
        if !self.moving.quiet {
            progress::extracted(
                shared.progress,
                &found,
                self.directory,
                &files,
                &moved,
                started.elapsed(),
            );
        }
        self.report(&moved, &files, found.left_out())
    }

    fn report(&self, moved: &Transferred, files: &[Extracted], left_out: usize) -> Result<(), Failure> {
        let descriptor = &moved.artifact.descriptor;
        let text = match self.moving.format {
            _ if self.moving.quiet => format!("{}\n", descriptor.digest),
            Format::Text => {
                let directory = escape(&self.directory.display().to_string());
                format!("{}  {directory}\n", descriptor.digest)
            }
            Format::Json => {
                let file = |file: &Extracted| {
                    json!({
                        "path": file.path,
                        "digest": file.digest,
                        "size": file.size,
                        "outcome": word(file.outcome),
                    })
                };
                let document = json!({
                    "version": VERSION,
                    "root": self.directory.to_string_lossy(),
                    "mediaType": descriptor.media_type,
                    "digest": descriptor.digest,
                    "leftOut": left_out,
                    "files": files.iter().map(file).collect::<Vec<_>>(),
                });
                format!("{document:#}\n")
            }
        };
        let printed = result::print(&text);
        printed.map_err(|error| Failure::new(FAILED, format!("cannot print the result: {error}")))
    }
}

/// What became of a file, for machines.
const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Written | Outcome::Mounted => "written",
        Outcome::Linked => "linked",
        Outcome::Present => "present",
    }
}

/// Advice about the place speaks of `-o` elsewhere.
fn failure(error: Error) -> Failure {
    let is_place = matches!(
        error,
        Error::Io {
            side: Side::Destination,
            ..
        }
    );
    match Failure::from(error) {
        Failure::Message {
            code,
            message,
            help: Some(_),
        } if is_place => Failure::Message {
            code,
            message,
            help: Some("free some space there, or extract to another directory; nothing was extracted".to_owned()),
        },
        failure => failure,
    }
}
