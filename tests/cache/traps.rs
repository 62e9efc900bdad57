//! What fools those who look at names, sizes and modification times, done to files whose digests are known.

use std::collections::{BTreeSet, HashMap};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use modelbuild::digest::Digest;

use super::{CACHE, SHARDS, files, model, rest};
use crate::harness::{Output, Test};
use crate::mount;
use crate::watch::Watch;

const BUILD: [&str; 4] = ["build", "m", "-q", "--dry-run"];

/// The weights that are known, and others of the same size.
const KNOWN: &str = "weights\n";
const OTHER: &str = "WEIGHTS\n";

/// Gives a file the modification time of another one.
fn date_like(from: &Path, to: &Path) {
    let modified = fs_err::metadata(from).unwrap().modified().unwrap();
    let file = fs_err::OpenOptions::new().write(true).open(to).unwrap();
    file.file().set_modified(modified).unwrap();
}

fn copy_all(from: &Path, to: &Path) {
    assert!(
        Command::new("cp")
            .arg("-p")
            .arg(from)
            .arg(to)
            .status()
            .unwrap()
            .success()
    );
}

/// Builds with the cache, and requires that `file` is read and that a build without the cache finds out the same.
fn is_read(test: Test, file: &str) -> Output {
    let watch = Watch::new([test.dir().join("m")]);
    let with = test.cached().args(BUILD).run();
    let opened = watch.opened();
    assert!(opened.contains(file), "{opened:?}");
    let without = with.then().args(BUILD).args(["--no-cache"]).run();
    assert_eq!(with.text(), without.text());
    with
}

/// A model whose digests are known.
fn known() -> Output {
    let output = model().args(BUILD).run();
    let watch = Watch::new([output.dir().join("m")]);
    output.then().cached().args(BUILD).run();
    assert_eq!(watch.opened(), files(["Modelfile"]));
    output
}

#[test]
fn another_file_in_its_place() {
    let first = known();
    let (path, other) = (first.dir().join("m/m.gguf"), first.dir().join("other"));
    let test = first.then().file("other", OTHER);
    date_like(&path, &other);
    fs_err::rename(other, path).unwrap();
    assert_ne!(is_read(test, "m.gguf").text(), first.text());
}

#[test]
fn a_copy_of_another_file_with_its_times() {
    let first = known();
    let (path, other) = (first.dir().join("m/m.gguf"), first.dir().join("other"));
    let test = first.then().file("other", OTHER);
    date_like(&path, &other);
    copy_all(&other, &path);
    assert_eq!(fs_err::read_to_string(&path).unwrap(), OTHER);
    assert_ne!(is_read(test, "m.gguf").text(), first.text());
}

#[test]
fn a_copy_of_itself_with_its_times() {
    let first = known();
    let (path, copy) = (first.dir().join("m/m.gguf"), first.dir().join("copy"));
    copy_all(&path, &copy);
    fs_err::rename(copy, path).unwrap();
    assert_eq!(is_read(first.then(), "m.gguf").text(), first.text());
}

#[test]
fn a_write_through_another_name() {
    let first = known();
    let (path, link) = (first.dir().join("m/m.gguf"), first.dir().join("link"));
    let modified = fs_err::metadata(&path).unwrap().modified().unwrap();
    fs_err::hard_link(&path, &link).unwrap();
    let second = is_read(first.then(), "m.gguf");
    assert_eq!(second.text(), first.text());
    let file = fs_err::OpenOptions::new().write(true).open(&link).unwrap();
    std::io::Write::write_all(&mut file.file(), OTHER.as_bytes()).unwrap();
    file.file().set_modified(modified).unwrap();
    assert_eq!(fs_err::read_to_string(&path).unwrap(), OTHER);
    assert_ne!(is_read(second.then(), "m.gguf").text(), first.text());
}

/// File systems number their files alike, and one is mounted where another one was.
#[test]
fn files_with_their_numbers_on_another_device() {
    let test = Test::new().file("m/Modelfile", "NAME tiny\nDATASET data\n");
    let root = test.keep();
    let place = root.path().join("work/m/data");
    let write = |name: u32, content: &str| {
        let path = place.join(name.to_string());
        fs_err::write(&path, content).unwrap();
        (fs_err::metadata(&path).unwrap().ino(), path)
    };
    let Some(disk) = mount::coarse(&place) else { return };
    let known: HashMap<u64, _> = (0..40).map(|name| write(name, KNOWN)).collect();
    let modified = fs_err::metadata(place.join("0")).unwrap().modified().unwrap();
    rest();
    let first = test.cached().args(BUILD).run();
    drop(disk);

    let Some(_memory) = mount::tmpfs(&place, "1m") else {
        return;
    };
    let others: Vec<_> = (100..140).map(|name| write(name, OTHER)).collect();
    let mut names = BTreeSet::new();
    for (number, path) in others {
        let Some(name) = known.get(&number) else {
            fs_err::remove_file(path).unwrap();
            continue;
        };
        let file = fs_err::OpenOptions::new().write(true).open(&path).unwrap();
        file.file().set_modified(modified).unwrap();
        fs_err::rename(path, name).unwrap();
        names.insert(name.file_name().unwrap().to_owned());
    }
    assert!(!names.is_empty());
    let watch = Watch::new([place]);
    let with = first.then().cached().args(BUILD).run();
    let opened = watch.opened();
    assert!(
        names.iter().all(|name| opened.contains(name.to_str().unwrap())),
        "{opened:?}"
    );
    let without = first.then().args(BUILD).args(["--no-cache"]).run();
    assert_eq!(with.text(), without.text());
}

/// An entry of a version that has not been thought of is no entry, wherever it stands.
#[test]
fn shards_of_a_newer_version() {
    let first = known();
    let shards = first.dir().join(CACHE).join(SHARDS);
    for entry in fs_err::read_dir(shards).unwrap() {
        let path = entry.unwrap().path();
        let text = fs_err::read_to_string(&path).unwrap();
        let (_, body) = text.split_once('\n').unwrap();
        let body = body.replace(&Digest::of(KNOWN.as_bytes()).hex(), &Digest::of(OTHER.as_bytes()).hex());
        let header = format!("modelbuild-digests 2 {}", Digest::of(body.as_bytes()).hex());
        fs_err::write(path, format!("{header}\n{body}")).unwrap();
    }
    assert_eq!(is_read(first.then(), "m.gguf").text(), first.text());
}
