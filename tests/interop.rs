//! Other people's tools read what we write: the alarm for drift from what the field takes.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Output, Test, sha256};
use crate::oracle::oracle;
use crate::registry::Registry;
use crate::schema;

/// A way to write an artifact.
struct Way {
    /// The options that choose it.
    args: &'static [&'static str],
    /// The media type of the config that it gives.
    config: &'static str,
    /// Only what Docker's first version has classes for.
    gguf_only: bool,
}

const MODELPACK_CONFIG: &str = "application/vnd.cncf.model.config.v1+json";

const RAW: Way = Way {
    args: &["--spec", "modelpack"],
    config: MODELPACK_CONFIG,
    gguf_only: false,
};

const TAR: Way = Way {
    args: &["--spec", "modelpack", "--tar"],
    config: MODELPACK_CONFIG,
    gguf_only: false,
};

const DOCKER_V0_1: Way = Way {
    args: &["--spec", "docker"],
    config: "application/vnd.docker.ai.model.config.v0.1+json",
    gguf_only: true,
};

const DOCKER_V0_2: Way = Way {
    args: &["--spec", "docker"],
    config: "application/vnd.docker.ai.model.config.v0.2+json",
    gguf_only: false,
};

const WAYS: [Way; 4] = [RAW, TAR, DOCKER_V0_1, DOCKER_V0_2];

/// Content for all kinds, sizes around a block's, and names that need care.
fn files(way: &Way) -> Vec<(String, Vec<u8>)> {
    // A GGUF file without tensors and keys: magic, version 3, two counts.
    let gguf = |tail: usize| [b"GGUF\x03\0\0\0".as_slice(), &[0; 16], &vec![7; tail]].concat();
    let mut files = vec![
        ("weights-00001-of-00002.gguf", gguf(3 << 20)),
        ("weights-00002-of-00002.gguf", gguf(1)),
        ("projector.mmproj", gguf(2)),
        ("chat.jinja", b"{{ messages }}".to_vec()),
        ("docs/LICENSE", b"MIT\n".to_vec()),
    ];
    // Longer than a ustar name, and not to be split into prefix and name either.
    let long = ["docs/", &"x".repeat(180), ".md"].concat();
    if !way.gguf_only {
        files.extend([
            ("config.json", b"{\"model_type\":\"none\"}\n".to_vec()),
            ("vocab.txt", vec![b'a'; 512]),
            ("src/two words/run [1].py", b"print()\n".to_vec()),
            ("docs/größe.md", b"# one\n".to_vec()),
            ("docs/a\"quote\".md", b"# two\n".to_vec()),
            (&long, b"# three\n".to_vec()),
            ("data/rows.csv", b"1,2\n".repeat(300)),
        ]);
    }
    files
        .into_iter()
        .map(|(name, content)| (name.to_owned(), content))
        .collect()
}

/// A layout and a tarball of the same model, `work/layout` and `work/layout.tar`, both tagged `v1`.
fn build(way: &Way) -> Output {
    let mut modelfile =
        "NAME tiny\nVERSION 1\nARCH transformer\nFAMILY none\nFORMAT gguf\nPARAMSIZE 1.5B\nPRECISION int8\n\
        DESCRIPTION \"A model for tests\"\nAUTHOR somebody\nLICENSE MIT\nLANGUAGE en\nINPUT text\nOUTPUT text\n\
        CAPABILITY tools\nCUTOFF 2025-01-02T03:04:05Z\n\
        MODEL *.gguf\nMMPROJ projector.mmproj\nTEMPLATE chat.jinja\nDOC docs\n"
            .to_owned();
    if !way.gguf_only {
        modelfile += "CONFIG config.json vocab.txt\nCODE src\nDATASET data\n";
    }
    let test = files(way).into_iter().fold(Test::new(), |test, (name, content)| {
        test.file(Path::new("model").join(name), content)
    });
    let built = test
        .file("model/Modelfile", modelfile)
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .args(["build", "model", "--quiet", "--tag", "example/tiny:v1"])
        .args(["--output", "layout", "--output", "layout.tar"])
        .args(way.args)
        .run();
    let config = json(&manifest(&built.dir().join("layout")))["config"]["mediaType"].clone();
    assert_eq!(config, way.config);
    built
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
        let built = build(&way);
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
            assert_eq!(sha256(&raw), built.text(), "{} {form}", way.config);
            for target in [&back, &archive] {
                skopeo.approve(&dir, [&copy[..], &["--src-tls-verify=false", &remote, target]].concat());
            }
            let there = content(&dir.join("layout/blobs"));
            assert_same_files(&content(&dir.join(format!("{form}-back/blobs"))), &there);
            let unpacked = dir.join(format!("{form}-unpacked"));
            let tarball = fs_err::File::open(dir.join(format!("{form}-back.tar"))).unwrap();
            tar::Archive::new(tarball).unpack(&unpacked).unwrap();
            assert_same_files(&content(&unpacked.join("blobs")), &there);
        }
    }
}

