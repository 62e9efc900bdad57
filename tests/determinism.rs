//! The same input gives the same bytes, whoever builds it, where, when and how.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use tempfile::TempDir;

use crate::harness::{NOBODY, clean, for_nobody, sha256};
use crate::layout;
use crate::mount::{image, is_root};

const MODELFILE: &str = "NAME m\nMODEL *.safetensors\nCONFIG *.json\nCODE src\nDOC *.md\nPARAMSIZE 1b\n";

/// What every build below is of.
fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = vec![
        ("Modelfile".to_owned(), MODELFILE.into()),
        ("config.json".to_owned(), b"{}".to_vec()),
        ("README.md".to_owned(), b"# m\n".to_vec()),
        // Two files with the same content, in a tarball once.
        ("README.de.md".to_owned(), b"# m\n".to_vec()),
        ("empty.json".to_owned(), Vec::new()),
    ];
    for number in 0..12_usize {
        // On both sides of each limit: small, large, aligned in a tar, read ahead.
        let size = [1000, 300_000, 1 << 20, 9 << 20][number % 4] + number;
        let name = format!("model-{number:05}-of-00012.safetensors");
        files.push((name, vec![u8::try_from(number).unwrap(); size]));
        files.push((format!("src/{number}/é {number}.py"), format!("{number}").into()));
    }
    files
}

/// How a build differs from another one.
#[derive(Default)]
struct Way {
    reversed: bool,
    age: Duration,
    mode: Option<u32>,
    umask: Option<&'static str>,
    env: Vec<(&'static str, &'static str)>,
    args: Vec<&'static str>,
    nobody: bool,
}

/// Writes the files below `root`, builds them into a layout and a tarball, and gives what came out: every file of the
/// layout, and the tar.
fn built(root: &Path, way: &Way, args: &[&str]) -> BTreeMap<String, String> {
    let context = root.join("m");
    let mut files = files();
    if way.reversed {
        files.reverse();
    }
    for (name, content) in &files {
        let path = context.join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, content).unwrap();
        let file = fs_err::File::options().write(true).open(&path).unwrap();
        file.file().set_modified(SystemTime::now() - way.age).unwrap();
        if let Some(mode) = way.mode {
            fs_err::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        }
    }
    let mut inner = if way.nobody {
        chown(root, Some(NOBODY), Some(NOBODY)).unwrap();
        for entry in walkdir::WalkDir::new(&context) {
            chown(entry.unwrap().path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        for_nobody(root)
    } else {
        Command::new(env!("CARGO_BIN_EXE_modelbuild"))
    };
    clean(&mut inner, root);
    inner.envs(way.env.iter().copied()).current_dir(root);
    inner
        .args(["build", "m", "-q", "-o", "out", "-o", "out.tar"])
        .args(&way.args)
        .args(args);
    let command = match way.umask {
        None => &mut inner,
        Some(umask) => &mut with_umask(&inner, umask, root),
    };
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    layout::check(&root.join("out"));
    let mut all = layout::contents(&root.join("out"));
    all.insert("tar".to_owned(), sha256(&fs_err::read(root.join("out.tar")).unwrap()));
    all
}

/// The same command in a shell that sets a umask first.
fn with_umask(command: &Command, umask: &str, root: &Path) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "umask \"$0\" && exec \"$@\"", umask])
        .arg(command.get_program())
        .args(command.get_args());
    clean(&mut shell, root);
    shell.current_dir(root);
    shell
}

