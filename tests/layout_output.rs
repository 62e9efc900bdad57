//! The OCI layout: its bytes, what a second build touches, and what it leaves alone.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use snapbox::str;

use crate::harness::{Test, clean, sha256, snapshot, tree};
use crate::tiny::{assert_same_text, blob, json, manifest, tiny};

/// Sizes and names of all files, and the bytes of all JSON; modes are the umask's matter.
fn whole(layout: &Path) -> String {
    let mut text: String = tree(layout)
        .lines()
        .map(|line| line[5..].trim_start().to_owned() + "\n")
        .collect();
    let mut show = |name: &str, path: &Path| {
        writeln!(text, "\n{name}:\n{}", fs_err::read_to_string(path).unwrap()).unwrap();
    };
    show("oci-layout", &layout.join("oci-layout"));
    show("index.json", &layout.join("index.json"));
    let entry = json(layout.join("index.json"))["manifests"][0].clone();
    show("manifest", &blob(layout, &entry));
    show("config", &blob(layout, &manifest(layout)["config"]));
    text
}

/// Every blob's name and inode; checks that each has the digest that it is named after.
fn blobs(layout: &Path) -> BTreeMap<String, u64> {
    let entries = fs_err::read_dir(layout.join("blobs/sha256"))
        .unwrap()
        .map(Result::unwrap);
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            assert_eq!(sha256(&fs_err::read(entry.path()).unwrap()), format!("sha256:{name}"));
            (name, entry.metadata().unwrap().ino())
        })
        .collect()
}

fn entries(layout: &Path) -> Vec<(Value, String)> {
    let index = json(layout.join("index.json"));
    let entry = |entry: &Value| {
        let tag = &entry["annotations"]["org.opencontainers.image.ref.name"];
        (entry["digest"].clone(), tag.as_str().unwrap_or("-").to_owned())
    };
    index["manifests"].as_array().unwrap().iter().map(entry).collect()
}

