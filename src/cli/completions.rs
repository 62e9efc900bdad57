use super::exit::Failure;
use super::options::{Completions, command};
use super::result::print;

/// Prints the completion script of a shell.
pub fn run(options: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command(), "modelbuild", &mut script);
    print(&String::from_utf8_lossy(&script))
}
