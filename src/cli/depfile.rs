use std::path::PathBuf;
use std::time::SystemTime;

use super::exit::{FAILED, Failure, INVALID};
use super::options::Build;
use super::report_file;
use crate::build::{Date, Depfile, Output, Unspeakable, date};
use crate::plan::Inputs;
use crate::store::Target;

/// What `--depfile` will hold, known before anything is read.
#[derive(Debug)]
pub struct Planned {
    file: PathBuf,
    targets: Vec<PathBuf>,
    depfile: Depfile,
    begun: SystemTime,
}

/// `None` unless `--depfile` asks for it. `begun` is when the first input was looked at.
pub fn plan(
    options: &Build,
    outputs: &[Output],
    inputs: impl FnOnce() -> Inputs,
    begun: SystemTime,
) -> Result<Option<Planned>, Failure> {
    let Some(file) = options.depfile.as_ref().filter(|_| !options.dry_run) else {
        return Ok(None);
    };
    let target = |output: &Output| match &output.target {
        Target::Layout(path, _) => Some(path.join("index.json")),
        Target::Archive(path, _) => Some(path.clone()),
        Target::Stdout | Target::Registry(_) => None,
    };
    let files = options.metadata_file.iter().chain(&options.iidfile).cloned();
    let targets: Vec<_> = outputs.iter().filter_map(target).chain(files).collect();
    if targets.is_empty() {
        return Err(Failure::usage(
            "`--depfile` says what an output depends on, and none of these is a file",
            "write a file with `-o`, or name one with `--iidfile`",
        ));
    }
    let depfile = Depfile::new(&targets, &inputs())?;
    Ok(Some(Planned {
        file: file.clone(),
        targets,
        depfile,
        begun,
    }))
}

impl Planned {
    /// Names in it that make or ninja does not read: what is wrong, and what to do about it.
    pub fn warnings(&self) -> impl Iterator<Item = (String, &'static str)> {
        self.depfile
            .misread
            .iter()
            .map(|misread| (misread.to_string(), misread.help()))
    }

    /// Writes it, after everything else.
    pub fn write(&self) -> Result<(), Failure> {
        report_file::write(&self.file, &self.depfile.bytes).map_err(|error| Failure::Message {
            code: FAILED,
            message: format!("cannot write `{}`: {error}", self.file.display()),
            help: Some("the artifact itself is complete; only what it depends on is missing".to_owned()),
        })
    }

    /// Dates what was built: an output that lies in a directory of the model has made that newer than itself, and one
    /// that did not change is as old as it was. If an input may have changed since it was read, the outputs are out of
    /// date already, which is to be seen. Returns whether they are up to date.
    pub fn date(&self, still_holds: impl FnOnce() -> bool) -> Result<bool, Failure> {
        let set = |to| {
            date(&self.targets, to).map_err(|error| Failure::Message {
                code: FAILED,
                message: format!("cannot set the time of {error}"),
                help: Some("the artifact itself is complete; make or ninja may build it once more".to_owned()),
            })
        };
        // In this order: what changes from now on is newer.
        set(Date::Now)?;
        let holds = still_holds();
        if !holds {
            set(Date::Before(self.begun))?;
        }
        Ok(holds)
    }
}

impl From<Unspeakable> for Failure {
    fn from(error: Unspeakable) -> Self {
        Self::Message {
            code: INVALID,
            message: error.to_string(),
            help: Some(error.help().to_owned()),
        }
    }
}
