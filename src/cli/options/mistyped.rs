//! What was meant by a command line that is none.

use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};
use strsim::damerau_levenshtein;

use super::foreign;
use crate::modelfile::either;

/// The command that somebody meant who wrote `word`.
pub fn command<'a>(word: &str, commands: &'a Command) -> Option<&'a str> {
    let distance = |name: &str| damerau_levenshtein(word, name);
    let names = commands.get_subcommands().map(Command::get_name);
    // One slip in three letters: more would take any short name for `man`.
    let near = names.filter(|name| word.len() <= 20 && distance(name) <= name.len() / 3);
    near.min_by_key(|name| distance(name))
}

/// The same error, or a better one where `args` show what was meant. clap takes a mistyped command for CONTEXT, and
/// then wonders at what is behind it.
pub fn explained(mut error: Error, args: &[OsString], command: &mut Command) -> Error {
    let word = args.get(1).and_then(|arg| arg.to_str()).unwrap_or_default();
    let is_option = word.starts_with('-');
    if is_empty_value(&error, args) {
        return empty_value(&error, command);
    }
    if let Some(known) = command.find_subcommand_mut(word) {
        return match stray(&error) {
            Some("-p" | "--password") if known.get_name() == "login" => {
                known.error(ErrorKind::UnknownArgument, PASSWORD)
            }
            Some(place) if known.get_name() == "pull" && !place.starts_with('-') => {
                let message = format!(
                    "'pull' takes one artifact, and '{place}' is more: \
                     if that is where it goes, write '-o {place}', or '--extract {place}' for its files"
                );
                known.error(ErrorKind::UnknownArgument, message)
            }
            _ => {
                advise(&mut error, known);
                error
            }
        };
    }
    let is_stray = matches!(error.kind(), ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand);
    // A directory is a context, whatever it is called.
    let is_context = Path::new(word).is_dir();
    let meant = self::command(word, command).or_else(|| foreign::command(word));
    let meant = meant.filter(|_| !is_context);
    match meant {
        Some(meant) if is_stray && !is_option => {
            let message = format!("unrecognized command '{word}': did you mean '{meant}'?");
            command.error(ErrorKind::InvalidSubcommand, message)
        }
        // What is behind it is not what is wrong.
        None if is_stray && !is_option && !is_context && is_word(word) && !is_about_option(&error) => {
            let message = format!("unrecognized command '{word}', and there is no such directory to build from");
            command.error(ErrorKind::InvalidSubcommand, message)
        }
        _ => {
            advise(&mut error, command);
            error
        }
    }
}

/// Whether it could be the name of a command, and is not rather a path.
fn is_word(word: &str) -> bool {
    !word.is_empty()
        && word
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || it == '-' || it == '_')
}

fn is_about_option(error: &Error) -> bool {
    stray(error).is_some_and(|arg| arg.starts_with('-'))
}

/// Says what an option of another tool is called here, instead of how it could be an argument.
fn advise(error: &mut Error, command: &Command) {
    if let Some(advice) = stray(error).and_then(|option| foreign::option(command, option)) {
        error.remove(ContextKind::SuggestedArg);
        tip(error, advice.to_owned());
    }
}

fn tip(error: &mut Error, tip: String) {
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
}

/// Whether a value is there, and there is nothing to it: clap says of it what it says where there is none.
fn is_empty_value(error: &Error, args: &[OsString]) -> bool {
    let is_nothing =
        matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty());
    let is_empty = |arg: &OsString| {
        arg.is_empty()
            || arg
                .to_str()
                .is_some_and(|arg| arg.starts_with('-') && arg.ends_with('='))
    };
    error.kind() == ErrorKind::InvalidValue && is_nothing && args.iter().any(is_empty)
}

fn empty_value(error: &Error, command: &Command) -> Error {
    let mut better = Error::new(ErrorKind::ValueValidation).with_cmd(command);
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidValue] {
        if let Some(value) = error.get(kind) {
            better.insert(kind, value.clone());
        }
    }
    let expected = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) if !values.is_empty() => {
            format!("expected {}", either(values.iter().map(String::as_str)))
        }
        _ => "give it one, or leave the option out".to_owned(),
    };
    tip(&mut better, format!("the value is empty: {expected}"));
    better
}

/// What docker takes, with a warning.
const PASSWORD: &str = "a password is not taken as an argument, where everybody on the machine can see it: \
    leave it out to be asked, or pipe it in, as in 'pass show registry | modelbuild login HOST --username USER --password-stdin'";

/// The argument that is one too many.
fn stray(error: &Error) -> Option<&str> {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(arg)) if error.kind() == ErrorKind::UnknownArgument => Some(arg),
        _ => None,
    }
}
