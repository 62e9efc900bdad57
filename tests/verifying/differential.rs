//! Places that mean harm, before three readers: what extract refuses as damage, verify does not call sound, nor what
//! skopeo refuses or takes for another artifact.

use std::io::{Read as _, Write as _};
use std::path::Path;

use serde_json::{Value, json};
use tar::EntryType;

use super::archives::{Members, tarball};
use super::{CONFIG, INDEX, MANIFEST, built, config, crafted, layer, layers, layout, manifest, put};
use crate::harness::{Output, sha256};
use crate::oracle::{Oracle, oracle};
use crate::tiny::json;

/// What the layout `out` is before it is changed: one file of weights.
fn model() -> crate::harness::Test {
    crafted(|out| {
        let layers = [layer(out, "weight.v1.raw", "m.gguf", b"weights\n")];
        manifest(out, CONFIG, &config(&layers), &layers)
    })
}

/// Changes the manifest of the layout `out`.
fn with_manifest(out: &Path, change: impl FnOnce(&mut Value)) {
    let mut manifest = crate::tiny::manifest(out);
    change(&mut manifest);
    let media_type = manifest["mediaType"].as_str().unwrap_or(MANIFEST).to_owned();
    let entry = put(out, &media_type, manifest.to_string().as_bytes());
    layout(out, &[entry]);
}

fn with_index(out: &Path, change: impl FnOnce(&mut Value)) {
    let mut index = json(out.join("index.json"));
    change(&mut index);
    fs_err::write(out.join("index.json"), index.to_string()).unwrap();
}

/// One packed layer in place of the weights.
pub(super) fn with_packed(out: &Path, encoding: &str, bytes: &[u8], diff: &[u8]) {
    let layers = [layers::packed(out, encoding, bytes)];
    let mut config = config(&layers);
    config["modelfs"]["diffIds"] = json!([sha256(diff)]);
    let manifest = manifest(out, CONFIG, &config, &layers);
    layout(out, &[put(out, MANIFEST, manifest.to_string().as_bytes())]);
}

fn tar(entries: &[(&str, EntryType)]) -> Vec<u8> {
    layers::tar(entries)
}

/// One layer that is such a tar.
fn with_tar(out: &Path, entries: &[(&str, EntryType)]) {
    let tar = tar(entries);
    with_packed(out, "tar", &tar, &tar);
}

/// Layers of these media types and paths beside the weights.
fn with_others(out: &Path, others: &[(&str, &str, &[u8])]) {
    let mut layers = vec![layer(out, "weight.v1.raw", "m.gguf", b"weights\n")];
    let mut config = config(&layers);
    for (media_type, path, bytes) in others {
        let mut other = put(out, media_type, bytes);
        if !path.is_empty() {
            other["annotations"] = json!({"org.cncf.model.filepath": path, "org.opencontainers.image.title": path});
        }
        layers.push(other);
        let mut unpacked = Vec::new();
        if media_type.ends_with("gzip") {
            flate2::read::GzDecoder::new(*bytes).read_to_end(&mut unpacked).unwrap();
        } else {
            unpacked.extend(*bytes);
        }
        let diff_ids = config["modelfs"]["diffIds"].as_array_mut().unwrap();
        diff_ids.push(json!(sha256(&unpacked)));
    }
    let manifest = manifest(out, CONFIG, &config, &layers);
    layout(out, &[put(out, MANIFEST, manifest.to_string().as_bytes())]);
}

/// What unpacks to more than may be expected of it, and alone to no more than is allowed.
fn half_a_bomb(name: &str) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_path(name).unwrap();
    header.set_size(45 << 20);
    header.set_cksum();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(header.as_bytes()).unwrap();
    encoder.write_all(&vec![0; (45 << 20) + 1024]).unwrap();
    encoder.finish().unwrap()
}

type Harm = fn(&Path);
type Change = fn(&mut Members);

