//! Words for what is not as usual.

use serde_json::{Value, json};

use super::*;

/// Before, it looked as if it stated nothing.
#[test]
fn a_config_that_cannot_be_read_is_told_of() {
    let test = Test::new();
    let layers = [("application/vnd.cncf.model.weight.v1.raw", "m.gguf", "GGUF")];
    let config = "application/vnd.cncf.model.config.v1+json";
    layout(&test, "l", config, |_| r#"{"config":{"format":7}}"#.to_owned(), &layers);
    let listed = test
        .args(["ls", "l"])
        .status(3)
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
-     sha256:39a396452ef1  invalid  -            -           -

"#]])
        .stderr(str![[r#"
error: `l@sha256:39a396452ef1fe8391b0be47eec3c6d8c38eedafd509667b1300ed97f930fd59`: the config cannot be read: invalid type: integer `7`, expected a string at line 1 column 21

"#]])
        .run();
    layout(
        &listed.then(),
        "helm",
        "application/vnd.cncf.helm.config.v1+json",
        |_| "{".to_owned(),
        &layers,
    );
    listed
        .then()
        .args(["ls", "helm"])
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
-     sha256:d76712cacab4      4 B  -            -           -

"#]])
        .stderr("")
        .run();
}

/// The draft of Docker's format has a type for it, which Docker Model Runner does not know.
#[test]
fn an_adapter_is_no_weights() {
    let test = Test::new();
    let layers = [
        ("application/vnd.docker.ai.gguf.v3", "", "GGUF"),
        ("application/vnd.docker.ai.gguf.v3.lora", "", "GGUF adapter"),
    ];
    let config = |_: &[String]| json!({"config": {"format": "gguf"}, "rootfs": {"type": "rootfs"}}).to_string();
    layout(
        &test,
        "l",
        "application/vnd.docker.ai.model.config.v0.1+json",
        config,
        &layers,
    );
    let shown = test.args(["inspect", "l"]).stdout(str![[r#"
format        gguf
size          16 B in 2 layers
spec          docker
digest        sha256:e5fafd351034d56b7558a8e34bc9cbdedaf40bdc54a00c4d8d75c0c1af2a5f2e
caution       No licence

KIND          SIZE   SHARE  MEDIA TYPE                       PATH
weight         4 B    25 %  docker.ai.gguf.v3                sha256:b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd
adapter       12 B    75 %  docker.ai.gguf.v3.lora           sha256:b46c8d27d3b6fbd354f4dc4e779b6cad0618dac368326394ce3df522b19d0ef2

"#]]).run();
    let layers = shown
        .then()
        .args(["inspect", "l", "--layers", "--format", "json"])
        .run();
    let layers: Value = serde_json::from_slice(&layers.stdout).unwrap();
    let kinds: Vec<_> = layers["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| &layer["kind"])
        .collect();
    assert_eq!(kinds, ["weight", "adapter"]);
    let page = shown.then().args(["inspect", "l", "--html", "-"]).run();
    assert!(page.text().contains(r#"<rect class="adapter" "#));
}

/// Which of several it is that cannot be read is said, and there is no table without a word.
#[test]
fn a_config_in_an_index_that_cannot_be_read_is_told_of() {
    let test = Test::new();
    let layers = [("application/vnd.cncf.model.weight.v1.raw", "m.gguf", "GGUF")];
    let config = "application/vnd.cncf.model.config.v1+json";
    let mut entries = Vec::new();
    for format in [json!("gguf"), json!(7)] {
        let said = json!({"config": {"format": format}}).to_string();
        layout(&test, "l", config, |_| said.clone(), &layers);
        let index = fs_err::read(test.dir().join("l/index.json")).unwrap();
        let index: Value = serde_json::from_slice(&index).unwrap();
        entries.push(index["manifests"][0].clone());
    }
    let root = test.dir().join("l");
    let of = "application/vnd.oci.image.index.v1+json";
    let bytes = json!({"schemaVersion": 2, "mediaType": of, "manifests": entries}).to_string();
    let digest = sha256(bytes.as_bytes());
    fs_err::write(root.join("blobs/sha256").join(&digest[7..]), &bytes).unwrap();
    let entry = json!({"mediaType": of, "digest": digest, "size": bytes.len()});
    let index = json!({"schemaVersion": 2, "manifests": [entry]}).to_string();
    fs_err::write(root.join("index.json"), index).unwrap();
    test.args(["inspect", "l"])
        .status(3)
        .stdout(str![[r#"
index         of 2 artifacts
digest        sha256:f749c24a9c2360cfe878445c8ea5209fbb436faa4c0022035d1571745fc5ff0b

   SIZE  FORMAT       PARAMETERS  QUANTIZATION  DIGEST                                                                   VARIANT
    4 B  gguf         -           -             sha256:a488a409b8f7e1c7106b09d05b40ee4819feeb36d22a9a5aa5dc94e12e6d9ed5  -
invalid  -            -           -             sha256:39a396452ef1fe8391b0be47eec3c6d8c38eedafd509667b1300ed97f930fd59  -

"#]])
        .stderr(str![[r#"
error: `l@sha256:39a396452ef1fe8391b0be47eec3c6d8c38eedafd509667b1300ed97f930fd59`: the config cannot be read: invalid type: integer `7`, expected a string at line 1 column 21

"#]])
        .run();
}