fn ways() -> Vec<(&'static str, Way)> {
    let way = Way::default;
    vec![
        ("again", way()),
        (
            "files made in another order",
            Way {
                reversed: true,
                ..way()
            },
        ),
        (
            "old files",
            Way {
                age: Duration::from_hours(24 * 400),
                ..way()
            },
        ),
        (
            "other modes",
            Way {
                mode: Some(0o400),
                ..way()
            },
        ),
        (
            "umask",
            Way {
                umask: Some("077"),
                ..way()
            },
        ),
        (
            "time zone and language",
            Way {
                env: vec![("TZ", "Asia/Kathmandu"), ("LC_ALL", "tr_TR.UTF-8"), ("LANG", "C")],
                ..way()
            },
        ),
        (
            "one job",
            Way {
                args: vec!["-j", "1"],
                ..way()
            },
        ),
        (
            "two jobs",
            Way {
                args: vec!["-j", "2"],
                ..way()
            },
        ),
        (
            "seven jobs",
            Way {
                args: vec!["-j", "7"],
                ..way()
            },
        ),
        (
            "no sync",
            Way {
                args: vec!["--no-sync"],
                ..way()
            },
        ),
    ]
}

fn root() -> TempDir {
    TempDir::with_prefix("modelbuild-determinism-").unwrap()
}

/// Builds in every way and compares each with the first.
fn compare(args: &[&str]) {
    let first = built(root().path(), &Way::default(), args);
    for (name, way) in ways() {
        assert_eq!(first, built(root().path(), &way, args), "{name}");
    }
    // Longer than any field of a tar header.
    let deep = root();
    let path = deep.path().join("a very long path ".repeat(10).trim_end()).join("ü");
    fs_err::create_dir_all(&path).unwrap();
    assert_eq!(first, built(&path, &Way::default(), args), "another path");
    if is_root() {
        let nobody = Way {
            nobody: true,
            ..Way::default()
        };
        assert_eq!(first, built(root().path(), &nobody, args), "another user");
    }
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        let memory = TempDir::with_prefix_in("modelbuild-determinism-", memory).unwrap();
        assert_eq!(first, built(memory.path(), &Way::default(), args), "in memory");
    }
    for kind in ["xfs", "btrfs"] {
        let disk = root();
        let path = disk.path().join(kind);
        if let Some(_mounted) = image(&path, kind) {
            assert_eq!(first, built(&path, &Way::default(), args), "on {kind}");
        }
    }
}

#[test]
fn modelpack_raw() {
    compare(&["-t", "m:1"]);
}

#[test]
fn modelpack_tar() {
    compare(&["-t", "m:1", "--tar"]);
}

#[test]
fn docker() {
    compare(&["-t", "m:1", "--spec", "docker"]);
}

fn run(root: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
    clean(&mut command, root);
    let args: Vec<OsString> = args.iter().map(OsString::from).collect();
    let output = command
        .args(["build", "-q", "--no-sync"])
        .args(args)
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_gives_one_digest(
        tree in prop::collection::btree_map("[a-z]{1,2}(/[a-zé ]{0,4}[a-z]){0,2}\\.(gguf|py|md)", 0_usize..600_000, 1..8),
    ) {
        let mut digests = Vec::new();
        for reversed in [false, true] {
            let root = root();
            let mut files: Vec<(PathBuf, usize)> = tree.iter().map(|(name, size)| (name.into(), *size)).collect();
            if reversed {
                files.reverse();
            }
            for (name, size) in files {
                let path = root.path().join(name);
                fs_err::create_dir_all(path.parent().unwrap()).unwrap();
                // Few different contents, so that some blobs are equal.
                fs_err::write(path, vec![u8::try_from(size % 3).unwrap(); size / 100_000 * 100_000]).unwrap();
            }
            fs_err::write(root.path().join("Modelfile"), "NAME m\nMODEL .\n").unwrap();
            digests.push(run(root.path(), &["--dry-run"]));
            for jobs in ["1", "3"] {
                digests.push(run(root.path(), &["-j", jobs, "-o", "out", "-o", "out.tar"]));
                let directory = layout::check(&root.path().join("out"));
                prop_assert_eq!(&directory, &layout::check_tar(&root.path().join("out.tar")));
                fs_err::remove_dir_all(root.path().join("out")).unwrap();
            }
        }
        digests.dedup();
        prop_assert_eq!(digests.len(), 1);
    }
}
