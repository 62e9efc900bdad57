//! What a build is to do, from what is asked for: found out before any of it is done, or said.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use super::access::{self, Password};
use super::exit::Failure;
use super::options::{Build, LinkKind, Shared, Spec};
use super::progress::Watcher;
use super::{build_args, cache_place, context, depfile, places, progress, registries, result, settings, trust};
use crate::artifact::{Encoding, Recipe};
use crate::build::explain::Ledger;
use crate::build::{
    Means, Output, Settings, base, base_host, base_input, base_still_holds, default_layout, parse, resolve,
};
use crate::cache::Cache;
use crate::known::Claims;
use crate::modelfile::{Diagnostics, Modelfile, Source};
use crate::plan::{self, Base, Change, Inputs, Plan};
use crate::registry::{Cancel, Client, Uploads};
use crate::store::{self, Destination, Durability, Link, Name, Options, Target};

/// A build that nothing stands in the way of, as far as can be told without opening a file that is packed.
pub struct Job {
    pub started: Instant,
    pub recipe: Recipe,
    pub cache_place: Option<cache_place::Place>,
    pub cache: Option<Arc<Cache>>,
    /// What others have written down of the files.
    pub claims: Claims,
    pub source: Source,
    pub modelfile: Modelfile,
    pub findings: Diagnostics,
    pub plan_options: plan::Options,
    pub plan: Plan,
    pub outputs: Vec<Output>,
    /// Where the last such build is on record.
    pub ledger: Ledger,
    pub depfile: Option<depfile::Planned>,
    /// How registries are spoken to.
    pub client: Client,
    /// Who is told what goes on.
    pub watcher: Arc<dyn Watcher>,
}

/// What cannot be read twice, however often somebody looks what is to be done.
#[derive(Debug, Default)]
pub struct Once {
    /// The Modelfile, where it comes from standard input or a pipe.
    pub modelfile: Option<Source>,
    password: Password,
}

impl Job {
    /// Finds out what is to be done.
    pub fn prepare(options: &Build, shared: &Shared, once: &Once, cancel: &Cancel) -> Result<Self, Failure> {
        let (started, begun) = (Instant::now(), SystemTime::now());
        let recipe = recipe(options);
        places::check_tags(&options.tags)?;
        if options.push && options.tags.is_empty() {
            return Err(Failure::usage(
                "nothing says where `--push` is to push to",
                "name the artifact with `-t`, as in `-t registry.example/team/llama:v1`",
            ));
        }
        places::check_mounts(&options.mount_from, &targets(options))?;
        let given = build_args::given(&options.arguments)?;
        context::check(&options.context)?;
        let source = read(options, once)?;
        let (modelfile, findings) = parse(&source, &given);
        let watcher = progress::watcher(shared.progress, options.quiet);
        let client = client(options, &modelfile, shared, once, watcher.clone(), cancel)?;
        let (base, findings) = match base(&modelfile, &options.context, &options.variant, &client) {
            Ok(base) => (base, findings),
            Err(_) if cancel.is_cancelled() => return Err(store::Error::Interrupted.into()),
            Err(finding) => (None, findings.and(Diagnostics(vec![finding]))),
        };
        let name =
            plan::model_name(&modelfile, base.as_ref(), &options.context).map_err(|error| Failure::planning(&error))?;
        let cache_place = cache_place::place(options.cache.cache_dir.as_deref());
        let cache = cache_place.as_ref().map(|place| Arc::new(Cache::new(&place.directory)));
        let place = default_layout(&options.context, &name);
        let mut outputs = outputs(options, &place, base.as_ref());
        // With errors in the Modelfile, its name may be another one, and the default place with it.
        if !options.dry_run && !findings.has_errors() {
            if options.outputs.is_empty() {
                places::check_default(&place)?;
            }
            let files: Vec<_> = reports(options).collect();
            let mut inputs = vec![PathBuf::from(&source.name), options.context.join(".modelignore")];
            inputs.extend(shared.settings.iter().map(|file| file.path.clone()));
            places::check(&outputs, &files, &inputs)?;
        }
        let plan_options = plan_options(options, &source, &outputs, place, base, cache.as_deref());
        let cache = cache.filter(|_| !options.no_cache);
        let planned = resolve(&modelfile, findings, &options.context, &plan_options);
        let (plan, findings) = planned.map_err(|error| Failure::resolving(error, &source))?;
        let claims = trust::claims(options, &plan)?;
        let depfile = depfile::plan(options, &outputs, || all_inputs(&plan, &claims, options, shared), begun)?;
        let ledger = Ledger::new(&options.context, Path::new(&source.name), &outputs);
        if options.dry_run {
            // Not earlier: what a build leaves out of its artifact, a dry run leaves out too.
            outputs.clear();
        }
        Ok(Self {
            started,
            recipe,
            cache_place,
            cache,
            claims,
            source,
            modelfile,
            findings,
            plan_options,
            plan,
            outputs,
            ledger,
            depfile,
            client,
            watcher,
        })
    }

