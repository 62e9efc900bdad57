use std::path::Path;

use crate::cli::exit::{FAILED, Failure};
use crate::cli::options::{self, Shared};
use crate::cli::progress;
use crate::cli::report_file;
use crate::cli::result::print;
use crate::model::{Image, review};
use crate::store::stored::{Found, OpenError};

/// Writes the page for a reviewer.
pub fn write(file: &Path, options: &options::Inspect, shared: &Shared, found: &Found) -> Result<(), Failure> {
    let image = Image::of(found).map_err(|source| OpenError::Artifact {
        place: found.place().to_owned(),
        source,
    })?;
    let page = review::page(&options.reference.text, &image);
    if file == Path::new("-") {
        return print(&page);
    }
    report_file::write(file, page.as_bytes()).map_err(|error| Failure::Message {
        code: FAILED,
        message: format!("cannot write the page: {error}"),
        help: Some("name a file in a directory that you can write to, or `-` for standard output".to_owned()),
    })?;
    progress::wrote(shared.progress, file);
    Ok(())
}
