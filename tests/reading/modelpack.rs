//! `ModelPack` under its present name, the one before it, and the one on its web page.

use std::fmt::Write as _;

use modelbuild::artifact::media_type::{MODELPACK_ARTIFACT, MODELPACK_CONFIG, parse_layer};
use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::{Document, file, hex, layer};

#[test]
fn all_twenty_types_of_layers_under_both_names() {
    let mut text = String::new();
    for kind in ["weight", "weight.config", "code", "doc", "dataset"] {
        for encoding in ["raw", "tar", "tar+gzip", "tar+zstd"] {
            let parsed = ["cncf", "cnai"].map(|name| {
                let media_type = format!("application/vnd.{name}.model.{kind}.v1.{encoding}");
                parse_layer(&media_type, "a/b").unwrap()
            });
            assert_eq!(parsed[0], parsed[1]);
            let [parsed, _] = parsed;
            let (kind, encoding) = (parsed.kind.unwrap().name(), parsed.encoding.name());
            assert_eq!(parsed.class, None);
            writeln!(text, "{kind} {encoding}").unwrap();
        }
    }
    assert_data_eq!(
        text,
        str![[r#"
weight raw
weight tar
weight tar+gzip
weight tar+zstd
config raw
config tar
config tar+gzip
config tar+zstd
code raw
code tar
code tar+gzip
code tar+zstd
doc raw
doc tar
doc tar+gzip
doc tar+zstd
dataset raw
dataset tar
dataset tar+gzip
dataset tar+zstd

"#]]
    );
}

#[test]
fn a_config_that_states_everything() {
    let config = json!({
        "descriptor": {
            "createdAt": "2025-01-01T00:00:00Z", "authors": ["Ada"], "vendor": "Acme", "family": "llama",
            "name": "smol", "version": "1", "title": "Smol", "description": "small", "docURL": "https://d",
            "sourceURL": "https://s", "datasetsURL": ["https://t"], "revision": "abc", "licenses": ["MIT"],
        },
        "config": {
            "architecture": "transformer", "format": "GGUF", "paramSize": "8B", "precision": "float16",
            "quantization": "Q4_K_M",
            "capabilities": {
                "inputTypes": ["text", "smell"], "outputTypes": ["text"], "knowledgeCutoff": "2024-06-01T00:00:00Z",
                "reasoning": true, "toolUsage": false, "reward": true, "languages": ["en"],
            },
        },
        "modelfs": {"type": "layers", "diffIds": [hex('a'), hex('b')]},
    });
    let layers = [
        file("application/vnd.cncf.model.weight.v1.raw", "m.gguf"),
        file("application/vnd.cncf.model.code.v1.tar+gzip", "src"),
    ];
    let document = Document::new(MODELPACK_CONFIG, config, &layers).artifact_type(MODELPACK_ARTIFACT);
    assert_data_eq!(
        document.read(),
        str![[r#"
modelpack
format gguf, context -, size 8B, architecture transformer, parameters 8B, quantization Q4_K_M
name: smol
version: 1
arch: transformer
family: llama
format: GGUF
paramsize: 8B
precision: float16
quantization: Q4_K_M
title: Smol
description: small
author: Ada
vendor: Acme
license: MIT
docurl: https://d
sourceurl: https://s
revision: abc
dataseturl: https://t
input: text, other
output: text
language: en
cutoff: 2024-06-01T00:00:00Z
capability: reasoning, tools=false, reward
created: 2025-01-01T00:00:00Z
- weight raw m.gguf, another diff ID
- code tar+gzip src, another diff ID

"#]]
    );
}

#[test]
fn names_tell_what_five_kinds_leave_open() {
    let weight = "application/vnd.cncf.model.weight.v1";
    let layers = [
        file(&format!("{weight}.raw"), "mmproj-F16.gguf"),
        file(&format!("{weight}.gguf"), "m.gguf"),
        file(&format!("{weight}.gguf"), "x/MMPROJ.gguf"),
        file(&format!("{weight}.safetensors"), "m.safetensors"),
        file("application/vnd.cncf.model.weight.config.v1.raw", "chat.jinja"),
        file("application/vnd.cncf.model.weight.config.v1.raw", "tokenizer.json"),
        file("application/vnd.cncf.model.weight.v2.raw", "later"),
        file("application/vnd.cncf.model.weight.v1.zip", "zipped"),
        file("application/vnd.cncf.model.music.v1.raw", "song"),
    ];
    let document = Document::new(MODELPACK_CONFIG, json!({}), &layers);
    assert_data_eq!(
        document.read(),
        str![[r#"
modelpack
format -, context -, size -, architecture -, parameters -, quantization -
- projector raw mmproj-F16.gguf
- weight raw m.gguf, Gguf
- projector raw x/MMPROJ.gguf
- weight raw m.safetensors, Safetensors
- template raw chat.jinja
- config raw tokenizer.json
- unknown unknown later
- unknown unknown zipped
- unknown unknown song

"#]]
    );
}

#[test]
fn the_name_before_with_its_annotations_and_snake_case() {
    let config = json!({
        "descriptor": {
            "created_at": "2024-12-01T00:00:00Z", "name": "old", "family": "qwen2", "doc_url": "https://d",
            "source_url": "https://s", "licenses": null,
        },
        "config": {
            "architecture": "transformer", "format": "safetensors", "parameterSize": "8b", "precision": "bf16",
            "puantization": "awq", "capabilities": {"input_types": ["text"], "tool_usage": true},
        },
        "modelfs": {"type": "layers", "diff_ids": [hex('a'), hex('b'), hex('c'), hex('d')]},
    });
    let named = |path: &str, mode: u32| {
        json!({
            "org.cnai.model.filepath": path,
            "org.cnai.model.file.metadata+json": json!({"name": path, "mode": mode}).to_string(),
            "org.cnai.model.file.mediatype.untested": "true",
        })
    };
    let layers = [
        layer("application/vnd.cnai.model.weight.v1.tar", &named("model", 0o644)),
        layer("application/vnd.cnai.model.code.v1.raw", &named("run.sh", 0o755)),
        layer("application/vnd.cnai.model.layer.v1.tar", &named("README.md", 0o644)),
        layer("application/vnd.cnai.model.layer.v1.tar+gzip", &json!({})),
    ];
    let document = Document::new("application/vnd.cnai.model.config.v1+json", config, &layers)
        .artifact_type("application/vnd.cnai.model.manifest.v1+json");
    assert_data_eq!(
        document.read(),
        str![[r#"
cnai
format safetensors, context -, size 8b, architecture transformer, parameters 8b, quantization awq
name: old
arch: transformer
family: qwen2
format: safetensors
paramsize: 8b
precision: bf16
quantization: awq
docurl: https://d
sourceurl: https://s
input: text
capability: tools
created: 2024-12-01T00:00:00Z
- weight tar model, another diff ID
- code raw run.sh, executable, another diff ID
- doc tar README.md, another diff ID
- weight tar+gzip -, another diff ID

"#]]
    );
}

#[test]
fn the_names_and_the_flat_config_of_the_web_page() {
    let config = json!({
        "name": "example-model", "version": "1.0.0", "framework": "pytorch", "frameworkVersion": "2.0.0",
        "format": "safetensors", "architecture": "transformer", "parameters": 7_000_000_000_u64,
        "precision": "float16",
    });
    let layers = [file("application/vnd.cncf.modelpack.model.layer.v1.tar+gzip", "")];
    let document = Document::new("application/vnd.cncf.modelpack.config.v1+json", config, &layers);
    let text = document.read();
    assert_data_eq!(
        &text,
        str![[r#"
modelpack-page
format safetensors, context -, size -, architecture transformer, parameters 7000000000, quantization -
name: example-model
version: 1.0.0
arch: transformer
format: safetensors
framework: pytorch 2.0.0
paramsize: 7000000000
precision: float16
- weight tar+gzip -, no diff ID

"#]]
    );
    let typed = document.artifact_type("application/vnd.cncf.modelpack.manifest.v1+json");
    assert_eq!(typed.read(), text);
}

#[test]
fn an_artifact_that_says_what_it_is_without_a_config() {
    let layers = [file("application/vnd.cncf.model.weight.v1.raw", "m.gguf")];
    let document =
        Document::new("application/vnd.oci.empty.v1+json", json!({}), &layers).artifact_type(MODELPACK_ARTIFACT);
    assert_data_eq!(
        document.read(),
        str![[r#"
modelpack
format -, context -, size -, architecture -, parameters -, quantization -
- weight raw m.gguf

"#]]
    );
}

#[test]
fn configs_that_are_none() {
    let layers = [file("application/vnd.cncf.model.weight.v1.raw", "m.gguf")];
    let read = |config| Document::new(MODELPACK_CONFIG, config, &layers).read();
    let mut text = read(json!("x"));
    text += &read(json!({"config": {"paramSize": {}}}));
    text += &read(json!({"modelfs": {"diffIds": [hex('a'), hex('b')]}}));
    text += &read(json!({"modelfs": {"diffIds": ["md5:1"]}}));
    assert_data_eq!(
        text,
        str![[r#"
error: the config cannot be read: invalid type: string "x", expected struct ModelPackConfig at line 1 column 3
error: the config cannot be read: expected a text at line 1 column 26
error: the config lists 2 diff IDs for 1 layer
error: the config cannot be read: `md5:1` is not a digest: expected `sha256:` and 64 lower-case hexadecimal characters at line 1 column 31

"#]]
    );
}
