//! `prune` beside builds and pulls that run.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Test, sha256};
use crate::layout::check;
use crate::servers::registry::{Options, Registry};

/// Whether everything that a tag leads to is there, with the right bytes.
#[track_caller]
fn assert_whole(layout: &Path, tag: &str) {
    let read = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().unwrap();
        let bytes = fs_err::read(layout.join("blobs").join(digest.replace(':', "/"))).unwrap();
        assert_eq!(sha256(&bytes), digest);
        bytes
    };
    let index = crate::tiny::json(layout.join("index.json"));
    let tagged = |entry: &&Value| entry["annotations"]["org.opencontainers.image.ref.name"] == *tag;
    let entry = index["manifests"].as_array().unwrap().iter().find(tagged).unwrap();
    let manifest: Value = serde_json::from_slice(&read(entry)).unwrap();
    read(&manifest["config"]);
    manifest["layers"]
        .as_array()
        .unwrap()
        .iter()
        .for_each(|layer| drop(read(layer)));
}

/// Builds and pulls go on, each with a tag of its own that is another artifact every time, so that there is always
/// something to remove; what they find there already must not go away before they publish. Some prunes are killed.
#[test]
fn pruning_again_and_again_takes_nothing_from_what_runs() {
    const ROUNDS: usize = 25;
    let registry = Registry::start(Options::default());
    let test = Test::new()
        .file("m/Modelfile", "NAME m\nMODEL *.gguf\nDOC README.md\n")
        .file("m/a.gguf", "a".repeat(3 << 20))
        .file("m/b.gguf", "b".repeat(1000));
    let dir = test.dir();
    let remotes: Vec<_> = (0..4)
        .map(|number| {
            let remote = format!("{}/some/m:v{number}", registry.address());
            fs_err::write(dir.join("m/README.md"), format!("{number}")).unwrap();
            let spawned = |args: &[&str]| {
                let mut command = Test::new().args(args).command();
                assert!(command.current_dir(&dir).output().unwrap().status.success());
            };
            spawned(&["build", "m", "-q", "-o", "pushed", "-t", "m:v"]);
            spawned(&["push", "pushed", &remote, "-q"]);
            remote
        })
        .collect();
    for name in ["one", "other"] {
        for file in ["Modelfile", "a.gguf", "b.gguf"] {
            fs_err::create_dir_all(dir.join(name)).unwrap();
            fs_err::copy(dir.join("m").join(file), dir.join(name).join(file)).unwrap();
        }
    }
    let run = |args: &[&str]| {
        let mut command = Test::new().args(args).command();
        let output = command.current_dir(&dir).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {stderr}");
    };
    let layout = dir.join("shared");
    run(&["build", "m", "-q", "-o", "shared", "-t", "m:v"]);
    let (done, swept) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let builder = |name: &'static str| {
            let (run, dir, layout) = (&run, &dir, &layout);
            move || {
                for round in 0..ROUNDS {
                    fs_err::write(dir.join(name).join("README.md"), format!("{name} {round}")).unwrap();
                    run(&[
                        "build",
                        name,
                        "-q",
                        "--no-sync",
                        "-o",
                        "shared",
                        "-t",
                        &format!("m:{name}"),
                    ]);
                    assert_whole(layout, name);
                }
            }
        };
        let workers = [scope.spawn(builder("one")), scope.spawn(builder("other"))];
        let puller = scope.spawn(|| {
            for round in 0..ROUNDS {
                let remote = &remotes[round % remotes.len()];
                run(&["pull", remote, "-q", "--no-sync", "-o", "oci:shared:pulled"]);
                assert_whole(&layout, "pulled");
            }
        });
        let pruner = scope.spawn(|| {
            let mut moment = 0;
            while !done.load(Ordering::Relaxed) {
                run(&["prune", "shared"]);
                swept.store(true, Ordering::Relaxed);
                let mut command = Test::new().args(["prune", "shared"]).command();
                let mut child = command.current_dir(&dir).spawn().unwrap();
                moment = (moment + 1) % 20;
                std::thread::sleep(Duration::from_millis(moment));
                child.kill().unwrap();
                child.wait().unwrap();
            }
        });
        let ended = workers
            .into_iter()
            .chain([puller])
            .map(std::thread::ScopedJoinHandle::join);
        let ended: Vec<_> = ended.collect();
        done.store(true, Ordering::Relaxed);
        pruner.join().unwrap();
        assert!(ended.iter().all(Result::is_ok));
    });
    assert!(swept.load(Ordering::Relaxed));
    run(&["prune", "shared"]);
    let layout = check(&layout);
    // Of each of the four artifacts manifest, config and README; the two weights are those of all.
    assert_eq!(layout.manifests.len(), 4);
    assert!(layout.blobs.len() <= 4 * 3 + 2, "{:?}", layout.blobs);
}
