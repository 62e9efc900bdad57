//! What is asked of a build: what it makes, and where that goes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::artifact::{Encoding, Recipe};
use crate::build::Output;
use crate::cache::Cache;
use crate::cli::options::{Build, LinkKind, Spec};
use crate::cli::places;
use crate::modelfile::Source;
use crate::plan::{self, Base};
use crate::store::{Durability, Link, Name, Target};

/// The small files that are written beside the artifact.
pub fn reports(options: &Build) -> impl Iterator<Item = &PathBuf> {
    options
        .metadata_file
        .iter()
        .chain(&options.iidfile)
        .chain(&options.depfile)
}

pub fn recipe(options: &Build) -> Recipe {
    Recipe {
        spec: options.spec.into(),
        encoding: if options.tar { Encoding::Tar } else { Encoding::Raw },
        created: options.created,
        annotations: options.annotations.iter().cloned().collect::<BTreeMap<_, _>>(),
    }
}

/// Where it is said that the artifact goes.
pub fn targets(options: &Build) -> Vec<Target> {
    let mut targets = options.outputs.clone();
    if options.push {
        let named = options.tags.iter().filter_map(Name::full);
        targets.extend(named.filter_map(|name| name.parse().ok()).map(Target::Registry));
    }
    targets
}

/// Where the artifact goes: `place` unless told otherwise.
pub fn outputs(options: &Build, place: &Path, base: Option<&Base>) -> Vec<Output> {
    let home = base.and_then(|base| base.place.home());
    let mut targets = targets(options);
    if targets.is_empty() {
        targets.push(Target::Layout(place.into(), None));
    }
    let output = |target| {
        let mut mount_from = Vec::new();
        if let Target::Registry(to) = &target {
            mount_from = places::mounts(&options.mount_from, &to.host);
            let home = home.filter(|home| home.host == to.host);
            mount_from.extend(home.map(|home| home.repository.clone()));
        }
        Output {
            // A registry's address has its own tag.
            names: if matches!(target, Target::Registry(_)) {
                Vec::new()
            } else {
                options.tags.clone()
            },
            target,
            durability: if options.no_sync {
                Durability::Unsynced
            } else {
                Durability::Synced
            },
            link: if options.link == Some(LinkKind::Hard) {
                Link::Hard
            } else {
                Link::Never
            },
            resumable: home.is_some(),
            adding: false,
            mount_from,
            beside: Vec::new(),
        }
    };
    places::join(targets.into_iter().map(output).collect())
}

/// What is not packed: everything this run writes, and the default place even where another one was chosen, because an
/// earlier build may have been there. The cache neither, used or not: it must not decide what is built.
pub fn plan_options(
    options: &Build,
    source: &Source,
    outputs: &[Output],
    place: PathBuf,
    base: Option<Base>,
    cache: Option<&Cache>,
) -> plan::Options {
    let written = outputs.iter().filter_map(Output::path).chain(reports(options)).cloned();
    let cache = cache.map(Cache::directories).into_iter().flatten();
    plan::Options {
        outputs: written.chain([place]).chain(cache).collect(),
        // Standard input has no directory; paths that somebody types there are meant from where they type them.
        modelfile: Some(PathBuf::from(&source.name)),
        base,
        for_docker: options.spec == Spec::Docker,
    }
}
