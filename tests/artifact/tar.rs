//! What GNU tar, bsdtar, Python and the `tar` crate read in the headers written here.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;

use modelbuild::artifact::tar::{ALIGNED_FROM, ALIGNMENT, BLOCK, END, Member, header, padding};
use modelbuild::artifact::{Encoding, Envelope, Recipe};
use modelbuild::modelfile::Kind;
use proptest::prelude::*;

use super::file;
use crate::oracle::{Oracle, oracle};

fn output(command: &mut Command) -> String {
    let output = command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC").output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Names at every limit of ustar's fields, and what its fields cannot hold.
fn names() -> Vec<String> {
    let mut names: Vec<String> = [1, 99, 100, 101, 155, 156, 255].map(|length| "n".repeat(length)).into();
    // In two components, so that the prefix takes one of them where it can.
    for (prefix, name) in [
        (1, 98),
        (1, 100),
        (54, 100),
        (100, 55),
        (154, 100),
        (155, 100),
        (156, 99),
        (155, 101),
    ] {
        names.push(format!("{}/{}", "p".repeat(prefix), "q".repeat(name)));
    }
    names.push(format!("{}/{}/{}", "r".repeat(60), "s".repeat(94), "t".repeat(100)));
    names.push(format!("{}/{}/{}", "u".repeat(100), "v".repeat(99), "w".repeat(99)));
    names.extend(["größe/模型.gguf", "spaces and\"quotes\".txt", "-dash", "back\\slash"].map(str::to_owned));
    names.push(format!("{}/ü", "x".repeat(200)));
    names.push("é".repeat(120));
    names
}

fn content(name: &str) -> Vec<u8> {
    name.bytes().cycle().take(name.len() * 7 % 1500).collect()
}

/// A tar of all names; the member at the end is large enough to be aligned.
fn archive() -> (Vec<u8>, Vec<(String, Vec<u8>)>) {
    let mut members: Vec<_> = names().into_iter().map(|name| (name.clone(), content(&name))).collect();
    members.push(("big.gguf".to_owned(), vec![7; 1 << 20]));
    members.push((format!("{}/big.gguf", "ö".repeat(100)), vec![8; (1 << 20) + 1]));
    let mut bytes = Vec::new();
    for (name, data) in &members {
        let member = Member {
            name,
            size: data.len() as u64,
            mode: 0o755,
            mtime: 1_700_000_000,
        };
        bytes.extend(header(&member, bytes.len() as u64));
        if data.len() as u64 >= ALIGNED_FROM {
            assert_eq!(bytes.len() as u64 % ALIGNMENT, 0);
        }
        bytes.extend(data);
        bytes.resize(bytes.len() + padding(data.len() as u64), 0);
    }
    bytes.extend(END);
    (bytes, members)
}

fn assert_extracted(directory: &Path, members: &[(String, Vec<u8>)]) {
    use std::os::unix::fs::MetadataExt;
    for (name, data) in members {
        let path = directory.join(name);
        assert_eq!(&fs_err::read(&path).unwrap(), data, "{name}");
        let metadata = fs_err::metadata(&path).unwrap();
        assert_eq!(
            (metadata.mode() & 0o777, metadata.mtime()),
            (0o755, 1_700_000_000),
            "{name}"
        );
    }
    let entries = walkdir::WalkDir::new(directory)
        .into_iter()
        .filter(|entry| entry.as_ref().unwrap().path().is_file());
    assert_eq!(entries.count(), members.len(), "nothing else is extracted");
}

fn extract(tool: &Oracle, arguments: &[&str]) {
    let (bytes, members) = archive();
    let directory = tempfile::tempdir().unwrap();
    let tarball = directory.path().join("test.tar");
    let target = directory.path().join("target");
    fs_err::write(&tarball, bytes).unwrap();
    fs_err::create_dir(&target).unwrap();
    output(tool.command().args(arguments).arg(&tarball).current_dir(&target));
    assert_extracted(&target, &members);
}

#[test]
fn gnu_tar_extracts_it() {
    if let Some(tar) = oracle("tar") {
        extract(&tar, &["--no-same-owner", "-xpf"]);
    }
}

#[test]
fn bsdtar_extracts_it() {
    if let Some(bsdtar) = oracle("bsdtar") {
        extract(&bsdtar, &["--no-same-owner", "-xpf"]);
    }
}

#[test]
fn python_extracts_it() {
    if let Some(python) = oracle("python3") {
        extract(
            &python,
            &[
                "-c",
                "import sys, tarfile; tarfile.open(sys.argv[1], 'r:').extractall()",
            ],
        );
    }
}

#[test]
fn the_tar_crate_reads_it() {
    let (bytes, members) = archive();
    let mut archive = tar::Archive::new(bytes.as_slice());
    let mut read = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let mut data = Vec::new();
        entry.read_to_end(&mut data).unwrap();
        let header = entry.header();
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
        assert_eq!(
            (header.username().unwrap(), header.groupname().unwrap()),
            (Some(""), Some(""))
        );
        read.push((name, data));
    }
    assert_eq!(read, members);
}

