//! Memory does not grow with the size or the number of files.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};
use tar::EntryType::{self, Directory, Regular};
use tempfile::TempDir;

use crate::extracting::{artifact, raw, tar};
use crate::harness::{Test, clean, sha256};
use crate::servers::registry::{Options, Registry};
use crate::servers::sink::Sink;

const LIMIT: u64 = 64 << 20;

/// Runs the binary in `root` and gives the most memory that it had at a time, in bytes.
fn peak(root: &TempDir, args: &[&str]) -> u64 {
    let (code, peak, said) = watched(root, root.path(), args);
    assert_eq!(code, Some(0), "{said}");
    peak
}

/// Runs the binary in `work`. Gives its exit code, the most memory that it had, and what it said.
fn watched(root: &TempDir, work: &Path, args: &[&str]) -> (Option<i32>, u64, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
    command.args(args).current_dir(work);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    clean(&mut command, root.path());
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        // The kernel keeps the maximum itself, so that looking now and then misses none but at the very end.
        if let Ok(text) = fs_err::read_to_string(&status)
            && let Some(line) = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))
        {
            peak = line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10;
        }
        if let Some(exit) = child.try_wait().unwrap() {
            let stderr = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
            assert!(peak > 1 << 20, "peak memory was not seen: {stderr}");
            return (exit.code(), peak, stderr);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn root() -> TempDir {
    let root = TempDir::with_prefix("modelbuild-memory-").unwrap();
    fs_err::create_dir(root.path().join("tmp")).unwrap();
    root
}

/// Writes a Modelfile and its files, which are all hole, into a new root.
fn large(sizes: [u64; 2]) -> TempDir {
    let root = root();
    fs_err::write(root.path().join("Modelfile"), "NAME m\nMODEL a.gguf\nMODEL b.gguf\n").unwrap();
    for (name, size) in ["a.gguf", "b.gguf"].into_iter().zip(sizes) {
        let file = fs_err::File::create(root.path().join(name)).unwrap();
        file.set_len(size).unwrap();
    }
    root
}

#[test]
fn large_files() {
    let root = large([1 << 30, 768 << 20]);
    for jobs in ["1", "8"] {
        let peak = peak(&root, &["build", "-q", "--dry-run", "-j", jobs]);
        assert!(peak <= LIMIT, "{} KiB with {jobs} jobs", peak >> 10);
    }
}

/// Smaller ones, for this fills a disk.
#[test]
fn large_files_to_every_output() {
    let ways: [&[&str]; 6] = [
        &["-j8", "-o", "out"],
        &["-j8", "-o", "out.tar"],
        &["-j8", "-o", "-"],
        &["-j8", "--tar", "-o", "out", "-o", "-"],
        &["-j8", "-o", "out", "-o", "out.tar"],
        &["-j1", "-o", "out", "-o", "out.tar"],
    ];
    for way in ways {
        let root = large([192 << 20, 128 << 20]);
        let peak = peak(&root, &[&["build", "-q", "--no-sync"], way].concat());
        assert!(peak <= LIMIT, "{} KiB with {way:?}", peak >> 10);
    }
}

/// Over a network, where several are on their way at a time.
#[test]
fn large_files_to_and_from_a_registry() {
    let root = large([192 << 20, 128 << 20]);
    let (registry, sink) = (Registry::start(Options::default()), Sink::start());
    let kept = format!("{}/a/m:v1", registry.address());
    // Each to a repository of its own, which has nothing yet.
    let [one, other, third] = ["one", "other", "third"].map(|name| format!("{}/a/{name}:v1", sink.address()));
    let ways: [&[&str]; 7] = [
        &["build", "-q", "--push", "-t", &kept],
        &["build", "-q", "--push", "-t", &one, "-j1"],
        &["pull", "-q", "--no-sync", &kept, "-o", "out"],
        &["pull", "-q", "--no-sync", &kept, "-o", "out.tar"],
        &["pull", "-q", "--no-sync", &kept, "--extract", "files"],
        &["push", "-q", "out", &other],
        &["push", "-q", "out.tar", &third, "-j8"],
    ];
    for way in ways {
        let peak = peak(&root, way);
        assert!(peak <= LIMIT, "{} KiB with {way:?}", peak >> 10);
    }
}

/// Unpacked while they come, four at a time.
#[test]
fn packed_layers_from_a_registry() {
    let test = Test::new();
    let names: Vec<_> = (0..6_u8).map(|number| number.to_string()).collect();
    let layer = |name: &String| {
        let mut bytes = vec![0; 48 << 20];
        bytes[0] = name.as_bytes()[0];
        let tar = tar(&[(Regular, name, &bytes)]);
        if name.as_str() < "3" {
            return ("application/vnd.cncf.model.dataset.v1.tar", "packed", tar);
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::none());
        gzip.write_all(&tar).unwrap();
        (
            "application/vnd.cncf.model.dataset.v1.tar+gzip",
            "packed",
            gzip.finish().unwrap(),
        )
    };
    artifact(&test, "layout", &names.iter().map(layer).collect::<Vec<_>>());
    let registry = Registry::start(Options::default());
    let kept = format!("{}/a/m:v1", registry.address());
    test.args(["push", "-q", "layout", &kept]).run();
    let root = root();
    let args = ["pull", "-q", "--no-sync", &kept, "--extract", "files"];
    let peak = peak(&root, &args);
    assert!(peak <= LIMIT, "{} KiB", peak >> 10);
    for name in names {
        let file = fs_err::metadata(root.path().join("files").join(name)).unwrap();
        assert_eq!(file.len(), 48 << 20);
    }
}

/// A tar of so many empty files, or directories; packed by gzip.
fn many_entries(kind: EntryType, count: u32) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(0o755);
    header.set_size(0);
    for number in 0..count {
        header
            .set_path(format!("{:03}/a-name-that-is-not-so-short-{number}", number % 1000))
            .unwrap();
        header.set_cksum();
        gzip.write_all(header.as_bytes()).unwrap();
    }
    gzip.write_all(&[0; 1024]).unwrap();
    gzip.finish().unwrap()
}

