//! What an earlier pull left, and what became of it: gone on with where it is right, begun anew where it is not.

use std::os::unix::fs::{chown, symlink};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{Line, WEIGHTS};
use crate::harness::NOBODY;
use crate::serving::noise;

/// A line on which a pull broke at three million bytes.
fn broken() -> Line {
    let line = Line::new();
    line.spoil(&["cut-down=3000000", "status=404"]);
    line.pull().args(["--progress", "none"]).status(5).run();
    line.proxy.change([]);
    line.proxy.record.clear();
    line
}

/// Pulls again after `change` was made to the file, and gives how many bytes of the weights were fetched.
fn after(change: impl FnOnce(&Path)) -> u64 {
    let line = broken();
    change(&line.partial());
    line.pull().run();
    line.check();
    line.fetched().0
}

#[test]
fn a_file_that_is_right_is_gone_on_with() {
    assert_eq!(after(|_| {}), WEIGHTS - 3_000_000);
    let shorter = |partial: &Path| {
        let file = fs_err::OpenOptions::new().write(true).open(partial).unwrap();
        file.set_len(1_000_000).unwrap();
    };
    assert_eq!(after(shorter), WEIGHTS - 1_000_000);
    assert_eq!(after(|partial| fs_err::remove_file(partial).unwrap()), WEIGHTS);
    // As long as the blob: it is looked at, and not asked for again.
    let whole = noise(u32::try_from(WEIGHTS).unwrap());
    assert_eq!(after(|partial| fs_err::write(partial, whole).unwrap()), 0);
}

#[test]
fn a_file_with_other_bytes_is_begun_anew() {
    let flip = |partial: &Path| {
        let mut bytes = fs_err::read(partial).unwrap();
        bytes[1_000_000] ^= 1;
        fs_err::write(partial, bytes).unwrap();
    };
    // What was missing came before it was found out.
    assert_eq!(after(flip), WEIGHTS - 3_000_000 + WEIGHTS);
    let too_long = |partial: &Path| fs_err::write(partial, vec![0; 6_000_000]).unwrap();
    assert_eq!(after(too_long), WEIGHTS);
    let of_full_length = |partial: &Path| fs_err::write(partial, vec![0; usize::try_from(WEIGHTS).unwrap()]).unwrap();
    assert_eq!(after(of_full_length), WEIGHTS);
}

#[test]
fn what_is_no_file_of_ours_is_not_written_to() {
    let line = broken();
    let victim = line.built.dir().join("victim");
    fs_err::write(&victim, "mine").unwrap();
    let replace = |make: &dyn Fn(&Path)| {
        let partial = line.partial();
        drop(fs_err::remove_file(&partial));
        make(&partial);
        line.proxy.record.clear();
        line.pull().run();
        line.check();
        assert_eq!(line.fetched().0, WEIGHTS);
        assert_eq!(fs_err::read(&victim).unwrap(), b"mine");
        fs_err::remove_dir_all(line.built.dir().join("out")).unwrap();
        fs_err::create_dir_all(partial.parent().unwrap()).unwrap();
        fs_err::write(
            line.built.dir().join("out/oci-layout"),
            r#"{"imageLayoutVersion":"1.0.0"}"#,
        )
        .unwrap();
        fs_err::write(
            line.built.dir().join("out/index.json"),
            r#"{"schemaVersion":2,"manifests":[]}"#,
        )
        .unwrap();
    };
    replace(&|partial| symlink(&victim, partial).unwrap());
    replace(&|partial| symlink("/nonexistent/file", partial).unwrap());
    replace(&|partial| fs_err::hard_link(&victim, partial).unwrap());
    replace(&|partial| {
        mknodat(CWD, partial, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    });
    if rustix::process::geteuid().is_root() {
        replace(&|partial| {
            fs_err::write(partial, vec![0; 1000]).unwrap();
            chown(partial, Some(NOBODY), Some(NOBODY)).unwrap();
        });
    }
}

/// Nothing that is in the way can be removed: then it is left there.
#[test]
fn a_directory_in_its_place_stays() {
    let line = broken();
    fs_err::remove_file(line.partial()).unwrap();
    fs_err::create_dir(line.partial()).unwrap();
    line.pull().run();
    assert!(line.partial().is_dir());
    fs_err::remove_dir(line.partial()).unwrap();
    line.check();
}