/// Where ustar's fields suffice, GNU tar writes the same header, byte by byte.
#[test]
fn gnu_tar_writes_the_same_ustar_headers() {
    let Some(tar) = oracle("tar") else { return };
    let long = format!("{}/{}/{}", "d".repeat(70), "e".repeat(40), "f".repeat(100));
    for (name, size, mode, mtime) in [
        ("model.gguf", 0, 0o644, 0),
        ("run.sh", 1000, 0o755, 1_700_000_000),
        (long.as_str(), 513, 0o644, 1),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, vec![b'x'; size]).unwrap();
        let mut tar = tar.command();
        tar.args(["--format=ustar", "--numeric-owner", "--owner=0", "--group=0"]);
        tar.arg(format!("--mode={mode:o}")).arg(format!("--mtime=@{mtime}"));
        let theirs = output(tar.args(["-cf", "-", name]).current_dir(directory.path()));
        let ours = header(
            &Member {
                name,
                size: size as u64,
                mode,
                mtime,
            },
            0,
        );
        assert_eq!(ours.as_slice(), &theirs.as_bytes()[..BLOCK], "{name}");
    }
}

/// Members of these sizes in a file with holes, each with one byte at its end.
const LARGE: [(&str, u64); 4] = [
    ("below", (8 << 30) - 1),
    ("eight", 8 << 30),
    ("tera", 1 << 40),
    ("after-it-all", 3),
];

fn large() -> tempfile::NamedTempFile {
    let mut tarball = tempfile::NamedTempFile::new().unwrap();
    let mut position = 0;
    for (name, size) in LARGE {
        let header = header(
            &Member {
                name,
                size,
                mode: 0o644,
                mtime: 0,
            },
            position,
        );
        tarball.write_all(&header).unwrap();
        position += header.len() as u64 + size + padding(size) as u64;
        tarball.seek(SeekFrom::Start(position)).unwrap();
    }
    tarball.write_all(&END).unwrap();
    tarball
}

fn expected() -> String {
    LARGE.map(|(name, size)| format!("{size} {name}")).join("\n")
}