/// As many as may be, and more than that: what is known of each is in memory, less than 2 KiB.
#[test]
fn a_million_entries_in_a_tar() {
    let media_type = "application/vnd.cncf.model.dataset.v1.tar+gzip";
    let test = Test::new();
    let layers = [
        raw("w.gguf", "GGUF"),
        (media_type, "packed", many_entries(Directory, 1_000_000)),
    ];
    artifact(&test, "million", &layers);
    artifact(&test, "most", &[(media_type, "packed", many_entries(Regular, 98_999))]);
    let root = test.keep();
    let args = ["extract", "-q", "million", "out", "--max-unpacked", "1GiB", "--no-sync"];
    let (code, peak, said) = watched(&root, &test.dir(), &args);
    assert_data_eq!(
        said,
        str![[r#"
error: layer `packed`: with it there are more than 100000 files and directories
  = help: nothing was extracted; leave the layer out with `--exclude`, if you trust the rest

"#]]
    );
    assert_eq!(code, Some(4));
    assert!(peak <= LIMIT, "{} KiB for a million entries", peak >> 10);
    let out = test.dir().join("out");
    assert!(!out.exists());
    let rest = test
        .args(["extract", "-q", "million", "rest", "--exclude", "packed"])
        .run();
    let (code, peak, said) = watched(&root, &rest.dir(), &["extract", "-q", "most", "out", "--no-sync"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(peak <= 3 * LIMIT, "{} KiB for the most entries", peak >> 10);
    assert_eq!(fs_err::read_dir(&out).unwrap().count(), 1000);
}

#[test]
fn many_small_files() {
    let root = root();
    fs_err::write(root.path().join("Modelfile"), "NAME m\nMODEL m.gguf\nCODE code\n").unwrap();
    fs_err::write(root.path().join("m.gguf"), "weights").unwrap();
    fs_err::create_dir(root.path().join("code")).unwrap();
    for number in 0..10_000 {
        let text = format!("{number:0>width$}", width = 1000 + number % 1000);
        fs_err::write(root.path().join(format!("code/{number}.py")), text).unwrap();
    }
    for output in ["out", "out.tar", "-"] {
        let peak = peak(&root, &["build", "-q", "--no-sync", "-o", output]);
        assert!(peak <= LIMIT, "{} KiB to {output}", peak >> 10);
    }
}

/// Of each no more is kept than what one chooses by.
#[test]
fn many_artifacts_to_choose_from() {
    const MEBIBYTE: usize = 1 << 20;
    let root = root();
    let blobs = root.path().join("layout/blobs/sha256");
    fs_err::create_dir_all(&blobs).unwrap();
    let put = |bytes: &[u8]| {
        let digest = sha256(bytes);
        fs_err::write(blobs.join(&digest[7..]), bytes).unwrap();
        json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": bytes.len()})
    };
    let config = put(b"{}");
    let manifest = |number: usize| {
        json!({
            "schemaVersion": 2, "config": config, "layers": [],
            "annotations": {"number": number.to_string(), "pad": " ".repeat(MEBIBYTE)},
        })
    };
    // Each under a name of its own, then one under all of them.
    for distinct in [80, 1] {
        let entry = |number: usize| {
            let mut entry = put(manifest(number % distinct).to_string().as_bytes());
            entry["annotations"] = json!({"org.opencontainers.image.ref.name": number.to_string()});
            entry
        };
        let entries: Vec<Value> = (0..80).map(entry).collect();
        let index = json!({"schemaVersion": 2, "manifests": entries});
        // The same once more as an index that stands in one.
        let outer = json!({"schemaVersion": 2, "manifests": [put(index.to_string().as_bytes())]});
        let marker = r#"{"imageLayoutVersion":"1.0.0"}"#;
        fs_err::write(root.path().join("layout/oci-layout"), marker).unwrap();
        for (args, index) in [
            (["ls", "layout"], &index),
            (["ls", "layout"], &outer),
            (["inspect", "layout"], &outer),
        ] {
            // Where an index has one artifact alone, that is what is shown.
            if distinct == 1 && args[0] == "inspect" {
                continue;
            }
            fs_err::write(root.path().join("layout/index.json"), index.to_string()).unwrap();
            let peak = peak(&root, &args);
            assert!(
                peak <= LIMIT,
                "{} KiB with {args:?} of {distinct} artifacts",
                peak >> 10
            );
        }
    }
}
