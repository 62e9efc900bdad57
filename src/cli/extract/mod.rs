//! `extract`, and `pull --extract`: the files of an artifact in a directory.

mod notes;
mod report;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::chosen_files::{ChosenFiles, Known};
use super::console::Console;
use super::exit::{FAILED, Failure};
use super::options::{self, LayerChoice, Moving, Pull, Shared};
use super::{cache_place, layer_choice, progress, registries, result, signals};
use crate::artifact::read::ReadError;
use crate::cache::Cache;
use crate::model::{Bundling, ModelBundle, arrangement};
use crate::registry::Cancel;
use crate::store::stored::{Found, OpenError, find};
use crate::store::{
    Arrangement, Choice, Destination, Durability, Error, Extracted, Fault, Link, Location, Options, Reference, Side,
    Source as _, Tree, TreeError, TreeOptions, transfer,
};

/// What is extracted where.
struct Errand<'a> {
    from: Reference,
    directory: &'a Path,
    choice: &'a LayerChoice,
    link: Link,
    max_unpacked: Option<u64>,
    is_bundle: bool,
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
        is_bundle: options.bundle,
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
        is_bundle: options.bundle,
        moving: &options.moving,
    };
    errand.run(shared)
}

impl Errand<'_> {
    fn run(self, shared: &Shared) -> Result<(), Failure> {
        let started = Instant::now();
        if self.directory == Path::new("-") {
            return Err(Failure::usage(
                "files are extracted to a directory, and not to standard output",
                "name a directory; `./-` is one of that name",
            ));
        }
        let absolute = std::path::absolute(self.directory).ok().filter(|_| self.is_bundle);
        result::check_told(absolute.as_deref().unwrap_or(self.directory), self.moving.format)?;
        let cancel = Cancel::default();
        let watcher = progress::watcher(shared.progress, self.moving.quiet);
        let hosts: Vec<_> = self.from.location.host().into_iter().collect();
        // Before somebody listens for Ctrl-C, which just ends it all while a password is typed.
        let client = registries::with_options(&self.moving.registry, &hosts, shared, watcher.clone(), &cancel)?;
        signals::watch(&cancel, || {})?;
        let mut found = find(&self.from, &client)?;
        // No layer is refused for what the manifest or the config is not.
        match found.model() {
            Err(error) if found.held().is_empty() || error.is_of_no_files() => return Err(error.into()),
            _ => {}
        }
        let chosen = layer_choice::choose_files(&mut found, self.choice)?;
        let console = Console::new(shared.color, shared.progress);
        let unmatched = chosen.as_ref().and_then(|chosen| chosen.unmatched(Known::AtOnce));
        if let Some((message, help)) = unmatched.filter(|_| !self.moving.quiet) {
            console.warning(&message, &help);
        }
        let bundling = self.is_bundle.then(|| Bundling::new(&found)).transpose()?;
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
        let arrangement = arranged(&found, bundling.as_ref(), chosen.as_ref());
        let tree = Tree::arranged(self.directory.to_owned(), &found, options, arrangement);
        let tree = tree.map_err(|error| unnamed(&found, &error).unwrap_or_else(|| failure(error)))?;
        let extraction = tree.extraction();
        let mut destinations: [Box<dyn Destination>; 1] = [Box::new(tree)];
        let options = Options { jobs: self.moving.jobs };
        let moved = transfer(&found, &mut destinations, options, watcher.as_ref(), &cancel);
        let moved = moved.map_err(|error| {
            let is_refused = matches!(error, Error::Tree(TreeError::Unfit(_))) && !self.is_bundle;
            if let Some(nothing) = chosen
                .as_ref()
                .and_then(|chosen| chosen.failure())
                .filter(|_| is_refused)
            {
                return nothing.clone();
            }
            let failure = failure(found.blame(error));
            failure.of_a_transfer(found.is_remote())
        })?;
        let files = extraction.files();
        if !self.moving.quiet {
            progress::extracted(
                shared.progress,
                &self.from,
                self.directory,
                &files,
                &moved,
                started.elapsed(),
            );
            self.tell(&found, chosen.as_deref(), &files, &moved, &console);
        }
        let bundle = bundling.map(|bundling| self.bundle(&bundling, &files)).transpose()?;
        if bundle
            .as_ref()
            .is_some_and(|bundle| !self.moving.quiet && !bundle.is_found())
        {
            let message = format!(
                "`{}` has files of another model, too: who looks for the model by names may find that one",
                self.directory.display()
            );
            let help = "the path that is printed is right; give each bundle a directory of its own".to_owned();
            console.note(&message, &[help]);
        }
        self.report(&moved, &files, found.left_out(), bundle.as_ref())
    }

    /// What an engine gets, with absolute paths: it may run elsewhere.
    fn bundle(&self, bundling: &Bundling, files: &[Extracted]) -> Result<ModelBundle, Failure> {
        let root = std::path::absolute(self.directory);
        let root = root.map_err(|error| Failure::new(FAILED, format!("`{}`: {error}", self.directory.display())))?;
        Ok(bundling.bundle(&root, files)?)
    }
}

/// Where the files go, and who chooses among them.
fn arranged(found: &Found, bundling: Option<&Bundling>, chosen: Option<&Arc<ChosenFiles>>) -> Arrangement {
    let mut arrangement = bundling.map_or_else(|| arrangement(found), Bundling::arrangement);
    if let Some(chosen) = chosen.cloned() {
        arrangement.sieve = Some(chosen.clone());
        // A bundle is judged by what an engine needs.
        arrangement.judge.get_or_insert(chosen);
    }
    arrangement
}

/// Why no file is named, where that is for a config that cannot be read: it says what the files are.
fn unnamed(found: &Found, error: &Error) -> Option<Failure> {
    let Error::Tree(TreeError::Layer {
        fault: Fault::NoPath, ..
    }) = error
    else {
        return None;
    };
    let unread = found.model().err()?;
    let is_config = matches!(
        &unread,
        OpenError::Artifact {
            source: ReadError::Config(_),
            ..
        }
    );
    is_config.then(|| unread.into())
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
            help: Some(
                "extract to a directory that you can write to, with space for the files; nothing was extracted"
                    .to_owned(),
            ),
        },
        failure => failure,
    }
}
