//! What a build depends on.

use std::path::{Path, PathBuf};

use super::asked::{outputs, plan_options};
use super::{Once, client};
use crate::build::{base, base_input, default_layout, parse};
use crate::cli::exit::Failure;
use crate::cli::options::{Build, Shared};
use crate::cli::{build_args, progress};
use crate::known::Claims;
use crate::modelfile::Source;
use crate::plan::{self, Inputs, Plan};
use crate::registry::Cancel;

/// Where the Modelfile is; `None` for standard input.
pub fn modelfile_path(options: &Build) -> Option<PathBuf> {
    match &options.file {
        Some(path) if path == Path::new("-") => None,
        Some(path) => Some(path.clone()),
        // `Modelfile`, not `./Modelfile`, in every message.
        None if options.context == Path::new(".") => Some("Modelfile".into()),
        None => Some(options.context.join("Modelfile")),
    }
}

pub fn read(options: &Build, once: &Once) -> Result<Source, Failure> {
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

/// What a build would depend on for which nothing can be prepared.
pub fn inputs(options: &Build, shared: &Shared, once: &Once) -> Inputs {
    let inputs = read(options, once).and_then(|source| {
        let (modelfile, _) = parse(&source, &build_args::given(&options.arguments)?);
        let watcher = progress::watcher(shared.progress, true);
        let client = client(options, &modelfile, shared, once, watcher, &Cancel::default())?;
        let (base, _) = base(&modelfile, &options.context, &options.variant, &client).unwrap_or_default();
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
pub fn all_inputs(plan: &Plan, claims: &Claims, options: &Build, shared: &Shared) -> Inputs {
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
