//! `inspect` and `ls`: what is somewhere, from manifests and configs alone.

mod missing;
mod shares;

use modelbuild::registry::credentials::Credentials;
use modelbuild::registry::{Cancel, Client, Settings, Unwatched};
use modelbuild::store::stored::{find, path};
use modelbuild::store::{Reference, Source as _};
use snapbox::{assert_data_eq, str};

use crate::foreign::layout;
use crate::harness::{Test, sha256};
use crate::servers::registry::{Options, Registry};

const MODELFILE: &str = "NAME tiny\nFAMILY llama\nFORMAT gguf\nPARAMSIZE 8B\nQUANTIZATION Q4_K_M\nLICENSE MIT\n\
    MODEL m.gguf\nDOC README.md\n";

/// A model in `layout` and `model.tar`, both tagged `v1`, and in a registry.
fn places() -> (Registry, Test) {
    let registry = Registry::start(Options::default());
    let test = Test::new()
        .file("m/Modelfile", MODELFILE)
        .file("m/m.gguf", "w".repeat(7000))
        .file("m/README.md", "r".repeat(3000))
        .args(["build", "m", "-q", "-o", "layout", "-o", "model.tar", "-t", "tiny:v1"])
        .run()
        .then()
        .args(["push", "layout", &format!("{}/some/tiny:v1", registry.address())])
        .run()
        .then();
    registry.record.clear();
    (registry, test)
}

/// That nothing but manifests and configs was asked for.
fn fetched_no_layer(registry: &Registry) {
    for content in ["w".repeat(7000), "r".repeat(3000)] {
        let digest = sha256(content.as_bytes());
        let lines = registry.record.lines();
        assert!(!lines.contains(&digest), "{lines}");
    }
    assert_eq!(registry.record.count("GET"), registry.record.count("*"));
}

