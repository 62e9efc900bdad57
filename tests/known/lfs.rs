//! Files that git-lfs keeps, with the real one.

use std::path::Path;
use std::time::{Duration, SystemTime};

use snapbox::str;

use super::{Test, files, git, model, opened};
use crate::harness::Output;

/// The model as a repository in which git-lfs keeps the weights; `None` where there is no git-lfs.
fn repository() -> Option<Output> {
    let test = model().file("m/.gitattributes", "*.gguf filter=lfs diff=lfs merge=lfs -text\n");
    let directory = test.dir().join("m");
    git(&directory, &["init", "-q"])?;
    git(&directory, &["lfs", "install", "--local", "--skip-repo"])?;
    // git takes no file for unchanged that was written within the tick of its index.
    std::thread::sleep(Duration::from_millis(20));
    git(&directory, &["add", "."])?;
    git(&directory, &["commit", "-q", "-m", "a model"])?;
    Some(test.args(["build", "m", "-q", "--dry-run"]).run())
}

/// Whether the weights are opened.
fn reads(test: Test) -> bool {
    let opened = opened(test, "lfs");
    assert!(opened.contains("config.json"), "git-lfs has nothing to do with it");
    opened.contains("model.gguf")
}

#[test]
fn what_git_sees_as_unchanged_is_not_read() {
    let Some(built) = repository() else { return };
    let directory = built.dir().join("m");
    assert!(!reads(built.then()));
    for version in ["3", "4", "2"] {
        git(&directory, &["update-index", "--index-version", version]);
        assert!(!reads(built.then()), "version {version}");
    }
    // Another size, the same size, the same bytes at another time, another file.
    let path = directory.join("model.gguf");
    let touch = |path: &Path| {
        let file = fs_err::OpenOptions::new().write(true).open(path).unwrap();
        // By more than the fraction of a second that git, as it is commonly built, does not look at.
        file.file()
            .set_modified(SystemTime::now() - Duration::from_secs(100))
            .unwrap();
    };
    touch(&path);
    assert!(reads(built.then()));
    // git looks at it and finds it unchanged.
    std::thread::sleep(Duration::from_millis(20));
    git(&directory, &["status"]);
    assert!(!reads(built.then()));
    let modified = fs_err::metadata(&path).unwrap().modified().unwrap();
    fs_err::write(directory.join("copy"), "weights\n").unwrap();
    let copy = fs_err::OpenOptions::new()
        .write(true)
        .open(directory.join("copy"))
        .unwrap();
    copy.file().set_modified(modified).unwrap();
    fs_err::rename(directory.join("copy"), &path).unwrap();
    assert!(reads(built.then()));
}

#[test]
fn a_changed_file_is_hashed() {
    let Some(built) = repository() else { return };
    let test = built.then().file("m/model.gguf", "WEIGHTS\n");
    let output = test.args(["build", "m", "--dry-run", "--trust", "lfs"]).run();
    assert!(
        output.text().contains(&crate::harness::sha256(b"WEIGHTS\n")),
        "{}",
        output.text()
    );
}

#[test]
fn in_further_working_trees_and_subdirectories_too() {
    let Some(built) = repository() else { return };
    let directory = built.dir().join("m");
    git(&directory, &["worktree", "add", "-q", "../tree"]);
    std::thread::sleep(Duration::from_millis(20));
    git(&built.dir().join("tree"), &["status"]);
    // A context within the repository.
    let test = built
        .then()
        .file("m/part/Modelfile", "NAME x\nMODEL model.gguf\nCONFIG config.json\n");
    fs_err::write(test.dir().join("m/part/model.gguf"), "weights\n").unwrap();
    fs_err::write(test.dir().join("m/part/config.json"), "{}\n").unwrap();
    std::thread::sleep(Duration::from_millis(20));
    git(&directory, &["add", "."]);
    for context in ["tree", "m/part"] {
        let watch = crate::watch::Watch::new([built.dir().join(context)]);
        let args = ["build", context, "-q", "--dry-run", "--trust", "lfs"];
        built.then().args(args).run();
        let opened = watch.opened();
        assert!(!opened.contains("model.gguf"), "{context}: {opened:?}");
        assert!(opened.contains("config.json"), "{context}: {opened:?}");
    }
}

#[test]
fn a_pointer_in_the_place_of_the_weights_is_an_error() {
    let Some(built) = repository() else { return };
    let clone = built.dir().join("clone");
    git(&built.dir(), &["clone", "-q", "m", "clone"]);
    assert!(
        fs_err::read_to_string(clone.join("model.gguf"))
            .unwrap()
            .starts_with("version ")
    );
    built
        .then()
        .args(["build", "clone", "--dry-run", "--trust", "lfs"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `model.gguf` is not there: in its place is a git-lfs pointer to 8 bytes
  = help: run `git lfs pull` to get the file

"#]])
        .run();
    git(&clone, &["lfs", "install", "--local"]);
    git(&clone, &["lfs", "pull"]);
    std::thread::sleep(Duration::from_millis(20));
    git(&clone, &["status"]);
    let watch = crate::watch::Watch::new([clone]);
    built
        .then()
        .args(["build", "clone", "-q", "--dry-run", "--trust", "lfs"])
        .run();
    assert!(!watch.opened().contains("model.gguf"));
}

#[test]
fn a_damaged_index_says_nothing() {
    let Some(built) = repository() else { return };
    let index = built.dir().join("m/.git/index");
    let whole = fs_err::read(&index).unwrap();
    for length in (0..whole.len()).step_by(7) {
        fs_err::write(&index, &whole[..length]).unwrap();
        opened(built.then(), "lfs");
    }
    fs_err::remove_file(&index).unwrap();
    assert_eq!(opened(built.then(), "lfs"), files(["config.json", "model.gguf"]));
}
