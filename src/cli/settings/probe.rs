//! Questions to clap's definition of the command line.

use std::error::Error as _;
use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, FromArgMatches as _};

use super::{Key, Setting, Shape};
use crate::cli::options::Cli;
use crate::modelfile::either;

/// The command whose options can be set.
const BUILD: &str = "build";

/// Options of other commands that have no more than the name in common with one that can be set.
const NAMESAKES: [(&str, &str); 1] = [("inspect", "raw")];

/// A command line that can be tried.
#[derive(Debug)]
pub struct Probe {
    command: Command,
}

/// Why a value is none of its option's.
#[derive(Debug)]
pub struct Refusal {
    /// What was expected, or is wrong.
    pub why: String,
    /// What was likely meant.
    pub meant: Option<String>,
}

/// What the console is made of.
const SHARED: [&str; 2] = ["color", "progress"];

impl Probe {
    pub fn new(mut command: Command) -> Self {
        // Brings the options that all commands share into each of them.
        command.build();
        Self { command }
    }

    /// Everything that can be set.
    pub fn keys(&self) -> Vec<Key> {
        self.options(&[BUILD])
    }

    /// Every option of the command that `path` leads to, in the order of the help.
    pub fn options(&self, path: &[&str]) -> Vec<Key> {
        let command = self.command(path);
        let arguments = command.get_arguments();
        arguments.filter_map(|arg| Key::new(command, arg)).collect()
    }

    /// The options of all commands.
    pub fn every_option(&self) -> Vec<Key> {
        let mut options = Vec::new();
        let mut commands = vec![&self.command];
        while let Some(command) = commands.pop() {
            options.extend(command.get_arguments().filter_map(|arg| Key::new(command, arg)));
            commands.extend(command.get_subcommands());
        }
        options
    }

    /// Whether `key`, an option of the command that `path` leads to, is one that can be set.
    pub fn is_setting(&self, path: &[&str], key: &Key) -> bool {
        let is_namesake = path.last().is_some_and(|name| NAMESAKES.contains(&(name, &key.name)));
        let mut arguments = self.command(&[BUILD]).get_arguments();
        !is_namesake && arguments.any(|arg| arg.get_long() == Some(&key.name))
    }

    /// The definition of the command that `path` leads to.
    pub fn command(&self, path: &[&str]) -> &Command {
        path.iter().fold(&self.command, |command, name| {
            command.find_subcommand(name).unwrap_or(command)
        })
    }

    /// Whether `value` is one of the option's, as a build has it: what can stand in a file holds for every command.
    pub fn check(&mut self, key: &Key, value: &OsStr) -> Result<(), Refusal> {
        self.check_for(&[BUILD], key, value)
    }

    /// Whether `value` is one of the option's, as the command has it that `path` leads to.
    pub fn check_for(&mut self, path: &[&str], key: &Key, value: &OsStr) -> Result<(), Refusal> {
        if key.shape == Shape::Flag {
            return match value.to_str() {
                Some("true" | "false") => Ok(()),
                _ => Err(Refusal {
                    why: "expected `true` or `false`".to_owned(),
                    meant: None,
                }),
            };
        }
        let mut argument = OsString::from(format!("--{}=", key.name));
        argument.push(value);
        let line = ["modelbuild"].iter().chain(path).map(OsString::from);
        match self.command.try_get_matches_from_mut(line.chain([argument])) {
            Ok(_) => Ok(()),
            // Values are looked at before it is asked what else there should be.
            Err(error) if error.kind() == ErrorKind::MissingRequiredArgument => Ok(()),
            Err(error) => Err(Refusal::new(&error)),
        }
    }

    /// The command line as the other rooms want it.
    pub fn parse(&mut self, line: Vec<OsString>) -> Result<Cli, clap::Error> {
        let matches = self.command.try_get_matches_from_mut(line)?;
        Cli::from_arg_matches(&matches)
    }

    /// As much of it as is needed to say what is wrong.
    pub fn console(&mut self, said: &[Setting]) -> Cli {
        let shared = said.iter().filter(|setting| SHARED.contains(&setting.key.as_str()));
        let values = shared.flat_map(|setting| setting.values.iter().map(|value| (&setting.key, value)));
        let mut line = vec![OsString::from("modelbuild")];
        for (key, value) in values {
            line.push(format!("--{key}").into());
            line.push(value.clone());
        }
        self.parse(line).unwrap_or_else(|error| error.exit())
    }
}

impl Refusal {
    /// Without clap's own words, which speak of flags.
    fn new(error: &clap::Error) -> Self {
        let valid: Vec<&str> = match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(values)) => values.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        };
        let meant = match error.get(ContextKind::SuggestedValue) {
            Some(ContextValue::String(value)) => Some(value.clone()),
            _ => None,
        };
        let why = match (error.source(), error.kind()) {
            (Some(source), _) => source.to_string(),
            (None, ErrorKind::InvalidValue) if valid.is_empty() => "it may not be empty".to_owned(),
            (None, ErrorKind::InvalidValue) => format!("expected {}", either(valid)),
            (None, ErrorKind::InvalidUtf8) => "it is not text".to_owned(),
            (None, kind) => kind.to_string(),
        };
        Self { why, meant }
    }
}
