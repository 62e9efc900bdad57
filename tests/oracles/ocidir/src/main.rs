//! What the crate `ocidir` says of the layouts and the tarballs that are named: how many blobs each has, or what is wrong
//! with one.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use ocidir::cap_std::ambient_authority;
use ocidir::cap_std::fs::Dir;
use ocidir::prelude::OciRead as _;
use ocidir::{OciArchive, OciDir};

fn check(path: &Path) -> ocidir::Result<u64> {
    if path.is_file() {
        return OciArchive::open(path)?.fsck();
    }
    OciDir::open(Dir::open_ambient_dir(path, ambient_authority())?)?.fsck()
}

fn main() -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for path in std::env::args_os().skip(1) {
        let shown = path.display();
        match check(Path::new(&path)) {
            Ok(blobs) => println!("{shown}: {blobs} blobs"),
            Err(error) => {
                let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
                eprintln!("{shown}: {error}{cause}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
