//! Killed, interrupted or beside others: the layout is valid, and what was there is still there.

use std::io::Read as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::time::{Duration, Instant};

use modelbuild::artifact::Artifact;
use modelbuild::digest::{Digest, Stamp};
use modelbuild::store::{
    ArchiveFile, Blob, Bytes, Cancel, Content, Destination, Durability, Error, Layout, Link, Options, Silent, Source,
    transfer,
};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::harness::{Test, clean, tree};
use crate::layout::{self, contents};
use crate::running::Running;

/// How many moments of a build it is killed at.
const MOMENTS: u32 = 50;

/// A model of large files, which are copied while they are hashed, and small ones.
fn model() -> Test {
    let mut test = Test::new().file("m/Modelfile", "NAME m\nMODEL *.gguf\nCODE code\n");
    for (name, size) in [("a", 12 << 20), ("b", 9 << 20), ("c", 1 << 20)] {
        test = test.file(format!("m/{name}.gguf"), name.repeat(size));
    }
    for number in 0..100 {
        test = test.file(format!("m/code/{number}.py"), format!("print({number})\n"));
    }
    test
}

/// A build of the model in `dir`.
fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
    clean(&mut command, dir);
    command
        .args(["build", "m", "-q"])
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Kills a build at each of [`MOMENTS`], spread evenly over the time that a whole one takes, and then has one succeed.
/// Before each, `prepare` has its turn; after each, `check`. Returns the digest that the last one printed.
fn killed_at_any_moment(test: &Test, args: &[&str], prepare: impl Fn(&Path), check: impl Fn(&Path)) -> String {
    let dir = test.dir();
    prepare(&dir);
    let begin = Instant::now();
    assert!(command(&dir, args).status().unwrap().success());
    let mut whole = begin.elapsed();
    let mut killed = 0;
    for moment in 0..MOMENTS {
        prepare(&dir);
        let mut child = command(&dir, args).spawn().unwrap();
        let until = whole * moment / MOMENTS;
        std::thread::sleep(until);
        child.kill().unwrap();
        if child.wait().unwrap().code().is_none() {
            killed += 1;
        } else {
            // A whole one takes less time than that.
            whole = until;
        }
        check(&dir);
    }
    assert!(
        killed > MOMENTS / 4,
        "only {killed} builds were killed before their end"
    );
    let output = command(&dir, args).stdout(Stdio::piped()).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The layout that a killed build leaves. What it had not given its name yet is no part of it: the whole build at the end
/// finds the last of those, and removes it.
fn left(layout: &Path) -> layout::Layout {
    let copy = layout.with_extension("left");
    drop(fs_err::remove_dir_all(&copy));
    assert!(
        Command::new("cp")
            .arg("-r")
            .args([layout, &copy])
            .status()
            .unwrap()
            .success()
    );
    for entry in fs_err::read_dir(&copy).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with(".modelbuild-") {
            fs_err::remove_file(entry.path()).unwrap();
        }
    }
    layout::check(&copy)
}

