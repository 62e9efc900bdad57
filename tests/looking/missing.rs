//! What `ls` says of a place of which a part is missing.

use snapbox::str;

use crate::harness::Output;
use crate::tiny::{json, tiny};

/// A layout with `v1`, also called `old`, and `v2`, of which the first has lost its manifest.
fn two() -> Output {
    let built = tiny()
        .args(["-q", "-o", "out", "-t", "tiny:v1", "-t", "tiny:old"])
        .run();
    let digest = built.text().to_owned();
    let both = built.then().file("m.gguf", "other weights\n");
    let both = both.args(["-q", "-o", "out", "-t", "tiny:v2"]).run();
    fs_err::remove_file(both.dir().join("out/blobs").join(digest.replace(':', "/"))).unwrap();
    both
}

#[test]
fn a_missing_manifest_hides_no_other() {
    two()
        .then()
        .args(["ls", "out"])
        .status(4)
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
v1    sha256:208656d4672a  missing  -            -           -
old   sha256:208656d4672a  missing  -            -           -
v2    sha256:437cbd5089ba     24 B  gguf         -           -

"#]])
        .stderr(str![[r#"
error: `out` is damaged: the manifest sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6 is missing
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]])
        .run();
    let listed = two().then().args(["ls", "out", "--format", "json"]).status(4);
    listed.stdout(str![[r#"
{
  "artifacts": [
    {
      "digest": "sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6",
      "error": "`out` is damaged: the manifest sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6 is missing",
      "format": null,
      "marks": {},
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "parameters": null,
      "quantization": null,
      "referrersOf": null,
      "size": null,
      "spec": null,
      "tag": "v1"
    },
    {
      "digest": "sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6",
      "error": "`out` is damaged: the manifest sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6 is missing",
      "format": null,
      "marks": {},
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "parameters": null,
      "quantization": null,
      "referrersOf": null,
      "size": null,
      "spec": null,
      "tag": "old"
    },
    {
      "digest": "sha256:437cbd5089ba891756644688b663cfc16a26bf8e851e43ed79aaa754714d2aac",
      "error": null,
      "format": "gguf",
      "marks": {},
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "parameters": null,
      "quantization": null,
      "referrersOf": null,
      "size": 24,
      "spec": "modelpack",
      "tag": "v2"
    }
  ],
  "reference": "out",
  "version": 1
}

"#]]).stderr(str![[r#"
error: `out` is damaged: the manifest sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6 is missing
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]]).run();
    // Whoever asks for the other one alone has no trouble.
    two()
        .then()
        .args(["ls", "oci:out:v2"])
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
v2    sha256:437cbd5089ba     24 B  gguf         -           -

"#]])
        .stderr("")
        .run();
    two()
        .then()
        .args(["ls", "oci:out:v1"])
        .status(4)
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
v1    sha256:208656d4672a  missing  -            -           -

"#]])
        .stderr(str![[r#"
error: `out` is damaged: the manifest sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6 is missing
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]])
        .run();
}

#[test]
fn one_that_is_damaged_or_no_manifest_hides_no_other() {
    let both = two();
    let index = json(both.dir().join("out/index.json"));
    let of = |tag: &str| {
        let entries = index["manifests"].as_array().unwrap();
        let entry = entries
            .iter()
            .find(|entry| entry["annotations"]["org.opencontainers.image.ref.name"].as_str() == Some(tag));
        let digest = entry.unwrap()["digest"].as_str().unwrap().to_owned();
        both.dir().join("out/blobs").join(digest.replace(':', "/"))
    };
    fs_err::write(
        of("v1"),
        "x".repeat(usize::try_from(index["manifests"][0]["size"].as_u64().unwrap()).unwrap()),
    )
    .unwrap();
    both.then()
        .args(["ls", "out"])
        .status(4)
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
v1    sha256:208656d4672a  damaged  -            -           -
old   sha256:208656d4672a  damaged  -            -           -
v2    sha256:437cbd5089ba     24 B  gguf         -           -

"#]])
        .stderr(str![[r#"
error: `out` is damaged: the manifest sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6 has other bytes than its digest says
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]])
        .run();
    // A config is read, too.
    let manifest = json(of("v2"));
    let config = manifest["config"]["digest"].as_str().unwrap().replace(':', "/");
    fs_err::remove_file(both.dir().join("out/blobs").join(config)).unwrap();
    both.then()
        .args(["ls", "out"])
        .status(4)
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
v1    sha256:208656d4672a  damaged  -            -           -
old   sha256:208656d4672a  damaged  -            -           -
v2    sha256:437cbd5089ba  missing  -            -           -

"#]])
        .stderr(str![[r#"
error: `out` is damaged: the manifest sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6 has other bytes than its digest says
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole
error: `out` is damaged: the config sha256:1287c59c31de3e98dca8ad4578985d80b5049944786bbe588c2f42d267b3f876 is missing
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]])
        .run();
}
