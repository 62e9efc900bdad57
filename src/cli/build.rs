use std::collections::BTreeMap;
use std::io::Write;
use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::console::Console;
use super::exit::{FAILED, Failure, INTERRUPTED, INVALID};
use super::options::{Build, Format, LinkKind, Shared, Spec};
use super::{
    build_args, cache_place, context, dated, depfile, metadata_file, model_runner, places, progress, result, settings,
};
use crate::artifact::{self, Encoding, Recipe};
use crate::build::{Built, Output, Settings, base, build, default_layout, parse, resolve};
use crate::cache::Cache;
use crate::modelfile::{Diagnostics, Modelfile, Severity, Source};
use crate::plan::{self, Base, Inputs, Plan};
use crate::store::{Cancel, Destination, Durability, Link, Options, Target, write_file};

/// Builds the artifact of a directory.
pub fn run(options: &Build, shared: &Shared, console: &Console) -> Result<(), Failure> {
    let (started, begun) = (Instant::now(), SystemTime::now());
    let recipe = recipe(options);
    places::check_tags(&options.tags)?;
    let given = build_args::given(&options.arguments)?;
    context::check(&options.context)?;
    let source = read(options)?;
    let (modelfile, findings) = parse(&source, &given);
    let (base, findings) = match base(&modelfile, &options.context) {
        Ok(base) => (base, findings),
        Err(finding) => (None, findings.and(Diagnostics(vec![finding]))),
    };
    let name =
        plan::model_name(&modelfile, base.as_ref(), &options.context).map_err(|error| Failure::planning(&error))?;
    let cache_place = cache_place::place(options.cache.cache_dir.as_deref());
    let cache = cache_place.as_ref().map(|place| Arc::new(Cache::new(&place.directory)));
    let place = default_layout(&options.context, &name);
    let mut outputs = outputs(options, &place);
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
    let depfile = depfile::plan(options, &outputs, &inputs(options, shared, &plan), begun)?;
    let misread: Vec<_> = depfile.iter().flat_map(depfile::Planned::warnings).collect();
    let fails = options.strict && (findings.fails_strict() || !misread.is_empty());
    if fails || !options.quiet {
        console.findings(&source, &findings);
        for (message, help) in &misread {
            console.warning(message, help);
        }
    }
    if fails {
        return Err(Failure::new(
            INVALID,
            "there are warnings, and `--strict` makes them errors",
        ));
    }
    if options.dry_run {
        // Not earlier: what a build leaves out of its artifact, a dry run leaves out too.
        outputs.clear();
    }
    let mut built = carry_out(options, shared, &plan, &recipe, &outputs, cache.as_ref())?;
    if cache_place.is_none_or(|place| !place.named) {
        // Nobody asked for a cache.
        built.forgotten = None;
    }
    if !options.quiet {
        for finding in &built.findings {
            console.warning(&finding.to_string(), finding.help());
        }
        if let Some(error) = &built.forgotten {
            console.warning(&forgotten(error), "the build went on without it");
        }
    }
    write_files(options, &plan, &built)?;
    if let Some(depfile) = depfile {
        depfile.write()?;
        let mut tarballs = dated::Tarballs::of(&outputs);
        let holds = depfile.date(|| {
            tarballs.were_dated();
            shared.settings.iter().all(settings::File::still_holds)
                && still_holds(options, &source, &modelfile, &plan, &plan_options)
        })?;
        if holds {
            tarballs.tell(cache.as_deref());
        } else if !options.quiet {
            console.warning("an input changed during the build", "make or ninja will build again");
        }
    }
    if !options.quiet {
        if options.spec == Spec::Docker {
            for (message, calls) in model_runner::calls(&outputs, &built.artifact.descriptor.digest) {
                console.note(&message, &calls);
            }
        }
        progress::summary(shared.progress, &plan, &built, started.elapsed());
    }
    let misread = misread.into_iter().map(|(message, _)| message);
    let warnings: Vec<_> = warnings(&findings, &built).chain(misread).collect();
    report(options, &plan, &built, &outputs, &warnings)
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

fn read(options: &Build) -> Result<Source, Failure> {
    Ok(match modelfile_path(options) {
        Some(path) => Source::read(&path)?,
        None => Source::read_stdin(std::io::stdin().lock())?,
    })
}

/// Everything that the build depends on.
fn inputs(options: &Build, shared: &Shared, plan: &Plan) -> Inputs {
    let mut inputs = plan.inputs.clone();
    for file in shared.settings.iter().filter(|file| file.text.is_some()) {
        inputs.insert(&file.path);
    }
    // Not a pipe of the shell's (`-f <(...)`), which is gone afterwards.
    if let Some(path) = modelfile_path(options).filter(|path| path.is_file()) {
        inputs.insert(&path);
    }
    inputs
}

/// Whether a plan made now would be the same one: nothing changed in the meantime.
fn still_holds(options: &Build, source: &Source, modelfile: &Modelfile, plan: &Plan, by: &plan::Options) -> bool {
    let again = modelfile_path(options).filter(|path| path.is_file());
    let again = again.map(|path| Source::read(&path));
    again.is_none_or(|again| again.is_ok_and(|again| again.text == source.text))
        && Plan::resolve(modelfile, &options.context, by).is_ok_and(|(again, _)| plan.still_holds(&again))
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
        spec: match options.spec {
            Spec::Modelpack => artifact::Spec::ModelPack,
            Spec::Docker => artifact::Spec::Docker,
        },
        encoding: if options.tar { Encoding::Tar } else { Encoding::Raw },
        created: options.created,
        annotations: options.annotations.iter().cloned().collect::<BTreeMap<_, _>>(),
    }
}