fn digest_of(test: &Test) -> String {
    let mut command = command(&test.dir(), &["--dry-run"]);
    let output = command.stdout(Stdio::piped()).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn killed_while_it_makes_a_layout() {
    let test = model();
    let digest = killed_at_any_moment(
        &test,
        &["-o", "new/out"],
        |dir| drop(fs_err::remove_dir_all(dir.join("new"))),
        |dir| {
            // Before the marker is there it is not a layout yet.
            if dir.join("new/out/oci-layout").exists() {
                left(&dir.join("new/out"));
            }
        },
    );
    assert_eq!(digest, digest_of(&test));
    assert_eq!(layout::check(&test.dir().join("new/out")).manifests, [(digest, None)]);
}

#[test]
fn killed_while_it_adds_to_a_layout() {
    let test = Test::new()
        .file("m/Modelfile", "NAME m\nMODEL *.gguf\n")
        .file("m/a.gguf", "other weights")
        .args(["build", "m", "-q", "-o", "out", "-t", "m:old"])
        .run();
    let old = test.text().to_owned();
    let bare = test.dir().join("bare");
    let copy = |from: &Path, to: &Path| {
        drop(fs_err::remove_dir_all(to));
        assert!(
            Command::new("cp")
                .arg("-r")
                .arg(from)
                .arg(to)
                .status()
                .unwrap()
                .success()
        );
    };
    copy(&test.dir().join("out"), &bare);
    let model = model();
    let args = ["-o", "out", "-t", "m:new"];
    let digest = killed_at_any_moment(
        &model,
        &args,
        |dir| copy(&bare, &dir.join("out")),
        |dir| assert_eq!(left(&dir.join("out")).tagged("old"), Some(old.as_str())),
    );
    let layout = layout::check(&model.dir().join("out"));
    assert_eq!(layout.tagged("old"), Some(old.as_str()));
    assert_eq!(layout.tagged("new"), Some(digest.as_str()));
}

#[test]
fn killed_while_it_writes_a_tar() {
    let test = model();
    let out = |dir: &Path| dir.join("out");
    let digest = killed_at_any_moment(
        &test,
        &["-o", "out/m.tar"],
        |dir| {
            drop(fs_err::remove_dir_all(out(dir)));
            fs_err::create_dir(out(dir)).unwrap();
            fs_err::write(out(dir).join("m.tar"), "old").unwrap();
        },
        |dir| {
            let tar = out(dir).join("m.tar");
            if fs_err::read(&tar).unwrap() != b"old" {
                layout::check_tar(&tar);
            }
            // Where unnamed files are, nothing lies beside it; but for the moment between naming and renaming it.
            let names = fs_err::read_dir(out(dir))
                .unwrap()
                .map(|entry| entry.unwrap().file_name());
            let beside: Vec<_> = names.filter(|name| name != "m.tar").collect();
            assert!(
                beside
                    .iter()
                    .all(|name| name.to_str().unwrap().starts_with(".modelbuild-"))
            );
        },
    );
    assert_eq!(
        layout::check_tar(&out(&test.dir()).join("m.tar")).manifests,
        [(digest, None)]
    );
}

#[test]
fn interrupted() {
    let test = Test::new()
        .file("m/Modelfile", "NAME m\nMODEL *.gguf\n")
        .file("m/b.gguf", "weights");
    let test = test.args(["build", "m", "-q", "-o", "old"]).run();
    let file = fs_err::File::create(test.dir().join("m/a.gguf")).unwrap();
    // Sparse: it takes no space until somebody copies it.
    file.set_len(1 << 40).unwrap();
    fs_err::write(test.dir().join("old.tar"), "old").unwrap();
    let outside = |dir: &Path| {
        let mut contents = contents_but_model(dir);
        contents.retain(|path, _| !path.starts_with("m/"));
        contents
    };
    let before = outside(&test.dir());
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        for args in [
            ["-o", "old"],
            ["-o", "new/out"],
            ["-o", "old.tar"],
            ["-o", "new/out.tar"],
            ["-o", "-"],
        ] {
            let build = test.then().args(["build", "m", "--progress", "json"]).args(args);
            let mut build = Running::piped(&build);
            build.until(|said| said.contains("\"started\"").then_some(()));
            build.signal(signal);
            let (code, said) = build.end();
            assert_eq!(code, Some(130), "{signal:?} {args:?}: {said}");
            assert_eq!(before, outside(&test.dir()), "{signal:?} {args:?}");
        }
    }
    layout::check(&test.dir().join("old"));
}

/// `nohup` has it ignored, and whoever began it so is not to be stopped by it.
#[test]
fn a_hangup_that_is_ignored_stays_so() {
    let test = Test::new()
        .file("m/Modelfile", "NAME m\nMODEL a.gguf\n")
        .file("m/a.gguf", vec![1; 4 << 20]);
    let script = "trap '' HUP; \"$0\" build m -q -o - > pipe & pid=$!; exec 3< pipe; dd bs=1 count=1 <&3 2>/dev/null >/dev/null; \
        kill -HUP $pid; cat <&3 > rest; wait $pid";
    assert!(
        Command::new("mkfifo")
            .arg(test.dir().join("pipe"))
            .status()
            .unwrap()
            .success()
    );
    let mut command = Command::new("sh");
    clean(&mut command, test.dir().parent().unwrap());
    let status = command
        .args(["-c", script, env!("CARGO_BIN_EXE_modelbuild")])
        .current_dir(test.dir())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(fs_err::metadata(test.dir().join("rest")).unwrap().len() > 4 << 20);
}

/// Whoever reads the pipe may be stuck, and the build with it: the first signal asks, the next one insists.
#[test]
fn interrupted_again_while_nobody_reads() {
    let test = Test::new()
        .file("m/Modelfile", "NAME m\nMODEL *.gguf\n")
        .file("m/a.gguf", vec![1; 4 << 20]);
    let mut child = command(&test.dir(), &["-o", "-"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It writes, and much more than a pipe holds.
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    let exit = loop {
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        std::thread::sleep(Duration::from_millis(10));
        if let Some(exit) = child.try_wait().unwrap() {
            break exit;
        }
    };
    assert_eq!(exit.code(), Some(130));
}

fn contents_but_model(dir: &Path) -> std::collections::BTreeMap<String, String> {
    let mut all = std::collections::BTreeMap::new();
    for entry in fs_err::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name == "m" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            for (path, content) in contents(&entry.path()) {
                all.insert(format!("{name}/{path}"), content);
            }
            all.insert(name, "directory".to_owned());
        } else {
            all.insert(name, fs_err::read_to_string(entry.path()).unwrap());
        }
    }
    all
}

#[test]
fn several_at_once_into_one_layout() {
    let test = model();
    for existing in [false, true] {
        for round in 0..4 {
            if !existing {
                drop(fs_err::remove_dir_all(test.dir().join("out")));
            }
            // The same tag, another tag, and the same twice.
            let tags = ["m:a", "m:b", "m:b", "m:c"];
            let children: Vec<_> = tags
                .iter()
                .map(|tag| {
                    let mut command = command(&test.dir(), &["-o", "out", "-t", tag]);
                    command.stderr(Stdio::piped()).spawn().unwrap()
                })
                .collect();
            for child in children {
                let output = child.wait_with_output().unwrap();
                let stderr = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "round {round}, existing {existing}: {stderr}");
            }
            let layout = layout::check(&test.dir().join("out"));
            let digest = layout.tagged("a").unwrap();
            assert_eq!(layout.manifests.len(), 3);
            assert!(["b", "c"].iter().all(|tag| layout.tagged(tag) == Some(digest)));
        }
    }
}

