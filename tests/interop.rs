//! Other people's tools read what we write: the alarm for drift from what the field takes.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Output, Test, sha256};
use crate::oracle::oracle;
use crate::registry::Registry;

/// The ways to write an artifact, by the options that choose them.
const WAYS: [&[&str]; 3] = [
    &["--spec", "modelpack"],
    &["--spec", "modelpack", "--tar"],
    &["--spec", "docker"],
];

/// Of these, the two that a `ModelPack` reader takes.
const MODELPACK: [&[&str]; 2] = [WAYS[0], WAYS[1]];

/// Content for all kinds, sizes around a block's, and names that need care.
fn files() -> Vec<(String, Vec<u8>)> {
    // A GGUF file without tensors and keys: magic, version 3, two counts.
    let gguf = |tail: usize| [b"GGUF\x03\0\0\0".as_slice(), &[0; 16], &vec![7; tail]].concat();
    let files: [(&str, Vec<u8>); 9] = [
        ("weights-00001-of-00002.gguf", gguf(3 << 20)),
        ("weights-00002-of-00002.gguf", gguf(1)),
        ("config.json", b"{\"model_type\":\"none\"}\n".to_vec()),
        ("vocab.txt", vec![b'a'; 512]),
        ("src/two words/run [1].py", b"print()\n".to_vec()),
        ("docs/größe.md", b"# one\n".to_vec()),
        ("docs/a\"quote\".md", b"# two\n".to_vec()),
        // Longer than a ustar name, and not to be split into prefix and name either.
        (&["docs/", &"x".repeat(180), ".md"].concat(), b"# three\n".to_vec()),
        ("data/rows.csv", b"1,2\n".repeat(300)),
    ];
    files
        .into_iter()
        .map(|(name, content)| (name.to_owned(), content))
        .collect()
}

/// A layout and a tarball of the same model, `work/layout` and `work/layout.tar`, both tagged `v1`.
fn build(way: &[&str]) -> Output {
    let modelfile = "NAME tiny\nVERSION 1\nARCH transformer\nFAMILY none\nFORMAT gguf\nPARAMSIZE 1.5B\nPRECISION int8\n\
        DESCRIPTION \"A model for tests\"\nAUTHOR somebody\nLICENSE MIT\nLANGUAGE en\nINPUT text\nOUTPUT text\n\
        CAPABILITY tools\nCUTOFF 2025-01-02T03:04:05Z\n\
        MODEL *.gguf\nCONFIG config.json vocab.txt\nCODE src\nDOC docs\nDATASET data\n";
    files()
        .into_iter()
        .fold(Test::new(), |test, (name, content)| {
            test.file(Path::new("model").join(name), content)
        })
        .file("model/Modelfile", modelfile)
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .args([
            "build",
            "model",
            "--quiet",
            "--tag",
            "example/tiny:v1",
            "--output",
            "layout",
            "--output",
            "layout.tar",
        ])
        .args(way)
        .run()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap()
}

/// Where a layout keeps the blob that `descriptor` describes.
fn blob(layout: &Path, descriptor: &Value) -> PathBuf {
    layout
        .join("blobs")
        .join(descriptor["digest"].as_str().unwrap().replace(':', "/"))
}

fn manifest(layout: &Path) -> PathBuf {
    blob(layout, &json(&layout.join("index.json"))["manifests"][0])
}