/// Fields 3 and 6 of `tar -tv`: size and name.
fn listing(tool: &Oracle, size: usize) -> String {
    let tarball = large();
    let lines = output(tool.command().args(["--numeric-owner", "-tvf"]).arg(tarball.path()));
    let words = lines.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    words
        .map(|words| format!("{} {}", words[size], words.last().unwrap()))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn gnu_tar_reads_sizes_of_8_gib_and_1_tib() {
    if let Some(tar) = oracle("tar") {
        assert_eq!(listing(&tar, 2), expected());
    }
}

#[test]
fn bsdtar_reads_sizes_of_8_gib_and_1_tib() {
    if let Some(bsdtar) = oracle("bsdtar") {
        assert_eq!(listing(&bsdtar, 4), expected());
    }
}

#[test]
fn python_reads_sizes_of_8_gib_and_1_tib() {
    if let Some(python) = oracle("python3") {
        let script = "import sys, tarfile\nfor m in tarfile.open(sys.argv[1], 'r:'): print(m.size, m.name)";
        let tarball = large();
        assert_eq!(
            output(python.command().args(["-c", script]).arg(tarball.path())).trim_end(),
            expected()
        );
    }
}

#[test]
fn python_reads_times_that_ustar_cannot_hold() {
    let Some(python) = oracle("python3") else { return };
    let script = "import sys, tarfile\nfor m in tarfile.open(fileobj=sys.stdin.buffer, mode='r|'): print(m.mtime)";
    for mtime in [0, 1, -1, -62_167_219_200, (1 << 33) - 1, 1 << 33, 253_402_300_799] {
        let mut bytes = header(
            &Member {
                name: "a",
                size: 0,
                mode: 0o644,
                mtime,
            },
            0,
        );
        bytes.extend(END);
        let mut tarball = tempfile::tempfile().unwrap();
        tarball.write_all(&bytes).unwrap();
        tarball.rewind().unwrap();
        let printed = output(python.command().args(["-c", script]).stdin(tarball));
        assert_eq!(printed.trim().trim_end_matches(".0"), mtime.to_string());
    }
}

/// modctl's remote extraction stops reading behind two zero blocks and fails where more follows.
#[test]
fn a_layer_ends_in_exactly_two_zero_blocks() {
    let recipe = Recipe {
        encoding: Encoding::Tar,
        ..Recipe::default()
    };
    for size in [0, 1, 511, 512, 513, 1 << 20] {
        let envelope = Envelope::of(&file("model.gguf", Kind::Weight, size), &recipe).unwrap();
        assert_eq!((size + envelope.suffix.len() as u64) % 512, 0);
        assert!((1024..1536).contains(&envelope.suffix.len()), "{size}");
        assert!(envelope.suffix.iter().all(|byte| *byte == 0));
        let aligned = size >= ALIGNED_FROM;
        assert_eq!(envelope.prefix.len(), if aligned { 4096 } else { 512 });
    }
}

#[test]
fn padding_fills_the_block() {
    assert_eq!([0, 1, 511, 512, 513, u64::MAX].map(padding), [0, 511, 1, 0, 511, 1]);
}

proptest! {
    #[test]
    fn any_member_reads_back(
        name in "([a-z./]|\\PC){1,300}",
        size in prop_oneof![0_u64..(1 << 21), (1_u64 << 20) - 1..=(1 << 20), (1_u64 << 33) - 2..(1 << 33) + 2, any::<u64>()],
        mode in 0_u32..0o7777,
        mtime in prop_oneof![0_i64..(1 << 33), any::<i64>()],
        blocks in 0_u64..100_000,
    ) {
        let position = blocks * BLOCK as u64;
        let bytes = header(&Member { name: &name, size, mode, mtime }, position);
        prop_assert_eq!(bytes.len() % BLOCK, 0);
        if size >= ALIGNED_FROM {
            prop_assert_eq!((position + bytes.len() as u64) % ALIGNMENT, 0);
        }
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut entry = archive.entries().unwrap().next().unwrap().unwrap();
        prop_assert_eq!(&*entry.path_bytes(), name.as_bytes());
        prop_assert_eq!(entry.size(), size);
        prop_assert_eq!(entry.header().mode().unwrap(), mode);
        let stated = entry.pax_extensions().unwrap().and_then(|records| {
            records.map(Result::unwrap).find(|record| record.key() == Ok("mtime"))?.value().ok()?.parse().ok()
        });
        prop_assert_eq!(stated.unwrap_or_else(|| entry.header().mtime().unwrap().cast_signed()), mtime);
    }
}
