use super::exit::{FAILED, Failure};
use super::options::{Man, command};

/// Writes a man page for each command.
pub fn run(options: &Man) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(FAILED, format!("cannot write the man pages: {error}"));
    fs_err::create_dir_all(&options.directory).map_err(failed)?;
    clap_mangen::generate_to(command(), &options.directory).map_err(failed)
}
