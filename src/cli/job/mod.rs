//! What a build is to do, from what is asked for: found out before any of it is done, or said.

mod asked;
mod inputs;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use asked::{outputs, plan_options, recipe, reports, targets};
use inputs::{all_inputs, modelfile_path, read};
pub use inputs::{inputs, once};

use super::access::{self, Password};
use super::exit::Failure;
use super::options::{Build, Shared};
use super::progress::Watcher;
use super::{
    build_args, cache_place, context, depfile, places, progress, registries, result, settings, trust, written_over,
};
use crate::artifact::Recipe;
use crate::build::explain::Ledger;
use crate::build::{
    Means, Output, Settings, base, base_host, base_location, base_still_holds, default_layout, parse, resolve,
};
use crate::cache::Cache;
use crate::known::Claims;
use crate::modelfile::{Diagnostics, Modelfile, Source};
use crate::plan::{self, Change, Inputs, Plan};
use crate::registry::{Cancel, Client, Uploads};
use crate::store::stored::Lease;
use crate::store::{self, Destination, Options, Target};

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
    /// What keeps the blobs that the plan takes from another artifact where they are.
    pub lease: Lease,
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
        Self::found_out(options, shared, once, cancel).map_err(|failure| {
            if options.quiet {
                failure.quieted(options.strict)
            } else {
                failure
            }
        })
    }

    fn found_out(options: &Build, shared: &Shared, once: &Once, cancel: &Cancel) -> Result<Self, Failure> {
        let (started, begun) = (Instant::now(), SystemTime::now());
        let recipe = recipe(options);
        // Each registry's repository has tags of its own; all else is named in one index.
        let targets = targets(options);
        let is_listed = |target: &Target| !matches!(target, Target::Registry(_));
        if targets.is_empty() || targets.iter().any(is_listed) {
            places::check_tags(&options.tags)?;
        }
        if options.push && options.tags.is_empty() {
            return Err(Failure::usage(
                "nothing says where `--push` is to push to",
                "name the artifact with `-t`, as in `-t registry.example/team/llama:v1`",
            ));
        }
        places::check_mounts(&options.mount_from, &targets)?;
        let given = build_args::given(&options.arguments)?;
        context::check(&options.context)?;
        let source = read(options, once)?;
        let (modelfile, findings) = parse(&source, &given);
        let watcher = progress::watcher(shared.progress, options.quiet);
        let client = client(options, &modelfile, shared, once, watcher.clone(), cancel)?;
        let ((base, lease), findings) = match base(&modelfile, &options.context, &options.variant, &client) {
            Ok(found) => (found, findings),
            Err(_) if cancel.is_cancelled() => return Err(store::Error::Interrupted.into()),
            Err(finding) => (Default::default(), findings.and(Diagnostics(vec![finding]))),
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
            let mut paths = outputs.iter().filter_map(Output::path);
            paths.try_for_each(|path| result::check_told(path, options.format))?;
            if let Some(base) = base_location(&modelfile, &options.context) {
                files
                    .iter()
                    .try_for_each(|file| written_over::check_location(file, &base))?;
            }
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
            lease,
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
        let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let base = self.plan_options.base.as_ref();
        let is_remote = self.outputs.iter().any(|output| output.address().is_some())
            || base.is_some_and(|base| base.place.home().is_some());
        let least = if is_remote {
            Options::default().jobs
        } else {
            NonZeroUsize::MIN
        };
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
