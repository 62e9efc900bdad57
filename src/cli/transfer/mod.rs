//! `push`, `pull` and `copy`: an artifact that lies somewhere, to somewhere else, without a change to any byte.

mod report;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use report::{tell_replaced, tell_same, tell_unreturnable, tell_weightless};

use super::console::Console;
use super::exit::Failure;
use super::options::{Convert, ConvertedSpec, Copy, LayerChoice, Moving, Pull, Push, Shared, VariantChoice};
use super::size::plural;
use super::{cache_place, extract, layer_choice, places, progress, registries, result, signals};
use crate::artifact::Spec;
use crate::build::{ConvertError, Converted, Means, Output};
use crate::cache::Cache;
use crate::registry::{Cancel, Uploads};
use crate::store::stored::{Found, Reach, find_all};
use crate::store::{self, Choice, Durability, Link, Location, Name, Options, Reference, Source, Target, transfer};

/// What `pull` has done.
const PULLED: &str = "pulled";

/// What `copy` has done, and `convert` where there is nothing to convert.
const COPIED: &str = "copied";

/// What is moved where.
struct Errand<'a> {
    from: Reference,
    to: Vec<Target>,
    choice: Option<&'a LayerChoice>,
    mount_from: &'a [String],
    moving: &'a Moving,
    reach: Reach,
    /// The dialect that it is to have there, where that may be another one.
    spec: Option<ConvertedSpec>,
    /// The tags that it is to have there, instead of its own.
    tags: &'a [Name],
    /// What was done, for the line that says so.
    done: &'static str,
}

/// Moves an artifact from a layout or a tarball to registries.
pub fn push(options: &Push, shared: &Shared) -> Result<(), Failure> {
    if let Some(address) = options.destinations.iter().find(|address| address.digest.is_some()) {
        return Err(Failure::usage(
            format!("`{address}` is no destination: a digest cannot be chosen"),
            "give a tag, as in `HOST/REPOSITORY:TAG`",
        ));
    }
    let errand = Errand {
        from: reference(&options.source, &options.variant)?,
        to: options.destinations.iter().cloned().map(Target::Registry).collect(),
        choice: None,
        mount_from: &options.mount_from,
        moving: &options.moving,
        reach: options.reach.reach(),
        spec: None,
        tags: &[],
        done: "pushed",
    };
    errand.run(shared)
}

/// Moves an artifact from a registry to a layout or a tarball.
pub fn pull(options: &Pull, shared: &Shared) -> Result<(), Failure> {
    if let Some(directory) = &options.extract {
        return extract::pull(options, directory, shared);
    }
    let last = options.source.repository.rsplit('/').next().unwrap_or("model");
    let output = options
        .output
        .clone()
        .unwrap_or_else(|| Target::Layout(last.into(), None));
    let errand = Errand {
        from: Reference {
            location: Location::Registry(options.source.clone()),
            choice: Choice::Only,
            variant: options.variant.variant.clone(),
        },
        to: vec![output],
        choice: Some(&options.choice),
        mount_from: &[],
        moving: &options.moving,
        reach: options.reach.reach(),
        spec: None,
        tags: &[],
        done: PULLED,
    };
    errand.run(shared)
}

/// Moves an artifact from anywhere to anywhere.
pub fn copy(options: &Copy, shared: &Shared) -> Result<(), Failure> {
    let errand = Errand {
        from: reference(&options.source, &options.variant)?,
        to: options.destinations.clone(),
        choice: Some(&options.choice),
        mount_from: &options.mount_from,
        moving: &options.moving,
        reach: options.reach.reach(),
        spec: None,
        tags: &[],
        done: COPIED,
    };
    errand.run(shared)
}

