//! A Modelfile and its context directory to a [`Plan`]: which files, what each is for, in which order, and what is
//! stated of the model.
//!
//! Enters: a resolved [`Modelfile`] and the context directory. Leaves: a [`Plan`]. The room reads directories and
//! `stat`s files; it opens no file but the ignore file. Whatever it returns stands inside the context.
//!
//! What a path on a Modelfile line means:
//!
//! * a file's path is that file; a directory's is every file below it; `.` is the whole context;
//! * `..` takes the name before it away, and an absolute path is what is left of it below the context: what leads out is an
//!   error;
//! * `*`, `?`, `[a-z]`, `[!a]`, `[^a]` match within one component, `**` any number of directories, `{a,b}` stands for both;
//!   quoted or escaped characters stand for themselves;
//! * a directory that a pattern matches means every file below it, as if it were named (modctl reports it as matched,
//!   then fails to read it as a file);
//! * hidden files and directories are left out unless the pattern's own component begins with a dot, and so is whatever
//!   `.modelignore` excludes, this run's outputs, and earlier outputs (OCI layouts) that are not named themselves;
//! * symlinks are followed inside of the context, and an error if they leave it.

mod brace;
mod change;
mod context;
mod entry;
mod error;
mod explain;
mod file;
mod frontier;
mod glob;
mod harvest;
mod ignored;
mod inherited;
mod inputs;
mod meant;
mod metadata;
mod order;
mod pattern;
mod problem;
mod rules;
mod select;
mod shards;
mod show;
mod syntax;
mod walk;
mod warn;

use std::path::{Path, PathBuf};

pub use change::{Change, What};
pub use context::real_path;
pub use error::Error;
pub use file::{Origin, Own, PlannedFile};
pub use inherited::{Base, Home, Inherited, InheritedBlob, LayerEncoding, Place};
pub use inputs::Inputs;
pub use metadata::Metadata;
pub(crate) use shards::{Shard, gaps};
#[doc(hidden)]
pub use show::plural;

use self::context::Context;
use self::ignored::Ignored;
use self::rules::Rules;
use self::walk::{Lift, Walk};
use crate::modelfile::{Diagnostics, Modelfile};

/// What will be built: the files in layer order, and what is stated of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// One entry a layer, in layer order; never empty, paths are unique.
    pub files: Vec<PlannedFile>,
    /// What the Modelfile states, defaults filled in.
    pub metadata: Metadata,
    /// What all of that was made from, but for the files to pack. [`Self::inputs`] is all of it.
    pub beside: Inputs,
}

/// What decides the plan beside Modelfile and context.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Files and directories that this run writes, absolute or relative to the working directory. Neither they nor
    /// anything below them is packed.
    pub outputs: Vec<PathBuf>,
    /// The Modelfile, as given; a name alone is one in the working directory. Findings say what paths are relative to
    /// where it does not lie in the context.
    pub modelfile: Option<PathBuf>,
    /// Whether the artifact is for Docker Model Runner and no one else: what only it minds is then a warning, else a note.
    pub for_docker: bool,
    /// The artifact that `FROM` names.
    pub base: Option<Base>,
}

/// The name that the plan's metadata will have, before there is a plan: outputs are named by it, and a plan leaves
/// them out.
///
/// # Errors
///
/// The context cannot be used.
pub fn model_name(modelfile: &Modelfile, base: Option<&Base>, context: &Path) -> Result<String, Error> {
    Ok(metadata::name(modelfile, base, &Context::open(context)?))
}

impl Plan {
    /// Finds the files that the Modelfile names, adds what it does not replace of the base, and returns them with the
    /// warnings about them.
    ///
    /// # Errors
    ///
    /// The context or its ignore file cannot be used, or there are findings: everything that is wrong with the paths of
    /// the Modelfile and with the files that they match, all of one run.
    pub fn resolve(modelfile: &Modelfile, context: &Path, options: &Options) -> Result<(Self, Diagnostics), Error> {
        let context = Context::open(context)?;
        let base = options.base.as_ref();
        let outputs = context.outputs(&options.outputs)?;
        let ignored = Ignored::read(&context)?;
        let elsewhere = options
            .modelfile
            .as_deref()
            .and_then(|path| context.unless_beside(path));

        let (rules, mut errors) = Rules::read(modelfile, &context);
        let walk = Walk {
            context: &context,
            ignored: &ignored,
            outputs: &outputs,
            patterns: rules.patterns(),
            lift: Lift::default(),
        };
        let harvest = walk.run()?;
        let beside = Inputs::new(&context, &ignored, &harvest.visited, base);
        errors.extend(explain::unmatched(&rules, &harvest, walk, elsewhere.as_deref())?);
        let (mut selected, problems) = select::files(&rules, harvest, &context, base);
        errors.extend(problems);
        if !errors.is_empty() {
            errors.sort_by_key(|error| error.primary.0);
            modelfile.arguments.trace(&mut errors);
            return Err(Error::Findings(Diagnostics(errors)));
        }

        selected.sort_by(|a, b| order::key(&a.file).cmp(&order::key(&b.file)));
        let mut warnings = warn::about(modelfile, &rules, &selected, options.for_docker);
        warnings.sort_by_key(|warning| warning.primary.0);
        modelfile.arguments.trace(&mut warnings);
        let files: Vec<_> = selected.into_iter().map(|selected| selected.file).collect();
        let metadata = Metadata::stated(modelfile, base, &context, &files);
        let plan = Self {
            files,
            metadata,
            beside,
        };
        Ok((plan, Diagnostics(warnings)))
    }

    /// Everything that the plan was made from. Few ask, and of many files it is as much as the plan itself.
    #[must_use]
    pub fn inputs(&self) -> Inputs {
        self.beside.with(&self.files)
    }

    /// Whether a plan that was made later, from the same base, gives the same artifact.
    #[must_use]
    pub fn still_holds(&self, later: &Self) -> bool {
        self.metadata == later.metadata && self.changes(later).is_empty()
    }

    /// The files to pack that are others in a plan that was made later. Carrying out this one changes none of them.
    #[must_use]
    pub fn changes(&self, later: &Self) -> Vec<Change> {
        Change::between(&change::settled(&self.files), &change::settled(&later.files))
    }
}
