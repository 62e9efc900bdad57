//! Artifacts that mean harm, and directories that were prepared for it: one clear error, nothing written outside, and
//! nothing to be seen inside.

use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use tar::EntryType;

use super::{CONFIG, Layer, WEIGHT, artifact, packed, raw, tar};
use crate::foreign::layout;
use crate::harness::{Test, tree};
use crate::layout::contents;
use crate::oracle::oracle;
use crate::tiny::assert_same_text;

/// Extracts an artifact of these layers to `out`, which `prepare` may fill, beside a directory `victim`.
fn attempt(layers: &[Layer<'_>], prepare: impl Fn(&Path), args: &[&str]) -> (i32, String) {
    let test = Test::new()
        .file("victim/file", "mine\n")
        .file("out/mine", "mine, too\n");
    artifact(&test, "a", layers);
    prepare(&test.dir());
    let kept = test.keep();
    let root = kept.path();
    // Not the times: a staging directory came and went.
    let all = || (tree(root), contents(root));
    let before = all();
    let output = test
        .args(["extract", "a", "out"])
        .args(args)
        .command()
        .output()
        .unwrap();
    let code = output.status.code().unwrap();
    if code != 0 {
        assert_eq!(all(), before, "something changed");
    }
    let stderr = String::from_utf8(output.stderr).unwrap();
    (code, stderr.lines().next().unwrap_or_default().to_owned())
}

/// One that has to fail because of its layers.
fn refused(layers: &[Layer<'_>]) -> String {
    let (code, said) = attempt(layers, |_| {}, &[]);
    assert_eq!(code, 4, "{said}");
    said.strip_prefix("error: ").unwrap().to_owned() + "\n"
}

#[test]
fn paths_that_lead_elsewhere() {
    let long = "x".repeat(256);
    let deep = vec!["x"; 2100].join("/");
    let mut said = String::new();
    for path in [
        "/etc/cron.d/x",
        "../victim/file",
        "a/../../victim/file",
        "a/..",
        "./a",
        "a//b",
        "a/",
        "nul\0",
        "line\nbreak",
        "\u{1b}[2J",
        ".modelbuild-extract/0",
        ".Modelbuild-Extract/0",
        &long,
        &deep,
    ] {
        let one = refused(&[raw("good", "1"), raw(path, "2")]);
        said += &one.replace(&long, "LONG").replace(&deep, "DEEP");
    }
    assert_same_text(
        said,
        snapbox::str![[r#"
layer `/etc/cron.d/x`: the path `/etc/cron.d/x` is absolute
layer `../victim/file`: the path `../victim/file` leads out of its directory by `..`
layer `a/../../victim/file`: the path `a/../../victim/file` leads out of its directory by `..`
layer `a/..`: the path `a/..` leads out of its directory by `..`
layer `./a`: the path `./a` has a `.` among its names
layer `a//b`: the path `a//b` has an empty name
layer `a/`: the path `a/` has an empty name
layer `nul\u{0}`: the path `nul\0` holds a control character
layer `line\nbreak`: the path `line\nbreak` holds a control character
layer `\u{1b}[2J`: the path `\u{1b}[2J` holds a control character
layer `.modelbuild-extract/0`: the path `.modelbuild-extract/0` is where unfinished files are kept
layer `.Modelbuild-Extract/0`: the path `.Modelbuild-Extract/0` is where unfinished files are kept
layer `LONG`: the path `LONG` is longer than file systems take (255 bytes a name, 4095 in all)
layer `DEEP`: the path `DEEP` is longer than file systems take (255 bytes a name, 4095 in all)

"#]],
    );
}

#[test]
fn two_files_for_one_place() {
    let mut said = String::new();
    for (one, other) in [
        ("a", "a"),
        ("README.md", "readme.MD"),
        ("\u{e9}", "e\u{301}"),
        ("a\u{200c}b", "ab"),
        ("a", "a/b"),
        ("a/b", "a"),
        ("a/b", "A"),
    ] {
        said += &refused(&[raw(one, "1"), raw(other, "2")]);
        said += &refused(&[raw(one, "1"), packed(tar(&[(EntryType::Regular, other, b"2")]))]);
    }
    said += &refused(&[packed(tar(&[
        (EntryType::Regular, "a", b"1"),
        (EntryType::Regular, "a", b"2"),
    ]))]);
    said += &refused(&[packed(tar(&[
        (EntryType::Regular, "a", b"1"),
        (EntryType::Directory, "a", b""),
    ]))]);
    let said = said.replace("e\u{301}", "DECOMPOSED");
    assert_same_text(
        said,
        snapbox::str![[r#"
layer `a`: `a` is in layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b, too, and would be another file
layer `packed`: `a` is in layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b, too, and would be another file
layer `readme.MD`: `readme.MD` and `README.md` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `packed`: `readme.MD` and `README.md` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `DECOMPOSED`: `e\u{301}` and `\u{e9}` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `packed`: `e\u{301}` and `\u{e9}` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `ab`: `ab` and `a\u{200c}b` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `packed`: `ab` and `a\u{200c}b` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `a/b`: `a` and `a` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are a file and a directory of one name
layer `packed`: `a` and `a` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are a file and a directory of one name
layer `a`: `a` and `a` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are a file and a directory of one name
layer `packed`: `a` and `a` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are a file and a directory of one name
layer `A`: `A` and `a` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are a file and a directory of one name
layer `packed`: `A` and `a` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are a file and a directory of one name
layer `packed`: `a` is in layer sha256:e1f0893d30980639a55c12432c77399928d96e0e3eb848bd5dd1561fc2dec37c, too, and would be another file
layer `packed`: `a` and `a` of layer sha256:c2ddae16a9a3b1b9f7d6fe8e0e55d44d6d56242e0f35057dae467adc53152b3f are a file and a directory of one name

"#]],
    );
    // The same file twice is one.
    let (code, said) = attempt(&[raw("a", "1"), raw("a", "1")], |_| {}, &[]);
    assert_eq!(code, 0, "{said}");
}

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

/// A PAX record may say another name, another size, or that the file is sparse.
#[test]
fn what_stands_in_front_of_entries() {
    let pax = |records: &[(&str, &[u8])]| {
        let mut builder = tar::Builder::new(Vec::new());
        builder.append_pax_extensions(records.iter().copied()).unwrap();
        let mut header = tar::Header::new_ustar();
        header.set_path("plain").unwrap();
        header.set_size(1);
        header.set_cksum();
        builder.append(&header, &b"1"[..]).unwrap();
        builder.into_inner().unwrap()
    };
    let about = |kind: EntryType, size: u64| {
        let mut header = tar::Header::new_gnu();
        header.set_path("././@LongLink").unwrap();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_cksum();
        header.as_bytes().to_vec()
    };
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
        whole[..1000].to_vec(),
        whole[..512].to_vec(),
        whole[..100].to_vec(),
        two,
        b"no tar at all".to_vec(),
        vec![0xff; 512],
    ] {
        said += &refused(&[packed(bytes)]);
    }
    assert_same_text(
        said,
        snapbox::str![[r#"
layer `packed`: the path `../victim/file` leads out of its directory by `..`
layer `packed`: the path `/etc/passwd` is absolute
layer `packed`: it ends in the middle of something
layer `packed`: it ends in the middle of something
layer `packed`: it cannot be unpacked: a size is no number
layer `packed`: its entry `plain` is a sparse file; only files and directories are extracted
layer `packed`: it cannot be unpacked: a name or the records of an entry have more than 1 MiB
layer `packed`: it cannot be unpacked: a name or the records of an entry have more than 1 MiB
layer `packed`: it ends in the middle of something
layer `packed`: it ends in the middle of something
layer `packed`: it ends in the middle of something
layer `packed`: it ends in the middle of something
layer `packed`: it cannot be unpacked: a header has another checksum than it states
layer `packed`: it ends in the middle of something
layer `packed`: it ends in the middle of something
layer `packed`: it ends in the middle of something
layer `packed`: it cannot be unpacked: an entry stands behind a block of zeros
layer `packed`: it ends in the middle of something
layer `packed`: it cannot be unpacked: a header has another checksum than it states

"#]],
    );
}

/// What `program` makes of a tar that `feed` writes.
fn squeezed(program: &str, feed: impl FnOnce(&mut dyn std::io::Write) + Send + 'static) -> Option<Vec<u8>> {
    oracle(program)?;
    let mut command = Command::new(program);
    let mut child = command
        .arg("-c")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = std::io::BufWriter::new(child.stdin.take().unwrap());
    let feeding = std::thread::spawn(move || {
        feed(&mut stdin);
        stdin.flush().unwrap();
    });
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    Some(output.stdout)
}

/// Zeros without end, as far as it goes, and entries without end.
#[test]
fn bombs() {
    let zeros = |to: &mut dyn std::io::Write| {
        let mut header = tar::Header::new_gnu();
        header.set_path("zeros").unwrap();
        header.set_size(300 << 20);
        header.set_cksum();
        to.write_all(header.as_bytes()).unwrap();
        for _ in 0..300 {
            to.write_all(&vec![0; 1 << 20]).unwrap();
        }
        to.write_all(&[0; 1024]).unwrap();
    };
    let entries = |to: &mut dyn std::io::Write| {
        for index in 0..150_000 {
            let mut header = tar::Header::new_gnu();
            header.set_path(format!("{index:x}")).unwrap();
            // Of files it would take longer.
            header.set_entry_type(EntryType::Directory);
            header.set_size(0);
            header.set_cksum();
            to.write_all(header.as_bytes()).unwrap();
        }
        to.write_all(&[0; 1024]).unwrap();
    };
    let mut tars = Vec::new();
    entries(&mut tars);
    let mut said = refused(&[packed(tars)]);
    for (program, encoding) in [("gzip", "tar+gzip"), ("zstd", "tar+zstd")] {
        let Some(bytes) = squeezed(program, zeros) else {
            continue;
        };
        let media_type = format!("{WEIGHT}.{encoding}");
        let bomb: [Layer<'_>; 1] = [(&media_type, "bomb", bytes)];
        said += &refused(&bomb);
        let (code, total) = attempt(&bomb, |_| {}, &["--max-unpacked", "200MiB"]);
        assert_eq!(code, 4);
        said += &(total + "\n");
    }
    assert_same_text(
        said,
        snapbox::str![[r#"
layer `packed`: with it there are more than 100000 files and directories
layer `bomb`: it unpacks to more than 100 times its size
error: layer `bomb`: with it the artifact unpacks to more than 209715200 bytes
layer `bomb`: it unpacks to more than 100 times its size
error: layer `bomb`: with it the artifact unpacks to more than 209715200 bytes

"#]],
    );
}

#[test]
fn blobs_that_are_others_than_they_should_be() {
    let damaged = |change: &dyn Fn(&mut Vec<u8>)| {
        let layers = [
            raw("a", "1234567"),
            packed(tar(&[(EntryType::Regular, "b", b"7654321")])),
        ];
        let prepare = |dir: &Path| {
            for blob in fs_err::read_dir(dir.join("a/blobs/sha256")).unwrap() {
                let path = blob.unwrap().path();
                let mut bytes = fs_err::read(&path).unwrap();
                if !bytes.starts_with(b"{") {
                    change(&mut bytes);
                    fs_err::write(&path, bytes).unwrap();
                }
            }
        };
        let (code, said) = attempt(&layers, prepare, &["-j", "1"]);
        assert_eq!(code, 4, "{said}");
    };
    damaged(&|bytes| bytes.push(0));
    damaged(&|bytes| bytes.truncate(bytes.len() - 1));
    damaged(&|bytes| *bytes.last_mut().unwrap() ^= 1);
    // Compressed, and cut off or changed where only the blob's digest or the tar's tells.
    for (program, encoding) in [("gzip", "tar+gzip"), ("zstd", "tar+zstd")] {
        let bytes = tar(&[(EntryType::Regular, "b", &crate::serving::noise(2_000_000))]);
        let Some(bytes) = squeezed(program, move |to| to.write_all(&bytes).unwrap()) else {
            continue;
        };
        let media_type = format!("{WEIGHT}.{encoding}");
        for cut in [0, 1, 10, 100, 1000, bytes.len() / 2, bytes.len() - 1] {
            refused(&[raw("good", "1"), (&media_type, "b", bytes[..cut].to_vec())].map(|layer| layer));
        }
        let mut changed = bytes.clone();
        changed[bytes.len() / 2] ^= 0x10;
        refused(&[(&media_type, "b", changed)]);
        refused(&[(&media_type, "b", b"neither".to_vec())]);
    }
}

#[test]
fn a_layer_without_a_name() {
    let mut said = refused(&[raw("", "1")]);
    said += &refused(&[("application/vnd.kitops.modelkit.code.v1.raw+gzip", "a", vec![1])]);
    assert_same_text(
        said,
        snapbox::str![[r#"
layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b: nothing says which file it holds
layer `a`: files cannot be got out of its media type `application/vnd.kitops.modelkit.code.v1.raw+gzip`

"#]],
    );
}

/// No layer is there to be refused.
#[test]
fn an_artifact_without_layers() {
    let mut said = String::new();
    for (config_type, config, status) in [
        (CONFIG, "none", 3),
        ("application/vnd.cncf.helm.config.v1+json", "{}", 3),
        (CONFIG, "{}", 0),
    ] {
        let test = Test::new();
        layout(&test, "a", config_type, |_| config.to_owned(), &[]);
        said += &test.args(["extract", "a", "out"]).status(status).run().stderr;
    }
    assert_same_text(
        said,
        snapbox::str![[r#"
error: `a`: the config cannot be read: expected ident at line 1 column 2
error: `a`: it is no model artifact: its config has the media type `application/vnd.cncf.helm.config.v1+json`
`out` is up to date with `a`: 0 files, 0 B
note: nothing was extracted, for the artifact has no files
  = help: `modelbuild inspect` shows what it is

"#]],
    );
}

/// What is in the directory already.
#[test]
fn traps_in_the_directory() {
    let mut said = String::new();
    let traps: [fn(&Path); 9] = [
        |dir| symlink("../victim", dir.join("out/d")).unwrap(),
        |dir| symlink("../victim/file", dir.join("out/file")).unwrap(),
        |dir| symlink("nowhere", dir.join("out/d")).unwrap(),
        |dir| fs_err::write(dir.join("out/d"), "a file").unwrap(),
        |dir| fs_err::create_dir(dir.join("out/file")).unwrap(),
        |dir| symlink("../victim", dir.join("out/.modelbuild-extract")).unwrap(),
        |dir| fs_err::write(dir.join("out/.modelbuild-extract"), "a file").unwrap(),
        |dir| fs_err::write(dir.join("out/oci-layout"), "{}").unwrap(),
        |dir| {
            let mode = rustix::fs::Mode::RUSR;
            rustix::fs::mknodat(
                rustix::fs::CWD,
                dir.join("out/file"),
                rustix::fs::FileType::Fifo,
                mode,
                0,
            )
            .unwrap();
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
error: `out/d` is a symlink, which is not followed; nothing was extracted
error: `out/file` is a symlink, which is not followed; nothing was extracted
error: `out/d` is a symlink, which is not followed; nothing was extracted
error: `out/d` is a file, where the artifact has a directory; nothing was extracted
error: `out/file` is a directory, where the artifact has a file; nothing was extracted
error: `out/.modelbuild-extract` is a symlink, which is not followed; nothing was extracted
error: `out/.modelbuild-extract` is a file, where the artifact has a directory; nothing was extracted
error: `out` is an OCI layout; nothing was extracted
error: `out/file` is no file; nothing was extracted

"#]],
    );
}