/// What is done to a layout, and what verify says of it.
const LAYOUTS: [(&str, Harm, i32); 40] = [
    ("nothing", |_| {}, 0),
    (
        "two kinds",
        |out| with_manifest(out, |it| it["manifests"] = json!([])),
        4,
    ),
    (
        "another kind",
        |out| with_manifest(out, |it| it["mediaType"] = json!(INDEX)),
        4,
    ),
    ("schema 1", |out| with_manifest(out, |it| it["fsLayers"] = json!([])), 4),
    ("Layers", |out| with_manifest(out, |it| it["Layers"] = json!([])), 4),
    ("Config", |out| with_manifest(out, |it| it["Config"] = json!({})), 4),
    (
        "no config",
        |out| with_manifest(out, |it| it["config"] = json!(null)),
        4,
    ),
    (
        "no layers",
        |out| with_manifest(out, |it| it["layers"] = json!(null)),
        4,
    ),
    ("a list", |out| with_manifest(out, |it| *it = json!([])), 4),
    (
        "a size",
        |out| with_manifest(out, |it| it["layers"][0]["size"] = json!(7)),
        4,
    ),
    (
        "no digest",
        |out| with_manifest(out, |it| it["layers"][0]["digest"] = json!("sha256:../../..")),
        4,
    ),
    (
        "another digest",
        |out| with_manifest(out, |it| it["layers"][0]["digest"] = json!(sha256(b"gone"))),
        4,
    ),
    (
        "a path out",
        |out| {
            with_manifest(out, |it| {
                it["layers"][0]["annotations"]["org.cncf.model.filepath"] = json!("../m");
            });
        },
        4,
    ),
    (
        "an absolute title",
        |out| {
            with_manifest(out, |it| {
                it["layers"][0]["annotations"]["org.opencontainers.image.title"] = json!("/m");
            });
        },
        4,
    ),
    (
        "data",
        |out| with_manifest(out, |it| it["config"]["data"] = json!("e30=")),
        4,
    ),
    (
        "one path twice",
        |out| {
            with_manifest(out, |it| {
                let other = layer(out, "weight.v1.raw", "m.gguf", b"others\n");
                it["layers"].as_array_mut().unwrap().push(other);
            });
        },
        4,
    ),
    (
        "no weights",
        |out| fs_err::remove_file(out.join("blobs/sha256").join(&sha256(b"weights\n")[7..])).unwrap(),
        4,
    ),
    (
        "other weights",
        |out| fs_err::write(out.join("blobs/sha256").join(&sha256(b"weights\n")[7..]), "WEIGHTS\n").unwrap(),
        4,
    ),
    (
        "other config",
        |out| {
            let config = crate::tiny::manifest(out)["config"].clone();
            fs_err::write(crate::tiny::blob(out, &config), "{}").unwrap();
        },
        4,
    ),
    (
        "no marker",
        |out| fs_err::remove_file(out.join("oci-layout")).unwrap(),
        4,
    ),
    (
        "no index",
        |out| fs_err::remove_file(out.join("index.json")).unwrap(),
        4,
    ),
    (
        "an index of two kinds",
        |out| with_index(out, |it| it["layers"] = json!([])),
        4,
    ),
    ("Manifests", |out| with_index(out, |it| it["Manifests"] = json!([])), 4),
    (
        "an entry of another size",
        |out| with_index(out, |it| it["manifests"][0]["size"] = json!(3)),
        4,
    ),
    ("a link", |out| with_tar(out, &[("l", EntryType::Symlink)]), 4),
    (
        "an entry that leads out",
        |out| with_tar(out, &[("../m", EntryType::Regular)]),
        4,
    ),
    (
        "a file twice in a tar",
        |out| {
            with_tar(out, &[("m", EntryType::Regular), ("m", EntryType::Regular)]);
        },
        4,
    ),
    ("no tar", |out| with_packed(out, "tar", b"no tar", b"no tar"), 4),
    ("an empty tar", |out| with_packed(out, "tar", b"", b""), 4),
    ("an empty tar, gzipped", |out| with_packed(out, "tar+gzip", b"", b""), 4),
    ("an empty tar, by zstd", |out| with_packed(out, "tar+zstd", b"", b""), 4),
    (
        "another diff ID",
        |out| {
            let tar = tar(&[("m", EntryType::Regular)]);
            with_packed(out, "tar+gzip", &layers::gzip(&tar), b"other");
        },
        4,
    ),
    (
        "half a bomb",
        |out| {
            let media_type = "application/vnd.cncf.model.dataset.v1.tar+gzip";
            with_others(out, &[(media_type, "one", &half_a_bomb("one"))]);
        },
        0,
    ),
    (
        "two halves of a bomb",
        |out| {
            let media_type = "application/vnd.cncf.model.dataset.v1.tar+gzip";
            let halves = ["one", "other"].map(half_a_bomb);
            with_others(
                out,
                &[(media_type, "one", &halves[0]), (media_type, "other", &halves[1])],
            );
        },
        4,
    ),
    (
        "a path out of a tar of no known type",
        |out| {
            let tar = tar(&[("../m", EntryType::Regular)]);
            with_others(out, &[("application/x-foo.tar", "foo", &tar)]);
        },
        4,
    ),
    (
        "a bomb of no known type",
        |out| {
            let bomb = layers::gzip(&vec![0; 160 << 20]);
            with_others(out, &[("application/x-foo.tar+gzip", "foo", &bomb)]);
        },
        4,
    ),
    (
        "files of no known type that meet",
        |out| {
            let media_type = "application/x-foo";
            with_others(out, &[(media_type, "foo", b"1"), (media_type, "FOO", b"2")]);
        },
        4,
    ),
    (
        "a file of no known type without a name",
        |out| with_others(out, &[("application/x-foo", "", b"1")]),
        4,
    ),
    (
        "a file and a tar of no known types",
        |out| {
            let tar = tar(&[("n", EntryType::Regular)]);
            with_others(
                out,
                &[
                    ("application/x-foo", "foo", b"1"),
                    ("application/x-foo.tar", "bar", &tar),
                ],
            );
        },
        0,
    ),
    (
        "nothing, packed",
        |out| {
            let tar = tar(&[("m", EntryType::Regular)]);
            with_packed(out, "tar+gzip", &layers::gzip(&tar), &tar);
        },
        0,
    ),
];

