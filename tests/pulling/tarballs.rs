//! A pull to a tarball that broke goes on where it stood, and what comes out is the tarball that it always is.

use std::path::PathBuf;
use std::time::Instant;

use fs_err::os::unix::fs::FileExt as _;

use super::{Line, WEIGHTS};
use crate::harness::Test;
use crate::servers::proxy::Rule;

impl Line {
    fn pull_tar(&self) -> Test {
        self.built.then().args([
            "pull",
            &self.remote(),
            "-o",
            "out.tar",
            "--no-sync",
            "--progress",
            "none",
        ])
    }

    /// What is left of tarballs that are not complete.
    fn unfinished(&self) -> Vec<PathBuf> {
        let entries = fs_err::read_dir(self.built.dir()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let is_hidden = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(".partial-");
        paths.filter(is_hidden).collect()
    }

    /// A pull that broke at three million bytes of the weights.
    fn broken_tar(&self) -> PathBuf {
        self.spoil(&["cut-down=3000000", "status=404"]);
        self.pull_tar().status(5).run();
        self.proxy.change([]);
        self.proxy.record.clear();
        assert!(!self.built.dir().join("out.tar").exists());
        let [partial] = self.unfinished().try_into().unwrap();
        partial
    }

    /// The pull once more; bytes of the weights that came.
    #[track_caller]
    fn completed(&self) -> u64 {
        self.pull_tar().run();
        let dir = self.built.dir();
        let direct = self.built.then().args(["pull", "-q", &self.remote(), "-o", "-"]);
        let (bytes, _) = self.fetched();
        assert!(fs_err::read(dir.join("out.tar")).unwrap() == direct.run().stdout);
        assert_eq!(self.unfinished(), Vec::<PathBuf>::new());
        bytes
    }
}

/// File systems count in blocks: of those that came, the last ones are fetched again.
const BLOCKS: u64 = 128 << 10;

#[test]
fn what_came_is_not_fetched_again() {
    let line = Line::new();
    line.broken_tar();
    let fetched = line.completed();
    assert!(
        (WEIGHTS - 3_000_000..=WEIGHTS - 3_000_000 + BLOCKS).contains(&fetched),
        "{fetched}"
    );
}

#[test]
fn a_blob_that_was_complete_is_not_fetched_again() {
    let line = Line::new();
    // A later layer.
    let config = &crate::tiny::manifest(&line.built.dir().join("pushed"))["layers"][1]["digest"];
    let rule = format!("GET */blobs/{} status=404", config.as_str().unwrap());
    line.proxy.change([rule.parse().unwrap()]);
    line.pull_tar().args(["-j", "1"]).status(5).run();
    line.proxy.change([]);
    line.proxy.record.clear();
    assert_eq!(line.completed(), 0);
}

#[test]
fn bytes_that_were_changed_meanwhile_are_found_out() {
    let line = Line::new();
    let partial = line.broken_tar();
    let file = fs_err::OpenOptions::new().write(true).open(partial).unwrap();
    file.write_all_at(b"other", 1_000_000).unwrap();
    drop(file);
    assert!(line.completed() >= WEIGHTS);
}

#[test]
fn one_that_is_killed_at_any_moment_is_gone_on_with() {
    const MOMENTS: u32 = 10;
    let line = Line::new();
    line.proxy
        .change(["GET */blobs/* always rate-down=20000000".parse::<Rule>().unwrap()]);
    // However busy the machine is, some moments are in the middle.
    let begin = Instant::now();
    line.pull_tar().run();
    let whole = begin.elapsed();
    fs_err::remove_file(line.built.dir().join("out.tar")).unwrap();
    let mut less = 0;
    for moment in 0..MOMENTS {
        let mut child = line.pull_tar().command().spawn().unwrap();
        std::thread::sleep(whole * moment / MOMENTS);
        child.kill().unwrap();
        child.wait().unwrap();
        line.proxy.record.clear();
        less += u32::from(line.completed() < WEIGHTS);
        fs_err::remove_file(line.built.dir().join("out.tar")).unwrap();
    }
    assert!(less > 0, "none had anything to go on with");
}

#[test]
fn another_artifact_begins_anew() {
    let line = Line::new();
    line.broken_tar();
    line.built
        .then()
        .args([
            "pull",
            &line.remote(),
            "-o",
            "out.tar",
            "--no-weights",
            "--progress",
            "none",
        ])
        .run();
    assert_eq!(line.fetched().0, 0);
    assert_eq!(line.unfinished().len(), 1);
}
