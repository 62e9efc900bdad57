//! The command line of modelbuild; everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    modelbuild::cli::run()
}
