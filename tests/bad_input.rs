//! Whatever is wrong from outside: one clear message, the right exit code, and everything is as it was.

mod blobs;
mod files;
mod full_disk;
mod layouts;
mod modelfile;
mod output;
mod paths;

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;

use rustix::fs::{CWD, Mode, mkfifoat};
use serde_json::Value;
use snapbox::{IntoData, str};
use tempfile::TempDir;

use crate::harness::{Test, clean, snapshot};
use crate::layout::{self, contents};
use crate::mount::{Mounted, is_root, tmpfs};
use crate::oracle::denied;
use crate::tiny::{blob, json, manifest};

/// A model `m` of one file of 20,000 bytes.
fn model() -> Test {
    Test::new()
        .file("m/Modelfile", "NAME m\nMODEL a.gguf\n")
        .file("m/a.gguf", vec![7; 20_000])
}

fn with_modelfile(text: impl AsRef<[u8]>) -> Test {
    Test::new().file("m/Modelfile", text).file("m/a.gguf", "weights")
}

fn fifo(path: &Path) {
    mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR).unwrap();
}

/// Runs and compares what is told; nothing may have changed.
#[track_caller]
fn refused(test: Test, status: i32, stderr: impl IntoData) {
    let dir = test.dir();
    let before = snapshot(&dir);
    // Kept, for with it goes its directory.
    let _output = test.status(status).stdout("").stderr(stderr).run();
    assert_eq!(before, snapshot(&dir));
}

#[track_caller]
fn build_refused(test: Test, status: i32, stderr: impl IntoData) {
    refused(test.args(["build", "m"]), status, stderr);
}

#[track_caller]
fn into_refused(test: Test, output: &str, status: i32, stderr: impl IntoData) {
    refused(test.args(["build", "m", "-o", output]), status, stderr);
}

/// A layout `out` with another model.
fn with_layout() -> Test {
    Test::new()
        .file("m/Modelfile", "NAME other\nMODEL a.gguf\n")
        .file("m/a.gguf", "other weights")
        .args(["build", "m", "-q", "-o", "out"])
        .run()
        .then()
        .file("m/Modelfile", "NAME m\nMODEL a.gguf\n")
        .file("m/a.gguf", vec![7; 20_000])
}
