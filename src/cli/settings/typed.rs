use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches};

use super::probe::Probe;
use super::{Key, Origin, Setting};
use crate::cli::options::opposite;

/// The name of a file of settings.
pub const FILE: &str = "modelbuild.toml";

/// What was typed: the command and what stands behind it.
#[derive(Debug)]
pub struct Typed<'a> {
    /// The names that lead to the command; none where the command is understood.
    pub path: Vec<&'a str>,
    matches: &'a ArgMatches,
}

impl<'a> Typed<'a> {
    pub fn new(mut matches: &'a ArgMatches) -> Self {
        let mut path = Vec::new();
        while let Some((name, inner)) = matches.subcommand() {
            path.push(name);
            matches = inner;
        }
        Self { path, matches }
    }

    /// What was typed for `arg`, if anything was.
    pub fn values(&self, arg: &Arg) -> Option<Vec<OsString>> {
        self.values_of(arg.get_id().as_str())
    }

    fn values_of(&self, id: &str) -> Option<Vec<OsString>> {
        // An identifier that the command does not have is asked for, too.
        let known = self.matches.try_contains_id(id).unwrap_or(false);
        let typed = known && self.matches.value_source(id) == Some(ValueSource::CommandLine);
        typed.then(|| {
            let values = self.matches.get_raw(id).into_iter().flatten();
            values.map(OsString::from).collect()
        })
    }

    /// What was typed for options, those that can be set elsewhere and those that cannot.
    pub fn settings(&self, probe: &Probe, keys: &[Key]) -> Vec<Setting> {
        let command = probe.command(&self.path);
        let mut settings = Vec::new();
        for key in keys {
            let arg = command.get_arguments().find(|arg| arg.get_long() == Some(&key.name));
            let taken_back = || self.values_of(&opposite(&key.name)).map(|_| vec!["false".into()]);
            let Some(values) = arg.and_then(|arg| self.values(arg)).or_else(taken_back) else {
                continue;
            };
            settings.extend(Setting::of(key, values, &Origin::Flag));
        }
        settings
    }

    /// Where the project's file is: beside the Modelfile that the command line or the environment (`layers`) names, in
    /// the context else. Nowhere for a command that has no context.
    pub fn project(&self, layers: &[Vec<Setting>]) -> Option<PathBuf> {
        let context = self.matches.try_get_one::<PathBuf>("context").ok().flatten()?;
        let said = layers.iter().flatten().find(|setting| setting.key == "file");
        let modelfile = said.and_then(|setting| setting.values.first()).map(Path::new);
        match modelfile {
            Some(path) if path != Path::new("-") => Some(path.with_file_name(FILE)),
            // `modelbuild.toml`, not `./modelbuild.toml`, in every message.
            _ if context == Path::new(".") => Some(FILE.into()),
            _ => Some(context.join(FILE)),
        }
    }
}
