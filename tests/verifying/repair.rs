//! `--repair`: what is damaged is fetched from elsewhere, and the layout is what it was.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use snapbox::str;

use crate::harness::{Output, clean, sha256};
use crate::layout::{check, contents};
use crate::servers::registry::{Options, Registry};
use crate::serving::noise;
use crate::tiny::{blob, json, manifest, tiny};

/// The layout `out`, and another one of the same artifact, `whole`.
fn two() -> Output {
    tiny()
        .args([
            "build",
            "-q",
            "-o",
            "out",
            "-o",
            "whole",
            "-t",
            "a/tiny:v1",
            "--no-sync",
        ])
        .run()
}

fn blobs(layout: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(layout.join("blobs/sha256")).unwrap();
    let mut blobs: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    blobs.sort_unstable();
    blobs
}

fn damage(path: &Path) {
    let mut bytes = fs_err::read(path).unwrap();
    bytes[0] ^= 0x20;
    fs_err::write(path, bytes).unwrap();
}

#[test]
fn each_blob_in_turn_is_put_back() {
    let mut output = two();
    let out = output.dir().join("out");
    let before = contents(&out);
    let harms: [fn(&Path); 4] = [
        damage,
        |path| fs_err::remove_file(path).unwrap(),
        |path| fs_err::write(path, "").unwrap(),
        |path| {
            fs_err::rename(path, path.with_extension("elsewhere")).unwrap();
            std::os::unix::fs::symlink("nothing", path).unwrap();
            fs_err::remove_file(path.with_extension("elsewhere")).unwrap();
        },
    ];
    for path in blobs(&out) {
        for harm in harms {
            harm(&path);
            output = output.then().args(["verify", "-q", "out"]).status(4).run();
            let repair = ["verify", "-q", "out", "--repair", "whole"];
            output = output.then().args(repair).stdout("").stderr("").run();
            assert_eq!(contents(&out), before);
        }
    }
}