/// Every file below `dir` and its content, sorted.
fn content(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(dir)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap);
    let mut files: Vec<_> = entries
        .filter(|entry| !entry.file_type().is_dir())
        .map(|entry| {
            let name = entry.path().strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
            (name, fs_err::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// The files, not the bytes, where two sets differ: the bytes would fill the screen.
#[track_caller]
fn assert_same_files(actual: &[(String, Vec<u8>)], expected: &[(String, Vec<u8>)]) {
    let digests = |files: &[(String, Vec<u8>)]| -> Vec<_> {
        let mut digests: Vec<_> = files
            .iter()
            .map(|(name, content)| (name.clone(), sha256(content)))
            .collect();
        digests.sort();
        digests
    };
    assert_eq!(digests(actual), digests(expected));
}

#[test]
fn skopeo_carries_layout_and_tarball_through_a_registry_unchanged() {
    let (Some(skopeo), Some(registry)) = (oracle("skopeo"), Registry::start()) else {
        return;
    };
    for way in WAYS {
        let built = build(way);
        let dir = built.dir();
        let bytes = fs_err::read(manifest(&dir.join("layout"))).unwrap();
        assert_eq!(sha256(&bytes), built.text());
        for (form, source) in [("layout", "oci:layout:v1"), ("tarball", "oci-archive:layout.tar:v1")] {
            let remote = format!("docker://{}/{form}:v1", registry.address());
            let (back, archive) = (format!("oci:{form}-back:v1"), format!("oci-archive:{form}-back.tar:v1"));
            let copy = ["--insecure-policy", "copy", "--all", "--preserve-digests"];
            skopeo.approve(
                &dir,
                [&copy[..], &["--dest-tls-verify=false", source, &remote]].concat(),
            );
            let raw = skopeo.approve(&dir, ["inspect", "--raw", "--tls-verify=false", &remote]);
            assert_eq!(sha256(&raw), built.text(), "{way:?} {form}");
            for target in [&back, &archive] {
                skopeo.approve(&dir, [&copy[..], &["--src-tls-verify=false", &remote, target]].concat());
            }
            let there = content(&dir.join("layout/blobs"));
            assert_same_files(&content(&dir.join(format!("{form}-back/blobs"))), &there);
        }
    }
}

#[test]
fn index_manifest_and_config_follow_their_schemas() {
    let Some(python) = oracle("python3") else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/schema.py");
    for way in WAYS {
        let built = build(way);
        let layout = built.dir().join("layout");
        let manifest = manifest(&layout);
        let config = blob(&layout, &json(&manifest)["config"]);
        let mut checks = vec![
            ("layout", layout.join("oci-layout")),
            ("index", layout.join("index.json")),
            ("manifest", manifest),
        ];
        if MODELPACK.contains(&way) {
            checks.push(("modelpack", config));
        }
        for (kind, file) in checks {
            python.approve(&layout, [script.as_ref(), kind.as_ref(), file.as_os_str()]);
        }
    }
}

/// The image specification's own tool, at the version of Debian 12 (1.0.0-rc1), validates indexes and manifests.
///
/// A layout it follows through index, reference and manifest, to refuse every config that is not a container image's;
/// so that being its only complaint is as far as it goes. A tarball it cannot walk, skopeo's neither.
#[test]
fn oci_image_tool_has_nothing_against_index_and_manifest() {
    let Some(tool) = oracle("oci-image-tool") else { return };
    for way in WAYS {
        let built = build(way);
        let layout = built.dir().join("layout");
        let manifest = manifest(&layout);
        tool.approve(&layout, ["validate", "--type", "imageIndex", "index.json"]);
        tool.approve(
            &layout,
            [
                "validate".as_ref(),
                "--type".as_ref(),
                "manifest".as_ref(),
                manifest.as_os_str(),
            ],
        );

        let answer = tool.ask(&layout, ["validate", "--type", "image", "--ref", "name=v1", "."]);
        let config = json(&manifest)["config"]["mediaType"].as_str().unwrap().to_owned();
        let complaint = format!("config validation failed: invalid descriptor MediaType \\\"{config}\\\"");
        assert!(
            !answer.success && answer.stderr.contains(&complaint),
            "{way:?}: {}",
            answer.stderr
        );
    }
}

#[test]
fn modelpack_client_pulls_the_files_that_went_in() {
    let (Some(skopeo), Some(client), Some(registry)) = (oracle("skopeo"), oracle("modelpack"), Registry::start())
    else {
        return;
    };
    for way in MODELPACK {
        let built = build(way);
        let dir = built.dir();
        let reference = format!("{}/tiny:v1", registry.address());
        let remote = format!("docker://{reference}");
        let copy = [
            "--insecure-policy",
            "copy",
            "--preserve-digests",
            "--dest-tls-verify=false",
        ];
        skopeo.approve(&dir, [&copy[..], &["oci:layout:v1", &remote]].concat());
        client.approve(&dir, ["--insecure", "pull", &reference, "pulled"]);
        assert_same_files(&content(&dir.join("pulled")), &files());
    }
}

/// Raw layers only: oras takes a tar layer for a file, whatever its media type says.
#[test]
fn oras_pulls_the_files_that_went_in() {
    let (Some(skopeo), Some(python), Some(registry)) = (oracle("skopeo"), oracle("python3"), Registry::start()) else {
        return;
    };
    for way in [WAYS[0], WAYS[2]] {
        let built = build(way);
        let dir = built.dir();
        let reference = format!("{}/tiny:v1", registry.address());
        let remote = format!("docker://{reference}");
        let copy = [
            "--insecure-policy",
            "copy",
            "--preserve-digests",
            "--dest-tls-verify=false",
        ];
        skopeo.approve(&dir, [&copy[..], &["oci:layout:v1", &remote]].concat());
        let pull = "import sys, oras.client as o; o.OrasClient(insecure=True).pull(sys.argv[1], outdir='pulled')";
        python.approve(&dir, ["-c", pull, &reference]);
        assert_same_files(&content(&dir.join("pulled")), &files());
    }
}

#[test]
fn umoci_lists_the_tag() {
    let Some(umoci) = oracle("umoci") else { return };
    for way in WAYS {
        let built = build(way);
        assert_eq!(umoci.approve(&built.dir(), ["ls", "--layout", "layout"]), b"v1\n");
    }
}

/// Extracts `work/in.tar` by each of the tools that people have, and says what each found.
fn extract(dir: &Path, tar: &Path) -> Vec<Vec<(String, Vec<u8>)>> {
    let python = "import sys, tarfile; tarfile.open(sys.argv[2]).extractall(sys.argv[4], filter='data')";
    let tools: [(&str, &[&str]); 3] = [
        ("tar", &["--extract", "--file"]),
        ("bsdtar", &["-x", "-f"]),
        ("python3", &["-c", python, "-f"]),
    ];
    let mut found = vec![];
    for (tool, args) in tools {
        let Some(program) = oracle(tool) else { continue };
        let target = tempfile::tempdir_in(dir).unwrap();
        let tail = [tar.as_os_str(), "-C".as_ref(), target.path().as_os_str()];
        let answer = program.ask(dir, args.iter().map(AsRef::as_ref).chain(tail));
        assert!(
            answer.success && answer.stderr.is_empty(),
            "{tool} {}: {}",
            tar.display(),
            answer.stderr
        );
        found.push(content(target.path()));
    }
    found
}

#[test]
fn tarballs_are_read_by_every_tar() {
    for way in WAYS {
        let built = build(way);
        let dir = built.dir();
        let mut expected = content(&dir.join("layout"));
        // Docker Model Runner wants the manifest at the root of a tarball.
        expected.push((
            "manifest.json".to_owned(),
            fs_err::read(manifest(&dir.join("layout"))).unwrap(),
        ));
        for found in extract(&dir, &dir.join("layout.tar")) {
            assert_same_files(&found, &expected);
        }
    }
}

#[test]
fn tar_layers_are_read_by_every_tar() {
    let built = build(WAYS[1]);
    let dir = built.dir();
    let layout = dir.join("layout");
    let files = files();
    let manifest = json(&manifest(&layout));
    let layers = manifest["layers"].as_array().unwrap();
    assert_eq!(layers.len(), files.len());
    for layer in layers {
        let path = layer["annotations"]["org.cncf.model.filepath"].as_str().unwrap();
        let expected: Vec<_> = files.iter().filter(|(name, _)| name == path).cloned().collect();
        for found in extract(&dir, &blob(&layout, layer)) {
            assert_same_files(&found, &expected);
        }
    }
}
