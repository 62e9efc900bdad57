//! What was meant by a command line that is none.

use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error};
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
                advise(&mut error, args, known);
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
            advise(&mut error, args, command);
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

/// Says what an option of another tool is called here, or how what looks like an option can be a value. clap says of each
/// how it could be an argument, which it hardly ever is: then a layout gets the name of an option.
fn advise(error: &mut Error, args: &[OsString], command: &Command) {
    if let Some(advice) = lacking(error, args, command) {
        return tip(error, advice);
    }
    let Some(option) = stray(error).filter(|arg| arg.starts_with('-')) else {
        return;
    };
    let advice = foreign::option(command, option).map(str::to_owned);
    let advice = advice.or_else(|| as_value(option, args, command));
    if let Some(advice) = advice {
        error.remove(ContextKind::SuggestedArg);
        tip(error, advice);
    } else if let Some(ContextValue::StyledStrs(mut tips)) = error.remove(ContextKind::Suggested) {
        tips.retain(|tip| !tip.to_string().contains(" as a value, use "));
        if !tips.is_empty() {
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
        }
    }
}

/// How to write what was typed for a value, of which clap found no `option`: of `-dash` that is its first letter.
fn as_value(option: &str, args: &[OsString], command: &Command) -> Option<String> {
    let is_it = |arg: &str| arg == option || (!option.starts_with("--") && arg.starts_with(option));
    let words: Vec<_> = args.iter().skip(1).filter_map(|arg| arg.to_str()).collect();
    let at = words
        .iter()
        .take_while(|word| **word != "--")
        .position(|word| is_it(word))?;
    let value = words.get(at)?;
    let before = at.checked_sub(1).and_then(|before| words.get(before));
    let of = before.and_then(|before| taking(before, command));
    match of {
        Some(of) => Some(as_value_of(&of, value)),
        // What is there may well be meant.
        None if Path::new(value).exists() => Some(format!("to pass '{value}' as a value, use '-- {value}'")),
        None => None,
    }
}

/// The same where clap takes it for options, and says that the one before it has no value.
fn lacking(error: &Error, args: &[OsString], command: &Command) -> Option<String> {
    let (ContextValue::String(lacking), ContextValue::String(value)) = (
        error.get(ContextKind::InvalidArg)?,
        error.get(ContextKind::InvalidValue)?,
    ) else {
        return None;
    };
    if error.kind() != ErrorKind::InvalidValue || !value.is_empty() {
        return None;
    }
    let is_option = |word: &str| {
        let long = |arg: &Arg| arg.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long));
        word.len() < 3 || word.contains('=') || command.get_arguments().any(long)
    };
    let words: Vec<_> = args.iter().skip(1).filter_map(|arg| arg.to_str()).collect();
    words.iter().zip(words.iter().skip(1)).find_map(|(before, value)| {
        let of = taking(before, command).filter(|of| lacking.starts_with(of.as_str()))?;
        (value.starts_with('-') && !is_option(value)).then(|| as_value_of(&of, value))
    })
}

fn as_value_of(option: &str, value: &str) -> String {
    format!("to pass '{value}' as a value, use '{option}={value}'")
}

/// The whole name of the option `word`, if it takes a value.
fn taking(word: &str, command: &Command) -> Option<String> {
    let is_it = |arg: &&Arg| {
        let long = arg.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long));
        let short = arg.get_short().is_some_and(|short| word == format!("-{short}"));
        (long || short) && arg.get_action().takes_values()
    };
    let found = command.get_arguments().find(is_it)?;
    Some(
        found
            .get_long()
            .map_or_else(|| word.to_owned(), |long| format!("--{long}")),
    )
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