#[test]
fn an_artifact_is_shown_alike_wherever_it_is() {
    let (registry, mut test) = places();
    let remote = format!("docker://{}/some/tiny:v1", registry.address());
    for place in ["layout", "model.tar", &remote] {
        let output = test
            .args(["inspect", place])
            .stdout(str![[r#"
name          tiny
family        llama
format        gguf
paramsize     8B
quantization  Q4_K_M
license       MIT
size          10.0 kB in 2 layers
spec          modelpack
digest        sha256:f5c4f6b23ed3c9cc9f8ec41a136e2393c441e9256554583c5dc2f64eb0a21cc4

KIND          SIZE   SHARE  MEDIA TYPE                       PATH
weight     7.00 kB    70 %  cncf.model.weight.v1.raw         m.gguf
doc        3.00 kB    30 %  cncf.model.doc.v1.raw            README.md

"#]])
            .stderr("")
            .run();
        test = output.then();
    }
    fetched_no_layer(&registry);
    assert_eq!(registry.record.count("GET"), 2);
}

#[test]
fn documents_are_printed_as_they_are() {
    let (registry, mut test) = places();
    let remote = format!("docker://{}/some/tiny:v1", registry.address());
    for place in ["layout", "model.tar", &remote] {
        let manifest = test.args(["inspect", place, "--manifest"]).run();
        let digest = manifest
            .then()
            .args(["push", "-q", "layout"])
            .args([&remote[9..]])
            .run();
        assert_eq!(sha256(&manifest.stdout), digest.text());
        let config = digest.then().args(["inspect", place, "--config"]).run();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest.stdout).unwrap();
        assert_eq!(manifest["config"]["digest"], sha256(&config.stdout));
        test = config.then();
    }
}

#[test]
fn what_is_no_model_still_has_documents() {
    let chart = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}"#;
    let digest = sha256(chart.as_bytes());
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":{}}}]}}"#,
        chart.len()
    );
    let test = Test::new()
        .file("l/oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#)
        .file("l/index.json", index)
        .file(format!("l/blobs/sha256/{}", &digest[7..]), chart)
        .file(format!("l/blobs/sha256/{}", &sha256(b"{}")[7..]), "{}");
    let output = test
        .args(["inspect", "l"])
        .status(3)
        .stderr(str![[r#"
error: `l`: it is no model artifact: its config has the media type `application/vnd.cncf.helm.config.v1+json`

"#]])
        .run();
    let output = output.then().args(["inspect", "l", "--config"]).stdout("{}").run();
    output
        .then()
        .args(["ls", "l"])
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
-     sha256:e7f457600db4        -  -            -           -

"#]])
        .run();
}

#[test]
fn a_listing_has_what_one_chooses_by() {
    let (registry, test) = places();
    let more = test
        .file("m/Modelfile", MODELFILE.replace("Q4_K_M", "Q8_0").replace("8B", "70B"))
        .args(["build", "m", "-q", "-o", "layout", "-t", "tiny:v2"])
        .run()
        .then()
        .args(["push", "-q", "oci:layout:v2"])
        .args([format!("{}/some/tiny:v2", registry.address())])
        .args([format!("{}/some/tiny:latest", registry.address())])
        .run();
    registry.record.clear();
    let remote = format!("docker://{}/some/tiny", registry.address());
    let output = more
        .then()
        .args(["ls", &remote])
        .stdout(str![[r#"
NAME    DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
latest  sha256:2a50b6dd5603  10.0 kB  gguf         70B         Q8_0
v1      sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M
v2      sha256:2a50b6dd5603  10.0 kB  gguf         70B         Q8_0

"#]])
        .stderr("")
        .run();
    fetched_no_layer(&registry);
    // Three manifests, two configs, and the tags.
    assert_eq!(registry.record.count("GET"), 6, "{}", registry.record.lines());
    let output = output
        .then()
        .args(["ls", "layout"])
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
v1    sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M
v2    sha256:2a50b6dd5603  10.0 kB  gguf         70B         Q8_0

"#]])
        .run();
    output
        .then()
        .args(["ls", "oci:layout:v1"])
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
v1    sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M

"#]])
        .run();
}

#[test]
fn a_repository_that_is_not_there_is_one_clear_error() {
    let (registry, test) = places();
    let output = test
        .args(["ls", &format!("docker://{}/no/such", registry.address())])
        .status(5)
        .stdout("")
        .run();
    snapbox::assert_data_eq!(
        output.stderr.replace(&registry.address(), "[REGISTRY]"),
        str![[r#"
error: [REGISTRY] has no tag in `[REGISTRY]/no/such`
  = help: check the name of the repository

"#]]
    );
}

/// A layout with `q4`, `q8`, and `all`, which is an index of both.
pub fn variants() -> Test {
    let mut test = Test::new().file("m/m.gguf", "weights");
    let mut entries = vec![];
    for quantization in ["Q4_K_M", "Q8_0"] {
        let tag = quantization[..2].to_lowercase();
        let output = test
            .file(
                "m/Modelfile",
                MODELFILE.replace("Q4_K_M", quantization).replace("DOC README.md\n", ""),
            )
            .args(["build", "m", "-q", "-o", "layout", "-t", &format!("tiny:{tag}")])
            .run();
        let digest = output.text().to_owned();
        let size = fs_err::metadata(output.dir().join("layout/blobs/sha256").join(&digest[7..]))
            .unwrap()
            .len();
        entries.push(format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":{size},"annotations":{{"quantization":"{quantization}"}}}}"#
        ));
        test = output.then();
    }
    let index = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{}]}}"#,
        entries.join(",")
    );
    let digest = sha256(index.as_bytes());
    let path = test.dir().join("layout/index.json");
    let mut top: serde_json::Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
    top["manifests"].as_array_mut().unwrap().push(serde_json::json!({
        "mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest, "size": index.len(),
        "annotations": {"org.opencontainers.image.ref.name": "all"},
    }));
    fs_err::write(path, top.to_string()).unwrap();
    test.file(format!("layout/blobs/sha256/{}", &digest[7..]), index)
}

#[test]
fn of_an_index_one_is_chosen() {
    let test = variants();
    let output = test
        .args(["inspect", "oci:layout:all", "--config"])
        .status(3)
        .stderr(str![[r#"
error: `layout` is an index of artifacts, of which several are meant: sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1 (`quantization=Q4_K_M`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`quantization=Q8_0`)
  = help: choose one by its digest, as in `docker://HOST/REPOSITORY@sha256:…`; commands take `--variant KEY=VALUE`, too; `push`, `pull` and `copy` move all of them with `--all`

"#]])
        .run();
    let output = output
        .then()
        .args(["inspect", "oci:layout:all", "--variant", "quantization=Q2"])
        .status(3)
        .stderr(str![[r#"
error: `layout` is an index of artifacts, of which none is meant: sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1 (`quantization=Q4_K_M`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`quantization=Q8_0`)
  = help: choose one by its digest, as in `docker://HOST/REPOSITORY@sha256:…`; commands take `--variant KEY=VALUE`, too; `push`, `pull` and `copy` move all of them with `--all`

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
fn layers_alone_are_lines_for_scripts() {
    let (_registry, test) = places();
    let output = test
        .args(["inspect", "layout", "--layers"])
        .stdout(str![[r#"
sha256:3bd4d2d0fe38dd3a49938fe168e6a896be21dbf0f842c2900dda235a78486729          7000  weight     raw       m.gguf
sha256:aec5e6840a7c44b00206df87be12374a331496a367ffaa998d24a1d77785f150          3000  doc        raw       README.md

"#]])
        .stderr("")
        .run();
    output
        .then()
        .args(["inspect", "model.tar", "--layers", "--format", "json"])
        .stdout(str![[r#"
{
  "digest": "sha256:f5c4f6b23ed3c9cc9f8ec41a136e2393c441e9256554583c5dc2f64eb0a21cc4",
  "layers": [
    {
      "diffId": "sha256:3bd4d2d0fe38dd3a49938fe168e6a896be21dbf0f842c2900dda235a78486729",
      "digest": "sha256:3bd4d2d0fe38dd3a49938fe168e6a896be21dbf0f842c2900dda235a78486729",
      "encoding": "raw",
      "executable": false,
      "kind": "weight",
      "mediaType": "application/vnd.cncf.model.weight.v1.raw",
      "path": "m.gguf",
      "size": 7000
    },
    {
      "diffId": "sha256:aec5e6840a7c44b00206df87be12374a331496a367ffaa998d24a1d77785f150",
      "digest": "sha256:aec5e6840a7c44b00206df87be12374a331496a367ffaa998d24a1d77785f150",
      "encoding": "raw",
      "executable": false,
      "kind": "doc",
      "mediaType": "application/vnd.cncf.model.doc.v1.raw",
      "path": "README.md",
      "size": 3000
    }
  ],
  "reference": "model.tar",
  "version": 1
}

"#]])
        .run();
}

#[test]
fn only_one_form_can_be_asked_for() {
    for options in [
        ["--manifest", "--config"],
        ["--manifest", "--raw"],
        ["--raw", "--layers"],
        ["--raw", "--format=json"],
        ["--raw", "--variant=a=b"],
        ["--html=x", "--format=json"],
        ["--html=x", "--layers"],
        ["--html=x", "--config"],
    ] {
        let output = Test::new().args(["inspect", "x"]).args(options).status(2).run();
        assert!(
            output.stderr.contains("cannot be used with"),
            "{options:?}: {}",
            output.stderr
        );
    }
}

/// As other tools write them, in a layout, a tarball and a registry.
#[test]
fn what_others_made_is_shown_alike_wherever_it_is() {
    let registry = Registry::start(Options::default());
    let remote = format!("{}/some/kit:v1", registry.address());
    let test = Test::new();
    let config = |digests: &[String]| {
        format!(
            r#"{{"package":{{"name":"kit","license":"MIT"}},"model":{{"path":"./model","framework":"pytorch","digest":"{}"}}}}"#,
            digests[0]
        )
    };
    let layers = [
        ("application/vnd.kitops.modelkit.model.v1.tar+gzip", "", "weights"),
        ("application/vnd.kitops.modelkit.docs.v1.tar", "README.md", "docs"),
        ("application/vnd.kitops.modelkit.prompt.v2.tar", "", "prompt"),
    ];
    layout(
        &test,
        "kit",
        "application/vnd.kitops.modelkit.config.v1+json",
        config,
        &layers,
    );
    let output = test
        .args(["copy", "-q", "kit", "kit.tar", &format!("docker://{remote}")])
        .run();
    let mut test = output.then();
    for place in ["kit", "kit.tar", &format!("docker://{remote}")] {
        test = test.args(["inspect", place]).stdout(str![[r#"
name          kit
framework     pytorch
license       MIT
size          17 B in 3 layers
spec          modelkit
digest        sha256:be2bfa7ed1a6555f1d6f28bd63e62edb15219ec9472b370921662cb1fae9cb3f

KIND          SIZE   SHARE  MEDIA TYPE                         PATH
weight         7 B    41 %  kitops.modelkit.model.v1.tar+gzip  model
doc            4 B    24 %  kitops.modelkit.docs.v1.tar        README.md
unknown        6 B    35 %  kitops.modelkit.prompt.v2.tar      sha256:cf07194ee232eb531e15f690000d19846dea69cf05504782658afcfacb9228a2

"#]]).stderr("").run().then();
    }
}

/// What copies and pushes by these names is named otherwise here: the help has the user's own words.
#[test]
fn a_place_that_is_named_too_shortly_is_named_rightly_in_the_help() {
    let (_, mut test) = places();
    for (named, help) in [
        (
            "layout:v1",
            "write `oci:layout:v1` for the artifact of that tag in `layout`",
        ),
        (
            "model.tar:v1",
            "write `oci-archive:model.tar:v1` for the artifact of that tag in `model.tar`",
        ),
        (
            "registry.example/some/tiny:v1",
            "write `docker://registry.example/some/tiny:v1` for an artifact in a registry",
        ),
        (
            "dokcer://registry.example/some/tiny:v1",
            "did you mean `docker://registry.example/some/tiny:v1`?",
        ),
        (
            "docker:registry.example/some/tiny:v1",
            "did you mean `docker://registry.example/some/tiny:v1`?",
        ),
        ("oc:layout:v1", "did you mean `oci:layout:v1`?"),
        ("oci-archve:model.tar", "did you mean `oci-archive:model.tar`?"),
        (
            "some/tiny:v1",
            "name a layout directory, a tarball, or a registry as `docker://HOST/REPOSITORY:TAG`",
        ),
    ] {
        let said = format!("error: there is nothing at `{named}`\n  = help: {help}\n");
        test = test.args(["inspect", named]).status(3).stderr(said).run().then();
    }
}

/// Lists of referrers, which registries without an API for them have as tags, and what cosign makes of those.
#[test]
fn tags_that_are_digests_do_not_fill_the_screen() {
    let (registry, test) = places();
    let subject = "f5c4f6b23ed3c9cc9f8ec41a136e2393c441e9256554583c5dc2f64eb0a21cc4";
    let mut output = test.args(["--version"]).run();
    for tag in [
        format!("sha256-{subject}"),
        format!("sha256-{subject}.sig"),
        "sha256-x".to_owned(),
    ] {
        let to = format!("{}/some/tiny:{tag}", registry.address());
        output = output.then().args(["push", "-q", "layout", &to]).run();
    }
    let remote = format!("docker://{}/some/tiny", registry.address());
    let output = output
        .then()
        .args(["ls", &remote])
        .stdout(str![[r#"
NAME                      DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
sha256-f5c4f6b23ed3…      sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M
sha256-f5c4f6b23ed3….sig  sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M
sha256-x                  sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M
v1                        sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M

"#]])
        .run();
    let listed = output.then().args(["ls", &remote, "--format", "json"]).run();
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let artifacts = listed["artifacts"].as_array().unwrap().iter();
    let said: Vec<_> = artifacts
        .map(|one| (one["tag"].clone(), one["referrersOf"].clone()))
        .collect();
    assert_eq!(
        serde_json::json!(said),
        serde_json::json!([
            [format!("sha256-{subject}"), format!("sha256:{subject}")],
            [format!("sha256-{subject}.sig"), null],
            ["sha256-x", null],
            ["v1", null],
        ])
    );
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

#[test]
fn what_is_left_out_stays_left_out() {
    let (_registry, test) = places();
    let reference = Reference::parse("layout", &test.dir()).unwrap();
    let client = Client::new(
        Settings::default(),
        Credentials::none(),
        std::sync::Arc::new(Unwatched),
        Cancel::default(),
    );
    let mut found = find(&reference, &client).unwrap();
    found.retain(|_, layer| path(layer) != Some("m.gguf"));
    let left = |found: &modelbuild::store::stored::Found| {
        let names: Vec<_> = found.blobs().iter().map(|blob| blob.name.clone()).collect();
        let wanted: Vec<_> = found
            .wanted()
            .filter_map(|(_, layer)| path(layer).map(str::to_owned))
            .collect();
        assert_eq!(names, wanted);
        names
    };
    assert_eq!(left(&found), ["README.md"]);
    found.retain(|_, _| true);
    assert_eq!(left(&found), ["README.md"]);
}
