//! `--link hard`: a file and a blob are one, where they can be, and everything else leaves the blob as it is.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use serde_json::json;
use snapbox::str;

use super::{artifact, described, packed, raw, tar};
use crate::harness::{Output, Test, sha256, snapshot};
use crate::layout;
use crate::mount;
use crate::serving::noise;

const MODEL: &str = "application/vnd.cncf.model.weight.v1.raw";

/// The model in the layout `a`, extracted to `out` by links.
fn linked() -> Output {
    let test = Test::new();
    artifact(
        &test,
        "a",
        &[raw("w.gguf", noise(2_000_000)), raw("d/small", "small\n")],
    );
    test.cached()
        .args(["extract", "-q", "a", "out", "--link", "hard"])
        .run()
}

fn links(output: &Output, path: &str) -> u64 {
    fs_err::metadata(output.dir().join(path)).unwrap().nlink()
}

/// What is changed through the link damages the layout, and everything that reads it says so.
#[test]
fn what_is_changed_through_a_link_is_found_out() {
    let linked = linked();
    fs_err::write(linked.dir().join("out/d/small"), "other\n").unwrap();
    linked
        .then()
        .args(["verify", "a"])
        .status(4)
        .stdout(str![[r#"
damage: d/small sha256:4c47b3e816fbe7d40cef9f665ba8f0be1ae68b5e8e7ed70f5b6bab7f70528e8f: has the digest sha256:7e4fa2eb8c7ac089739d5defc4489fad68a100d92082ca35c6b40a4524821f87 [blob-digest]
error: config sha256:81dc00598d541bbeb0794da8adb22a482bfc13dff30a25f040fc4928ff628279: `modelfs.type` is missing [config-missing]
error: config sha256:81dc00598d541bbeb0794da8adb22a482bfc13dff30a25f040fc4928ff628279: `modelfs.diffIds` is missing [config-missing]
warning: manifest sha256:6ebb37cf087cb4c7adab5b71380b294c4e4b63fa2d71d80c7721ba3296bd284b: has no `artifactType`, which should be `application/vnd.cncf.model.manifest.v1+json` [artifact-type]
note: config sha256:81dc00598d541bbeb0794da8adb22a482bfc13dff30a25f040fc4928ff628279: states no format of the model [format]
a: 1 artifact, 4 blobs, 2.00 MB: 1 damaged, 2 errors, 1 warning, 1 note
  = help: `modelbuild verify a --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]])
        .stderr(str![])
        .run();
    linked
        .then()
        .args(["extract", "a", "elsewhere"])
        .status(4)
        .stderr(str![[r#"
error: `d/small` has the digest sha256:7e4fa2eb8c7ac089739d5defc4489fad68a100d92082ca35c6b40a4524821f87, not sha256:4c47b3e816fbe7d40cef9f665ba8f0be1ae68b5e8e7ed70f5b6bab7f70528e8f
  = help: the source is damaged: a layout is mended with `modelbuild verify LAYOUT --repair SOURCE`, or built or copied to another directory; a tarball is built or copied again

"#]])
        .run();
    assert!(!linked.dir().join("elsewhere").exists());
    // Nor is it taken for the right one where it is.
    linked
        .then()
        .cached()
        .args(["extract", "a", "out"])
        .status(4)
        .stderr(str![[r#"
error: `d/small` has the digest sha256:7e4fa2eb8c7ac089739d5defc4489fad68a100d92082ca35c6b40a4524821f87, not sha256:4c47b3e816fbe7d40cef9f665ba8f0be1ae68b5e8e7ed70f5b6bab7f70528e8f
  = help: the source is damaged: a layout is mended with `modelbuild verify LAYOUT --repair SOURCE`, or built or copied to another directory; a tarball is built or copied again

"#]])
        .run();
}

/// Neither its bytes nor its mode, whatever is extracted over it.
#[test]
fn what_is_extracted_over_a_link_leaves_the_blob_as_it_is() {
    let linked = linked();
    let blobs = linked.dir().join("a");
    let before = snapshot(&blobs);
    let test = linked.then();
    let metadata =
        json!({"org.cncf.model.filepath": "d/small", "org.cncf.model.file.metadata+json": r#"{"mode": 493}"#});
    described(&test, "b", &[(MODEL, metadata, b"small\n".to_vec())]);
    artifact(
        &test,
        "c",
        &[raw("w.gguf", noise(1_999_999)), raw("d/small", "other\n")],
    );
    let tar = tar(&[(tar::EntryType::Regular, "d/small", b"tiny\n")]);
    artifact(&test, "e", &[packed(tar)]);
    for name in ["a", "b", "c", "e"] {
        for options in [&[][..], &["--no-cache"]] {
            let again = linked.then().cached().args(["extract", "-q", name, "out"]);
            again.args(options).run();
            assert_eq!(snapshot(&blobs), before, "{name}");
        }
    }
    layout::check(&blobs);
}

/// A file that is to be executable, has no blob of its own, or whose blob is in a tar, is a copy.
#[test]
fn what_cannot_be_a_link_is_a_copy() {
    let test = Test::new();
    let run = json!({"org.cncf.model.filepath": "run", "org.cncf.model.file.metadata+json": r#"{"mode": 493}"#});
    let inside = tar(&[(tar::EntryType::Regular, "inside", b"1")]);
    described(
        &test,
        "a",
        &[
            (MODEL, run, b"run\n".to_vec()),
            (MODEL, json!({"org.cncf.model.filepath": "plain"}), b"plain\n".to_vec()),
            ("application/vnd.cncf.model.dataset.v1.tar", json!({}), inside),
        ],
    );
    let mut archive = tar::Builder::new(fs_err::File::create(test.dir().join("a.tar")).unwrap());
    archive.append_dir_all("", test.dir().join("a")).unwrap();
    archive.finish().unwrap();
    let out = test
        .args(["extract", "a", "out", "--link", "hard"])
        .stderr(str![[r#"
extracted `a` to `out` in [TIME]: 3 files, 11 B; 2 written, 1 linked
note: 2 layers were copied, and not linked: 1 to be unpacked, 1 to be executable
  = help: a file can be linked where it is a whole blob, on the same file system and below the same mount

"#]])
        .run();
    assert_eq!(
        ["run", "plain", "inside"].map(|path| links(&out, &format!("out/{path}"))),
        [1, 2, 1]
    );
    let mode = |path: &str| fs_err::metadata(out.dir().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("out/run"), 0o755);
    let out = out
        .then()
        .args(["extract", "a.tar", "from-tar", "--link", "hard"])
        .stderr(str![[r#"
extracted `a.tar` to `from-tar` in [TIME]: 3 files, 11 B; 3 written
note: 3 layers were copied, and not linked: 3 out of a tarball
  = help: a file can be linked where it is a whole blob, on the same file system and below the same mount

"#]])
        .run();
    assert_eq!(links(&out, "from-tar/plain"), 1);
}

/// A link to it would be a symlink, too, and lead elsewhere.
#[test]
fn a_blob_that_is_a_symlink_is_copied() {
    let test = Test::new();
    artifact(&test, "a", &[raw("w.gguf", "weights"), raw("plain", "plain\n")]);
    let blob = test.dir().join("a/blobs/sha256").join(&sha256(b"weights")[7..]);
    fs_err::rename(&blob, test.dir().join("a/weights")).unwrap();
    let test = test.symlink("../../weights", &blob);
    let out = test
        .args(["extract", "a", "out", "--link", "hard"])
        .stderr(str![[r#"
extracted `a` to `out` in [TIME]: 2 files, 13 B; 1 written, 1 linked
note: 1 layer was copied, and not linked: 1 by way of a symlink
  = help: a file can be linked where it is a whole blob, on the same file system and below the same mount

"#]])
        .run();
    let extracted = out.dir().join("out/w.gguf");
    assert!(!extracted.is_symlink());
    assert_eq!(fs_err::read_to_string(extracted).unwrap(), "weights");
    assert_eq!(
        ["w.gguf", "plain"].map(|path| links(&out, &format!("out/{path}"))),
        [1, 2]
    );
}

#[test]
fn another_file_system_gets_copies() {
    let linked = linked();
    let test = linked.then();
    let Some(mounted) = mount::tmpfs(&linked.dir().join("disk"), "8m") else {
        return;
    };
    let _mounted = (mounted, test.keep());
    let out = test
        .args(["extract", "a", "disk/out", "--link", "hard"])
        .stderr(str![[r#"
extracted `a` to `disk/out` in [TIME]: 2 files, 2.00 MB; 2 written
note: 2 layers were copied, and not linked: 2 from another file system or mount
  = help: a file can be linked where it is a whole blob, on the same file system and below the same mount

"#]])
        .run();
    assert_eq!(links(&out, "disk/out/d/small"), 1);
}

/// The kernel links nothing across two mounts, be they of one file system.
#[test]
fn another_mount_of_the_file_system_gets_copies() {
    let linked = linked();
    let test = linked.then();
    let Some(mounted) = mount::bind(&linked.dir().join("bound")) else {
        return;
    };
    let _mounted = (mounted, test.keep());
    let out = test.args(["extract", "-q", "a", "bound/out", "--link", "hard"]).run();
    assert_eq!(links(&out, "bound/out/d/small"), 1);
    let built = out
        .then()
        .file("m/w.gguf", "weights")
        .file("m/Modelfile", "NAME m\nMODEL w.gguf\n");
    let built = built
        .args(["build", "m", "-q", "-o", "bound/layout", "--link", "hard"])
        .run();
    layout::check(&built.dir().join("bound/layout"));
    assert_eq!(links(&built, "m/w.gguf"), 1);
}