#[test]
fn everything_at_once_is_put_back_from_several_places() {
    let registry = Registry::start(Options::default());
    let output = two();
    let remote = format!("{}/a/tiny:v1", registry.address());
    let output = output.then().args(["push", "-q", "whole", &remote]).run();
    let (out, whole) = (output.dir().join("out"), output.dir().join("whole"));
    let before = contents(&out);
    for path in blobs(&out) {
        damage(&path);
    }
    // The first place has the manifest alone, the registry all but that: a damaged place does for what it has whole.
    let entry = json(whole.join("index.json"))["manifests"][0].clone();
    for path in blobs(&whole).iter().filter(|path| **path != blob(&whole, &entry)) {
        damage(path);
    }
    fs_err::write(registry.content(entry["digest"].as_str().unwrap()), "{}").unwrap();
    let output = output
        .then()
        .args(["verify", "out", "--repair", "whole", "--progress", "none"])
        .args(["--repair", &format!("docker://{remote}")])
        .stdout(str![[r#"
repaired: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
repaired: manifest sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6
repaired: sha256:69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160
repaired: sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356
repaired: sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88
out: 1 artifact, 5 blobs, 2.01 kB: all is well

"#]])
        .stderr("")
        .run();
    assert_eq!(contents(&out), before);
    check(&out);
    output.then().args(["verify", "--strict", "-q", "out"]).run();
}

#[test]
fn a_tarball_is_a_place_to_repair_from_and_none_to_be_repaired() {
    let output = two();
    let output = output.then().args(["copy", "-q", "whole", "whole.tar"]).run();
    damage(&blob(
        &output.dir().join("out"),
        &manifest(&output.dir().join("whole"))["config"],
    ));
    let output = output
        .then()
        .args(["verify", "out", "whole.tar", "--repair", "whole"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: `whole.tar` is not repaired: only a layout is, where it is
  = help: copy the artifact again from a place that has it whole: `modelbuild copy FROM TO`

"#]])
        .run();
    output
        .then()
        .args(["verify", "out", "--repair", "whole.tar", "--format", "json"])
        .stdout(str![[r#"
{
  "places": [
    {
      "artifacts": 1,
      "blobs": 5,
      "bytes": 2009,
      "counts": {
        "damage": 0,
        "error": 0,
        "note": 0,
        "warning": 0
      },
      "error": null,
      "findings": [],
      "halted": null,
      "reference": "out",
      "repaired": [
        {
          "artifact": "sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6",
          "digest": "sha256:69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160",
          "name": "config"
        }
      ],
      "sound": true,
      "unasked": [],
      "unrepaired": []
    }
  ],
  "sound": true,
  "version": 1
}

"#]])
        .run();
}

#[test]
fn what_nobody_has_stays_damaged() {
    let output = two();
    let (out, whole) = (output.dir().join("out"), output.dir().join("whole"));
    let layers = manifest(&out)["layers"].clone();
    for layout in [&out, &whole] {
        damage(&blob(layout, &layers[0]));
    }
    fs_err::remove_file(blob(&out, &layers[1])).unwrap();
    fs_err::remove_file(blob(&out, &layers[2])).unwrap();
    fs_err::create_dir(blob(&out, &layers[2])).unwrap();
    let before = sha256(&fs_err::read(blob(&out, &layers[0])).unwrap());
    let output = output
        .then()
        .args(["verify", "out", "--repair", "whole", "--progress", "none"])
        .status(4)
        .stdout(str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the digest sha256:b224fdb57ba72826c56522119a3c54f36023790f2ffd9c51f6a5f7b8d2de4b85 [blob-digest]
damage: README.md sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88: is not a file [blob-unreadable]
repaired: config.json sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356
not repaired: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: in `whole` it has the digest sha256:b224fdb57ba72826c56522119a3c54f36023790f2ffd9c51f6a5f7b8d2de4b85
not repaired: README.md sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88: a directory is in its place, which has to be removed first
out: 1 artifact, 4 blobs, 2.00 kB: 2 damaged
  = help: repair it from a place that has it whole, or build or copy it to another directory

"#]])
        .run();
    assert_eq!(sha256(&fs_err::read(blob(&out, &layers[0])).unwrap()), before);
    output
        .then()
        .args(["verify", "out", "--repair", "nothing"])
        .status(4)
        .stdout(str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the digest sha256:b224fdb57ba72826c56522119a3c54f36023790f2ffd9c51f6a5f7b8d2de4b85 [blob-digest]
damage: README.md sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88: is not a file [blob-unreadable]
not repaired: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: no place could be asked for it
not repaired: README.md sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88: a directory is in its place, which has to be removed first
not asked: `nothing`: there is nothing at `nothing`
out: 1 artifact, 4 blobs, 2.00 kB: 2 damaged
  = help: repair it from a place that has it whole, or build or copy it to another directory

"#]])
        .stderr(str![[r#"
error: there is nothing at `nothing`
  = help: name a layout directory, a tarball, or a registry as `docker://HOST/REPOSITORY:TAG`

"#]])
        .run();
}

#[test]
fn a_place_that_cannot_be_asked_keeps_no_other_from_it() {
    let output = two();
    let out = output.dir().join("out");
    let before = contents(&out);
    for layer in manifest(&out)["layers"].as_array().unwrap() {
        damage(&blob(&out, layer));
    }
    output
        .then()
        .args([
            "verify",
            "out",
            "--repair",
            "nowhere",
            "--repair",
            "docker://localhost:1/a/tiny:v1",
        ])
        .args(["--repair", "whole", "--progress", "none", "--retries", "0"])
        .stdout(str![[r#"
repaired: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
repaired: config.json sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356
repaired: README.md sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88
not asked: `nowhere`: there is nothing at `nowhere`
not asked: `localhost:1/a/tiny:v1`: localhost:1 cannot be reached: fetching `m.gguf`: client error (Connect): tcp connect error: Connection refused (os error 111)
out: 1 artifact, 5 blobs, 2.01 kB: all is well

"#]])
        .stderr("")
        .run();
    assert_eq!(contents(&out), before);
}

/// What was found is said, whatever becomes of the repairing.
#[test]
fn a_layout_that_cannot_be_written_to_is_verified_all_the_same() {
    let output = two();
    let out = output.dir().join("out");
    let layers = manifest(&out)["layers"].clone();
    damage(&blob(&out, &layers[0]));
    fs_err::remove_file(blob(&out, &layers[1])).unwrap();
    let repair = ["verify", "out", "--repair", "whole", "--progress", "none"];
    output
        .then()
        .by_nobody()
        .args(repair)
        .status(4)
        .stdout(str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the digest sha256:b224fdb57ba72826c56522119a3c54f36023790f2ffd9c51f6a5f7b8d2de4b85 [blob-digest]
error: config.json sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356: is not here: left out by `--include`, `--exclude` or `--no-weights`, or lost [layer-missing]
not repaired: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: repairing ended with an error
not repaired: config.json sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356: repairing ended with an error
out: 1 artifact, 4 blobs, 2.01 kB: 1 damaged, 1 error

"#]])
        .stderr(str![[r#"
error: cannot write the output: cannot create a file in `out/blobs/sha256`: Permission denied (os error 13)
  = help: a layout is repaired where it is: see that you can write to it, and that there is space

"#]])
        .run();
    let report = output
        .then()
        .by_nobody()
        .args(repair)
        .args(["--format", "json"])
        .status(4)
        .run();
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    let place = &report["places"][0];
    assert_eq!(place["counts"]["damage"], 1);
    assert_eq!(place["unrepaired"][0]["why"], "repairing ended with an error");
    assert!(
        place["halted"]
            .as_str()
            .unwrap()
            .starts_with("cannot write the output: "),
        "{place}"
    );

    fs_err::remove_file(out.join("oci-layout")).unwrap();
    output
        .then()
        .by_nobody()
        .args(repair)
        .status(4)
        .stdout(str![[r#"
damage: oci-layout: is missing [layout-marker]
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the digest sha256:b224fdb57ba72826c56522119a3c54f36023790f2ffd9c51f6a5f7b8d2de4b85 [blob-digest]
error: config.json sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356: is not here: left out by `--include`, `--exclude` or `--no-weights`, or lost [layer-missing]
not repaired: oci-layout: repairing ended with an error
not repaired: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: repairing ended with an error
not repaired: config.json sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356: repairing ended with an error
out: 1 artifact, 4 blobs, 2.01 kB: 2 damaged, 1 error

"#]])
        .stderr(str![[r#"
error: cannot write the output: cannot create a file in `out`: Permission denied (os error 13)
  = help: a layout is repaired where it is: see that you can write to it, and that there is space

"#]])
        .run();
}

/// Nobody has what nothing refers to; it can go.
#[test]
fn what_belongs_to_nothing_is_removed_and_not_repaired() {
    let output = two();
    let out = output.dir().join("out");
    fs_err::write(out.join("blobs/sha256").join("0".repeat(64)), "x").unwrap();
    output.then().args(["verify", "out"]).status(4).stdout(str![[r#"
damage: sha256:0000000000000000000000000000000000000000000000000000000000000000: has the digest sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 [blob-digest]
note: sha256:0000000000000000000000000000000000000000000000000000000000000000: has 1 byte, and nothing refers to it [orphan]
out: 1 artifact, 6 blobs, 2.01 kB: 1 damaged, 1 note
  = help: `modelbuild prune out` removes what nothing refers to

"#]]).run();
    output.then().args(["prune", "out"]).run();
    output.then().args(["verify", "-q", "--strict", "out"]).run();
}

/// Where nothing that can be read names it, nobody says how large it is.
#[test]
fn what_lost_its_end_is_put_back_whether_something_names_it_or_not() {
    let mut output = two();
    let out = output.dir().join("out");
    let entry = json(out.join("index.json"))["manifests"][0].clone();
    let layer = blob(&out, &manifest(&out)["layers"][0]);
    let before = contents(&out);
    for also in ["manifest", "entry", ""] {
        fs_err::write(&layer, "w").unwrap();
        match also {
            "manifest" => damage(&blob(&out, &entry)),
            "entry" => fs_err::write(out.join("index.json"), r#"{"schemaVersion":2,"manifests":[]}"#).unwrap(),
            _ => {}
        }
        output = output.then().args(["verify", "-q", "out", "--repair", "whole"]).run();
        fs_err::copy(output.dir().join("whole/index.json"), out.join("index.json")).unwrap();
        assert_eq!(contents(&out), before, "{also}");
    }
}

/// It would fill the disk before it turns out to be something else.
#[test]
fn a_blob_that_is_too_large_is_not_copied() {
    let output = two();
    let (out, whole) = (output.dir().join("out"), output.dir().join("whole"));
    let layer = manifest(&out)["layers"][0].clone();
    damage(&blob(&out, &layer));
    let source = fs_err::OpenOptions::new()
        .write(true)
        .open(blob(&whole, &layer))
        .unwrap();
    source.set_len(64 << 20).unwrap();
    let script = r#"trap "" XFSZ; ulimit -f 4096; exec "$0" verify -q out --repair whole --progress none"#;
    let mut shell = Command::new("sh");
    clean(&mut shell, output.dir().parent().unwrap());
    shell.args(["-c", script, env!("CARGO_BIN_EXE_modelbuild")]);
    let ended = shell.current_dir(output.dir()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert_eq!(ended.status.code(), Some(4));
}

/// A hard link to a source file that was changed since is replaced, the file is not.
#[test]
fn a_source_file_that_is_the_blob_is_left_alone() {
    let output = tiny()
        .args(["build", "-q", "-o", "whole", "-t", "a/tiny:v1"])
        .run()
        .then()
        .args(["build", "-q", "-o", "out", "-t", "a/tiny:v1", "--link", "hard"])
        .run();
    fs_err::write(output.dir().join("m.gguf"), "mine now\n").unwrap();
    let output = output.then().args(["verify", "-q", "out"]).status(4).run();
    let output = output.then().args(["verify", "-q", "out", "--repair", "whole"]).run();
    assert_eq!(
        fs_err::read_to_string(output.dir().join("m.gguf")).unwrap(),
        "mine now\n"
    );
    check(&output.dir().join("out"));
}

#[test]
fn killed_at_any_moment() {
    const MOMENTS: u32 = 20;
    let output = tiny()
        .file("m.gguf", noise(8 << 20))
        .args([
            "build",
            "-q",
            "-o",
            "out",
            "-o",
            "whole",
            "-t",
            "a/tiny:v1",
            "--no-sync",
        ])
        .run();
    let dir = output.dir();
    let out = dir.join("out");
    let before = contents(&out);
    let weights = blob(&out, &manifest(&out)["layers"][0]);
    let repair = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
        clean(&mut command, dir.parent().unwrap());
        command
            .args(["verify", "-q", "out", "--repair", "whole"])
            .current_dir(&dir);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    damage(&weights);
    let harmed = contents(&out);
    let begin = Instant::now();
    assert!(repair().status().unwrap().success());
    let whole = begin.elapsed();
    let mut killed = 0;
    for moment in 0..MOMENTS {
        damage(&weights);
        let mut child = repair().spawn().unwrap();
        std::thread::sleep(whole * moment / MOMENTS);
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        let mut now = contents(&out);
        // A second name that was not given yet, as for any file of ours.
        now.retain(|path, _| !path.contains("/.modelbuild-"));
        assert!(now == before || now == harmed, "{now:?}");
        assert!(repair().status().unwrap().success());
        for path in blobs(&out)
            .iter()
            .filter(|path| path.to_string_lossy().contains("/.modelbuild-"))
        {
            fs_err::remove_file(path).unwrap();
        }
        assert_eq!(contents(&out), before);
    }
    assert!(killed > MOMENTS / 4, "only {killed} were killed before their end");
}