#[test]
fn index_manifest_and_config_follow_their_schemas() {
    for way in WAYS {
        schema::check(&build(&way).dir().join("layout"));
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
        let built = build(&way);
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
        let complaint = format!(
            "config validation failed: invalid descriptor MediaType \\\"{}\\\"",
            way.config
        );
        assert!(
            !answer.success && answer.stderr.contains(&complaint),
            "{}",
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
    for way in [RAW, TAR] {
        let built = build(&way);
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
        assert_same_files(&content(&dir.join("pulled")), &files(&way));
    }
}

/// Raw layers only: oras takes a tar layer for a file, whatever its media type says.
#[test]
fn oras_pulls_the_files_that_went_in() {
    let (Some(skopeo), Some(python), Some(registry)) = (oracle("skopeo"), oracle("python3"), Registry::start()) else {
        return;
    };
    for way in [RAW, DOCKER_V0_1, DOCKER_V0_2] {
        let built = build(&way);
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
        assert_same_files(&content(&dir.join("pulled")), &files(&way));
    }
}

#[test]
fn umoci_lists_the_tag() {
    let Some(umoci) = oracle("umoci") else { return };
    for way in WAYS {
        let built = build(&way);
        assert_eq!(umoci.approve(&built.dir(), ["ls", "--layout", "layout"]), b"v1\n");
    }
}

/// Layouts and tarballs from every command that writes some: what is fetched, copied, converted and left over.
#[test]
fn ocidir_finds_nothing_wrong() {
    let (Some(ocidir), Some(registry)) = (oracle("ocidir-fsck"), Registry::start()) else {
        return;
    };
    for way in WAYS {
        let built = build(&way);
        let remote = format!("{}/tiny:v1", registry.address());
        let other = if way.config == MODELPACK_CONFIG {
            "docker"
        } else {
            "modelpack"
        };
        let mut places = vec!["layout", "layout.tar", "pulled", "pulled.tar", "copied", "copied.tar"];
        let mut commands = vec![
            format!("push -q layout {remote}"),
            format!("pull -q {remote} -o pulled"),
            format!("pull -q {remote} -o pulled.tar"),
            "copy -q layout.tar copied".to_owned(),
            "copy -q pulled copied.tar".to_owned(),
        ];
        // A tar has no place in Docker's dialect.
        if way.args != TAR.args {
            places.extend(["converted", "converted.tar"]);
            commands.extend([
                format!("convert -q --spec {other} layout converted"),
                format!("convert -q --spec {other} layout converted.tar"),
                format!("convert -q --spec {other} layout -t other"),
                "rm oci:layout:v1".to_owned(),
                "prune layout".to_owned(),
            ]);
        }
        for command in commands {
            built.then().args(command.split(' ')).run();
        }
        let found = String::from_utf8(ocidir.approve(&built.dir(), &places)).unwrap();
        // Each file is in a blob, and so are the config and the manifest.
        let count = files(&way).len() + 2;
        let expected: Vec<_> = places.iter().map(|place| format!("{place}: {count} blobs")).collect();
        assert_eq!(found.lines().collect::<Vec<_>>(), expected);
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
        let built = build(&way);
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
    let built = build(&TAR);
    let dir = built.dir();
    let layout = dir.join("layout");
    let files = files(&TAR);
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
