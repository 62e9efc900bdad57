//! Stopped on the way: by a full disk, a signal, or a directory that cannot be written to. One clear error, and what was
//! there before is there still.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use serde_json::json;
use snapbox::str;

use super::{Layer, WEIGHT, artifact, packed, raw, tar};
use crate::harness::{NOBODY, Test, sha256};
use crate::layout::contents;
use crate::mount;
use crate::pulling::Line;
use crate::running::Running;
use crate::serving::noise;
use crate::tiny::assert_same_text;

/// Layers that have more than the disk holds: in one file, in many, in a tar.
fn too_much(kind: &str) -> Vec<Layer<'static>> {
    let small = |index: u32| (format!("d/{index:02}"), noise(100_000 + index));
    let mut layers = vec![raw("w.gguf", [b"GGUF", noise(1000).as_slice()].concat())];
    match kind {
        "one" => layers.push(raw("large", noise(3_000_000))),
        "many" => {
            layers.extend((0..30).map(small).map(|(path, bytes)| raw(path.leak(), bytes)));
        }
        _ => {
            let files: Vec<_> = (0..30).map(small).collect();
            let entries: Vec<_> = files
                .iter()
                .map(|(path, bytes)| (tar::EntryType::Regular, path.as_str(), bytes.as_slice()))
                .collect();
            layers.push(packed(tar(&entries)));
        }
    }
    layers
}

