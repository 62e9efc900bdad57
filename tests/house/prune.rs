use std::path::Path;
use std::time::{Duration, SystemTime};

use fs_err::File;
use serde_json::{Value, json};
use snapbox::str;

use super::models;
use crate::closure::Family;
use crate::harness::{Output, sha256, snapshot};
use crate::layout::check;
use crate::oracle::oracle;
use crate::servers::registry::Options;

/// The layout `models`, in which nothing leads to the first artifact any more.
pub fn orphaned() -> Output {
    let output = models();
    output.then().args(["tag", "oci:models:v2", "v1"]).run()
}

#[test]
fn what_nothing_leads_to_goes_and_the_rest_stays() {
    let output = orphaned();
    let before = snapshot(&output.dir());
    let output = output
        .then()
        .args(["prune", "models", "--dry-run"])
        .stdout(str![[r#"
3 blobs would be removed (1.46 kB), 4 kept

"#]])
        .stderr("")
        .run();
    assert_eq!(snapshot(&output.dir()), before);
    let all = check(&output.dir().join("models"));
    let output = output
        .then()
        .args(["prune", "oci:models", "--format", "json"])
        .stdout(str![[r#"
{
  "bytes": 1456,
  "dryRun": false,
  "kept": 4,
  "path": "models",
  "removed": [
    {
      "digest": "sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
      "size": 3
    },
    {
      "digest": "sha256:b7714ab52043c12081308f588cfff600217c04cb71c8533b7ac94c1c14900c06",
      "size": 1211
    },
    {
      "digest": "sha256:f6de5424484605124ce0da4367bdfe322ecc064a1f9898fd195b36721a83f02a",
      "size": 242
    }
  ],
  "resumable": 0,
  "unfinished": 0,
  "version": 1
}

"#]])
        .stderr("")
        .run();
    let left = check(&output.dir().join("models"));
    assert_eq!(left.manifests, all.manifests);
    let gone: Vec<_> = all.blobs.difference(&left.blobs).collect();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let removed = report["removed"].as_array().unwrap().iter();
    assert_eq!(
        removed.map(|blob| blob["digest"].as_str().unwrap()).collect::<Vec<_>>(),
        gone
    );
    output
        .then()
        .args(["prune", "models"])
        .stdout(str![[r#"
0 blobs removed (0 B), 4 kept

"#]])
        .run();
}

/// Through an index in an index, from a signature of a signature to what it signs, and of what is no model.
#[test]
fn everything_that_something_leads_to_stays() {
    let family = Family::new(Options::default());
    let model = family.digest("q4");
    let signed = family.sign(&model, "Ada");
    family.sign(&signed, "Grace");
    let all = family.digest("all");
    let size = |digest: &str| {
        let path = family.last.dir().join("layout/blobs/sha256").join(&digest[7..]);
        fs_err::metadata(path).unwrap().len()
    };
    let outer = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json",
        "manifests": [{"mediaType": "application/vnd.oci.image.index.v1+json", "digest": all, "size": size(&all)}],
    });
    family.add(
        &outer,
        Some(json!({"annotations": {"org.opencontainers.image.ref.name": "outer"}})),
    );
    let blob = |content: &str| {
        let digest = sha256(content.as_bytes());
        fs_err::write(
            family.last.dir().join("layout/blobs/sha256").join(&digest[7..]),
            content,
        )
        .unwrap();
        digest
    };
    // An image of docker's, and an entry that is no document at all.
    let image = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "digest": blob("config"), "size": 6},
        "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "digest": blob("layer"), "size": 5}],
    });
    family.add(&image, Some(json!({})));
    blob("{\"mediaType\":\"text/plain\"}");
    family.add(&json!({"mediaType": "text/plain"}), Some(json!({})));
    let before = family.blobs("layout");
    // Only the signature leads to the model, and only the outer index to the inner one.
    for tag in ["q4", "q8", "all"] {
        let index = family.last.dir().join("layout/index.json");
        let mut entries: Value = crate::tiny::json(&index);
        let name = "org.opencontainers.image.ref.name";
        let tagged = |entry: &Value| entry["annotations"][name] == *tag;
        entries["manifests"]
            .as_array_mut()
            .unwrap()
            .retain(|entry| !tagged(entry));
        fs_err::write(index, entries.to_string()).unwrap();
    }
    family.then().args(["prune", "layout"]).run();
    assert_eq!(family.blobs("layout"), before);
    family.then().args(["rm", "oci:layout:outer", "--prune"]).run();
    let left = family.blobs("layout");
    assert!(left.contains(&blob("layer")) && left.contains(&sha256(b"config")));
    assert!(!left.contains(&all));
}

#[test]
fn where_something_cannot_be_read_nothing_is_removed() {
    let family = Family::new(Options::default());
    // Nothing leads to it.
    let orphan = sha256(b"orphan");
    let blobs = family.last.dir().join("layout/blobs/sha256");
    fs_err::write(blobs.join(&orphan[7..]), "orphan").unwrap();
    family.then().args(["rm", "oci:layout:q4"]).run();
    let path = blobs.join(&family_member(&family)[7..]);
    let manifest = fs_err::read(&path).unwrap();
    let index = family.last.dir().join("layout/index.json");
    let whole = fs_err::read(&index).unwrap();
    let spoil = |how: &str| match how {
        "missing" => fs_err::remove_file(&path).unwrap(),
        "cut off" => fs_err::write(&path, &manifest[..100]).unwrap(),
        "changed" => fs_err::write(&path, manifest.to_ascii_uppercase()).unwrap(),
        "no index" => fs_err::write(&index, "{").unwrap(),
        "no manifest" => drop(family.add(
            &json!({"mediaType": "application/vnd.oci.image.manifest.v1+json"}),
            Some(json!({})),
        )),
        "no descriptor" => drop(family.add(
            &json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [{"digest": orphan}]}),
            Some(json!({})),
        )),
        "no digest" => drop(family.add(
            &json!({
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "layers": [{"digest": orphan.to_ascii_uppercase().replace("SHA", "sha"), "size": 6}],
            }),
            Some(json!({})),
        )),
        _ => panic!("{how}"),
    };
    for (how, stderr) in [
        (
            "missing",
            str![[r#"
error: the layout `layout` is damaged: the manifest sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1 is missing; nothing was removed
  = help: bring back what is wrong, as `modelbuild verify LAYOUT --repair SOURCE` does with blobs, or remove the entry that leads there with `modelbuild rm`

"#]],
        ),
        (
            "cut off",
            str![[r#"
error: the layout `layout` is damaged: the manifest sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1 has 100 bytes instead of 754; nothing was removed
  = help: bring back what is wrong, as `modelbuild verify LAYOUT --repair SOURCE` does with blobs, or remove the entry that leads there with `modelbuild rm`

"#]],
        ),
        (
            "changed",
            str![[r#"
error: the layout `layout` is damaged: the manifest sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1 has other bytes than its digest says; nothing was removed
  = help: bring back what is wrong, as `modelbuild verify LAYOUT --repair SOURCE` does with blobs, or remove the entry that leads there with `modelbuild rm`

"#]],
        ),
        (
            "no index",
            str![[r#"
error: the layout `layout` is damaged: index.json is not an image index: EOF while parsing an object at line 1 column 1; it was not touched
  = help: bring back what is wrong, as `modelbuild verify LAYOUT --repair SOURCE` does with blobs, or remove the entry that leads there with `modelbuild rm`

"#]],
        ),
        (
            "no manifest",
            str![[r#"
error: the layout `layout` is damaged: the manifest sha256:0a1b17bf6d39f56897a7e8a056d930cf2bde38841a187aeb083d7487e2224573 is neither a manifest nor an index; nothing was removed
  = help: bring back what is wrong, as `modelbuild verify LAYOUT --repair SOURCE` does with blobs, or remove the entry that leads there with `modelbuild rm`

"#]],
        ),
        (
            "no descriptor",
            str![[r#"
error: the layout `layout` is damaged: the manifest sha256:1d2837ddab3a6d18c0d1b9d6195c9e9ee8ab8c9c044e5bb40fbc05b0089a84b8 cannot be read: missing field `size` at line 1 column 95; nothing was removed
  = help: bring back what is wrong, as `modelbuild verify LAYOUT --repair SOURCE` does with blobs, or remove the entry that leads there with `modelbuild rm`

"#]],
        ),
        (
            "no digest",
            str![[r#"
error: the layout `layout` is damaged: the digest "sha256:88F6811AB5D8FC6D3177F9B7609AE0FCEBFDA187E5046B62D38BB539E88B74D7" of a blob cannot be read; nothing was removed
  = help: bring back what is wrong, as `modelbuild verify LAYOUT --repair SOURCE` does with blobs, or remove the entry that leads there with `modelbuild rm`

"#]],
        ),
    ] {
        spoil(how);
        let before = snapshot(&family.last.dir());
        family
            .then()
            .args(["prune", "layout"])
            .status(4)
            .stdout("")
            .stderr(stderr)
            .run();
        assert_eq!(snapshot(&family.last.dir()), before);
        fs_err::write(&path, &manifest).unwrap();
        fs_err::write(&index, &whole).unwrap();
    }
    family.then().args(["prune", "layout"]).run();
    assert!(!family.blobs("layout").contains(&orphan));
}

/// The manifest that only the index `all` lists.
fn family_member(family: &Family) -> String {
    let all = family.digest("all").replace(':', "/");
    let index = crate::tiny::json(family.last.dir().join("layout/blobs").join(all));
    index["manifests"][0]["digest"].as_str().unwrap().to_owned()
}

#[test]
fn unfinished_files_go_when_nobody_goes_on_with_them() {
    let output = models();
    let blobs = output.dir().join("models/blobs/sha256");
    let week = SystemTime::now() - Duration::from_hours(8 * 24);
    for (name, old) in [
        (".partial-aa", true),
        (".partial-bb", false),
        (".modelbuild-cc", false),
        ("somebody's", true),
        (".umoci-dd", true),
    ] {
        let file = File::create(blobs.join(name)).unwrap();
        file.set_len(10).unwrap();
        if old {
            file.file().set_modified(week).unwrap();
        }
    }
    fs_err::write(output.dir().join("models/.modelbuild-ee"), "").unwrap();
    let output = output
        .then()
        .args(["prune", "models"])
        .stdout(str![[r#"
0 blobs and 3 unfinished files removed (20 B), 7 kept

"#]])
        .run();
    let left = ["models/blobs/sha256", "models"].map(|directory| {
        let entries = fs_err::read_dir(output.dir().join(directory)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| name.len() != 64).collect();
        names.sort();
        names
    });
    assert_eq!(left[0], [".partial-bb", ".umoci-dd", "somebody's"]);
    assert_eq!(left[1], ["blobs", "index.json", "oci-layout"]);
}

/// What it had brought whole is fetched again, which nobody should find out by the bill.
#[test]
fn that_a_transfer_was_interrupted_is_said() {
    let output = orphaned();
    fs_err::write(output.dir().join("models/blobs/sha256/.partial-aa"), "a").unwrap();
    let output = output
        .then()
        .args(["prune", "models", "--dry-run"])
        .stdout(str![[r#"
3 blobs would be removed (1.46 kB), 4 kept

"#]])
        .stderr(str![[r#"
note: an interrupted transfer has left 1 unfinished file in `models`, for itself to go on with; the layers that it has brought whole would be among the blobs removed
  = help: before you prune, end it by the same command once more

"#]])
        .run();
    let output = output.then().args(["prune", "models", "--format", "json"]);
    let output = output
        .stderr(str![[r#"
note: an interrupted transfer has left 1 unfinished file in `models`, for itself to go on with; the layers that it has brought whole are among the blobs removed
  = help: it fetches them again; next time, end it before you prune

"#]])
        .run();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["resumable"], 1);
    // Nothing else to remove.
    output.then().args(["prune", "models"]).stderr("").run();
}

#[test]
fn only_a_layout_is_pruned_and_as_a_whole() {
    let output = models();
    let before = snapshot(&output.dir());
    for (place, status, stderr) in [
        (
            "oci:models:v1",
            2,
            str![[r#"
error: `oci:models:v1` names one artifact, but a layout is pruned as a whole
  = help: `modelbuild prune models` removes what nothing leads to; `modelbuild rm` removes an artifact

"#]],
        ),
        (
            "v1.tar",
            2,
            str![[r#"
error: `v1.tar` is a tarball, from which nothing is removed in place
  = help: copy it to another one (`modelbuild copy`): only what belongs to the artifact goes along

"#]],
        ),
        (
            "docker://registry.example/m",
            2,
            str![[r#"
error: `docker://registry.example/m` is in a registry, which removes what it no longer needs by itself
  = help: use the registry's own tools, as `registry garbage-collect`

"#]],
        ),
        (
            "m",
            3,
            str![[r#"
error: `m` is no OCI layout (it has no file `oci-layout`)
  = help: name a layout directory (with `oci-layout` in it)

"#]],
        ),
        (
            "none",
            3,
            str![[r#"
error: there is nothing at `none`
  = help: name a layout directory

"#]],
        ),
        (
            "models:v1",
            3,
            str![[r#"
error: there is nothing at `models:v1`
  = help: name `models` alone: a layout is taken as a whole

"#]],
        ),
        (
            "registry.example/some/m:v1",
            3,
            str![[r#"
error: there is nothing at `registry.example/some/m:v1`
  = help: name a layout directory

"#]],
        ),
    ] {
        output.then().args(["prune", place]).status(status).stderr(stderr).run();
    }
    assert_eq!(snapshot(&output.dir()), before);
}

/// umoci agrees on what nothing leads to.
#[test]
fn umoci_would_remove_the_same() {
    let Some(umoci) = oracle("umoci") else { return };
    let output = orphaned();
    let copy = |from: &Path, to: &Path| {
        for entry in walkdir::WalkDir::new(from) {
            let entry = entry.unwrap();
            let target = to.join(entry.path().strip_prefix(from).unwrap());
            if entry.file_type().is_dir() {
                fs_err::create_dir(target).unwrap();
            } else {
                fs_err::copy(entry.path(), target).unwrap();
            }
        }
    };
    copy(&output.dir().join("models"), &output.dir().join("theirs"));
    umoci.approve(&output.dir(), ["gc", "--layout", "theirs"]);
    let output = output.then().args(["prune", "models"]).run();
    let (ours, theirs) = (check(&output.dir().join("models")), check(&output.dir().join("theirs")));
    assert_eq!(ours, theirs);
    // And finds nothing left to do.
    umoci.approve(&output.dir(), ["gc", "--layout", "models"]);
    assert_eq!(check(&output.dir().join("models")), ours);
}