/// Where the artifact goes: `place` unless told otherwise.
fn outputs(options: &Build, place: &Path) -> Vec<Output> {
    let mut targets = options.outputs.clone();
    if targets.is_empty() {
        targets.push(Target::Layout(place.into(), None));
    }
    let output = |target| Output {
        target,
        names: options.tags.clone(),
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
    let cache = cache.map(|cache| cache.path().to_owned());
    plan::Options {
        outputs: written.chain([place]).chain(cache).collect(),
        // Standard input has no directory; paths that somebody types there are meant from where they type them.
        modelfile: Some(PathBuf::from(&source.name)),
        base,
    }
}

fn carry_out(
    options: &Build,
    shared: &Shared,
    plan: &Plan,
    recipe: &Recipe,
    outputs: &[Output],
    cache: Option<&Arc<Cache>>,
) -> Result<Built, Failure> {
    let cancel = Cancel::default();
    stop_on_signal(&cancel)?;
    let destination = |output: &Output| output.destination(stdout, cache);
    let mut destinations: Vec<Box<dyn Destination>> = outputs.iter().map(destination).collect();
    let jobs = options
        .jobs
        .or_else(|| std::thread::available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN);
    let watcher = progress::watcher(shared.progress, options.quiet);
    let settings = Settings {
        options: Options { jobs },
        strict: options.strict,
        cache: cache.map(AsRef::as_ref),
    };
    let built = build(plan, recipe, &mut destinations, settings, watcher.as_ref(), &cancel);
    drop(watcher);
    Ok(built?)
}

/// Standard output without the line buffer that [`std::io::Stdout`] puts in front of it.
fn stdout() -> Box<dyn Write + Send> {
    match std::io::stdout().as_fd().try_clone_to_owned() {
        #[allow(clippy::disallowed_types, reason = "wrapped in fs_err's at once")]
        Ok(stdout) => Box::new(fs_err::File::from_parts(std::fs::File::from(stdout), "-")),
        Err(_) => Box::new(std::io::stdout()),
    }
}

/// The first Ctrl-C (or SIGTERM) stops the build cleanly; the second one at once, and nothing becomes visible then either.
/// SIGHUP is left to do what the user's shell or `nohup` made of it.
fn stop_on_signal(cancel: &Cancel) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(FAILED, format!("cannot watch for Ctrl-C: {error}"));
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(failed)?;
    let cancel = cancel.clone();
    let watch = move || {
        for _ in signals.forever() {
            if cancel.is_cancelled() {
                std::process::exit(INTERRUPTED.into());
            }
            cancel.cancel();
        }
    };
    let thread = std::thread::Builder::new().name("signals".to_owned());
    thread.spawn(watch).map(drop).map_err(failed)
}

fn write_files(options: &Build, plan: &Plan, built: &Built) -> Result<(), Failure> {
    let write = |path: &Path, bytes: &[u8]| {
        write_file(path, bytes, Durability::Unsynced).map_err(|error| Failure::Message {
            code: FAILED,
            message: format!("cannot write `{}`: {error}", path.display()),
            help: Some("the artifact itself is complete; only this report of it is missing".to_owned()),
        })
    };
    if options.dry_run {
        return Ok(());
    }
    if let Some(path) = &options.metadata_file {
        let metadata = metadata_file::metadata(plan, &built.artifact, &options.tags);
        write(path, format!("{metadata:#}\n").as_bytes())?;
    }
    if let Some(path) = &options.iidfile {
        // Without a newline, as docker and buildx write it.
        write(path, built.artifact.descriptor.digest.to_string().as_bytes())?;
    }
    Ok(())
}

fn forgotten(error: &std::io::Error) -> String {
    format!("the digest cache cannot be used: {error}")
}

/// All warnings of a build: about the Modelfile, then about the artifact, then about the cache.
fn warnings(findings: &Diagnostics, built: &Built) -> impl Iterator<Item = String> {
    let about_source = findings
        .0
        .iter()
        .filter(|finding| finding.severity == Severity::Warning)
        .map(|finding| finding.message.clone());
    about_source
        .chain(built.findings.iter().map(ToString::to_string))
        .chain(built.forgotten.as_ref().map(forgotten))
}

fn report(options: &Build, plan: &Plan, built: &Built, outputs: &[Output], warnings: &[String]) -> Result<(), Failure> {
    let text = match options.format {
        _ if options.quiet => format!("{}\n", built.artifact.descriptor.digest),
        Format::Json => result::json(plan, built, options, outputs, warnings),
        Format::Text => result::text(plan, built, outputs),
    };
    // Standard output is the tar's where the tar goes there.
    let taken = outputs.iter().any(|output| output.target == Target::Stdout);
    let printed = if taken {
        std::io::stderr().write_all(text.as_bytes())
    } else {
        result::print(&text)
    };
    printed.map_err(|error| Failure::new(FAILED, format!("cannot print the result: {error}")))
}
