//! What was meant by a command line that is none.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};
use strsim::damerau_levenshtein;

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
pub fn explained(error: Error, args: &[OsString], command: &mut Command) -> Error {
    let word = args.get(1).and_then(|arg| arg.to_str()).unwrap_or_default();
    let is_option = word.starts_with('-');
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
            _ => error,
        };
    }
    let is_stray = matches!(error.kind(), ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand);
    match self::command(word, command) {
        Some(meant) if is_stray && !is_option => {
            let message = format!("unrecognized command '{word}': did you mean '{meant}'?");
            command.error(ErrorKind::InvalidSubcommand, message)
        }
        _ => error,
    }
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
