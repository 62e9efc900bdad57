//! What was typed, before it is known what it comes to.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, ColorChoice, ValueEnum as _};

use super::shared::Color;
use super::{command, mistyped};

/// What was typed. Ends the process where that is `--help`, or wrong.
pub fn typed() -> ArgMatches {
    let mut command = without_required(with_opposites(command())).color(color_typed());
    let args: Vec<_> = std::env::args_os().collect();
    let matches = command
        .try_get_matches_from_mut(&args)
        .unwrap_or_else(|error| mistyped::explained(error, &args, &mut command).exit());
    if let Some(name) = matches.subcommand_name() {
        // They would be read, and then nobody would heed them.
        let typed = |arg: &&Arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
        let stray = command.get_arguments().filter(|arg| !arg.is_global_set()).find(typed);
        if let Some(arg) = stray {
            let mut typed = matches.get_raw(arg.get_id().as_str()).into_iter().flatten();
            let what = match (arg.get_long(), typed.next()) {
                (Some(long), _) => format!("--{long}"),
                (None, Some(typed)) => typed.display().to_string(),
                (None, None) => arg.get_id().to_string(),
            };
            let message = format!("'{what}' stands before the command '{name}', where it has no effect: put it behind");
            command.error(ErrorKind::ArgumentConflict, message).exit();
        }
    }
    matches
}

/// The option that takes back `--LONG`, which need not have been typed: `--no-strict` for `--strict`, `--sync` for
/// `--no-sync`, as git has it. It is clap's identifier too.
pub fn opposite(long: &str) -> String {
    match long.strip_prefix("no-") {
        Some(long) => format!("--{long}"),
        None => format!("--no-{long}"),
    }
}

/// Every flag of `command` with its opposite. Help and completions are spared them: one sentence explains them all.
fn with_opposites(command: clap::Command) -> clap::Command {
    let flags = command
        .get_arguments()
        .filter(|arg| matches!(arg.get_action(), ArgAction::SetTrue))
        .filter_map(|arg| Some((arg.get_id().clone(), opposite(arg.get_long()?))));
    let opposites: Vec<Arg> = flags
        .map(|(flag, opposite)| {
            let long = opposite.trim_start_matches('-').to_owned();
            let off = Arg::new(opposite).long(long).action(ArgAction::SetTrue);
            off.overrides_with(flag).hide(true)
        })
        .collect();
    command.args(opposites).mut_subcommands(with_opposites)
}

/// An option without which `command` is none may stand elsewhere than on the command line: it is asked for when all is
/// put together.
fn without_required(command: clap::Command) -> clap::Command {
    let optional = |arg: Arg| {
        if arg.get_long().is_some() {
            arg.required(false)
        } else {
            arg
        }
    };
    command.mut_args(optional).mut_subcommands(without_required)
}

/// What `--color` or the environment says, for help and for errors about the options, which are printed before the
/// options are known, and even if there is something wrong with the files of settings.
pub fn color_typed() -> ColorChoice {
    let mut args = std::env::args_os().skip(1).take_while(|arg| arg != "--");
    let mut typed = None;
    while let Some(arg) = args.next() {
        if arg == "--color" {
            typed = args.next();
        } else if let Some(when) = arg.to_str().and_then(|arg| arg.strip_prefix("--color=")) {
            typed = Some(when.into());
        }
    }
    let said = typed.or_else(|| std::env::var_os("MODELBUILD_COLOR"));
    match said.and_then(|when| Color::from_str(when.to_str()?, false).ok()) {
        Some(Color::Always) => ColorChoice::Always,
        Some(Color::Never) => ColorChoice::Never,
        Some(Color::Auto) | None => ColorChoice::Auto,
    }
}
