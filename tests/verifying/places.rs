//! Layouts, tarballs and registries; one artifact of several; text and JSON.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use snapbox::str;

use super::{INDEX, MANIFEST, built, layout, put, verify};
use crate::closure::Family;
use crate::harness::{Test, sha256};
use crate::servers::proxy::Proxy;
use crate::servers::registry::{Options, Registry};
use crate::tiny::{manifest, tiny};

#[test]
fn a_layout_a_tarball_and_a_registry_that_are_whole() {
    let registry = Registry::start(Options::default());
    let remote = format!("{}/a/tiny:v1", registry.address());
    let output = tiny()
        .args(["build", "-q", "-o", "out", "-o", "out.tar", "-t", "a/tiny:v1"])
        .run();
    let output = output.then().args(["push", "-q", "out", &remote]).run();
    let output = output
        .then()
        .args(["verify", "out", "out.tar", "oci:out:v1", "oci-archive:out.tar:v1"])
        .stdout(str![[r#"
out: 1 artifact, 5 blobs, 2.01 kB: all is well
out.tar: 1 artifact, 5 blobs, 2.01 kB: all is well
oci:out:v1: 1 artifact, 5 blobs, 2.01 kB: all is well
oci-archive:out.tar:v1: 1 artifact, 5 blobs, 2.01 kB: all is well

"#]])
        .stderr("")
        .run();
    let output = output
        .then()
        .args(["verify", &format!("docker://{remote}"), "--progress", "none"])
        .run();
    snapbox::assert_data_eq!(
        output.text().replace(&registry.address(), "HOST"),
        str!["docker://HOST/a/tiny:v1: 1 artifact, 5 blobs, 2.01 kB: all is well"]
    );
}

/// What comes out of it can be read only once.
#[test]
fn a_pipe_is_no_place() {
    for place in ["/dev/stdin", "oci-archive:/dev/stdin"] {
        let verify = ["verify", place];
        Test::new()
            .args(verify)
            .stdin("")
            .status(3)
            .stdout("")
            .stderr(str![[r#"
error: `/dev/stdin` is a pipe, and a place has to be a directory or a file, which can be read more than once
  = help: save what comes out of it to a file first, and name that

"#]])
            .run();
    }
}

#[test]
fn all_that_a_layout_holds_is_verified_unless_one_is_chosen() {
    let output = built();
    let output = output
        .then()
        .file("m.gguf", "other weights\n")
        .args(["build", "-q", "-o", "out", "-t", "a/tiny:v2"])
        .run();
    let out = output.dir().join("out");
    fs_err::write(crate::tiny::blob(&out, &manifest(&out)["layers"][0]), "garbage\n").unwrap();
    let output = verify(&output).status(4).stdout(str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the digest sha256:233d4809807d21d1b24ae54639eede42f519dcbe35ca71d51bd051bca59c6a68 [blob-digest]
out: 2 artifacts, 8 blobs, 4.02 kB: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]]).run();
    let output = output
        .then()
        .args(["verify", "oci:out:v2"])
        .stdout(str![[r#"
oci:out:v2: 1 artifact, 5 blobs, 2.02 kB: all is well

"#]])
        .run();
    let output = output
        .then()
        .args(["verify", "oci:out:v3"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `out` holds no `v3`, but `v1`, `v2`
  = help: choose one by its tag, as in `oci:DIR:TAG` or `oci-archive:FILE:TAG`, or by its digest, as in `DIR@sha256:…`

"#]])
        .run();
    output
        .then()
        .args(["verify", "nothing", "out"])
        .status(4)
        .stdout(str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the digest sha256:233d4809807d21d1b24ae54639eede42f519dcbe35ca71d51bd051bca59c6a68 [blob-digest]
out: 2 artifacts, 8 blobs, 4.02 kB: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]])
        .stderr(str![[r#"
error: there is nothing at `nothing`
  = help: name a layout directory, a tarball, or a registry as `docker://HOST/REPOSITORY:TAG`

"#]])
        .run();
}

#[test]
fn a_registry_that_sends_other_bytes() {
    let registry = Registry::start(Options::default());
    let remote = format!("{}/a/tiny:v1", registry.address());
    let output = built();
    let output = output.then().args(["push", "-q", "out", &remote]).run();
    let manifest = manifest(&output.dir().join("out"));
    let digest = |index: usize| manifest["layers"][index]["digest"].as_str().unwrap();
    fs_err::write(registry.content(digest(0)), "Weights\n").unwrap();
    fs_err::write(registry.content(digest(1)), "{ }\n").unwrap();
    fs_err::remove_file(registry.content(digest(2))).unwrap();
    let verify = |test: Test| {
        test.args(["verify", &format!("docker://{remote}")])
            .args(["--progress", "none"])
            .status(4)
            .run()
    };
    let said = |output: &crate::harness::Output| output.text().replace(&registry.address(), "HOST");
    let output = verify(output.then());
    snapbox::assert_data_eq!(
        said(&output),
        str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the digest sha256:b224fdb57ba72826c56522119a3c54f36023790f2ffd9c51f6a5f7b8d2de4b85 [blob-digest]
damage: config.json sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356: has 4 bytes, not 3 [blob-size]
damage: README.md sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88: is missing [blob-missing]
docker://HOST/a/tiny:v1: 1 artifact, 3 blobs, 2.00 kB: 3 damaged
"#]]
    );
    fs_err::write(registry.content(manifest["config"]["digest"].as_str().unwrap()), "{}").unwrap();
    let output = verify(output.then());
    snapbox::assert_data_eq!(
        said(&output),
        str![[r#"
damage: config sha256:69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160: has 2 bytes, not 319 [blob-size]
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the digest sha256:b224fdb57ba72826c56522119a3c54f36023790f2ffd9c51f6a5f7b8d2de4b85 [blob-digest]
damage: config.json sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356: has 4 bytes, not 3 [blob-size]
damage: README.md sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88: is missing [blob-missing]
docker://HOST/a/tiny:v1: 1 artifact, 2 blobs, 1.68 kB: 4 damaged
"#]]
    );
}

/// A layout does not say that layers were left out of it, but nothing in it is other than it was.
#[test]
fn what_was_left_out_is_not_damaged() {
    let output = built();
    for place in ["part", "part.tar"] {
        output.then().args(["copy", "-q", "out", place, "--no-weights"]).run();
    }
    output
        .then()
        .args(["verify", "part", "part.tar"])
        .status(4)
        .stdout(str![[r#"
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: is not here: left out by `--include`, `--exclude` or `--no-weights`, or lost [layer-missing]
part: 1 artifact, 4 blobs, 2.00 kB: 1 error
  = help: `modelbuild verify part --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: is not here: left out by `--include`, `--exclude` or `--no-weights`, or lost [layer-missing]
part.tar: 1 artifact, 4 blobs, 2.00 kB: 1 error

"#]])
        .stderr("")
        .run();
    let repaired = output
        .then()
        .args(["verify", "part", "--repair", "out", "--progress", "none"]);
    repaired
        .stdout(str![[r#"
repaired: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
part: 1 artifact, 5 blobs, 2.01 kB: all is well

"#]])
        .run();
}

/// A layout is one although it holds nothing, as it is when the last artifact was removed; there is nothing to list.
#[test]
fn a_layout_that_holds_nothing() {
    let output = built();
    let removed = output.then().args(["rm", "oci:out:v1", "--prune"]).run();
    removed
        .then()
        .args(["verify", "out"])
        .stdout(str![[r#"
warning: index.json: lists no artifact [no-artifact]
out: 0 artifacts, 0 blobs, 0 B: 1 warning

"#]])
        .stderr("")
        .run();
    removed
        .then()
        .args(["ls", "out"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `out` holds no artifact
  = help: build, pull or copy one into it; what was interrupted there goes on with the same command

"#]])
        .run();
}

#[test]
fn a_tarball_that_was_cut_off() {
    let output = tiny().args(["build", "-q", "-o", "out.tar", "-t", "a/tiny:v1"]).run();
    let path = output.dir().join("out.tar");
    let bytes = fs_err::read(&path).unwrap();
    // Behind the marker and a blob, in the middle of either, in a header, and where only the zeros at the end are missing.
    for cut in [
        600,
        1100,
        1600,
        bytes.len() / 2,
        bytes.len() / 512 / 2 * 512,
        bytes.len() - 1024,
    ] {
        fs_err::write(&path, &bytes[..cut]).unwrap();
        for command in ["verify", "inspect", "ls"] {
            let cut_off = output.then().args([command, "out.tar"]).status(4).run();
            let said = format!("{}{}", cut_off.text(), cut_off.stderr);
            let is_said =
                said.contains("cut off") || said.contains("ends in the middle") || said.contains("cannot be read");
            assert!(is_said && !said.contains("orphan"), "{command} of {cut} bytes: {said}");
        }
    }
}

/// Each refers to the one before it: one call within another for each would not do.
#[test]
fn a_chain_of_documents_is_followed_to_its_end() {
    const MANY: usize = 30_000;
    let mut builder = tar::Builder::new(Vec::new());
    let mut put = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_ustar();
        header.set_path(name).unwrap();
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        builder.append(&header, bytes).unwrap();
    };
    let mut blob = |bytes: &[u8], media_type: &str| {
        let digest = sha256(bytes);
        put(&format!("blobs/sha256/{}", &digest[7..]), bytes);
        json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
    };
    let config = blob(b"{}", "text/plain");
    let mut last = None;
    for number in 0..MANY {
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [], "subject": last,
            "annotations": {"number": number.to_string()},
        });
        last = Some(blob(manifest.to_string().as_bytes(), MANIFEST));
    }
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [last]});
    put("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#);
    put("index.json", index.to_string().as_bytes());
    let tar = builder.into_inner().unwrap();
    let output = Test::new().file("chain.tar", tar).args(["verify", "chain.tar"]).run();
    let (_, last) = output.text().rsplit_once('\n').unwrap();
    snapbox::assert_data_eq!(
        last,
        str!["chain.tar: 30000 artifacts, 60000 blobs, 12.4 MB: 30000 notes"]
    );
}

#[test]
fn what_several_name_is_fetched_once() {
    let family = Family::new(Options::default());
    let model = family.digest("q4");
    let signed = family.sign(&model, "Ada");
    let size = |digest: &str| {
        let path = family.last.dir().join("layout/blobs").join(digest.replace(':', "/"));
        fs_err::metadata(path).unwrap().len()
    };
    let entry = |number: usize| json!({"mediaType": MANIFEST, "digest": model, "size": size(&model), "annotations": {"number": number.to_string()}});
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry(0), entry(1), entry(2)]});
    let tag = json!({"annotations": {"org.opencontainers.image.ref.name": "again"}});
    family.add(&index, Some(tag));
    let remote = family.remote();
    let place = format!("docker://{remote}");
    let fetched = || {
        let lines = family.registry.record.lines();
        let is_one = |line: &&str| line.starts_with("GET") && line.contains(&format!("manifests/{model}"));
        lines.lines().filter(is_one).count()
    };
    family.run(&["push", &format!("layout@{signed}"), &remote]);
    family.run(&["push", "oci:layout:q4", &remote.replace(":v1", ":q4")]);
    family.registry.record.clear();
    family.run(&["verify", &place]);
    assert_eq!(fetched(), 1, "{}", family.registry.record.lines());

    family.run(&["push", "--all", "oci:layout:again", &remote]);
    fs_err::write(family.registry.content(&model), "{}").unwrap();
    family.registry.record.clear();
    family.then().args(["verify", "-q", &place]).status(4).run();
    assert_eq!(fetched(), 1, "{}", family.registry.record.lines());
}

#[test]
fn as_json() {
    let output = built();
    let out = output.dir().join("out");
    fs_err::remove_file(crate::tiny::blob(&out, &manifest(&out)["layers"][0])).unwrap();
    verify(&output)
        .args(["--format", "json"])
        .status(4)
        .stdout(str![[r#"
{
  "places": [
    {
      "artifacts": 1,
      "blobs": 4,
      "bytes": 2001,
      "counts": {
        "damage": 0,
        "error": 1,
        "note": 0,
        "warning": 0
      },
      "error": null,
      "findings": [
        {
          "code": "layer-missing",
          "help": "`pull` or `copy` it again with all of its layers, or `--repair FROM` fetches what is missing",
          "message": "is not here: left out by `--include`, `--exclude` or `--no-weights`, or lost",
          "severity": "error",
          "subject": {
            "artifact": "sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6",
            "digest": "sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0",
            "name": "m.gguf"
          }
        }
      ],
      "halted": null,
      "reference": "out",
      "repaired": [],
      "sound": false,
      "unasked": [],
      "unrepaired": []
    }
  ],
  "sound": false,
  "version": 1
}

"#]])
        .stderr("")
        .run();
}

/// Of a place that is none nothing can be said: it is in the document, and it is not sound.
#[test]
fn a_place_that_is_none_is_not_sound() {
    let output = built();
    output
        .then()
        .args(["verify", "out", "nowhere", "--format", "json"])
        .status(3)
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
      "repaired": [],
      "sound": true,
      "unasked": [],
      "unrepaired": []
    },
    {
      "artifacts": 0,
      "blobs": 0,
      "bytes": 0,
      "counts": {
        "damage": 0,
        "error": 0,
        "note": 0,
        "warning": 0
      },
      "error": "there is nothing at `nowhere`",
      "findings": [],
      "halted": null,
      "reference": "nowhere",
      "repaired": [],
      "sound": false,
      "unasked": [],
      "unrepaired": []
    }
  ],
  "sound": false,
  "version": 1
}

"#]])
        .stderr(str![[r#"
error: there is nothing at `nowhere`
  = help: name a layout directory, a tarball, or a registry as `docker://HOST/REPOSITORY:TAG`

"#]])
        .run();
    let registry = [
        "verify",
        "docker://localhost:1/a:v1",
        "--format",
        "json",
        "--retries",
        "0",
    ];
    let output = output.then().args(registry).status(5).run();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["sound"], json!(false));
    assert_eq!(document["places"][0]["sound"], json!(false));
}

/// Entries of one tag: whoever names it could mean either.
#[test]
fn a_tag_is_that_of_one_artifact() {
    let output = built();
    let out = output.dir().join("out");
    let mut entry = crate::tiny::json(out.join("index.json"))["manifests"][0].clone();
    let mut other = manifest(&out);
    other["annotations"] = json!({"a": "b"});
    let mut other = put(&out, MANIFEST, other.to_string().as_bytes());
    other["annotations"] = entry["annotations"].clone();
    layout(&out, &[entry.clone(), other]);
    verify(&output).stdout(str![[r#"
warning: index.json: has 2 artifacts by the tag `v1`: sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6, sha256:44ca578618edc837de1f0c8f47b06ed28fed70f025a1d52a19a96cf1829c1e31 [tag-twice]
out: 2 artifacts, 7 blobs, 4.02 kB: 1 warning

"#]]).run();
    for args in [
        &["inspect", "oci:out:v1"][..],
        &["extract", "oci:out:v1", "x"],
        &["copy", "oci:out:v1", "copied"],
        &["tag", "oci:out:v1", "v2"],
    ] {
        output.then().args(args).status(3).stdout("").run();
    }
    let inspect = output.then().args(["inspect", "oci:out:v1"]).status(3);
    inspect.stderr(str![[r#"
error: `out` holds several artifacts by the tag `v1`: `sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6`, `sha256:44ca578618edc837de1f0c8f47b06ed28fed70f025a1d52a19a96cf1829c1e31`
  = help: choose one by its digest, as in `DIR@sha256:…`, or give one of them the tag alone with `modelbuild tag`

"#]]).run();
    entry["annotations"]["io.containerd.image.name"] = json!("docker.io/a/tiny:v2");
    layout(&out, &[entry]);
    verify(&output).stdout(str![[r#"
warning: manifest sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6: is called `docker.io/a/tiny:v2`, and has the tag `v1` [tag-differs]
note: sha256:44ca578618edc837de1f0c8f47b06ed28fed70f025a1d52a19a96cf1829c1e31: has 1696 bytes, and nothing refers to it [orphan]
out: 1 artifact, 6 blobs, 3.71 kB: 1 warning, 1 note

"#]]).run();
}

/// A registry that takes its time is not waited for.
#[test]
fn ctrl_c_ends_it() {
    let output = built();
    let registry = Registry::start(Options::default());
    let remote = format!("{}/a/tiny:v1", registry.address());
    let output = output.then().args(["push", "-q", "out", &remote]).run();
    let slow = "GET */blobs/* always stall-down=0:60".parse().unwrap();
    let proxy = Proxy::start(&registry.address(), [slow]);
    let place = format!("docker://{}/a/tiny:v1", proxy.address());
    let mut command = output.then().args(["verify", &place]).command();
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    while proxy.record.count("GET") < 2 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
