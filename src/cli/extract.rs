//! `extract`, and `pull --extract`: the files of an artifact in a directory.

use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::chosen_files::ChosenFiles;
use super::console::Console;
use super::exit::{FAILED, Failure};
use super::options::{self, Format, LayerChoice, Moving, Pull, Shared};
use super::{cache_place, layer_choice, progress, registries, replaced, result, signals, unlinked};
use crate::artifact::read::ReadError;
use crate::cache::Cache;
use crate::model::{Bundling, ModelBundle, arrangement};
use crate::modelfile::escape;
use crate::registry::Cancel;
use crate::store::stored::{Found, OpenError, find};
use crate::store::{
    Arrangement, Choice, Destination, Durability, Error, Extracted, Link, Location, Options, Outcome, Reference, Side,
    Source as _, Transferred, Tree, TreeError, TreeOptions, transfer,
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
        let cancel = Cancel::default();
        let watcher = progress::watcher(shared.progress, self.moving.quiet);
        let hosts: Vec<_> = self.from.location.host().into_iter().collect();
        // Before somebody listens for Ctrl-C, which just ends it all while a password is typed.
        let client = registries::with_options(&self.moving.registry, &hosts, shared, watcher.clone(), &cancel)?;
        signals::watch(&cancel, || {})?;
        let mut found = find(&self.from, &client)?;
        if found.held().is_empty() {
            // No layer is refused for what the manifest or the config is not.
            found.model()?;
        }
        let chosen = layer_choice::choose_files(&mut found, self.choice)?;
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
        let tree = Tree::arranged(self.directory.to_owned(), &found, options, arrangement).map_err(failure)?;
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
            let console = Console::new(shared.color, shared.progress);
            if let Err(OpenError::Artifact {
                source: unread @ ReadError::Config(_),
                ..
            }) = found.model()
            {
                let help = "`modelbuild verify` says what else is wrong";
                console.note(
                    &format!("{unread}: nothing was compared with what it says of the layers"),
                    &[help.to_owned()],
                );
            }
            let unmatched = chosen.as_ref().and_then(|chosen| chosen.unmatched());
            if let Some((message, help)) = unmatched {
                console.warning(&message, &help);
            }
            let replaced = files.iter().filter(|file| file.replaced);
            let replaced: Vec<_> = replaced.map(|file| file.path.as_str()).collect();
            if let Some((message, help)) = replaced::files(&replaced) {
                console.note(&message, &[help.to_owned()]);
            }
            let remote = self.link == Link::Hard && found.is_remote();
            let received = moved.received.first();
            let copied = received.and_then(|received| unlinked::note(received, remote));
            if let Some((message, help)) = copied {
                console.note(&message, &[help.to_owned()]);
            }
            if files.is_empty() {
                let (what, help) = empty(&found, chosen.as_deref());
                console.note(what, &[help.to_owned()]);
            }
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
            Console::new(shared.color, shared.progress).note(&message, &[help]);
        }
        self.report(&moved, &files, found.left_out(), bundle.as_ref())
    }

    /// What an engine gets, with absolute paths: it may run elsewhere.
    fn bundle(&self, bundling: &Bundling, files: &[Extracted]) -> Result<ModelBundle, Failure> {
        let root = std::path::absolute(self.directory);
        let root = root.map_err(|error| Failure::new(FAILED, format!("`{}`: {error}", self.directory.display())))?;
        Ok(bundling.bundle(&root, files)?)
    }

    fn report(
        &self,
        moved: &Transferred,
        files: &[Extracted],
        left_out: usize,
        bundle: Option<&ModelBundle>,
    ) -> Result<(), Failure> {
        let descriptor = &moved.artifact.descriptor;
        if let Some(bundle) = bundle.filter(|_| self.moving.quiet) {
            // To be taken as an argument: byte for byte.
            let mut path = bundle.model_path().into_os_string().into_vec();
            path.push(b'\n');
            return result::print_bytes(&path);
        }
        let text = match self.moving.format {
            _ if self.moving.quiet => format!("{}\n", descriptor.digest),
            Format::Text => {
                let place = bundle.map_or_else(|| self.directory.to_owned(), ModelBundle::model_path);
                format!("{}  {}\n", descriptor.digest, escape(&place.display().to_string()))
            }
            Format::Json => {
                let file = |file: &Extracted| {
                    json!({
                        "path": file.path,
                        "digest": file.digest,
                        "size": file.size,
                        "outcome": word(file.outcome),
                        "replaced": file.replaced,
                    })
                };
                let mut document = json!({
                    "version": VERSION,
                    "root": self.directory.to_string_lossy(),
                    "mediaType": descriptor.media_type,
                    "digest": descriptor.digest,
                    "leftOut": left_out,
                    "files": files.iter().map(file).collect::<Vec<_>>(),
                });
                if let (Some(bundle), Some(members)) = (bundle, document.as_object_mut()) {
                    members.extend(of_bundle(bundle));
                }
                format!("{document:#}\n")
            }
        };
        result::print(&text)
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

/// Why there is no file, and what helps.
fn empty(found: &Found, chosen: Option<&ChosenFiles>) -> (&'static str, &'static str) {
    let paths = "`modelbuild inspect` lists the paths that `--include` and `--exclude` can match";
    if chosen.is_some_and(ChosenFiles::has_kept) {
        ("no file was extracted: the patterns leave only directories", paths)
    } else if found.left_out() > 0 {
        ("nothing was extracted, for all layers were left out", paths)
    } else {
        let help = "`modelbuild inspect` shows what it is";
        ("nothing was extracted, for the artifact has no files", help)
    }
}

/// What an engine asks of a bundle, for machines: members beside those of any extraction.
fn of_bundle(bundle: &ModelBundle) -> Map<String, Value> {
    let path = |path: PathBuf| path.to_string_lossy().into_owned();
    let config = bundle.runtime_config();
    let members = json!({
        "root": bundle.root().to_string_lossy(),
        "config": path(bundle.config_path()),
        "model": path(bundle.model_path()),
        "format": bundle.format(),
        "shards": bundle.shards().into_iter().map(path).collect::<Vec<_>>(),
        "gguf": bundle.gguf_path().map(path),
        "safetensors": bundle.safetensors_path().map(path),
        "dduf": bundle.dduf_path().map(path),
        "mmproj": bundle.mmproj_path().map(path),
        "chatTemplate": bundle.chat_template_path().map(path),
        "contextSize": config.context_size(),
        "size": config.size(),
        "architecture": config.architecture(),
        "parameters": config.parameters(),
        "quantization": config.quantization(),
    });
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
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
            help: Some(
                "extract to a directory that you can write to, with space for the files; nothing was extracted"
                    .to_owned(),
            ),
        },
        failure => failure,
    }
}
