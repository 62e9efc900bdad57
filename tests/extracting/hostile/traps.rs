//! Directories that were prepared.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use snapbox::assert_data_eq;
use tar::EntryType;

use super::super::{packed, raw, tar};
use super::{attempt, taken};
use crate::harness::sha256;
use crate::serving::noise;
use crate::tiny::assert_same_text;

/// What prepares a directory: gets the working directory, and the one that files go to.
type Trap<'a> = &'a dyn Fn(&Path, &Path);

/// What is in the directory already.
#[test]
fn traps_in_the_directory() {
    let mut said = String::new();
    let traps: [fn(&Path, &Path); 15] = [
        |dir, files| symlink(dir.join("victim"), files.join("d")).unwrap(),
        |dir, files| symlink(dir.join("victim/file"), files.join("file")).unwrap(),
        |_, files| symlink("nowhere", files.join("d")).unwrap(),
        |_, files| fs_err::write(files.join("d"), "a file").unwrap(),
        |_, files| fs_err::create_dir(files.join("file")).unwrap(),
        |dir, _| symlink("../victim", dir.join("out/.modelbuild-extract")).unwrap(),
        |dir, _| fs_err::write(dir.join("out/.modelbuild-extract"), "a file").unwrap(),
        |dir, _| fs_err::write(dir.join("out/oci-layout"), "{}").unwrap(),
        |dir, _| {
            fs_err::remove_dir_all(dir.join("out")).unwrap();
            fs_err::create_dir_all(dir.join("layout/blobs/sha256")).unwrap();
            fs_err::write(dir.join("layout/oci-layout"), "{}").unwrap();
            symlink("layout/blobs/sha256", dir.join("out")).unwrap();
        },
        |_, files| {
            let (mode, kind) = (rustix::fs::Mode::RUSR, rustix::fs::FileType::Fifo);
            rustix::fs::mknodat(rustix::fs::CWD, files.join("file"), kind, mode, 0).unwrap();
        },
        |dir, _| {
            let staging = dir.join("out/.modelbuild-extract");
            fs_err::create_dir_all(staging.join("0/1")).unwrap();
            fs_err::set_permissions(staging, PermissionsExt::from_mode(0o700)).unwrap();
        },
        |dir, _| {
            fs_err::remove_dir_all(dir.join("out")).unwrap();
            fs_err::write(dir.join("out"), "a file").unwrap();
        },
        |dir, _| {
            fs_err::remove_dir_all(dir.join("out")).unwrap();
            symlink("victim/file", dir.join("out")).unwrap();
        },
        |dir, _| {
            fs_err::remove_dir_all(dir.join("out")).unwrap();
            symlink("nowhere", dir.join("out")).unwrap();
        },
        |dir, _| {
            fs_err::remove_dir_all(dir.join("out")).unwrap();
            let (mode, kind) = (rustix::fs::Mode::RUSR, rustix::fs::FileType::Fifo);
            rustix::fs::mknodat(rustix::fs::CWD, dir.join("out"), kind, mode, 0).unwrap();
        },
    ];
    let raw_layers = [raw("d/e/file", "1"), raw("file", "2")];
    let in_tar = [packed(tar(&[
        (EntryType::Regular, "d/e/file", b"1"),
        (EntryType::Regular, "file", b"2"),
    ]))];
    for trap in traps {
        let (code, message) = attempt(&raw_layers, trap, &[]);
        assert_eq!(code, 1, "{message}");
        assert_eq!(attempt(&in_tar, trap, &[]), (1, message.clone()));
        said += &(message + "\n");
    }
    assert_same_text(
        said,
        snapbox::str![[r#"
`out/d` is a symlink, which is not followed; nothing was extracted
`out/file` is a symlink, which is not followed; nothing was extracted
`out/d` is a symlink, which is not followed; nothing was extracted
`out/d` is a file, in the place of a directory; nothing was extracted
`out/file` is a directory, where the artifact has a file; nothing was extracted
`out/.modelbuild-extract` is a symlink, which is not followed; nothing was extracted
`out/.modelbuild-extract` is a file, in the place of a directory; nothing was extracted
`out` is an OCI layout; nothing was extracted
`out` is among the blobs of an OCI layout; nothing was extracted
`out/file` is no file; nothing was extracted
`out/.modelbuild-extract/0` is a directory, where unfinished files are kept; nothing was extracted
`out` is not a directory; nothing was extracted
`out` is not a directory; nothing was extracted
`out` is a symlink that leads nowhere; nothing was extracted
`out` is not a directory; nothing was extracted

"#]],
    );
}

/// What could lead a writer astray, and does not.
#[test]
fn traps_that_catch_nobody() {
    let large = noise(2_000_000);
    let name = sha256(&large).replace("sha256:", ".partial-");
    let layers = [raw("d/file", "1"), raw("large", &large)];
    let files = taken(&layers, |_, _| {});
    assert_data_eq!(
        &files,
        snapbox::str![[r#"
0755        0 d/
0644        1 d/file
0644  2000000 large
0644       10 mine
0644        4 w.gguf

"#]]
    );
    let traps: [Trap<'_>; 6] = [
        // Under the names that are staged.
        &|dir, _| {
            fs_err::create_dir(dir.join("out/.modelbuild-extract")).unwrap();
            for name in ["0", "1", "2", "copy-0", "link-0", "document-0", &name] {
                symlink(dir.join("victim/file"), dir.join("out/.modelbuild-extract").join(name)).unwrap();
            }
        },
        &|dir, _| {
            fs_err::create_dir(dir.join("out/.modelbuild-extract")).unwrap();
            let partial = dir.join("out/.modelbuild-extract").join(&name);
            fs_err::hard_link(dir.join("victim/file"), partial).unwrap();
        },
        // A link to what is not to be changed, of the same size, and with the same bytes.
        &|dir, files| {
            fs_err::create_dir(files.join("d")).unwrap();
            fs_err::write(dir.join("victim/other"), "2").unwrap();
            fs_err::hard_link(dir.join("victim/other"), files.join("d/file")).unwrap();
        },
        &|dir, files| {
            fs_err::write(dir.join("victim/large"), &large).unwrap();
            let mode = PermissionsExt::from_mode(0o644);
            fs_err::set_permissions(dir.join("victim/large"), mode).unwrap();
            fs_err::hard_link(dir.join("victim/large"), files.join("large")).unwrap();
        },
        // One that nobody may read or write.
        &|_, files| {
            fs_err::write(files.join("large"), &large).unwrap();
            let mode = PermissionsExt::from_mode(0o000);
            fs_err::set_permissions(files.join("large"), mode).unwrap();
        },
        // The directory itself may be a symlink.
        &|dir, _| {
            fs_err::rename(dir.join("out"), dir.join("elsewhere")).unwrap();
            symlink("elsewhere", dir.join("out")).unwrap();
        },
    ];
    for trap in traps {
        assert_eq!(taken(&layers, trap), files);
    }
}
