use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use crate::cli::exit::Failure;
use crate::cli::job::{self, Job, Once};
use crate::cli::options::{Build, Cli, Command, Shared};
use crate::cli::settings;
use crate::digest::Stamp;
use crate::plan::{Change, Inputs};
use crate::store::stored::Lease;
use crate::store::{Cancel, Target};
use crate::watch::{Error, Watch};

/// What there was to build at a moment.
pub struct Seen {
    /// What is in force.
    pub options: Box<Build>,
    /// What is in force, too.
    pub shared: Shared,
    /// The build, or why there is none.
    pub outcome: Result<Job, Failure>,
    inputs: Inputs,
    /// The input files that are not packed, as they were before the outcome was made of them; `None` for one that was
    /// missing.
    beside: BTreeMap<PathBuf, Option<Stamp>>,
}

impl Seen {
    /// Looks, and has everything watched that was looked at. `before` is what was seen the last time.
    ///
    /// What is found is not taken before all of it was watched already, and stamped already where nobody else does:
    /// whatever changes afterwards is told.
    pub fn look(
        typed: &ArgMatches,
        once: &Once,
        watch: &mut Watch,
        before: Option<&Self>,
        cancel: &Cancel,
    ) -> Result<Self, Error> {
        let mut known: BTreeSet<PathBuf> = before.iter().flat_map(|seen| seen.beside.keys().cloned()).collect();
        if let Some(seen) = before {
            watch.observe(&directories(&seen.inputs))?;
        }
        loop {
            let beside: BTreeMap<_, _> = known.into_iter().map(stamped).collect();
            let (Cli { command, build, shared }, _, wrong) = settings::settle(typed);
            let options = match command {
                Some(Command::Watch(options)) => options,
                _ => Box::new(build),
            };
            let outcome = if wrong.is_empty() {
                prepare(&options, &shared, once, cancel)
            } else {
                Err(Failure::Several(wrong))
            };
            let mut inputs = match &outcome {
                Ok(job) => job.inputs(&options, &shared),
                Err(_) => job::inputs(&options, &shared, once),
            };
            // There may be settings where there are none yet.
            let places = shared.settings.iter().map(|file| file.directory().to_owned());
            inputs.directories.extend(places);
            let are_new = watch.observe(&directories(&inputs))?;
            if !are_new && beside.keys().eq(&inputs.files) {
                return Ok(Self {
                    options,
                    shared,
                    outcome,
                    inputs,
                    beside,
                });
            }
            known = inputs.files.into_iter().collect();
        }
    }

    /// Lets go of what a build reads. Until there is something to build again, anybody may take it away.
    pub fn release(&mut self) {
        if let Ok(job) = &mut self.outcome {
            job.lease = Lease::default();
        }
    }

    /// Not so of a working directory that was removed, which can still be looked at.
    pub fn has_context(&self) -> bool {
        fs_err::canonicalize(&self.options.context).is_ok_and(|context| context.is_dir())
    }

    /// What is other than before; `None` if nothing is that would make another build. Where the reason lies in no file,
    /// as in the rights to read one, there is none in the list.
    pub fn changes(&self, now: &Self) -> Option<Vec<Change>> {
        let presence = |inputs: &'_ Inputs| inputs.packed.iter().map(|path| (path.clone(), ())).collect();
        let packed = match (&self.outcome, &now.outcome) {
            (Ok(before), Ok(now)) => Some(before.changes(now)).filter(|changes| !changes.is_empty()),
            (Err(before), Err(now)) if before == now => None,
            _ => Some(Change::between(&presence(&self.inputs), &presence(&now.inputs))),
        };
        let beside = Change::between(&there(&self.beside), &there(&now.beside));
        if beside.is_empty() {
            packed
        } else {
            Some(beside.into_iter().chain(packed.into_iter().flatten()).collect())
        }
    }
}

fn prepare(options: &Build, shared: &Shared, once: &Once, cancel: &Cancel) -> Result<Job, Failure> {
    if options.outputs.contains(&Target::Stdout) {
        return Err(Failure::usage(
            "`watch` builds again and again, and `-o -` takes one tar",
            "write a file with `-o`; each build replaces it",
        ));
    }
    Job::prepare(options, shared, once, cancel)
}

/// Whole directories: the listed ones, and those that the files lie in.
fn directories(inputs: &Inputs) -> BTreeSet<PathBuf> {
    let parent = |path: &PathBuf| path.parent().map(Path::to_owned);
    let parents = inputs.packed.iter().chain(&inputs.files).filter_map(parent);
    let all = inputs.directories.iter().cloned().chain(parents);
    let named = |path: PathBuf| if path.as_os_str().is_empty() { ".".into() } else { path };
    all.map(named).collect()
}

/// A file that is hard linked gets another `ctime`, and stays what it was.
fn stamped(path: PathBuf) -> (PathBuf, Option<Stamp>) {
    let stamp = fs_err::metadata(&path).ok().map(|metadata| Stamp {
        changed: 0,
        ..Stamp::of(&metadata)
    });
    (path, stamp)
}

fn there(files: &BTreeMap<PathBuf, Option<Stamp>>) -> BTreeMap<PathBuf, Stamp> {
    let there = |(path, stamp): (&PathBuf, &Option<Stamp>)| Some((path.clone(), (*stamp)?));
    files.iter().filter_map(there).collect()
}