/// Moves an artifact, or leaves it where it is, in another dialect.
pub fn convert(options: &Convert, shared: &Shared) -> Result<(), Failure> {
    let from = reference(&options.source, &options.variant)?;
    let to = match (&options.destination, &from.location) {
        (Some(destination), _) => destination.clone(),
        (None, Location::Layout(path)) if let Some(tag) = options.tags.first() => {
            // Beside the other one, its path alone would not tell it.
            Target::Layout(path.clone(), Some(tag.clone()))
        }
        (None, Location::Layout(path)) => {
            let (what, tag) = match options.spec {
                ConvertedSpec::Original => ("the original", "such as the one that it had, "),
                ConvertedSpec::Modelpack | ConvertedSpec::Docker => ("the converted artifact", ""),
            };
            return Err(Failure::usage(
                format!("nothing says what {what} is called in `{}`", path.display()),
                format!("give it a tag with `-t`, {tag}or name another place"),
            ));
        }
        (None, _) => {
            return Err(Failure::usage(
                format!("nothing says where `{}` is to be converted to", options.source),
                "name a layout, a tarball or a registry; only a layout takes the converted artifact beside the other one",
            ));
        }
    };
    places::check_tags(&options.tags)?;
    let errand = Errand {
        from,
        to: vec![to],
        choice: None,
        mount_from: &[],
        moving: &options.moving,
        reach: Reach::default(),
        spec: Some(options.spec),
        tags: &options.tags,
        done: "converted",
    };
    errand.run(shared)
}

fn reference(text: &str, variant: &VariantChoice) -> Result<Reference, Failure> {
    let reference = Reference::parse(text, Path::new("")).map_err(|error| {
        Failure::usage(
            format!("`{text}` is no artifact: {error}"),
            "name a layout directory, a tarball, or a registry as `docker://HOST/REPOSITORY:TAG`",
        )
    })?;
    Ok(Reference {
        variant: variant.variant.clone(),
        ..reference
    })
}

fn converted(found: &Found, spec: ConvertedSpec) -> Result<Converted, ConvertError> {
    match spec {
        ConvertedSpec::Modelpack => Converted::new(found.clone(), Spec::ModelPack),
        ConvertedSpec::Docker => Converted::new(found.clone(), Spec::Docker),
        ConvertedSpec::Original => Converted::back(found.clone()),
    }
}