#[test]
fn a_modelpack_layout_is_these_bytes() {
    let built = tiny().args(["-q", "-o", "out", "-t", "tiny:v1"]).run();
    assert_same_text(
        whole(&built.dir().join("out")),
        str![[r#"
0 blobs/
0 blobs/sha256/
8 blobs/sha256/1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
1672 blobs/sha256/208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6
319 blobs/sha256/69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160
3 blobs/sha256/ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356
7 blobs/sha256/da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88
353 index.json
30 oci-layout

oci-layout:
{"imageLayoutVersion":"1.0.0"}

index.json:
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6","size":1672,"annotations":{"io.containerd.image.name":"docker.io/library/tiny:v1","org.opencontainers.image.ref.name":"v1"}}]}

manifest:
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.cncf.model.manifest.v1+json","config":{"mediaType":"application/vnd.cncf.model.config.v1+json","digest":"sha256:69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160","size":319},"layers":[{"mediaType":"application/vnd.cncf.model.weight.v1.raw","digest":"sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0","size":8,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"m.gguf\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":8,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"m.gguf","org.opencontainers.image.title":"m.gguf"}},{"mediaType":"application/vnd.cncf.model.weight.config.v1.raw","digest":"sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356","size":3,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"config.json\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":3,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"config.json","org.opencontainers.image.title":"config.json"}},{"mediaType":"application/vnd.cncf.model.doc.v1.raw","digest":"sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88","size":7,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"README.md\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":7,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"README.md","org.opencontainers.image.title":"README.md"}}]}

config:
{"descriptor":{"name":"tiny"},"modelfs":{"type":"layers","diffIds":["sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0","sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356","sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88"]},"config":{"format":"gguf"}}

"#]],
    );
}

#[test]
fn a_modelpack_layout_of_tars_is_these_bytes() {
    let built = tiny().args(["-q", "-o", "out", "--tar", "--created", "0"]).run();
    assert_same_text(
        whole(&built.dir().join("out")),
        str![[r#"
0 blobs/
0 blobs/sha256/
354 blobs/sha256/130a1bc01a262a5a5c9a092cf3091a4a044fdf991fcd032c1f40b463dcae53a9
2048 blobs/sha256/8bc6bfcf1020b3b0580471d263306263a8d2ddeec8210346dea6ccca6b290dd0
2048 blobs/sha256/9e1ebdcd08832cdc8d34c22bda6e92ecdf20450f6bc00514c25e2f1e063532a8
1681 blobs/sha256/c63cdbdf9da11c879d8b003ed481a2145b0b32c7742bdcb765efd3a566d1e127
2048 blobs/sha256/f3f6ba761c977a753cd3f1ebf6adc37724e2ea9adc7427ac9a4cb3c0073f5630
241 index.json
30 oci-layout

oci-layout:
{"imageLayoutVersion":"1.0.0"}

index.json:
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:c63cdbdf9da11c879d8b003ed481a2145b0b32c7742bdcb765efd3a566d1e127","size":1681}]}

manifest:
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.cncf.model.manifest.v1+json","config":{"mediaType":"application/vnd.cncf.model.config.v1+json","digest":"sha256:130a1bc01a262a5a5c9a092cf3091a4a044fdf991fcd032c1f40b463dcae53a9","size":354},"layers":[{"mediaType":"application/vnd.cncf.model.weight.v1.tar","digest":"sha256:f3f6ba761c977a753cd3f1ebf6adc37724e2ea9adc7427ac9a4cb3c0073f5630","size":2048,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"m.gguf\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":8,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"m.gguf","org.opencontainers.image.title":"m.gguf"}},{"mediaType":"application/vnd.cncf.model.weight.config.v1.tar","digest":"sha256:9e1ebdcd08832cdc8d34c22bda6e92ecdf20450f6bc00514c25e2f1e063532a8","size":2048,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"config.json\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":3,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"config.json","org.opencontainers.image.title":"config.json"}},{"mediaType":"application/vnd.cncf.model.doc.v1.tar","digest":"sha256:8bc6bfcf1020b3b0580471d263306263a8d2ddeec8210346dea6ccca6b290dd0","size":2048,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"README.md\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":7,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"README.md","org.opencontainers.image.title":"README.md"}}]}

config:
{"descriptor":{"createdAt":"1970-01-01T00:00:00Z","name":"tiny"},"modelfs":{"type":"layers","diffIds":["sha256:f3f6ba761c977a753cd3f1ebf6adc37724e2ea9adc7427ac9a4cb3c0073f5630","sha256:9e1ebdcd08832cdc8d34c22bda6e92ecdf20450f6bc00514c25e2f1e063532a8","sha256:8bc6bfcf1020b3b0580471d263306263a8d2ddeec8210346dea6ccca6b290dd0"]},"config":{"format":"gguf"}}

"#]],
    );
}

#[test]
fn a_docker_layout_is_these_bytes() {
    let built = tiny().args(["-q", "-o", "out", "--spec", "docker"]).run();
    assert_same_text(
        whole(&built.dir().join("out")),
        str![[r#"
0 blobs/
0 blobs/sha256/
1599 blobs/sha256/14325fd7820b4d6a5dafa2f05a1dd94f85ed3b0cc627d86be54c428bb04cff88
318 blobs/sha256/17ca1b4617dd72220e21190134a2cc167b8f5b12ef14ddfd552e83351916c42a
8 blobs/sha256/1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
3 blobs/sha256/ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356
7 blobs/sha256/da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88
241 index.json
30 oci-layout

oci-layout:
{"imageLayoutVersion":"1.0.0"}

index.json:
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:14325fd7820b4d6a5dafa2f05a1dd94f85ed3b0cc627d86be54c428bb04cff88","size":1599}]}

manifest:
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.docker.ai.model.config.v0.2+json","digest":"sha256:17ca1b4617dd72220e21190134a2cc167b8f5b12ef14ddfd552e83351916c42a","size":318},"layers":[{"mediaType":"application/vnd.docker.ai.gguf.v3","digest":"sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0","size":8,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"m.gguf\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":8,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"m.gguf","org.opencontainers.image.title":"m.gguf"}},{"mediaType":"application/vnd.docker.ai.model.file","digest":"sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356","size":3,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"config.json\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":3,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"config.json","org.opencontainers.image.title":"config.json"}},{"mediaType":"application/vnd.docker.ai.model.file","digest":"sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88","size":7,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"README.md\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":7,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"README.md","org.opencontainers.image.title":"README.md"}}]}

config:
{"config":{"format":"gguf","size":"8B"},"descriptor":{},"rootfs":{"type":"rootfs","diff_ids":["sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0","sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356","sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88"]}}

"#]],
    );
}

#[test]
fn modes_are_what_the_umask_says() {
    let test = tiny();
    for (umask, file, directory) in [
        ("022", "0644", "0755"),
        ("077", "0600", "0700"),
        ("002", "0664", "0775"),
    ] {
        let mut shell = Command::new("sh");
        clean(&mut shell, test.dir().parent().unwrap());
        let status = shell
            .args([
                "-c",
                &format!("umask {umask}; exec \"$0\" -q -o {umask} -o {umask}.tar"),
            ])
            .arg(env!("CARGO_BIN_EXE_modelbuild"))
            .current_dir(test.dir())
            .status()
            .unwrap();
        assert!(status.success());
        for line in tree(&test.dir())
            .lines()
            .filter(|line| line.contains(&format!(" {umask}")))
        {
            let expected = if line.ends_with('/') { directory } else { file };
            assert!(line.starts_with(expected), "umask {umask}: {line}");
        }
    }
}

#[test]
fn how_the_digests_came_to_be_known_does_not_show() {
    let test = || {
        tiny()
            .file("big.gguf", vec![7; 600_000])
            .file("same.gguf", vec![7; 600_000])
            .file(
                "Modelfile",
                "NAME x\nFORMAT gguf\nMODEL *.gguf\nDOC README.md config.json\n",
            )
    };
    let while_copying = test().args(["-q", "-o", "out"]).run();
    let beforehand = test().args(["-o", "out", "-o", "-"]).run();
    let expected = whole(&while_copying.dir().join("out"));
    assert_eq!(whole(&beforehand.dir().join("out")), expected);
    let two_at_once = test().args(["-q", "-o", "out", "-o", "other", "-o", "x.tar"]).run();
    for layout in ["out", "other"] {
        assert_eq!(whole(&two_at_once.dir().join(layout)), expected);
        blobs(&two_at_once.dir().join(layout));
    }
}

#[test]
fn a_second_build_writes_nothing() {
    let first = tiny().args(["-o", "out", "-t", "tiny"]).run();
    let layout = first.dir().join("out");
    let before = snapshot(&layout);
    first
        .then()
        .args(["-o", "out", "-t", "tiny"])
        .stdout(String::from_utf8(first.stdout.clone()).unwrap())
        .stderr(str![[r#"
`tiny` is up to date: 3 layers, 18 B

"#]])
        .run();
    assert_eq!(snapshot(&layout), before);
}

#[test]
fn a_changed_file_is_the_only_new_layer() {
    let first = tiny().args(["-q", "-o", "out", "-t", "tiny"]).run();
    let layout = first.dir().join("out");
    let before = blobs(&layout);
    fs_err::write(first.dir().join("m.gguf"), "Weights\n").unwrap();
    let second = first
        .then()
        .args(["-o", "out", "-t", "tiny"])
        .stderr(str![[r#"
note: in `out` the tag `latest` was taken from sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6
  = help: unless it has another tag, it is no longer listed, and the next `prune` removes what only it has; to keep both, give it another tag first with `modelbuild tag`, or this one another
built `tiny` in [TIME]: 3 layers, 18 B; 1 written, 2 there already

"#]])
        .run();
    let mut after = blobs(&layout);
    for (name, inode) in &before {
        assert_eq!(after.remove(name), Some(*inode), "{name} was touched");
    }
    let index = json(layout.join("index.json"));
    let digest = |descriptor: &Value| descriptor["digest"].as_str().unwrap()["sha256:".len()..].to_owned();
    let new = manifest(&layout);
    let mut expected = vec![
        digest(&index["manifests"][0]),
        digest(&new["config"]),
        digest(&new["layers"][0]),
    ];
    expected.sort();
    assert_eq!(after.into_keys().collect::<Vec<_>>(), expected);
    drop(second);
}

#[test]
fn a_tag_moves_and_others_stay() {
    let first = tiny().args(["-q", "-o", "out", "-t", "tiny:v1"]).run();
    let layout = first.dir().join("out");
    let old: Value = first.text().into();
    first.then().args(["-q", "-o", "out", "-t", "tiny:v2"]).run();
    assert_eq!(
        entries(&layout),
        [(old.clone(), "v1".to_owned()), (old.clone(), "v2".to_owned())]
    );
    fs_err::write(first.dir().join("m.gguf"), "new").unwrap();
    let new: Value = first
        .then()
        .args(["-q", "-o", "out", "-t", "tiny:v1"])
        .run()
        .text()
        .into();
    assert_ne!(new, old);
    assert_eq!(entries(&layout), [(old, "v2".to_owned()), (new, "v1".to_owned())]);
}

/// With two entries skopeo asks which one is meant.
#[test]
fn what_has_a_tag_gets_no_second_entry_without_one() {
    let first = tiny().args(["-q", "-o", "out", "-t", "tiny:v1"]).run();
    let layout = first.dir().join("out");
    let before = snapshot(&layout);
    first.then().args(["-q", "-o", "out"]).run();
    assert_eq!(snapshot(&layout), before);
    assert_eq!(entries(&layout), [(first.text().into(), "v1".to_owned())]);
}

#[test]
fn an_artifact_without_a_tag_takes_the_place_of_the_last_one() {
    let first = tiny().args(["-q", "-o", "out"]).run();
    let layout = first.dir().join("out");
    let old: Value = first.text().into();
    first.then().args(["-q", "-o", "oci:out:v1"]).run();
    assert_eq!(entries(&layout), [(old.clone(), "v1".to_owned())]);
    fs_err::write(first.dir().join("m.gguf"), "new").unwrap();
    let mut last = Value::Null;
    for content in ["new", "newer"] {
        fs_err::write(first.dir().join("m.gguf"), content).unwrap();
        last = first.then().args(["-q", "-o", "out"]).run().text().into();
    }
    assert_eq!(entries(&layout), [(old, "v1".to_owned()), (last, "-".to_owned())]);
}

/// skopeo and oras look up the tag alone, and would ship the first of two.
#[test]
fn a_tag_is_one_entry_whatever_the_repository() {
    let first = tiny().args(["-q", "-o", "out", "-t", "a/one:v1"]).run();
    fs_err::write(first.dir().join("m.gguf"), "new").unwrap();
    let new: Value = first
        .then()
        .args(["-q", "-o", "out", "-t", "b/two:v1"])
        .run()
        .text()
        .into();
    assert_eq!(entries(&first.dir().join("out")), [(new, "v1".to_owned())]);
}

#[test]
fn a_tagged_build_takes_the_place_of_one_without_a_tag() {
    let first = tiny().args(["-q", "-o", "out"]).run();
    fs_err::write(first.dir().join("m.gguf"), "new").unwrap();
    let new: Value = first.then().args(["-q", "-o", "oci:out:v1"]).run().text().into();
    assert_eq!(entries(&first.dir().join("out")), [(new, "v1".to_owned())]);
}

#[test]
fn an_entry_without_a_tag_that_is_no_model_stays() {
    let manifest = r#"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0},"layers":[]}"#;
    let digest = sha256(manifest.as_bytes());
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":{}}}]}}"#,
        manifest.len()
    );
    let built = tiny()
        .file("out/oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#)
        .file("out/index.json", index)
        .file(Path::new("out/blobs").join(digest.replace(':', "/")), manifest)
        .args(["-q", "-o", "out"])
        .run();
    let model: Value = built.text().into();
    let entries = entries(&built.dir().join("out"));
    assert_eq!(entries, [(digest.into(), "-".to_owned()), (model, "-".to_owned())]);
}

#[test]
fn what_others_wrote_into_the_index_survives_to_the_byte() {
    let digest = sha256(b"theirs\n");
    let entry = format!(
        r#"{{ "digest":"{digest}",  "size": 7, "mediaType":"application/vnd.oci.image.manifest.v1+json","x-y":[1.50,"\u00e9"],
 "annotations":{{"org.opencontainers.image.ref.name":"theirs"}} }}"#
    );
    let index = format!(r#"{{"schemaVersion":2, "annotations":{{"z":"1", "a":"2"}},"manifests":[{entry}]}}"#);
    let built = tiny()
        .file("out/oci-layout", r#"{ "imageLayoutVersion": "1.0.0" }"#)
        .file("out/index.json", index)
        .file(Path::new("out/blobs").join(digest.replace(':', "/")), "theirs\n")
        .file("out/README", "mine")
        .args(["-q", "-o", "out", "-t", "tiny:v1"])
        .run();
    let layout = built.dir().join("out");
    let text = fs_err::read_to_string(layout.join("index.json")).unwrap();
    assert!(text.contains(&entry), "{text}");
    assert!(text.contains(r#"{"z":"1", "a":"2"}"#), "{text}");
    assert_eq!(json(layout.join("index.json"))["manifests"][1]["digest"], built.text());
    assert_eq!(fs_err::read_to_string(layout.join("README")).unwrap(), "mine");
    assert_eq!(
        fs_err::read_to_string(layout.join("oci-layout")).unwrap(),
        r#"{ "imageLayoutVersion": "1.0.0" }"#
    );
}

#[test]
fn equal_files_are_stored_once() {
    let built = tiny()
        .file("Modelfile", "NAME x\nFORMAT gguf\nMODEL a.gguf b.gguf sub\nDOC e f\n")
        .file("a.gguf", "same")
        .file("b.gguf", "same")
        .file("sub/c.gguf", "same")
        .file("e", "")
        .file("f", "")
        .args(["-o", "out"])
        .stderr(str![[r#"
note: 3 files have the same bytes: `a.gguf`, `b.gguf`, `sub/c.gguf`
  = help: Docker Model Runner's pull fails on equal layers; for it, keep one of the files
built `x` in [TIME]: 5 layers, 12 B; 2 written, 3 there already

"#]])
        .run();
    let layout = built.dir().join("out");
    assert_eq!(manifest(&layout)["layers"].as_array().unwrap().len(), 5);
    // Two contents, config and manifest.
    assert_eq!(blobs(&layout).len(), 4);
}

#[test]
fn links_are_made_on_demand_only() {
    let copied = tiny().args(["-q", "-o", "out"]).run();
    let inode = |path: &Path| fs_err::metadata(path).unwrap().ino();
    let weights = |dir: &Path, layout: &str| {
        let layout = dir.join(layout);
        blob(&layout, &manifest(&layout)["layers"][0])
    };
    let dir = copied.dir();
    assert_ne!(inode(&weights(&dir, "out")), inode(&dir.join("m.gguf")));

    let linked = copied
        .then()
        .args(["--link", "hard", "-o", "linked"])
        .stderr(str![[r#"
built `tiny` in [TIME]: 3 layers, 18 B; 3 linked

"#]])
        .run();
    assert_eq!(inode(&weights(&dir, "linked")), inode(&dir.join("m.gguf")));
    assert_eq!(whole(&dir.join("linked")), whole(&dir.join("out")));
    drop(linked);

    // A tar layer has more bytes than the file.
    copied
        .then()
        .args(["-q", "--link", "hard", "--tar", "-o", "tars"])
        .run();
    assert_ne!(inode(&weights(&dir, "tars")), inode(&dir.join("m.gguf")));
}

/// A link changes the `ctime` of its file, which is no change of the file to whoever reads it next.
#[test]
fn links_do_not_disturb_other_outputs_or_other_names_of_the_file() {
    let test = tiny().file("Modelfile", "NAME x\nFORMAT gguf\nMODEL m.gguf l.gguf big.gguf\n");
    fs_err::hard_link(test.dir().join("m.gguf"), test.dir().join("l.gguf")).unwrap();
    fs_err::write(test.dir().join("big.gguf"), vec![7; 1 << 20]).unwrap();
    let linked = test
        .args(["-q", "--link", "hard", "-o", "one", "-o", "two", "-o", "-"])
        .run();
    let digest = linked.stderr.trim();
    let layout = linked.dir().join("one");
    assert_eq!(json(layout.join("index.json"))["manifests"][0]["digest"], digest);
    let inode = |path: &Path| fs_err::metadata(path).unwrap().ino();
    for (index, file) in ["big.gguf", "l.gguf", "m.gguf"].into_iter().enumerate() {
        for layout in ["one", "two"] {
            let layout = linked.dir().join(layout);
            let blob = blob(&layout, &manifest(&layout)["layers"][index]);
            assert_eq!(inode(&blob), inode(&linked.dir().join(file)), "{file}");
        }
    }
}

/// Whoever builds another model to the same place is told what is not to be found there any more.
#[test]
fn what_loses_its_place_in_the_index_is_named() {
    let build = |test: Test, weights: &str, args: &[&str]| test.file("m.gguf", weights).args(args).run();
    let first = build(tiny(), "first", &["-q", "-o", "out", "-t", "a:v1", "-t", "a:v2"]);
    let second = build(first.then(), "second", &["-o", "out", "-t", "b:v1"]);
    assert_eq!(
        second.stderr.lines().take(2).collect::<Vec<_>>(),
        [
            &format!("note: in `out` the tag `v1` was taken from {}", first.text()),
            "  = help: unless it has another tag, it is no longer listed, and the next `prune` removes what only it has; to keep both, give it another tag first with `modelbuild tag`, or this one another"
        ]
    );
    // The same again takes nothing from anybody.
    let again = build(second.then(), "second", &["-o", "out", "-t", "b:v1"]);
    assert!(!again.stderr.contains("note"), "{}", again.stderr);
    let untagged = build(again.then(), "third", &["-q", "-o", "out"]);
    let next = build(untagged.then(), "fourth", &["-o", "out"]);
    let note = format!(
        "note: in `out` this takes the place of {}, which had no tag",
        untagged.text()
    );
    assert_eq!(next.stderr.lines().next(), Some(note.as_str()));
    let last = build(next.then(), "fifth", &["--format", "json", "-o", "out", "-o", "x.tar"]);
    let document: serde_json::Value = serde_json::from_slice(&last.stdout).unwrap();
    let digest = next.text().split(' ').next().unwrap();
    assert_eq!(
        document["outputs"][0]["replaced"],
        serde_json::json!([{"tag": null, "digest": digest}])
    );
    assert_eq!(document["outputs"][1]["replaced"], serde_json::json!([]));
    assert_eq!(document["warnings"], serde_json::json!([]));
}
