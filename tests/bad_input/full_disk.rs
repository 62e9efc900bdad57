//! Disks that get full.

use super::*;

const PAGE: u64 = 4096;

/// A small disk in `test`, full but for `free` bytes; `None` where nothing can be mounted.
fn disk(test: &Test, fill: impl FnOnce(&Path), free: u64) -> Option<(Mounted, Rc<TempDir>)> {
    let path = test.dir().join("disk");
    let mounted = tmpfs(&path, "256k")?;
    fill(&path);
    let mut filler = fs_err::File::create(path.join("filler")).unwrap();
    let page = vec![0; usize::try_from(PAGE).unwrap()];
    let mut size = 0;
    while filler.write_all(&page).is_ok() {
        size += PAGE;
    }
    filler.set_len(size - free).unwrap();
    Some((mounted, test.keep()))
}

/// Builds with each amount of space left, from none to enough: so the disk is full once at each step of a build.
/// Until it succeeds, everything on the disk must be as it was.
fn each_amount(args: &[&str], fill: impl Fn(&Path), check: impl Fn(&Path)) {
    for pages in 0.. {
        let test = model();
        let Some(_mounted) = disk(&test, &fill, pages * PAGE) else {
            return;
        };
        let path = test.dir().join("disk");
        let before = contents(&path);
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
        clean(&mut command, &test.dir());
        command.args(["build", "m", "-q"]).args(args).current_dir(test.dir());
        let output = command.stdin(Stdio::null()).output().unwrap();
        if output.status.success() {
            assert!(pages > 3, "the disk was never full");
            return check(&path);
        }
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.starts_with("error: cannot write "), "{stderr}");
        assert!(stderr.contains("No space left on device"), "{stderr}");
        assert_eq!(before, contents(&path), "with {pages} pages left: {stderr}");
    }
}

#[test]
fn for_a_new_layout() {
    each_amount(
        &["-o", "disk/new/out"],
        |_| {},
        |disk| assert_eq!(layout::check(&disk.join("new/out")).manifests.len(), 1),
    );
}

#[test]
fn for_an_existing_layout() {
    let fill = |disk: &Path| {
        let other = Test::new()
            .file("m/Modelfile", "NAME m\nMODEL a.gguf\n")
            .file("m/a.gguf", "other weights");
        other
            .args(["build", "m", "-q", "-t", "m:1", "-o"])
            .args([disk.join("out")])
            .run();
    };
    each_amount(&["-t", "m:2", "-o", "disk/out"], fill, |disk| {
        assert_eq!(layout::check(&disk.join("out")).manifests.len(), 2);
    });
}

#[test]
fn for_a_tar() {
    let old = |disk: &Path| fs_err::write(disk.join("out.tar"), "old").unwrap();
    each_amount(&["-o", "disk/out.tar"], old, |disk| {
        assert_eq!(layout::check_tar(&disk.join("out.tar")).manifests.len(), 1);
    });
}

#[test]
fn is_told_in_one_message() {
    told(
        "disk/out",
        str![[r#"
error: cannot write the output: failed to write to file `disk/out`: No space left on device (os error 28)
  = help: free some space or choose another place with `-o`; nothing was published

"#]],
    );
    told(
        "disk/out.tar",
        str![[r#"
error: cannot write the output: failed to write all with offset to `disk/out.tar`: No space left on device (os error 28)
  = help: free some space or choose another place with `-o`; nothing was published

"#]],
    );
}

#[track_caller]
fn told(output: &str, stderr: impl IntoData) {
    let test = model();
    let Some(_mounted) = disk(&test, |_| {}, 3 * PAGE) else {
        return;
    };
    let before = contents(&test.dir());
    let output = test.args(["build", "m", "-o", output]).status(1).stderr(stderr).run();
    assert_eq!(before, contents(&output.dir()));
}

#[test]
fn for_a_file_beside_the_output() {
    let test = model();
    let Some(_mounted) = disk(&test, |_| {}, 0) else { return };
    let before = contents(&test.dir().join("disk"));
    let output = test
        .args(["build", "m", "-q", "--metadata-file", "disk/metadata.json"])
        .status(1)
        .stderr(str![[r#"
error: cannot write `disk/metadata.json`: failed to write to file `disk/metadata.json`: No space left on device (os error 28)
  = help: the artifact itself is complete; only this report of it is missing

"#]])
        .run();
    assert_eq!(before, contents(&output.dir().join("disk")));
}

/// A new index is written beside the old one: that much space it takes to remove something, and `prune` takes none.
#[test]
fn for_another_index() {
    let fill = |disk: &Path| {
        for tag in ["m:1", "m:2"] {
            let build = model()
                .file("m/a.gguf", tag)
                .args(["build", "m", "-q", "-t", tag, "-o"]);
            build.args([disk.join("out")]).run();
        }
        fs_err::write(disk.join("out/blobs/sha256").join("0".repeat(64)), "nobody's").unwrap();
    };
    let test = model();
    let Some((_mounted, root)) = disk(&test, fill, 0) else {
        return;
    };
    let dir = root.path().join("work/disk");
    let before = contents(&dir);
    let first = test
        .args(["rm", "--prune", "oci:disk/out:1"])
        .status(1)
        .stdout("")
        .stderr(str![[r#"
error: cannot write the output: failed to write to file `disk/out/index.json`: No space left on device (os error 28)
  = help: the new `index.json` has 347 bytes and is written beside the old one: free some kB there; `modelbuild prune disk/out` needs no space

"#]])
        .run();
    assert_eq!(before, contents(&dir));
    first
        .then()
        .args(["tag", "oci:disk/out:1", "3"])
        .status(1)
        .stdout("")
        .stderr(str![[r#"
error: cannot write the output: failed to write to file `disk/out/index.json`: No space left on device (os error 28)
  = help: the new `index.json` has 867 bytes and is written beside the old one: free some kB there; `modelbuild prune disk/out` needs no space

"#]])
        .run();
    assert_eq!(before, contents(&dir));
    let pruned = first.then().args(["prune", "disk/out"]).run();
    assert_eq!(pruned.text(), "1 blob removed (8 B), 6 kept");
    // Its page is enough.
    pruned.then().args(["rm", "--prune", "oci:disk/out:1"]).run();
    assert_eq!(layout::check(&dir.join("out")).manifests.len(), 1);
}

#[test]
fn for_a_stream() {
    let test = model();
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
    clean(&mut command, &test.dir());
    command
        .args(["build", "m", "-o", "-", "-o", "new/out"])
        .current_dir(test.dir());
    let full = fs_err::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command
        .stdin(Stdio::null())
        .stdout(full.into_parts().0)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("No space left on device"), "{stderr}");
    assert!(!test.dir().join("new").exists());
}

/// A file of 1 TiB takes neither an hour nor memory to fail.
#[test]
fn for_a_file_that_is_far_too_large() {
    for output in ["disk/out", "disk/out.tar"] {
        let test = model();
        let file = fs_err::OpenOptions::new()
            .write(true)
            .open(test.dir().join("m/a.gguf"))
            .unwrap();
        file.set_len(1 << 40).unwrap();
        let Some(_mounted) = disk(&test, |_| {}, 20 * PAGE) else {
            return;
        };
        let before = contents(&test.dir().join("disk"));
        let output = test.args(["build", "m", "-q", "-o", output]).status(1).run();
        assert!(output.stderr.contains("No space left on device"), "{}", output.stderr);
        assert_eq!(before, contents(&output.dir().join("disk")));
    }
}