#[test]
fn a_full_disk() {
    let mut said = String::new();
    for kind in ["one", "many", "packed"] {
        for way in [
            "artifact disk/out",
            "artifact.tar disk/out",
            "--bundle artifact disk/out",
        ] {
            let test = Test::new();
            let dir = test.dir();
            let Some(mounted) = mount::tmpfs(&dir.join("disk"), "1m") else {
                return;
            };
            let _mounted = (mounted, test.keep());
            let place = if way.contains("--bundle") {
                "disk/out/model"
            } else {
                "disk/out"
            };
            let test = test
                .file(format!("{place}/d/00"), "old\n")
                .file(format!("{place}/mine"), "mine\n");
            artifact(&test, "artifact", &too_much(kind));
            let mut archive = tar::Builder::new(fs_err::File::create(dir.join("artifact.tar")).unwrap());
            archive.append_dir_all("", dir.join("artifact")).unwrap();
            archive.finish().unwrap();
            let before = contents(&dir.join("disk"));
            let args = ["extract", "-q", "-j1"].into_iter().chain(way.split(' '));
            let failed = test.args(args.clone()).status(1).stdout("").run();
            assert_eq!(contents(&dir.join("disk")), before, "{kind} {way}");
            write!(said, "{kind}, {way}:\n{}", failed.stderr).unwrap();
            // With room for it, the same command does it.
            let remounted = Command::new("mount")
                .args(["-o", "remount,size=16m"])
                .arg(dir.join("disk"))
                .status();
            assert!(remounted.unwrap().success());
            let done = failed.then().args(args).run();
            let files = contents(&done.dir().join(place));
            assert!(files.len() > 2 && files["mine"] == sha256(b"mine\n"));
            assert!(!dir.join("disk/out/.modelbuild-extract").exists());
        }
    }
    assert_same_text(
        said,
        str![[r#"
one, artifact disk/out:
error: cannot write the output: failed to write all with offset to `disk/out/large`: No space left on device (os error 28)
  = help: extract to a directory that you can write to, with space for the files; nothing was extracted
one, artifact.tar disk/out:
error: cannot write the output: failed to write all with offset to `disk/out/large`: No space left on device (os error 28)
  = help: extract to a directory that you can write to, with space for the files; nothing was extracted
one, --bundle artifact disk/out:
error: cannot write the output: failed to write all with offset to `disk/out/model/large`: No space left on device (os error 28)
  = help: extract to a directory that you can write to, with space for the files; nothing was extracted
many, artifact disk/out:
error: cannot write the output: failed to write to file `disk/out/d/10`: No space left on device (os error 28)
  = help: extract to a directory that you can write to, with space for the files; nothing was extracted
many, artifact.tar disk/out:
error: cannot write the output: failed to write to file `disk/out/d/10`: No space left on device (os error 28)
  = help: extract to a directory that you can write to, with space for the files; nothing was extracted
many, --bundle artifact disk/out:
error: cannot write the output: failed to write to file `disk/out/model/d/10`: No space left on device (os error 28)
  = help: extract to a directory that you can write to, with space for the files; nothing was extracted
packed, artifact disk/out:
error: cannot write the output: failed to write to file `disk/out/d/10`: No space left on device (os error 28)
  = help: extract to a directory that you can write to, with space for the files; nothing was extracted
packed, artifact.tar disk/out:
error: cannot write the output: failed to write to file `disk/out/d/10`: No space left on device (os error 28)
  = help: extract to a directory that you can write to, with space for the files; nothing was extracted
packed, --bundle artifact disk/out:
error: cannot write the output: failed to write to file `disk/out/model/d/10`: No space left on device (os error 28)
  = help: extract to a directory that you can write to, with space for the files; nothing was extracted

"#]],
    );
}

/// An artifact in the layout `name` with a file that it takes hours to copy; of a tar, `header` is the beginning.
fn endless(test: &Test, name: &str, encoding: &str, header: &[u8]) {
    const SIZE: u64 = 1 << 40;
    let weights = raw("w.gguf", "GGUF");
    artifact(test, name, &[weights]);
    let layout = test.dir().join(name);
    let blobs = layout.join("blobs/sha256");
    let digest = "1".repeat(64);
    // Sparse: it takes no space until somebody copies it.
    fs_err::write(blobs.join(&digest), header).unwrap();
    let file = fs_err::OpenOptions::new()
        .write(true)
        .open(blobs.join(&digest))
        .unwrap();
    file.set_len(SIZE).unwrap();
    let mut manifest = crate::tiny::manifest(&layout);
    let layer = json!({
        "mediaType": format!("{WEIGHT}.{encoding}"), "digest": format!("sha256:{digest}"), "size": SIZE,
        "annotations": {"org.cncf.model.filepath": "endless"},
    });
    manifest["layers"].as_array_mut().unwrap().push(layer);
    let bytes = manifest.to_string();
    let mut index = crate::tiny::json(layout.join("index.json"));
    let digest = sha256(bytes.as_bytes());
    index["manifests"][0]["size"] = json!(bytes.len());
    index["manifests"][0]["digest"] = json!(digest);
    fs_err::write(blobs.join(&digest[7..]), bytes).unwrap();
    fs_err::write(layout.join("index.json"), index.to_string()).unwrap();
}

#[test]
fn by_a_signal() {
    let test = Test::new().file("out/w.gguf", "old\n").file("out/model/mine", "mine\n");
    endless(&test, "file", "raw", b"");
    let mut header = tar::Header::new_gnu();
    header.set_path("d/endless").unwrap();
    header.set_size(1 << 39);
    header.set_cksum();
    endless(&test, "tar", "tar", header.as_bytes());
    let first = test.args(["--version"]).run();
    let out = first.dir().join("out");
    let before = contents(&out);
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        for way in [
            "file out",
            "tar out",
            "file out --bundle",
            "file new/er/out",
            "tar out --no-sync",
        ] {
            let args = ["extract", "--progress", "json"].into_iter().chain(way.split(' '));
            let mut running = Running::piped(&first.then().args(args));
            running.until(|said| said.contains("\"started\"").then_some(()));
            running.signal(signal);
            let (code, said) = running.end();
            assert_eq!(code, Some(130), "{signal:?} {way}: {said}");
            assert_eq!(contents(&out), before, "{signal:?} {way}");
            assert!(!first.dir().join("new").exists(), "{signal:?} {way}");
        }
    }
}

/// What has come of large files stays, and nothing else.
#[test]
fn by_a_signal_while_a_registry_sends() {
    for args in [&[][..], &["--bundle"]] {
        let line = Line::new();
        let remote = line.remote();
        let out = line.built.dir().join("out");
        for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
            line.spoil(&["stall-down=2000000:60000"]);
            let pull = line
                .built
                .then()
                .args(["pull", &remote, "--extract", "out", "--progress", "json"]);
            let mut running = Running::piped(&pull.args(args));
            running.until(|said| said.contains("\"started\"").then_some(()));
            running.signal(signal);
            let (code, said) = running.end();
            assert_eq!(code, Some(130), "{signal:?} {args:?}: {said}");
            let left = if out.exists() {
                contents(&out)
            } else {
                contents(&line.built.dir().join("nothing"))
            };
            let partial = format!(".modelbuild-extract/.partial-{}", line.weights.replace("sha256:", ""));
            let mut strange = left
                .into_keys()
                .filter(|path| *path != partial && path != ".modelbuild-extract");
            assert_eq!(strange.next(), None, "{signal:?} {args:?}");
            line.proxy.change([]);
        }
    }
}

