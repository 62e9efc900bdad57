//! Artifacts of each dialect, with paths and without.

use super::*;

#[test]
fn modelpack_as_it_is_built() {
    let raw = bundle(built(&[]));
    assert_data_eq!(
        &raw,
        str![[r#"
0644      555 config.json
0755        0 model/
0644        4 model/LICENSE
0644       15 model/chat_template.jinja
0644        3 model/config.json
0644       14 model/mmproj-x.gguf
0644        6 model/x-00001-of-00002.gguf
0644        6 model/x-00002-of-00002.gguf
= model: model/x-00001-of-00002.gguf
= gguf: model/x-00001-of-00002.gguf
= projector: model/mmproj-x.gguf
= template: model/chat_template.jinja
= gguf shards: model/x-00001-of-00002.gguf model/x-00002-of-00002.gguf
{"descriptor":{"name":"x"},"modelfs":{"type":"layers","diffIds":["sha256:5f284183028a2bd166f462d8794c51762b66552826cce49a06b69c38d1020952","sha256:7a7d681b18b1252b80cc501083f496fec32514a7c5729db158e12660c4bf26cb","sha256:dce4bd2083db2a7b6b0fde5fc748a793ccabdf0e93b0849a4f4ddb4c6b1ac0f9","sha256:7f3de14b4a359865a98f84be7a9314754b7e14e8e23524e2553e4effaa9d18e1","sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356","sha256:adc37366f403835c1470ab2df93d3837d4719372fc1ef8593d922e06f033f8b2"]},"config":{"format":"gguf","paramSize":"8B"}}
"#]]
    );
    let files = |told: &str| told.split('{').next().unwrap().to_owned();
    assert_eq!(files(&bundle(built(&["--tar"]))), files(&raw));
}

#[test]
fn docker_as_it_is_built() {
    assert_data_eq!(
        bundle(built(&["--spec", "docker"])),
        str![[r#"
0644       69 config.json
0755        0 model/
0644        4 model/LICENSE
0644       15 model/chat_template.jinja
0644        3 model/config.json
0644       14 model/mmproj-x.gguf
0644        6 model/x-00001-of-00002.gguf
0644        6 model/x-00002-of-00002.gguf
= model: model/x-00001-of-00002.gguf
= gguf: model/x-00001-of-00002.gguf
= projector: model/mmproj-x.gguf
= template: model/chat_template.jinja
= gguf shards: model/x-00001-of-00002.gguf model/x-00002-of-00002.gguf
{"format":"gguf","parameters":"8B","size":"12B","context_size":4096}

"#]]
    );
}

#[test]
fn docker_without_paths_gets_its_names() {
    let layers = [
        docker("gguf.v3", "", b"GGUF 1"),
        docker("gguf.v3", "", b"GGUF 2"),
        docker("mmproj", "", b"GGUF projector"),
        docker("chat.template.jinja", "", b"{{ messages }}"),
        docker("license", "", b"MIT"),
        docker("license", "", b"more"),
        docker("gguf.v3.lora", "a.gguf", b"GGUF adapter"),
        docker("vllm.config.tar", "", &tar(&[(Regular, "config.json", b"{}")])),
    ];
    let config = r#"{"config":{"format":"gguf","context_size":512},"descriptor":{},"rootfs":{}}"#;
    assert_data_eq!(
        bundle(artifact(DOCKER_CONFIG_V0_1, config, &layers)),
        str![[r#"
0644       37 config.json
0755        0 model/
0644        3 model/LICENSE
0644        4 model/LICENSE-2
0644       12 model/a.gguf.lora
0755        2 model/config.json
0644        6 model/model-00001-of-00002.gguf
0644        6 model/model-00002-of-00002.gguf
0644       14 model/model.mmproj
0644       14 model/template.jinja
= model: model/model-00001-of-00002.gguf
= gguf: model/model-00001-of-00002.gguf
= projector: model/model.mmproj
= template: model/template.jinja
= gguf shards: model/model-00001-of-00002.gguf model/model-00002-of-00002.gguf
{"format":"gguf","context_size":512}

"#]]
    );
}

/// By the same names, at the top; and by those they are converted, too.
#[test]
fn without_an_engine_files_have_the_same_names() {
    let layers = [
        docker("gguf.v3", "", b"GGUF 1"),
        docker("gguf.v3", "", b"GGUF 2"),
        docker("mmproj", "", b"GGUF projector"),
        docker("chat.template.jinja", "", b"{{ messages }}"),
        docker("license", "", b"MIT"),
        docker("license", "", b"more"),
        docker("gguf.v3.lora", "a.gguf", b"GGUF adapter"),
    ];
    let config = r#"{"config":{"format":"gguf"},"descriptor":{},"rootfs":{}}"#;
    let extracted = artifact(DOCKER_CONFIG_V0_1, config, &layers)
        .args(["extract", "-q", "a", "out"])
        .run();
    assert_data_eq!(
        tree(&extracted.dir().join("out")),
        str![[r#"
0644        3 LICENSE
0644        4 LICENSE-2
0644       12 a.gguf
0644        6 model-00001-of-00002.gguf
0644        6 model-00002-of-00002.gguf
0644       14 model.mmproj
0644       14 template.jinja

"#]]
    );
    let converted = extracted
        .then()
        .args(["convert", "-q", "--spec", "modelpack", "a", "oci:b:v1"])
        .run();
    converted
        .then()
        .args(["inspect", "oci:b:v1", "--layers"])
        .stdout(str![[r#"
sha256:5f284183028a2bd166f462d8794c51762b66552826cce49a06b69c38d1020952             6  weight     raw       model-00001-of-00002.gguf
sha256:7a7d681b18b1252b80cc501083f496fec32514a7c5729db158e12660c4bf26cb             6  weight     raw       model-00002-of-00002.gguf
sha256:dce4bd2083db2a7b6b0fde5fc748a793ccabdf0e93b0849a4f4ddb4c6b1ac0f9            14  projector  raw       model.mmproj
sha256:f24189f08c85a1eb19a737306c3a13e85462ee33d964f28108d64a2485fa2171            14  template   raw       template.jinja
sha256:e5dcffe836b6ec8a58e492419b550e65fb8cbdc308503979e5dacb33ac7ea3b7             3  doc        raw       LICENSE
sha256:187897ce0afcf20b50ba2b37dca84a951b7046f29ed5ab94f010619f69d6e189             4  doc        raw       LICENSE-2
sha256:b46c8d27d3b6fbd354f4dc4e779b6cad0618dac368326394ce3df522b19d0ef2            12  weight     raw       a.gguf

"#]])
        .run();
}

#[test]
fn one_file_without_a_path() {
    let layers = [docker("safetensors", "", SAFETENSORS)];
    assert_data_eq!(
        bundle(artifact(DOCKER_CONFIG_V0_1, r#"{"config":{}}"#, &layers)),
        str![[r#"
0644        3 config.json
0755        0 model/
0644       10 model/model.safetensors
= model: model/model.safetensors
= safetensors: model/model.safetensors
= safetensors shards: model/model.safetensors
{}

"#]]
    );
}

#[test]
fn docker_with_directories() {
    let layers = [
        docker("safetensors", "unet/m-00002-of-00002.safetensors", SAFETENSORS),
        docker(
            "safetensors",
            "unet/m-00001-of-00002.safetensors",
            &[SAFETENSORS, b"1"].concat(),
        ),
        docker("safetensors", "vae/m.safetensors", &[SAFETENSORS, b"2"].concat()),
        docker("model.file", "unet/config.json", b"{}"),
        docker("model.file", "rows.gguf", b"no weights"),
        docker("chat.template.jinja", "more/t.jinja", b"{{ messages }}"),
        docker("dir.tar", "", &tar(&[(Regular, "./tokenizer/vocab.json", b"{}")])),
    ];
    let config = r#"{"config":{"format":"safetensors","safetensors":{"a":"b"}}}"#;
    let test = artifact(DOCKER_CONFIG_V0_2, config, &layers);
    let out = test.args(["extract", "-q", "--bundle", "a", "out"]).run();
    assert!(out.text().ends_with("/out/model/unet/m-00001-of-00002.safetensors"));
    assert_data_eq!(
        bundle(artifact(DOCKER_CONFIG_V0_2, config, &layers)),
        str![[r#"
0644       49 config.json
0755        0 model/
0755        0 model/more/
0644       14 model/more/t.jinja
0644       10 model/rows.gguf.data
0755        0 model/tokenizer/
0755        2 model/tokenizer/vocab.json
0755        0 model/unet/
0644        2 model/unet/config.json
0644       11 model/unet/m-00001-of-00002.safetensors
0644       10 model/unet/m-00002-of-00002.safetensors
0755        0 model/vae/
0644       11 model/vae/m.safetensors
= model: model/unet/m-00001-of-00002.safetensors
= safetensors: model/unet/m-00001-of-00002.safetensors
= template: model/more/t.jinja
= safetensors shards: model/unet/m-00001-of-00002.safetensors model/unet/m-00002-of-00002.safetensors
{"format":"safetensors","safetensors":{"a":"b"}}

"#]]
    );
}