/// A build fails at its very end, having brought all blobs, while another one that needs the same ones begins, works,
/// or ends.
#[test]
fn one_that_fails_takes_nothing_from_one_that_succeeds() {
    let test = Test::new()
        .file("m/Modelfile", "NAME m\nMODEL *.gguf\n")
        .file("m/a.gguf", "a".repeat(1 << 20));
    let mut failing_time = Duration::ZERO;
    for round in 0..40 {
        drop(fs_err::remove_dir_all(test.dir().join("out")));
        let begin = Instant::now();
        let full = fs_err::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut failing = command(&test.dir(), &["-o", "out", "-o", "-", "--no-sync"])
            .stdout(full.into_parts().0)
            .spawn()
            .unwrap();
        // From both at once to the other after this one.
        std::thread::sleep(failing_time * round / 40);
        let mut command = command(&test.dir(), &["-o", "out", "-t", "m:1", "--no-sync"]);
        let succeeding = command.stderr(Stdio::piped()).output().unwrap();
        assert_eq!(failing.wait().unwrap().code(), Some(1));
        failing_time = failing_time.max(begin.elapsed() / if round == 0 { 1 } else { 2 });
        let stderr = String::from_utf8_lossy(&succeeding.stderr);
        assert!(succeeding.status.success(), "round {round}: {stderr}");
        assert_eq!(layout::check(&test.dir().join("out")).manifests.len(), 1);
    }
}

/// A model of one file that nobody wants published in the end.
struct Unwanted(PathBuf, [Blob; 1]);

impl Source for Unwanted {
    fn blobs(&self) -> &[Blob] {
        &self.1
    }

    fn open(&self, _: usize, _: &Cancel) -> Result<Bytes, Error> {
        let file = fs_err::File::open(&self.0).map_err(Error::reading)?;
        let stamp = Stamp::of(&file.metadata().map_err(Error::reading)?);
        Ok(Bytes::File(Content {
            file: file.into(),
            offset: 0,
            length: stamp.size,
            stamp,
            prefix: Vec::new(),
            suffix: Vec::new(),
        }))
    }

    fn assemble(&self, _: &[Digest]) -> Result<Artifact, Error> {
        Err(Error::Rejected {
            reason: "unwanted".to_owned(),
            findings: Vec::new(),
        })
    }
}

/// Each makes the layout or finds it, and takes it back or leaves it, at every moment of the other's doing the same.
#[test]
fn builds_that_make_and_take_back_one_layout_meet_at_every_step() {
    const ROUNDS: u32 = 500;
    let root = TempDir::with_prefix("modelbuild-crash-").unwrap();
    let unwanted = |name: &str| {
        let path = root.path().join(name);
        fs_err::write(&path, name).unwrap();
        let blob = Blob {
            name: name.to_owned(),
            size: name.len() as u64,
            digest: None,
        };
        Unwanted(path, [blob])
    };
    let build = |source: &Unwanted, round: u32| {
        let path = root.path().join(format!("{round}/out"));
        let destination: Box<dyn Destination> = if round.is_multiple_of(5) {
            Box::new(ArchiveFile::new(path, vec![], Durability::Unsynced))
        } else {
            Box::new(Layout::new(path, vec![], Durability::Unsynced, Link::Never))
        };
        let options = Options {
            jobs: NonZeroUsize::MIN,
        };
        transfer(source, &mut [destination], options, &Silent, &Cancel::default()).unwrap_err()
    };
    let (one, two) = (unwanted("one"), unwanted("two"));
    let begin = Instant::now();
    build(&one, 0);
    let whole = begin.elapsed();
    let together = Barrier::new(2);
    let rounds = |source: &Unwanted, delay: Duration| -> Vec<String> {
        let attempt = |round| {
            together.wait();
            let begin = Instant::now();
            // From both at once to one when the other has ended. No sleep, which would be longer than a build.
            while begin.elapsed() < delay * (round % 100) / 100 {}
            let error = build(source, round);
            (!matches!(error, Error::Rejected { .. })).then(|| format!("round {round}: {error}"))
        };
        (1..ROUNDS).filter_map(attempt).collect()
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let first = scope.spawn(|| rounds(&one, Duration::ZERO));
        let second = rounds(&two, 2 * whole);
        first.join().unwrap().into_iter().chain(second).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for round in 1..ROUNDS {
        let path = root.path().join(format!("{round}/out"));
        // They met, and each left the layout to the other.
        if path.join("oci-layout").exists() {
            assert!(layout::check(&path).manifests.is_empty(), "round {round}");
        } else if path.exists() {
            // Who made the directory gave up while another build was in it, which did not know that it was new.
            assert_eq!(tree(&path), "", "round {round}");
        }
    }
}
