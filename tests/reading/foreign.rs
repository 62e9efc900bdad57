//! What is made for other purposes, and holds models: container images, `ModelKit`s, files that oras pushed.

use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::{Document, file, hex, layer};

#[test]
fn a_container_image() {
    let config = json!({
        "created": "2025-01-01T00:00:00Z", "author": "Ada", "architecture": "amd64", "os": "linux",
        "config": {"Labels": {
            "org.opencontainers.image.title": "Llama", "org.opencontainers.image.licenses": "MIT",
            "org.opencontainers.image.source": "https://s", "org.opencontainers.image.revision": "abc",
        }},
        "rootfs": {"type": "layers", "diff_ids": [hex('a'), hex('b'), hex('c'), hex('d'), hex('e'), hex('f')]},
    });
    let oci = "application/vnd.oci.image.layer.v1.tar";
    let layers = [
        file(oci, "models/model.gguf"),
        file(&format!("{oci}+gzip"), ""),
        file(&format!("{oci}+zstd"), ""),
        file("application/vnd.docker.image.rootfs.diff.tar.gzip", ""),
        file("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", ""),
        file("application/vnd.docker.image.rootfs.diff.tar.zstd", ""),
    ];
    let document = Document::new("application/vnd.oci.image.config.v1+json", config.clone(), &layers);
    let text = document.read();
    assert_data_eq!(
        &text,
        str![[r#"
image
format -, context -, size -, architecture -, parameters -, quantization -
title: Llama
author: Ada
license: MIT
sourceurl: https://s
revision: abc
created: 2025-01-01T00:00:00Z
- weight tar models/model.gguf, another diff ID
- unknown tar+gzip -, another diff ID
- unknown tar+zstd -, another diff ID
- unknown tar+gzip -, another diff ID
- unknown tar+gzip -, another diff ID
- unknown tar+zstd -, another diff ID

"#]]
    );
    let docker = Document::new("application/vnd.docker.container.image.v1+json", config, &layers);
    assert_eq!(docker.read(), text);
}

#[test]
fn a_model_kit() {
    let kitops = |rest: &str| file(&format!("application/vnd.kitops.modelkit.{rest}"), "");
    let layers = [
        kitops("model.v1.tar"),
        kitops("modelpart.v1.tar+gzip"),
        kitops("dataset.v1.tar+zstd"),
        kitops("code.v1.raw"),
        kitops("docs.v1.raw+gzip"),
        kitops("prompt.v1.tar"),
    ];
    let digest = |index: usize| layers[index]["digest"].clone();
    let config = json!({
        "manifestVersion": "1.0.0",
        "package": {"name": "kit", "version": "1", "license": "MIT", "authors": ["Ada"], "description": "d"},
        "model": {
            "name": "m", "path": "./model.gguf", "framework": "llama.cpp", "format": "gguf", "license": "MIT",
            "digest": digest(0), "diffId": digest(0), "parameters": {"any": 1},
            "parts": [{"name": "t", "path": "tokenizer.json", "digest": digest(1), "diffId": hex('b')}],
        },
        "datasets": [{"name": "rows", "path": "./rows", "digest": digest(2)}],
        "code": [{"path": "run.py"}],
        "docs": [{"path": "docs/README.md", "digest": digest(4)}],
    });
    let kit = "application/vnd.kitops.modelkit.config.v1+json";
    assert_data_eq!(
        Document::new(kit, config, &layers).read(),
        str![[r#"
modelkit
format gguf, context -, size -, architecture -, parameters -, quantization -
name: kit
version: 1
format: gguf
framework: llama.cpp
description: d
author: Ada
license: MIT
- weight tar model.gguf
- config tar+gzip tokenizer.json, another diff ID
- dataset tar+zstd rows, no diff ID
- code raw -
- doc raw+gzip docs/README.md, no diff ID
- unknown unknown -

"#]]
    );
    assert_data_eq!(
        Document::new(kit, json!({"package": {}}), &layers[..1]).read(),
        str![[r#"
modelkit
format -, context -, size -, architecture -, parameters -, quantization -
- weight tar -

"#]]
    );
}

#[test]
fn files_that_oras_pushed() {
    let titled = |media_type: &str, title: &str| layer(media_type, &json!({"org.opencontainers.image.title": title}));
    let layers = [
        // Its type of a file for which the user states none.
        titled("application/vnd.oci.image.layer.v1.tar", "model.Q4_K_M.gguf"),
        titled("application/octet-stream", "mmproj.gguf"),
        titled("application/vnd.cncf.model.code.v1.raw", "x"),
        titled("text/plain", "LICENSE"),
        titled("text/markdown", "README"),
        titled("text/plain", "chat_template.jinja"),
        titled("application/json", "config.json"),
        layer(
            "application/vnd.oci.image.layer.v1.tar+gzip",
            &json!({"org.opencontainers.image.title": "tokenizer", "io.deis.oras.content.unpack": "true"}),
        ),
        layer("application/octet-stream", &json!({})),
    ];
    let document = Document::new("application/vnd.oci.empty.v1+json", json!({}), &layers)
        .artifact_type("application/x-anything")
        .annotations(json!({
            "org.opencontainers.image.created": "2025-01-01T00:00:00Z",
            "org.opencontainers.image.description": "what oras pushed",
            "org.opencontainers.image.url": "https://u",
        }));
    assert_data_eq!(
        document.read(),
        str![[r#"
files
format -, context -, size -, architecture -, parameters -, quantization -
description: what oras pushed
docurl: https://u
created: 2025-01-01T00:00:00Z
- weight raw model.Q4_K_M.gguf
- projector raw mmproj.gguf
- code raw x
- doc raw LICENSE
- doc raw README
- template raw chat_template.jinja
- config raw config.json
- unknown tar+gzip tokenizer, no diff ID
- unknown unknown -

"#]]
    );
}

#[test]
fn what_names_no_file_is_no_model() {
    let document = Document::new(
        "application/x-chart",
        json!({}),
        &[file("application/x-chart.content", "")],
    );
    assert_data_eq!(
        document.read(),
        str![[r#"
error: it is no model artifact: its config has the media type `application/x-chart`

"#]]
    );
}