    /// Where the artifact goes, for the engine.
    pub fn destinations(&self) -> Result<Vec<Box<dyn Destination>>, Failure> {
        let uploads = self.cache.as_ref().and(self.cache_place.as_ref());
        let uploads = uploads.map(|place| Uploads::new(&place.directory));
        let means = Means {
            client: &self.client,
            cache: self.cache.as_ref(),
            uploads: uploads.as_ref(),
        };
        let destination = |output: &Output| output.destination(result::stdout, means);
        Ok(self.outputs.iter().map(destination).collect::<Result<_, _>>()?)
    }

    /// How the build is carried out.
    pub fn settings(&self, options: &Build) -> Settings<'_> {
        /// As `push` and `pull` have it: who waits for a network is quicker with several blobs at a time, however few cores there are.
        const UPLOADS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
        let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let base = self.plan_options.base.as_ref();
        let is_remote = self.outputs.iter().any(|output| output.address().is_some())
            || base.is_some_and(|base| base.place.home().is_some());
        let least = if is_remote { UPLOADS } else { NonZeroUsize::MIN };
        Settings {
            options: Options {
                jobs: options.jobs.unwrap_or_else(|| cores().max(least)),
            },
            strict: options.strict,
            cache: self.cache.as_deref(),
            claims: &self.claims,
            client: &self.client,
        }
    }

    /// Everything that the build depends on.
    pub fn inputs(&self, options: &Build, shared: &Shared) -> Inputs {
        all_inputs(&self.plan, &self.claims, options, shared)
    }

    /// The files to pack that are other ones in a later job.
    pub fn changes(&self, later: &Self) -> Vec<Change> {
        self.plan.changes(&later.plan)
    }

    /// Whether a plan made now would be the same one: nothing changed in the meantime.
    pub fn still_holds(&self, options: &Build, shared: &Shared) -> bool {
        let again = modelfile_path(options).filter(|path| path.is_file());
        let again = again.map(|path| Source::read(&path));
        shared.settings.iter().all(settings::File::still_holds)
            && again.is_none_or(|again| again.is_ok_and(|again| again.text == self.source.text))
            && base_still_holds(
                self.plan_options.base.as_ref(),
                &self.modelfile,
                &options.context,
                &options.variant,
                &self.client,
            )
            && Plan::resolve(&self.modelfile, &options.context, &self.plan_options)
                .is_ok_and(|(again, _)| self.plan.still_holds(&again))
            && trust::claims(options, &self.plan).is_ok_and(|claims| claims == self.claims)
    }
}

/// Where the Modelfile is; `None` for standard input.
fn modelfile_path(options: &Build) -> Option<PathBuf> {
    match &options.file {
        Some(path) if path == Path::new("-") => None,
        Some(path) => Some(path.clone()),
        // `Modelfile`, not `./Modelfile`, in every message.
        None if options.context == Path::new(".") => Some("Modelfile".into()),
        None => Some(options.context.join("Modelfile")),
    }
}

fn read(options: &Build, once: &Once) -> Result<Source, Failure> {
    if let Some(source) = &once.modelfile {
        return Ok(source.clone());
    }
    Ok(match modelfile_path(options) {
        Some(path) => Source::read(&path)?,
        None if options.registry.password_stdin => {
            return Err(Failure::usage(
                "Modelfile and password cannot both come from standard input",
                "write the Modelfile to a file, or log in before with `modelbuild login`",
            ));
        }
        None => Source::read_stdin(std::io::stdin().lock())?,
    })
}

/// What will be looked at again and again, with what of it is to be read now.
pub fn once(options: &Build) -> Result<Once, Failure> {
    let mut once = Once::default();
    if modelfile_path(options).is_none_or(|path| !path.is_file() && path.exists()) {
        once.modelfile = Some(read(options, &once)?);
    }
    Ok(once)
}