/// Found out before the first file is shown, wherever it stands in the order.
#[test]
fn a_directory_in_it_that_is_closed() {
    if !mount::is_root() {
        return;
    }
    let test = Test::new().file("out/a", "old\n").file("out/d/x", "old\n");
    artifact(
        &test,
        "artifact",
        &[raw("a", "new\n"), raw("d/x", "new\n"), raw("e/y", "new\n")],
    );
    let dir = test.dir();
    std::os::unix::fs::chown(dir.join("out"), Some(NOBODY), Some(NOBODY)).unwrap();
    let before = contents(&dir.join("out"));
    let failed = test
        .by_nobody()
        .args(["extract", "artifact", "out"])
        .status(1)
        .stderr(str![[r#"
error: cannot write the output: `out/d`: Permission denied (os error 13)
  = help: extract to a directory that you can write to, with space for the files; nothing was extracted

"#]])
        .run();
    assert_eq!(contents(&dir.join("out")), before);
    // Who may not write to a file may replace it all the same.
    std::os::unix::fs::chown(dir.join("out/d"), Some(NOBODY), Some(NOBODY)).unwrap();
    fs_err::set_permissions(dir.join("out/d/x"), PermissionsExt::from_mode(0o400)).unwrap();
    failed
        .then()
        .by_nobody()
        .args(["extract", "-q", "artifact", "out"])
        .run();
    assert_eq!(fs_err::read_to_string(dir.join("out/d/x")).unwrap(), "new\n");
}

/// A run that has to fail, with the files `a` and `d/x` in `out`, where `mount` has mounted something.
fn onto(mount: impl Fn(&Path) -> Option<mount::Mounted>, said: impl snapbox::IntoData, is_begun: bool) {
    let test = Test::new().file("out/a", "old\n").file("out/d/x", "old\n");
    artifact(&test, "artifact", &[raw("a", "new\n"), raw("d/x", "new\n")]);
    let dir = test.dir();
    let Some(mounted) = mount(&dir.join("out")) else { return };
    let _mounted = (mounted, test.keep());
    let mut before = contents(&dir.join("out"));
    test.args(["extract", "artifact", "out"]).status(1).stderr(said).run();
    if is_begun {
        before.insert("a".to_owned(), sha256(b"new\n"));
    }
    assert_eq!(contents(&dir.join("out")), before);
}

#[test]
fn other_file_systems() {
    onto(
        mount::read_only,
        str![[r#"
error: cannot write the output: `out/.modelbuild-extract`: Read-only file system (os error 30)
  = help: extract to a directory that you can write to, with space for the files; nothing was extracted

"#]],
        false,
    );
    onto(
        |out| mount::tmpfs(&out.join("d"), "1m"),
        str![[r#"
error: `out/d` is on another file system; nothing was extracted
  = help: move it away, or extract to another directory

"#]],
        false,
    );
    onto(
        |out| mount::read_only(&out.join("d")),
        str![[r#"
error: cannot write the output: `out/d`: Read-only file system (os error 30)
  = help: extract to a directory that you can write to, with space for the files; nothing was extracted

"#]],
        false,
    );
    // The same file system twice looks like one directory of it, until something is to be moved there.
    onto(
        |out| mount::bind(&out.join("d")),
        str![[r#"
error: cannot put `out/d/x` in its place: Invalid cross-device link (os error 18)
  = help: some files may be new already; the same command completes them when nothing is in the way

"#]],
        true,
    );
}