impl Errand<'_> {
    fn run(self, shared: &Shared) -> Result<(), Failure> {
        let goes_on = self.goes_on();
        self.carry_out(shared)
            .map_err(|failure| if goes_on { failure } else { failure.of_a_look() })
    }

    fn carry_out(self, shared: &Shared) -> Result<(), Failure> {
        let started = Instant::now();
        places::check_mounts(self.mount_from, &self.to)?;
        places::check_stdout(
            self.to.iter(),
            "redirect it, with `> model.tar` behind the command, or name a file such as `model.tar` instead of `-`",
        )?;
        let cancel = Cancel::default();
        let watcher = progress::watcher(shared.progress, self.moving.quiet);
        // Before somebody listens for Ctrl-C, which just ends it all while a password is typed.
        let client = registries::with_options(&self.moving.registry, &self.hosts(), shared, watcher.clone(), &cancel)?;
        signals::watch(&cancel, || {})?;
        let layouts = self.to.iter().filter_map(|target| match target {
            Target::Layout(path, _) => Some(path.as_path()),
            _ => None,
        });
        let mut found = find_all(&self.from, self.reach, &client, &layouts.collect::<Vec<_>>())?;
        if let Some(choice) = self.choice {
            let unmatched = layer_choice::choose(&mut found, choice)?;
            if let Some((message, help)) = unmatched.filter(|_| !self.moving.quiet) {
                Console::new(shared.color, shared.progress).warning(&message, &help);
            }
        }
        let is_whole = found.left_out() == 0;
        if !is_whole && self.to.iter().any(|target| matches!(target, Target::Registry(_))) {
            return Err(Failure::usage(
                "a registry takes no artifact without all of its layers",
                "leave out `--include` and `--no-weights`, or write to a layout or a tarball",
            ));
        }
        let place = cache_place::place(self.moving.cache.cache_dir.as_deref()).filter(|_| !self.moving.no_cache);
        let cache = place.as_ref().map(|place| Arc::new(Cache::new(&place.directory)));
        let uploads = place.as_ref().map(|place| Uploads::new(&place.directory));
        let means = Means {
            client: &client,
            cache: cache.as_ref(),
            uploads: uploads.as_ref(),
        };
        let outputs = self.outputs(&found);
        let destinations = outputs.iter().map(|output| output.destination(result::stdout, means));
        let mut destinations = destinations
            .collect::<Result<Vec<_>, store::Error>>()
            .map_err(|error| self.failure(error))?;
        let options = Options { jobs: self.moving.jobs };
        let converted = self.spec.map(|spec| converted(&found, spec)).transpose()?;
        let source: &dyn Source = converted.as_ref().map_or(&found, |converted| converted);
        let moved = transfer(source, &mut destinations, options, watcher.as_ref(), &cancel);
        let moved = moved.map_err(|error| {
            let failure = self.failure(found.blame(error));
            failure.of_a_transfer(self.goes_on())
        })?;
        if !self.moving.quiet {
            let from = (&self.from, &found);
            let is_same = converted.as_ref().is_some_and(Converted::is_same);
            let done = if is_same { COPIED } else { self.done };
            progress::moved(shared.progress, done, from, &outputs, &moved, started.elapsed());
            let console = Console::new(shared.color, shared.progress);
            tell_replaced(&outputs, &moved, &console);
            if let Some(converted) = &converted {
                tell_same(converted, found.place(), &console);
                tell_unreturnable(converted, found.place(), &console);
                tell_weightless(converted, &console);
            }
            if !is_whole {
                let (left_out, all) = (found.left_out(), found.artifact().layers.len());
                console.note(
                    &format!(
                        "{left_out} of {} {} left out, which the manifest names all the same",
                        plural(all, "layer"),
                        if left_out == 1 { "was" } else { "were" }
                    ),
                    &[
                        "the same command without `--include`, `--exclude` and `--no-weights` brings the rest"
                            .to_owned(),
                    ],
                );
            }
        }
        self.report(&outputs, &moved, found.left_out())
    }

    /// Whether what is moved can be gone on with: it comes from a registry to a place that keeps it, or goes to one, of
    /// which the cache knows how far it has got.
    fn goes_on(&self) -> bool {
        let is_remote = matches!(self.from.location, Location::Registry(_));
        self.to.iter().any(|target| match target {
            Target::Registry(_) => !self.moving.no_cache,
            Target::Layout(..) | Target::Archive(..) => is_remote,
            Target::Stdout => false,
        })
    }

    /// Advice about a place speaks of `-o`, which is how `build` and `pull` are told one.
    fn failure(&self, error: store::Error) -> Failure {
        match Failure::from(error) {
            Failure::Message {
                code,
                message,
                help: Some(help),
            } if self.done != PULLED => Failure::Message {
                code,
                message,
                help: Some(help.replace(" with `-o`", "")),
            },
            failure => failure,
        }
    }

    /// The registries that are named, each as often as it is.
    fn hosts(&self) -> Vec<&str> {
        let from = match &self.from.location {
            Location::Registry(address) => Some(address.host.as_str()),
            _ => None,
        };
        let to = self.to.iter().filter_map(|target| match target {
            Target::Registry(address) => Some(address.host.as_str()),
            _ => None,
        });
        from.into_iter().chain(to).collect()
    }

    /// The outputs, each with what it needs to know of the source.
    fn outputs(&self, found: &Found) -> Vec<Output> {
        let output = |target: Target| {
            let mut mount_from = Vec::new();
            if let Target::Registry(to) = &target {
                mount_from = places::mounts(self.mount_from, &to.host);
                // What comes from the same registry need not go through our hands.
                let from = found.repository().filter(|from| from.host() == to.host);
                mount_from.extend(from.map(|from| from.name().to_owned()));
            }
            // Where no other name is given, it keeps the one that it had.
            let known = found.name();
            let given = |tag: &Name| known.as_ref().map_or_else(|| tag.clone(), |known| known.sibling(tag));
            let names = match &target {
                _ if !self.tags.is_empty() => None,
                Target::Registry(_) | Target::Layout(_, Some(_)) | Target::Archive(_, Some(_)) => None,
                Target::Layout(_, None) | Target::Archive(_, None) | Target::Stdout => known.clone(),
            };
            Output {
                target,
                names: names.into_iter().chain(self.tags.iter().map(given)).collect(),
                durability: if self.moving.no_sync {
                    Durability::Unsynced
                } else {
                    Durability::Synced
                },
                link: Link::Never,
                resumable: found.is_remote(),
                adding: true,
                mount_from,
                beside: Vec::new(),
            }
        };
        places::join(self.to.iter().cloned().map(output).collect())
    }
}