/// How registries are spoken to: those that outputs and the Modelfile name as `options` say. A user is named for the one
/// that is pushed to; only without one for that of `FROM`, which whoever wrote the Modelfile chose.
fn client(
    options: &Build,
    modelfile: &Modelfile,
    shared: &Shared,
    once: &Once,
    watcher: Arc<dyn Watcher>,
    cancel: &Cancel,
) -> Result<Client, Failure> {
    let targets = targets(options);
    let pushed = targets.iter().filter_map(|target| match target {
        Target::Registry(address) => Some(address.host.as_str()),
        _ => None,
    });
    let pushed: Vec<_> = pushed.collect();
    let from = base_host(modelfile, &options.context);
    let named: Vec<_> = pushed.iter().copied().chain(from.as_deref()).collect();
    let settings = access::settings(&options.registry, &named, shared)?;
    let users = if pushed.is_empty() { named } else { pushed };
    let credentials = access::credentials(&options.registry, &users, &once.password)?;
    Ok(registries::client(settings, credentials, watcher, cancel))
}

/// What a build would depend on for which nothing can be prepared.
pub fn inputs(options: &Build, shared: &Shared, once: &Once) -> Inputs {
    let inputs = read(options, once).and_then(|source| {
        let (modelfile, _) = parse(&source, &build_args::given(&options.arguments)?);
        let watcher = progress::watcher(shared.progress, true);
        let client = client(options, &modelfile, shared, once, watcher, &Cancel::default())?;
        let base = base(&modelfile, &options.context, &options.variant, &client).unwrap_or_default();
        let name = plan::model_name(&modelfile, base.as_ref(), &options.context);
        let place = default_layout(&options.context, &name.unwrap_or_default());
        let by = plan_options(
            options,
            &source,
            &outputs(options, &place, base.as_ref()),
            place,
            base,
            None,
        );
        let mut inputs = Inputs::of(&modelfile, &options.context, &by);
        if let Some(base) = base_input(&modelfile, &options.context) {
            // It may be a layout that is still missing, as a whole.
            inputs
                .directories
                .extend(base.ancestors().skip(1).take(2).map(Path::to_owned));
            inputs.insert(&base);
        }
        Ok(inputs)
    });
    let none = Inputs {
        directories: vec![options.context.clone()],
        ..Inputs::default()
    };
    with_sources(inputs.unwrap_or(none), options, shared)
}

/// What a plan depends on, who was believed about it, and what says what to build.
fn all_inputs(plan: &Plan, claims: &Claims, options: &Build, shared: &Shared) -> Inputs {
    let mut inputs = with_sources(plan.inputs(), options, shared);
    inputs.extend(claims.origins().map(|origin| origin.path.as_path()));
    inputs
}

/// Adds what says what to build.
fn with_sources(mut inputs: Inputs, options: &Build, shared: &Shared) -> Inputs {
    for file in shared.settings.iter().filter(|file| file.text.is_some()) {
        inputs.insert(&file.path);
    }
    // Not a pipe of the shell's (`-f <(...)`), which is gone afterwards.
    if let Some(path) = modelfile_path(options).filter(|path| path.is_file()) {
        inputs.insert(&path);
    }
    inputs
}

/// The small files that are written beside the artifact.
fn reports(options: &Build) -> impl Iterator<Item = &PathBuf> {
    options
        .metadata_file
        .iter()
        .chain(&options.iidfile)
        .chain(&options.depfile)
}

fn recipe(options: &Build) -> Recipe {
    Recipe {
        spec: options.spec.into(),
        encoding: if options.tar { Encoding::Tar } else { Encoding::Raw },
        created: options.created,
        annotations: options.annotations.iter().cloned().collect::<BTreeMap<_, _>>(),
    }
}

/// Where it is said that the artifact goes.
fn targets(options: &Build) -> Vec<Target> {
    let mut targets = options.outputs.clone();
    if options.push {
        let named = options.tags.iter().filter_map(Name::full);
        targets.extend(named.filter_map(|name| name.parse().ok()).map(Target::Registry));
    }
    targets
}

/// Where the artifact goes: `place` unless told otherwise.
fn outputs(options: &Build, place: &Path, base: Option<&Base>) -> Vec<Output> {
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
            mount_from,
        }
    };
    places::join(targets.into_iter().map(output).collect())
}

/// What is not packed: everything this run writes, and the default place even where another one was chosen, because an
/// earlier build may have been there. The cache neither, used or not: it must not decide what is built.
fn plan_options(
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