/// The digest of what skopeo takes a place for, where it takes it.
fn copied(skopeo: &Oracle, output: &Output, place: &str) -> Option<String> {
    let to = output.dir().join("copied");
    let _ = fs_err::remove_dir_all(&to);
    let args = ["copy", "--insecure-policy", place, "dir:copied"];
    let success = skopeo.ask(&output.dir(), args).success;
    success.then(|| sha256(&fs_err::read(to.join("manifest.json")).unwrap()))
}

/// Runs all three on a place, where verify must exit as stated.
fn judge(called: &str, output: &Output, place: &str, transport: &str, verified: i32, skopeo: Option<&Oracle>) {
    let status = |args: &[&str]| {
        let status = output.then().args(args).command().output().unwrap().status;
        status.code().unwrap()
    };
    assert_eq!(status(&["verify", place]), verified, "{called}");
    let extracted = status(&["extract", "-q", place, "x"]);
    assert!(extracted != 4 || verified == 4, "{called}: extract refused it");
    let Some(skopeo) = skopeo else { return };
    let copied = copied(skopeo, output, &format!("{transport}:{place}"));
    if verified != 4 {
        let ls = output.then().args(["ls", "--format", "json", place]).run();
        let ours: Value = serde_json::from_slice(&ls.stdout).unwrap();
        assert_eq!(copied.as_deref(), ours["artifacts"][0]["digest"].as_str(), "{called}");
    }
}

#[test]
fn layouts_that_mean_harm() {
    let skopeo = oracle("skopeo");
    for (called, harm, verified) in LAYOUTS {
        let test = model();
        harm(&test.dir().join("out"));
        let output = test.status(verified).run();
        judge(called, &output, "out", "oci", verified, skopeo.as_ref());
    }
}

/// An index of nothing.
const EMPTY: &[u8] = br#"{"schemaVersion":2,"manifests":[]}"#;

#[test]
fn tarballs_that_mean_harm() {
    let skopeo = oracle("skopeo");
    let table: [(&str, Change, i32); 8] = [
        ("nothing", |_| {}, 0),
        (
            "two indexes",
            |members| members.push(("index.json".to_owned(), EntryType::Regular, EMPTY.to_vec())),
            4,
        ),
        (
            "two indexes of two names",
            |members| members.push(("x/../index.json".to_owned(), EntryType::Regular, EMPTY.to_vec())),
            4,
        ),
        (
            "a link",
            |members| members.insert(0, ("blobs/link".to_owned(), EntryType::Symlink, Vec::new())),
            4,
        ),
        (
            "a path out",
            |members| members.push(("../../x".to_owned(), EntryType::Regular, Vec::new())),
            4,
        ),
        ("no config", |members| drop(members.remove(3)), 4),
        ("another layer", |members| members[4].2[0] ^= 1, 4),
        (
            "a file beside it",
            |members| members.push(("README".to_owned(), EntryType::Regular, Vec::new())),
            0,
        ),
    ];
    for (called, harm, verified) in table {
        let output = built();
        tarball(&output.dir(), harm);
        judge(called, &output, "out.tar", "oci-archive", verified, skopeo.as_ref());
    }
}
