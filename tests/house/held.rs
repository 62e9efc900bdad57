//! What somebody reads, nobody removes meanwhile.

use std::fs::Permissions;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use fs_err::File;
use modelbuild::model::StoredModel;
use modelbuild::store::Choice;
use rustix::fs::{FlockOperation, flock};

use super::models;
use super::prune::orphaned;
use crate::harness::sha256;
use crate::mount;
use crate::running::Running;
use crate::servers::registry::{Options, Registry};

/// A transfer holds the lock from before it looks what is there until it has published.
#[test]
fn a_transfer_that_runs_is_waited_for() {
    let output = orphaned();
    let blobs = output.dir().join("models/blobs/sha256");
    let count = || fs_err::read_dir(&blobs).unwrap().count();
    let before = count();
    let transfer = File::open(&blobs).unwrap();
    flock(&transfer, FlockOperation::LockShared).unwrap();
    let mut waiting = Running::piped(&output.then().args(["prune", "models"]));
    waiting.until(|said| said.contains("waiting for its end").then_some(()));
    assert_eq!(count(), before);
    drop(transfer);
    assert_eq!(waiting.end().0, Some(0));
    assert!(count() < before);
}

/// From before it looks what is there, for an index that was read before may lead to what is gone.
#[test]
fn nothing_is_read_while_blobs_are_removed() {
    let registry = Registry::start(Options::default());
    let remote = format!("{}/some/m:v1", registry.address());
    let output = models();
    let output = output
        .then()
        .file("n/Modelfile", "FROM oci:../models:v1\n")
        .args(["ls", "models"])
        .run();
    let blobs = File::open(output.dir().join("models/blobs/sha256")).unwrap();
    for args in [
        &["build", "n", "-o", "built"][..],
        &["plan", "n"],
        &["copy", "oci:models:v1", "copied"],
        &["copy", "oci:models:v1", "oci:models:again"],
        &["convert", "oci:models:v1", "oci:models:converted", "--spec", "docker"],
        &["push", "oci:models:v1", &remote],
        &["extract", "oci:models:v1", "files"],
        &["verify", "models"],
        &["verify", "models", "--repair", "models"],
        &["inspect", "oci:models:v1"],
        &["ls", "models"],
        &["diff", "oci:models:v1", "v1.tar"],
    ] {
        flock(&blobs, FlockOperation::LockExclusive).unwrap();
        let mut waiting = Running::piped(&output.then().args(args));
        waiting.until_locked_out();
        flock(&blobs, FlockOperation::Unlock).unwrap();
        let (code, said) = waiting.end();
        assert_eq!(code, Some(0), "{args:?}: {said}");
    }
}

/// Nor is anything removed before the last byte was read.
#[test]
fn what_is_read_stays_until_it_is() {
    let output = models();
    let weights = "x".repeat(1 << 20);
    let test = output
        .then()
        .file("m/m.gguf", &weights)
        .file("n/Modelfile", "FROM oci:../models:v3\n");
    let output = test.args(["ls", "models"]).run();
    let blob = sha256(weights.as_bytes());
    let blob = output.dir().join("models/blobs/sha256").join(&blob[7..]);
    for args in [
        &["copy", "-q", "oci:models:v3", "-"][..],
        &["build", "n", "-q", "-o", "-"],
    ] {
        let build = ["build", "m", "-q", "-o", "models", "-t", "registry.example/m:v3"];
        output.then().args(build).run();
        let mut command = output.then().args(args).command();
        let mut reading = command.stdout(Stdio::piped()).spawn().unwrap();
        // More than a pipe holds: it waits for whoever reads the rest.
        let mut pipe = reading.stdout.take().unwrap();
        let mut tar = vec![0];
        pipe.read_exact(&mut tar).unwrap();
        let mut removing = Running::piped(&output.then().args(["rm", "oci:models:v3", "--prune"]));
        removing.until(|said| said.contains("waiting for its end").then_some(()));
        assert!(blob.exists());
        pipe.read_to_end(&mut tar).unwrap();
        assert!(reading.wait().unwrap().success());
        assert_eq!(removing.end().0, Some(0));
        assert!(!blob.exists());
        fs_err::write(output.dir().join("read.tar"), tar).unwrap();
        output.then().args(["verify", "read.tar"]).run();
    }
}

/// A path that the library gave out leads somewhere for as long as whoever asked for it keeps the model.
#[test]
fn what_the_library_has_opened_stays_until_it_lets_go() {
    let output = models();
    let layout = output.dir().join("models");
    let model = StoredModel::open(&layout, Choice::Tag("v2".to_owned())).unwrap();
    let paths = model.gguf_paths().unwrap();
    let clone = model.clone();
    drop(model);
    let mut removing = Running::piped(&output.then().args(["rm", "oci:models:v1", "oci:models:v2", "--prune"]));
    removing.until(|said| said.contains("waiting for its end").then_some(()));
    assert!(paths.iter().all(|path| path.exists()), "{paths:?}");
    drop(clone);
    assert_eq!(removing.end().0, Some(0));
    assert!(!paths.iter().any(|path| path.exists()), "{paths:?}");
}

/// Where the lock cannot be had, nobody who could prune is kept waiting, and nobody waits.
#[test]
fn a_layout_that_cannot_be_locked_is_read_all_the_same() {
    if !mount::is_root() {
        return;
    }
    let output = models();
    let blobs = output.dir().join("models/blobs/sha256");
    let lock = File::open(&blobs).unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    // The blobs can be read, and not looked for.
    fs_err::set_permissions(&blobs, Permissions::from_mode(0o711)).unwrap();
    output
        .then()
        .by_nobody()
        .args(["copy", "-q", "oci:models:v1", "-"])
        .run();
    drop(lock);
    let Some(_mounted) = mount::read_only(&output.dir().join("models")) else {
        return;
    };
    output.then().args(["copy", "-q", "oci:models:v1", "out"]).run();
    output.then().args(["verify", "models"]).run();
}
