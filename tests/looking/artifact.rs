//! `inspect` of one artifact.

use super::*;

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
caution       Layers of unknown types: sha256:cf07194ee232eb531e15f690000d19846dea69cf05504782658afcfacb9228a2 (application/vnd.kitops.modelkit.prompt.v2.tar)
caution       Packed files: model, README.md

KIND          SIZE   SHARE  MEDIA TYPE                         PATH
weight         7 B    41 %  kitops.modelkit.model.v1.tar+gzip  model
doc            4 B    24 %  kitops.modelkit.docs.v1.tar        README.md
unknown        6 B    35 %  kitops.modelkit.prompt.v2.tar      sha256:cf07194ee232eb531e15f690000d19846dea69cf05504782658afcfacb9228a2

"#]]).stderr("").run().then();
    }
}

#[test]
fn what_is_left_out_stays_left_out() {
    let (_registry, test) = places();
    let reference = Reference::parse("layout", &test.dir()).unwrap();
    let client = Client::default();
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
