//! Questions to clap's definition of the command line.

use std::error::Error as _;
use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, FromArgMatches as _};

use super::{Key, Shape};
use crate::cli::options::Cli;
use crate::modelfile::either;

/// The command whose options can be set.
const BUILD: &str = "build";

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

impl Probe {
    pub fn new(mut command: Command) -> Self {
        // Brings the options that all commands share into each of them.
        command.build();
        Self { command }
    }

    /// Everything that can be set.
    pub fn keys(&self) -> Vec<Key> {
        let Some(build) = self.command.find_subcommand(BUILD) else {
            return Vec::new();
        };
        build.get_arguments().filter_map(|arg| Key::new(build, arg)).collect()
    }

    /// The definition of the command that `path` leads to.
    pub fn command(&self, path: &[&str]) -> &Command {
        path.iter().fold(&self.command, |command, name| {
            command.find_subcommand(name).unwrap_or(command)
        })
    }

    /// Whether `value` is one of the option's.
    pub fn check(&mut self, key: &Key, value: &OsStr) -> Result<(), Refusal> {
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
        let line = [OsString::from("modelbuild"), BUILD.into(), argument];
        let tried = self.command.try_get_matches_from_mut(line);
        tried.map(drop).map_err(|error| Refusal::new(&error))
    }

    /// The command line as the other rooms want it. Ends the process where it is wrong, as for what is typed.
    pub fn parse(&mut self, line: Vec<OsString>) -> Cli {
        self.command
            .try_get_matches_from_mut(line)
            .and_then(|matches| Cli::from_arg_matches(&matches))
            .unwrap_or_else(|error| error.exit())
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
