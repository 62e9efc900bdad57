//! Indexes of several artifacts, and the one that is chosen.

use super::*;

#[test]
fn of_an_index_one_is_chosen() {
    let test = variants();
    let output = test
        .args(["inspect", "oci:layout:all", "--config"])
        .status(3)
        .stderr(str![[r#"
error: `layout` is an index of artifacts, of which several are meant: sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1 (`quantization=Q4_K_M`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`quantization=Q8_0`)
  = help: choose one by its digest, as in `PLACE@sha256:…`; commands take `--variant KEY=VALUE`, too; `push`, `pull` and `copy` move all of them with `--all`

"#]])
        .run();
    let output = output
        .then()
        .args(["inspect", "oci:layout:all", "--variant", "quantization=Q2"])
        .status(3)
        .stderr(str![[r#"
error: `layout` is an index of artifacts, of which none is meant: sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1 (`quantization=Q4_K_M`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`quantization=Q8_0`)
  = help: choose one by its digest, as in `PLACE@sha256:…`; commands take `--variant KEY=VALUE`, too; `push`, `pull` and `copy` move all of them with `--all`

"#]])
        .run();
    let chosen = output
        .then()
        .args([
            "inspect",
            "oci:layout:all",
            "--variant",
            "quantization=Q8_0",
            "--manifest",
        ])
        .run();
    let tagged = chosen.then().args(["inspect", "oci:layout:q8", "--manifest"]).run();
    assert_eq!(chosen.stdout, tagged.stdout);
    let copied = tagged
        .then()
        .args(["copy", "-q", "oci:layout:all", "out", "--variant", "quantization=Q8_0"])
        .run();
    assert_eq!(copied.text(), sha256(&tagged.stdout));
    copied
        .then()
        .args(["ls", "oci:layout:all"])
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION  VARIANT
all   sha256:89ba5b287704    index  -            -           -             -
all   sha256:8a79cd99b672      7 B  gguf         8B          Q4_K_M        quantization=Q4_K_M
all   sha256:d48833d20f29      7 B  gguf         8B          Q8_0          quantization=Q8_0

"#]])
        .run();
}

/// Whoever asks for a variant must not get something else without a word.
#[test]
fn of_one_artifact_no_variant_is_chosen() {
    let (registry, mut test) = places();
    let remote = format!("docker://{}/some/tiny:v1", registry.address());
    for place in ["layout", "model.tar", &remote] {
        for command in [
            &["inspect"][..],
            &["inspect", "--manifest"],
            &["extract", "out"],
            &["copy", "out"],
            &["convert", "--spec", "docker", "out"],
        ] {
            let (name, rest) = command.split_first().unwrap();
            let refused = test
                .args([name, place, "--variant", "quantization=Q4"])
                .args(rest)
                .status(3)
                .run();
            let said = refused.stderr.replace(place.trim_start_matches("docker://"), "PLACE");
            assert_data_eq!(
                said,
                str![[r#"
error: `PLACE` is one artifact and no index of several, from which `--variant` chooses
  = help: leave out `--variant` if it is the one that is meant

"#]]
            );
            assert!(!refused.dir().join("out").exists());
            test = refused.then();
        }
    }
}

#[test]
fn of_an_index_all_are_listed() {
    let test = variants();
    let layout = test
        .args(["inspect", "oci:layout:all"])
        .stdout(str![[r#"
index         of 2 artifacts
digest        sha256:89ba5b2877048e0ca995b2f48fbab74aa32ec29fd6fcb5d1179ae781fe6f7ff7

   SIZE  FORMAT       PARAMETERS  QUANTIZATION  DIGEST                                                                   VARIANT
    7 B  gguf         8B          Q4_K_M        sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1  quantization=Q4_K_M
    7 B  gguf         8B          Q8_0          sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78  quantization=Q8_0

"#]])
        .stderr("")
        .run();
    let json = layout
        .then()
        .args(["inspect", "oci:layout:all", "--format", "json"])
        .stdout(str![[r#"
{
  "digest": "sha256:89ba5b2877048e0ca995b2f48fbab74aa32ec29fd6fcb5d1179ae781fe6f7ff7",
  "mediaType": "application/vnd.oci.image.index.v1+json",
  "reference": "oci:layout:all",
  "variants": [
    {
      "digest": "sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1",
      "error": null,
      "format": "gguf",
      "marks": {
        "quantization": "Q4_K_M"
      },
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "parameters": "8B",
      "quantization": "Q4_K_M",
      "size": 7,
      "spec": "modelpack"
    },
    {
      "digest": "sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78",
      "error": null,
      "format": "gguf",
      "marks": {
        "quantization": "Q8_0"
      },
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "parameters": "8B",
      "quantization": "Q8_0",
      "size": 7,
      "spec": "modelpack"
    }
  ],
  "version": 1
}

"#]])
        .run();
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let raw = json.then().args(["inspect", "oci:layout:all", "--raw"]).run();
    assert_eq!(document["digest"], sha256(&raw.stdout));
    let index: serde_json::Value = serde_json::from_slice(&raw.stdout).unwrap();
    assert_eq!(index["manifests"].as_array().unwrap().len(), 2);
    // Of one artifact, it is the manifest.
    let one = raw.then().args(["inspect", "oci:layout:q4", "--raw"]).run();
    let manifest = one.then().args(["inspect", "oci:layout:q4", "--manifest"]).run();
    assert_eq!(one.stdout, manifest.stdout);
    for options in [&["--html", "page.html"][..], &["--layers"]] {
        let refused = manifest
            .then()
            .args(["inspect", "oci:layout:all"])
            .args(options)
            .status(3)
            .run();
        assert!(
            refused.stderr.contains("of which several are meant"),
            "{}",
            refused.stderr
        );
    }
}

#[test]
fn a_listing_says_what_tells_variants_apart() {
    let test = variants();
    let output = test
        .args(["ls", "layout"])
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION  VARIANT
q4    sha256:8a79cd99b672      7 B  gguf         8B          Q4_K_M        -
q8    sha256:d48833d20f29      7 B  gguf         8B          Q8_0          -
all   sha256:89ba5b287704    index  -            -           -             -
all   sha256:8a79cd99b672      7 B  gguf         8B          Q4_K_M        quantization=Q4_K_M
all   sha256:d48833d20f29      7 B  gguf         8B          Q8_0          quantization=Q8_0

"#]])
        .run();
    output
        .then()
        .args(["ls", "oci:layout:all", "--format", "json"])
        .stdout(str![[r#"
{
  "artifacts": [
    {
      "digest": "sha256:89ba5b2877048e0ca995b2f48fbab74aa32ec29fd6fcb5d1179ae781fe6f7ff7",
      "error": null,
      "format": null,
      "marks": {},
      "mediaType": "application/vnd.oci.image.index.v1+json",
      "parameters": null,
      "quantization": null,
      "referrersOf": null,
      "size": null,
      "spec": null,
      "tag": "all"
    },
    {
      "digest": "sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1",
      "error": null,
      "format": "gguf",
      "marks": {
        "quantization": "Q4_K_M"
      },
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "parameters": "8B",
      "quantization": "Q4_K_M",
      "referrersOf": null,
      "size": 7,
      "spec": "modelpack",
      "tag": "all"
    },
    {
      "digest": "sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78",
      "error": null,
      "format": "gguf",
      "marks": {
        "quantization": "Q8_0"
      },
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "parameters": "8B",
      "quantization": "Q8_0",
      "referrersOf": null,
      "size": 7,
      "spec": "modelpack",
      "tag": "all"
    }
  ],
  "reference": "oci:layout:all",
  "version": 1
}

"#]])
        .run();
}

/// A tag is a few bytes, and what it stands for may be millions.
#[test]
fn an_index_under_too_many_tags_is_too_much() {
    const MANY: usize = 1000;
    let output = variants().args(["ls", "layout"]).run();
    let path = output.dir().join("layout/index.json");
    let mut top: serde_json::Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
    let inner = serde_json::json!({"schemaVersion": 2, "manifests": vec![top["manifests"][0].clone(); MANY]});
    let inner = inner.to_string();
    let digest = sha256(inner.as_bytes());
    let entry = |number: usize| {
        serde_json::json!({
            "mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest, "size": inner.len(),
            "annotations": {"org.opencontainers.image.ref.name": number.to_string()},
        })
    };
    top["manifests"] = (0..MANY).map(entry).collect();
    fs_err::write(path, top.to_string()).unwrap();
    output
        .then()
        .file(format!("layout/blobs/sha256/{}", &digest[7..]), inner)
        .args(["ls", "layout"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `layout`: its indexes have more than 67108864 bytes, each counted as often as it is named

"#]])
        .run();
}
