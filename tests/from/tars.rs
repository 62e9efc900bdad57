//! Tars that are damaged, that mean harm, or that other tools wrote in their own way.

use super::hostile::{AGAIN, NAME_A_PLACE, refused};
use super::{hex_of, test};
use crate::oracle::oracle;

#[test]
fn a_tarball_that_ends_early() {
    let test = test()
        .file("m/Modelfile", "FROM ../base.tar\n")
        .args(["build", "m", "-q", "-o", "out"]);
    let path = test.dir().join("base.tar");
    let whole = fs_err::read(&path).unwrap();
    // What stands behind the index is for Docker Model Runner alone.
    let index = br#""manifests":["#;
    let needed = whole.windows(index.len()).rposition(|bytes| bytes == index).unwrap();
    for length in (0..needed).step_by(512 * 3 + 100) {
        fs_err::write(&path, &whole[..length]).unwrap();
        // Without an index it may as well be the tar of something else.
        let code = test.command().output().unwrap().status.code();
        assert!(matches!(code, Some(3 | 4)), "{length}: {code:?}");
        assert!(!test.dir().join("out").exists(), "{length}");
    }
}

/// A tar of one header.
fn header(name: &str, size: u64, kind: tar::EntryType) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_path(name).unwrap();
    header.set_size(size);
    header.set_entry_type(kind);
    header.set_cksum();
    header
}

/// A tar that claims to hold more than there is, and one that never ends.
#[test]
fn headers_that_lie() {
    let test = test().file(
        "huge.tar",
        header("index.json", 1 << 50, tar::EntryType::Regular).as_bytes(),
    );
    let test = refused(
        test,
        "../huge.tar",
        "`m/../huge.tar` is damaged: it ends in the middle of `index.json`",
        AGAIN,
        4,
    );
    // Sparse: 2 GiB of zeros behind a good beginning take no time.
    let path = test.dir().join("sparse.tar");
    fs_err::copy(test.dir().join("base.tar"), &path).unwrap();
    let file = fs_err::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(1 << 31).unwrap();
    test.file("m/Modelfile", "FROM ../sparse.tar\n")
        .args(["build", "m", "-q", "-n"])
        .run();
}

#[test]
fn tars_that_would_fill_the_memory() {
    let test = test();
    let member = header("m", 0, tar::EntryType::Regular);
    fs_err::write(test.dir().join("many.tar"), member.as_bytes().repeat(200_001)).unwrap();
    let test = refused(
        test,
        "../many.tar",
        "`m/../many.tar` is damaged: it has more than 200000 members",
        AGAIN,
        4,
    );
    // A name of 1 GiB, of which nothing takes place on the disk.
    let name = header("././@LongLink", 1 << 30, tar::EntryType::GNULongName);
    let bytes = [member.as_bytes().as_slice(), name.as_bytes()].concat();
    let test = test.file("name.tar", bytes);
    let path = test.dir().join("name.tar");
    let file = fs_err::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(1 << 31).unwrap();
    refused(
        test,
        "../name.tar",
        "`m/../name.tar` is damaged: behind 1 member the tar cannot be read: a name or the records of an entry have more than 1 MiB",
        AGAIN,
        4,
    );
}

/// Where holes are left out, the bytes of a member are not the file's. Nothing of a layout has any, but for weights that
/// are all zeros.
#[test]
fn members_that_are_no_plain_files() {
    let Some(tar) = oracle("tar") else { return };
    let mut test = test();
    let base = test.dir().join("base");
    let weights = base.join("blobs/sha256").join(hex_of(b"weights"));
    let file = fs_err::OpenOptions::new().write(true).open(&weights).unwrap();
    file.set_len(1 << 20).unwrap();
    let name = format!("blobs/sha256/{}", hex_of(b"weights"));
    for format in [
        &["--format=gnu"][..],
        &["--format=posix", "--sparse-version=0.0"],
        &["--format=posix", "--sparse-version=0.1"],
        &["--format=posix", "--sparse-version=1.0"],
    ] {
        let mut command = tar.command();
        command
            .args(format)
            .args(["--sparse", "-cf", "sparse.tar", "-C", "base", "."]);
        assert!(command.current_dir(test.dir()).status().unwrap().success());
        test = refused(
            test,
            "../sparse.tar",
            &format!(
                "`m/../sparse.tar` has `{name}` as a sparse file; `tar` without `--sparse` packs a layout as it has to be"
            ),
            NAME_A_PLACE,
            3,
        );
    }
    let link = header("index.json", 0, tar::EntryType::Symlink);
    let test = test.file("link.tar", link.as_bytes());
    refused(
        test,
        "../link.tar",
        "`m/../link.tar` has `index.json` as no plain file; `tar` without `--sparse` packs a layout as it has to be",
        NAME_A_PLACE,
        3,
    );
}
