//! Docker's artifacts, as Docker Model Runner writes them and as the draft has them.

use modelbuild::artifact::FileClass;
use modelbuild::artifact::media_type::{DOCKER_CONFIG_V0_1, DOCKER_CONFIG_V0_2, docker_layer, parse_layer};
use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::{Document, file, hex};

#[test]
fn every_type_of_layer_is_read_as_the_class_that_it_is_written_for() {
    for class in FileClass::ALL {
        let parsed = parse_layer(docker_layer(class), "x").unwrap();
        assert_eq!(parsed.class, (class != FileClass::Other).then_some(class));
    }
}

#[test]
fn version_0_1_names_no_files() {
    let config = json!({
        "config": {
            "format": "gguf", "quantization": "MOSTLY_Q4_K_M", "parameters": "361.82M", "architecture": "llama",
            "size": "256.35MiB", "gguf": {"general.architecture": "llama", "llama.context_length": "8192"},
            "context_size": 8192,
        },
        "descriptor": {"created": "2025-01-01T00:00:00Z"},
        "rootfs": {"type": "rootfs", "diff_ids": null},
    });
    let layers = ["gguf.v3", "mmproj", "chat.template.jinja", "license"]
        .map(|name| file(&format!("application/vnd.docker.ai.{name}"), ""));
    assert_data_eq!(
        Document::new(DOCKER_CONFIG_V0_1, config, &layers).read(),
        str![[r#"
docker
format gguf, context 8192, size 256.35MiB, architecture llama, parameters 361.82M, quantization MOSTLY_Q4_K_M
family: llama
format: gguf
paramsize: 361.82M
quantization: MOSTLY_Q4_K_M
context: 8192
created: 2025-01-01T00:00:00Z
- weight raw -, Gguf
- projector raw -, Projector
- template raw -, Template
- doc raw -, License

"#]]
    );
}

#[test]
fn version_0_2_keeps_paths() {
    let config = json!({
        "config": {
            "format": "safetensors", "quantization": "BF16", "parameters": "1.10B", "architecture": "llama",
            "size": 2_200_000_000_u64, "safetensors": {"dtype": "BF16"}, "context_size": -1,
        },
        "descriptor": {},
        "rootfs": {"type": "rootfs", "diff_ids": [hex('a'), hex('b'), hex('c'), hex('d'), hex('e'), hex('f')]},
    });
    let docker = |name: &str, path: &str| file(&format!("application/vnd.docker.ai.{name}"), path);
    let layers = [
        docker("safetensors", "model-00001-of-00001.safetensors"),
        docker("model.file", "config.json"),
        docker("model.file", "sub/run.py"),
        docker("model.file", "pytorch_model.bin"),
        docker("gguf.v3", "mmproj-F16.gguf"),
        docker("model.file", "rows.safetensors"),
    ];
    assert_data_eq!(
        Document::new(DOCKER_CONFIG_V0_2, config, &layers).read(),
        str![[r#"
docker
format safetensors, context -, size 2200000000, architecture llama, parameters 1.10B, quantization BF16
family: llama
format: safetensors
paramsize: 1.10B
quantization: BF16
- weight raw model-00001-of-00001.safetensors, Safetensors, another diff ID
- config raw config.json, another diff ID
- code raw sub/run.py, another diff ID
- weight raw pytorch_model.bin, another diff ID
- projector raw mmproj-F16.gguf, Projector, another diff ID
- config raw rows.safetensors, another diff ID

"#]]
    );
}

#[test]
fn types_that_are_read_only() {
    let docker = |name: &str| file(&format!("application/vnd.docker.ai.{name}"), "");
    let layers = [
        docker("vllm.config.tar"),
        docker("dir.tar"),
        docker("gguf.v3.lora"),
        docker("gguf.v3.mmproj"),
        docker("dduf"),
        docker("gguf.v4"),
    ];
    let config = json!({"config": {"format": "diffusers"}});
    assert_data_eq!(
        Document::new(DOCKER_CONFIG_V0_1, config, &layers).read(),
        str![[r#"
docker
format dduf, context -, size -, architecture -, parameters -, quantization -
format: dduf
- config tar -, ConfigArchive
- unknown tar -, Directory
- weight raw -, Adapter
- projector raw -, Projector
- weight raw -, Dduf
- unknown unknown -

"#]]
    );
}

#[test]
fn the_draft_lists_files() {
    let types = ["gguf.v3", "license", "gguf.v3.lora"].map(|name| format!("application/vnd.docker.ai.{name}"));
    let files: Vec<_> = types
        .iter()
        .map(|name| json!({"diffID": hex('1'), "type": name}))
        .collect();
    let config = json!({
        "descriptor": {"createdAt": "2025-01-01T00:00:00Z"},
        "config": {
            "format": "gguf", "format_version": "3", "size": "635992801",
            "gguf": {"architecture": "llama", "parameter_count": "1.10 B", "quantization": "Q4_0"},
        },
        "files": files,
    });
    let layers = types.clone().map(|name| file(&name, ""));
    assert_data_eq!(
        Document::new(DOCKER_CONFIG_V0_1, config.clone(), &layers).read(),
        str![[r#"
docker-draft
format gguf, context -, size 635992801, architecture llama, parameters 1.10 B, quantization Q4_0
family: llama
format: gguf
paramsize: 1.10 B
quantization: Q4_0
created: 2025-01-01T00:00:00Z
- weight raw -, Gguf, another diff ID
- doc raw -, License, another diff ID
- weight raw -, Adapter, another diff ID

"#]]
    );
    assert_data_eq!(
        Document::new(DOCKER_CONFIG_V0_1, config, &layers[1..]).read(),
        str![[r#"
error: the config lists 3 diff IDs for 2 layers

"#]]
    );
}

#[test]
fn the_draft_of_safetensors() {
    let config = json!({
        "config": {
            "format": "safetensors", "size": "6171926992",
            "safetensors": {"architecture": "qwen2", "parameter_count": "3.09 B"},
        },
        "files": [{"diffID": hex('1'), "type": "application/vnd.docker.ai.safetensors"}],
    });
    let layers = [file("application/vnd.docker.ai.safetensors", "")];
    assert_data_eq!(
        Document::new(DOCKER_CONFIG_V0_1, config, &layers).read(),
        str![[r#"
docker-draft
format safetensors, context -, size 6171926992, architecture qwen2, parameters 3.09 B, quantization -
family: qwen2
format: safetensors
paramsize: 3.09 B
- weight raw -, Safetensors, another diff ID

"#]]
    );
}
