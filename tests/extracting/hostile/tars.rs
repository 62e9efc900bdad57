//! Layers that are tars, and mean harm by what they are made of.

use tar::EntryType;

use super::super::{packed, tar};
use super::{refused, taken};
use crate::tiny::assert_same_text;

#[test]
fn entries_that_are_no_files() {
    let link = |kind| {
        let mut header = tar::Header::new_gnu();
        header.set_path("evil").unwrap();
        header.set_link_name("../victim/file").unwrap();
        header.set_entry_type(kind);
        header.set_size(0);
        header.set_cksum();
        [header.as_bytes().as_slice(), &[0; 1024]].concat()
    };
    let mut said = String::new();
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::GNUSparse,
        EntryType::Continuous,
        EntryType::new(b'V'),
    ] {
        said += &refused(&[packed(link(kind))]);
    }
    // A symlink, and a file behind it.
    let mut bytes = link(EntryType::Symlink);
    bytes.truncate(512);
    bytes.extend(tar(&[(EntryType::Regular, "evil/file", b"1")]));
    said += &refused(&[packed(bytes)]);
    for name in [
        "../victim/file",
        "/etc/passwd",
        "a/../../victim/file",
        "a//b",
        "\u{1b}[2J",
        ".",
    ] {
        said += &refused(&[packed(tar(&[(EntryType::Regular, name, b"1")]))]);
    }
    assert_same_text(
        said,
        snapbox::str![[r#"
layer `packed`: its entry `evil` is a symlink; only files and directories are extracted
layer `packed`: its entry `evil` is a hard link; only files and directories are extracted
layer `packed`: its entry `evil` is a device; only files and directories are extracted
layer `packed`: its entry `evil` is a device; only files and directories are extracted
layer `packed`: its entry `evil` is a FIFO; only files and directories are extracted
layer `packed`: its entry `evil` is a sparse file; only files and directories are extracted
layer `packed`: its entry `evil` is of an unknown type; only files and directories are extracted
layer `packed`: its entry `evil` is of an unknown type; only files and directories are extracted
layer `packed`: its entry `evil` is a symlink; only files and directories are extracted
layer `packed`: the path `../victim/file` leads out of its directory by `..`
layer `packed`: the path `/etc/passwd` is absolute
layer `packed`: the path `a/../../victim/file` leads out of its directory by `..`
layer `packed`: the path `a//b` has an empty name
layer `packed`: the path `\u{1b}[2J` holds a control character
layer `packed`: its entry `.` is a file without a name; only files and directories are extracted

"#]],
    );
}

/// A file of one byte, with PAX records in front of it.
fn pax(records: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_pax_extensions(records.iter().copied()).unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_path("plain").unwrap();
    header.set_size(1);
    header.set_cksum();
    builder.append(&header, &b"1"[..]).unwrap();
    builder.into_inner().unwrap()
}

/// A header, and nothing behind it.
fn about(kind: EntryType, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path("././@LongLink").unwrap();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_cksum();
    header.as_bytes().to_vec()
}

/// A file with a name as GNU tar has long ones.
fn long(name: &[u8]) -> Vec<u8> {
    let mut bytes = about(EntryType::GNULongName, name.len() as u64);
    bytes.extend(name);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes.extend(tar(&[(EntryType::Regular, "plain", b"1")]));
    bytes
}

/// A PAX record may say another name, another size, or that the file is sparse.
#[test]
fn what_stands_in_front_of_entries() {
    let mut no_number = tar(&[(EntryType::Regular, "a", b"1")]);
    no_number[124..136].copy_from_slice(b"12 apples   ");
    let sum: u32 = (0..512)
        .map(|at| {
            if (148..156).contains(&at) {
                32
            } else {
                u32::from(no_number[at])
            }
        })
        .sum();
    no_number[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut wrong = tar(&[(EntryType::Regular, "a", b"1")]);
    wrong[0] = b'b';
    let whole = tar(&[(EntryType::Regular, "a", &[7; 2000])]);
    let mut two = tar(&[(EntryType::Regular, "a", b"1")]);
    two.truncate(1024);
    two.extend([0; 512]);
    two.extend(tar(&[(EntryType::Regular, "b", b"1")]));
    let mut said = String::new();
    for bytes in [
        pax(&[("path", b"../victim/file")]),
        pax(&[("path", b"/etc/passwd")]),
        pax(&[("path", b"a\0b")]),
        pax(&[("path", b"")]),
        pax(&[("path", b"\xff")]),
        pax(&[("path", b"a/../b")]),
        pax(&[("path", ".modelbuild-extract/0".as_bytes())]),
        long(b"../victim/file\0"),
        long(b"/etc/passwd"),
        long(b"\0"),
        long(&[b'x'; 5000]),
        pax(&[("size", b"0")]),
        pax(&[("size", b"99999999999")]),
        pax(&[("size", b"18446744073709551615")]),
        pax(&[("size", b"-1")]),
        pax(&[("GNU.sparse.major", b"1"), ("GNU.sparse.name", b"../victim/file")]),
        about(EntryType::GNULongName, 1 << 40),
        about(EntryType::XHeader, 1 << 40),
        about(EntryType::XGlobalHeader, 100),
        about(EntryType::Regular, 1 << 50),
        about(EntryType::Regular, u64::MAX),
        about(EntryType::Directory, u64::MAX),
        wrong,
        no_number,
        whole[..1000].to_vec(),
        whole[..512].to_vec(),
        whole[..100].to_vec(),
        two,
        b"no tar at all".to_vec(),
        vec![0xff; 512],
    ] {
        said += &refused(&[packed(bytes)]);
    }
    // Of which a message has only the beginning.
    assert_same_text(
        said.replace(&"x".repeat(120), "LONG"),
        snapbox::str![[r#"
layer `packed`: the path `../victim/file` leads out of its directory by `..`
layer `packed`: the path `/etc/passwd` is absolute
layer `packed`: it cannot be unpacked: a name holds a zero byte
layer `packed`: it cannot be unpacked: a PAX record has a name or a size that is empty
layer `packed`: the path `�` is not UTF-8
layer `packed`: the path `a/../b` leads out of its directory by `..`
layer `packed`: the path `.modelbuild-extract/0` is where unfinished files are kept
layer `packed`: the path `../victim/file` leads out of its directory by `..`
layer `packed`: the path `/etc/passwd` is absolute
layer `packed`: it cannot be unpacked: a long name is empty
layer `packed`: the path `LONG…` is longer than file systems take (255 bytes a name, 4095 in all)
layer `packed`: it cannot be unpacked: a header has another checksum than it states
layer `packed`: it ends in the middle of something
layer `packed`: it cannot be unpacked: a size is no number
layer `packed`: it cannot be unpacked: a size is no number
layer `packed`: its entry `../victim/file` is a sparse file; only files and directories are extracted
layer `packed`: it cannot be unpacked: a name or the records of an entry have more than 1 MiB
layer `packed`: it cannot be unpacked: a name or the records of an entry have more than 1 MiB
layer `packed`: it ends in the middle of something
layer `packed`: it ends in the middle of something
layer `packed`: it cannot be unpacked: a field of a header is no number
layer `packed`: it cannot be unpacked: a field of a header is no number
layer `packed`: it cannot be unpacked: a header has another checksum than it states
layer `packed`: it cannot be unpacked: a field of a header is no number
layer `packed`: it ends in the middle of something
layer `packed`: it ends in the middle of something
layer `packed`: it ends in the middle of something
layer `packed`: it cannot be unpacked: an entry stands behind a block of zeros
layer `packed`: it ends in the middle of something
layer `packed`: it cannot be unpacked: a header has another checksum than it states

"#]],
    );
}

/// What stands behind the end of a tar is nobody's, as long as the blob is the right one.
#[test]
fn what_stands_behind_the_end() {
    let whole = tar(&[(EntryType::Regular, "a", b"1")]);
    let files = "0755        1 a\n0644       10 mine\n0644        4 w.gguf\n";
    for behind in [&b"garbage"[..], &[0; 10_000], &whole] {
        let bytes = [&whole, behind].concat();
        assert_eq!(taken(&[packed(bytes)], |_, _| {}), files);
    }
    // Without the two blocks of zeros all entries are there still.
    assert_eq!(taken(&[packed(whole[..1024].to_vec())], |_, _| {}), files);
}
