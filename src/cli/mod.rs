//! The command line: options in, text or JSON out.
//!
//! Results go to standard output, everything else to standard error. What is done is done in the other rooms; here
//! stands what people type and read, one file a command.

mod access;
mod build;
mod build_args;
mod cache;
mod cache_place;
mod change;
mod chosen_files;
mod completions;
mod config;
mod console;
mod context;
mod dated;
mod depfile;
mod diff;
mod exit;
mod explain;
mod extract;
mod going_on;
mod inspect;
mod job;
mod layer_choice;
mod login;
mod logout;
mod ls;
mod man;
mod metadata_file;
mod model_runner;
mod options;
mod password;
mod patterns;
mod places;
mod plan;
mod progress;
mod prune;
mod registries;
mod replaced;
mod report_file;
mod result;
mod rm;
mod settings;
mod signals;
mod size;
mod tag;
mod transfer;
mod trust;
mod unlinked;
mod unmatched;
mod value;
mod verify;
mod watch;
mod written_over;

use std::process::ExitCode;

use console::Console;
use exit::Failure;
use options::Command;
pub use options::command;

/// Reads the command line, does what it says, and returns the exit code.
#[must_use]
pub fn run() -> ExitCode {
    let typed = options::typed();
    let (cli, settings, wrong) = settings::settle(&typed);
    let console = Console::new(cli.shared.color, cli.shared.progress);
    if !settings.is_on("quiet") {
        for (message, help) in &settings.warnings {
            console.warning(message, help);
        }
    }
    let command = cli.command.unwrap_or(Command::Build(Box::new(cli.build)));
    let is_a_look = !command.moves();
    let done = match command {
        _ if !wrong.is_empty() => Err(Failure::Several(wrong)),
        Command::Build(options) => build::run(&options, &cli.shared, &console),
        Command::Watch(options) => watch::run(&typed, &options, &cli.shared, &console),
        Command::Plan(options) => plan::run(&options, &cli.shared, &console),
        Command::Push(options) => transfer::push(&options, &cli.shared),
        Command::Pull(options) => transfer::pull(&options, &cli.shared),
        Command::Copy(options) => transfer::copy(&options, &cli.shared),
        Command::Convert(options) => transfer::convert(&options, &cli.shared),
        Command::Extract(options) => extract::run(&options, &cli.shared),
        Command::Inspect(options) => inspect::run(&options, &cli.shared),
        Command::Ls(options) => ls::run(&options, &cli.shared),
        Command::Tag(options) => tag::run(&options, &cli.shared, &console),
        Command::Rm(options) => rm::run(&options, &console),
        Command::Prune(options) => prune::run(&options, &console),
        Command::Verify(options) => verify::run(&options, &cli.shared),
        Command::Login(options) => login::run(&options, &cli.shared, &console),
        Command::Logout(options) => logout::run(&options, &console),
        Command::Config(options) => config::run(&options, &settings),
        Command::Diff(options) => diff::run(&options, &cli.shared),
        Command::Cache(options) => cache::run(&options),
        Command::Completions(options) => completions::run(&options),
        Command::Man(options) => man::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let failure = if is_a_look { failure.of_a_look() } else { failure };
            console.failure(&failure);
            failure.code().into()
        }
    }
}
