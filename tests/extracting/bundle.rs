//! What an engine gets: the right paths the first time and every other time, or an error.

use std::fmt::Write as _;
use std::io::Write as _;

use modelbuild::artifact::media_type::{DOCKER_CONFIG_V0_1, DOCKER_CONFIG_V0_2, MODELPACK_CONFIG};
use modelbuild::model::ModelBundle;
use serde_json::json;
use snapbox::{assert_data_eq, str};
use tar::EntryType::Regular;

use super::{Layer, WEIGHT, packed, raw, tar};
use crate::foreign::annotated;
use crate::harness::{Output, Test, sha256, snapshot, tree};
use crate::layout::contents;
use crate::servers::registry::{Options, Registry};

const DOCKER: &str = "application/vnd.docker.ai";

/// The beginning of safetensors, as far as anybody looks at it.
const SAFETENSORS: &[u8] = b"\x02\0\0\0\0\0\0\0{}";

/// What a bundle of the artifact in `a` is, and that a second call and whoever opens it say the same.
fn bundle(test: Test) -> String {
    let first = test.cached().args(["extract", "-q", "--bundle", "a", "out"]).run();
    let out = first.dir().join("out");
    let before = (snapshot(&out), tree(&out));
    let args = ["extract", "-q", "--bundle", "a", "out"];
    let second = first.then().cached().args(args).run();
    assert_eq!((second.text(), snapshot(&out)), (first.text(), before.0));
    // Without the cache, what came out of a tar is written again.
    let third = first.then().args(args).args(["--no-cache"]).run();
    assert_eq!((third.text(), tree(&out)), (first.text(), before.1));
    let bundle = ModelBundle::open(&out).unwrap();
    assert_eq!(bundle.model_path().to_str(), Some(first.text()));
    let place = format!("{}/", out.to_str().unwrap());
    let shown = |path: std::path::PathBuf| path.to_str().unwrap().replace(&place, "");
    let mut told = tree(&out);
    for (name, path) in [
        ("model", Some(bundle.model_path())),
        ("gguf", bundle.gguf_path()),
        ("safetensors", bundle.safetensors_path()),
        ("dduf", bundle.dduf_path()),
        ("projector", bundle.mmproj_path()),
        ("template", bundle.chat_template_path()),
    ] {
        if let Some(path) = path {
            writeln!(told, "= {name}: {}", shown(path)).unwrap();
        }
    }
    let shards: Vec<_> = bundle.shards().into_iter().map(shown).collect();
    writeln!(told, "= {} shards: {}", bundle.format(), shards.join(" ")).unwrap();
    told + &fs_err::read_to_string(out.join("config.json")).unwrap()
}

/// An artifact in `a` of a dialect, whose config states `config`.
fn artifact(config_type: &str, config: &str, layers: &[Layer<'_>]) -> Test {
    let test = Test::new();
    let annotations = |path: &str| match path {
        "" => json!({}),
        path => json!({ "org.cncf.model.filepath": path }),
    };
    let layers: Vec<_> = layers
        .iter()
        .map(|(media_type, path, bytes)| (*media_type, annotations(path), bytes.clone()))
        .collect();
    annotated(&test, "a", config_type, |_| config.to_owned(), &layers);
    test
}

fn docker<'a>(name: &str, path: &'a str, bytes: &[u8]) -> Layer<'a> {
    (format!("{DOCKER}.{name}").leak(), path, bytes.to_owned())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A model in shards, with everything beside it.
fn built(options: &[&str]) -> Test {
    Test::new()
        .file("m/x-00002-of-00002.gguf", "GGUF 2")
        .file("m/x-00001-of-00002.gguf", "GGUF 1")
        .file("m/mmproj-x.gguf", "GGUF projector")
        .file("m/chat_template.jinja", "{{ messages }}\n")
        .file("m/config.json", "{}\n")
        .file("m/LICENSE", "MIT\n")
        .file(
            "m/Modelfile",
            "NAME x\nFORMAT gguf\nPARAMSIZE 8B\nCONTEXT 4096\nMODEL x*.gguf\nMMPROJ mm*\nCONFIG *.j*\nDOC LICENSE\n",
        )
        .args(["build", "m", "-q", "-o", "a"])
        .args(options)
        .run()
        .then()
}

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

/// Those names are what patterns are held against, and they stay what they are whatever is left out.
#[test]
fn patterns_see_the_names_that_files_get() {
    let layers = [
        docker("gguf.v3", "", b"GGUF 1"),
        docker("gguf.v3", "", b"GGUF 2"),
        docker("mmproj", "", b"GGUF projector"),
        docker("license", "", b"MIT"),
        docker("license", "", b"more"),
    ];
    let config = r#"{"config":{"format":"gguf"},"descriptor":{},"rootfs":{}}"#;
    let mut test = artifact(DOCKER_CONFIG_V0_1, config, &layers);
    let mut told = String::new();
    for args in [
        &["--exclude", "*.gguf"][..],
        &["--include", "model-00002-of-00002.gguf"],
        &["--include", "LICENSE-*"],
        &["--include", "*", "--exclude", "LICENSE"],
        &["--no-weights", "--exclude", "LICENSE"],
        &["--bundle", "--exclude", "*.mmproj", "--exclude", "LICENSE"],
    ] {
        let output = test.args(["extract", "-q", "a", "out"]).args(args).run();
        let out = output.dir().join("out");
        write!(told, "= {}\n{}", args.join(" "), tree(&out)).unwrap();
        fs_err::remove_dir_all(out).unwrap();
        test = output.then();
    }
    assert_data_eq!(
        told,
        str![[r#"
= --exclude *.gguf
0644        3 LICENSE
0644        4 LICENSE-2
0644       14 model.mmproj
= --include model-00002-of-00002.gguf
0644        6 model-00002-of-00002.gguf
= --include LICENSE-*
0644        4 LICENSE-2
= --include * --exclude LICENSE
0644        4 LICENSE-2
0644        6 model-00001-of-00002.gguf
0644        6 model-00002-of-00002.gguf
0644       14 model.mmproj
= --no-weights --exclude LICENSE
0644        4 LICENSE-2
= --bundle --exclude *.mmproj --exclude LICENSE
0644       18 config.json
0755        0 model/
0644        4 model/LICENSE-2
0644        6 model/model-00001-of-00002.gguf
0644        6 model/model-00002-of-00002.gguf

"#]]
    );
    let output = test
        .args(["copy", "--progress", "none", "a", "oci:c:v1", "--exclude", "*.gguf"])
        .stderr(str![[r#"
note: 2 of 5 layers were left out, which the manifest names all the same
  = help: the same command without `--include`, `--exclude` and `--no-weights` brings the rest

"#]])
        .run();
    let blobs = output.dir().join("c/blobs");
    let has = |bytes: &[u8]| blobs.join(sha256(bytes).replace(':', "/")).exists();
    assert_eq!(
        [has(b"GGUF 1"), has(b"GGUF 2"), has(b"GGUF projector")],
        [false, false, true]
    );
    output
        .then()
        .args(["extract", "a", "out", "--include", "model.gguf"])
        .status(3)
        .stderr(str![[r#"
error: no layer of `a` matches `model.gguf`
  = help: `modelbuild inspect` lists the paths of its layers

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

/// By types that say more than the names.
#[test]
fn names_that_tell_nothing_get_to_tell() {
    let layers = [
        raw("weights", b"GGUF"),
        (
            "application/vnd.cncf.model.weight.v1.gguf",
            "deep/w.dat",
            b"GGUF!".to_vec(),
        ),
        docker("mmproj", "vision", b"GGUF projector"),
        docker("chat.template.jinja", "chat_template.txt", b"{{ messages }}"),
        docker("chat.template.jinja", "chat_template.json", b"[]"),
    ];
    let config = r#"{"config":{"format":"gguf"},"modelfs":{}}"#;
    assert_data_eq!(
        bundle(artifact(MODELPACK_CONFIG, config, &layers)),
        str![[r#"
0644       41 config.json
0755        0 model/
0644        2 model/chat_template.json
0644       14 model/chat_template.txt.jinja
0755        0 model/deep/
0644        5 model/deep/w.dat.gguf
0644       14 model/vision.mmproj
0644        4 model/weights.gguf
= model: model/weights.gguf
= gguf: model/weights.gguf
= projector: model/vision.mmproj
= template: model/chat_template.txt.jinja
= gguf shards: model/weights.gguf
{"config":{"format":"gguf"},"modelfs":{}}
"#]]
    );
}

#[test]
fn packed_weights_are_unpacked() {
    let both = tar(&[
        (Regular, "s-2-of-2.gguf", b"GGUF 2"),
        (Regular, "s-1-of-2.gguf", b"GGUF 1"),
    ]);
    let layers = [
        (&*format!("{WEIGHT}.tar+gzip"), "s", gzip(&both)),
        packed(tar(&[(Regular, "deep/adapter.gguf", b"GGUF adapter")])),
    ];
    let config = r#"{"config":{"format":"gguf"},"modelfs":{}}"#;
    assert_data_eq!(
        bundle(artifact(MODELPACK_CONFIG, config, &layers)),
        str![[r#"
0644       41 config.json
0755        0 model/
0755        0 model/deep/
0755       12 model/deep/adapter.gguf
0755        6 model/s-1-of-2.gguf
0755        6 model/s-2-of-2.gguf
= model: model/s-1-of-2.gguf
= gguf: model/s-1-of-2.gguf
= gguf shards: model/s-1-of-2.gguf model/s-2-of-2.gguf
{"config":{"format":"gguf"},"modelfs":{}}
"#]]
    );
}

#[test]
fn other_formats_are_models_too() {
    let layers = [raw("b.bin", b"bin"), raw("a/m.onnx", b"onnx"), raw("m.onnx", b"onnx!")];
    assert_data_eq!(
        bundle(artifact(MODELPACK_CONFIG, r#"{"config":{}}"#, &layers)),
        str![[r#"
0644       13 config.json
0755        0 model/
0755        0 model/a/
0644        4 model/a/m.onnx
0644        3 model/b.bin
0644        5 model/m.onnx
= model: model/m.onnx
= onnx shards: model/m.onnx
{"config":{}}
"#]]
    );
}

#[test]
fn files_that_oras_pushed() {
    let layer = (
        "application/vnd.oci.image.layer.v1.tar",
        json!({"org.opencontainers.image.title": "m.gguf"}),
        "GGUF",
    );
    let test = Test::new();
    annotated(
        &test,
        "a",
        "application/vnd.oci.empty.v1+json",
        |_| "{}".to_owned(),
        &[layer],
    );
    assert_data_eq!(
        bundle(test),
        str![[r#"
0644        3 config.json
0755        0 model/
0644        4 model/m.gguf
= model: model/m.gguf
= gguf: model/m.gguf
= gguf shards: model/m.gguf
{}

"#]]
    );
}

#[test]
fn the_paths_for_machines() {
    built(&["--spec", "docker"])
        .args([
            "extract",
            "--bundle",
            "a",
            "out",
            "--format",
            "json",
            "--exclude",
            "LICENSE",
        ])
        .stdout(str![[r#"
{
  "architecture": null,
  "chatTemplate": "[DIR]/out/model/chat_template.jinja",
  "config": "[DIR]/out/config.json",
  "contextSize": 4096,
  "dduf": null,
  "digest": "sha256:35cd9e0f6a07d3b09509115a9abb04afacc20430a9d31bba895d6c7080defa56",
  "files": [
    {
      "digest": "sha256:84c20d8f2a71570e96ce32dcf26c6054353cc009280b004f4bcf36ee9931dc61",
      "outcome": "written",
      "path": "config.json",
      "replaced": false,
      "size": 69
    },
    {
      "digest": "sha256:7f3de14b4a359865a98f84be7a9314754b7e14e8e23524e2553e4effaa9d18e1",
      "outcome": "written",
      "path": "model/chat_template.jinja",
      "replaced": false,
      "size": 15
    },
    {
      "digest": "sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356",
      "outcome": "written",
      "path": "model/config.json",
      "replaced": false,
      "size": 3
    },
    {
      "digest": "sha256:dce4bd2083db2a7b6b0fde5fc748a793ccabdf0e93b0849a4f4ddb4c6b1ac0f9",
      "outcome": "written",
      "path": "model/mmproj-x.gguf",
      "replaced": false,
      "size": 14
    },
    {
      "digest": "sha256:5f284183028a2bd166f462d8794c51762b66552826cce49a06b69c38d1020952",
      "outcome": "written",
      "path": "model/x-00001-of-00002.gguf",
      "replaced": false,
      "size": 6
    },
    {
      "digest": "sha256:7a7d681b18b1252b80cc501083f496fec32514a7c5729db158e12660c4bf26cb",
      "outcome": "written",
      "path": "model/x-00002-of-00002.gguf",
      "replaced": false,
      "size": 6
    }
  ],
  "format": "gguf",
  "gguf": "[DIR]/out/model/x-00001-of-00002.gguf",
  "leftOut": 1,
  "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "mmproj": "[DIR]/out/model/mmproj-x.gguf",
  "model": "[DIR]/out/model/x-00001-of-00002.gguf",
  "parameters": "8B",
  "quantization": null,
  "root": "[DIR]/out",
  "safetensors": null,
  "shards": [
    "[DIR]/out/model/x-00001-of-00002.gguf",
    "[DIR]/out/model/x-00002-of-00002.gguf"
  ],
  "size": "12B",
  "version": 1
}

"#]])
        .run();
}

/// By `pull`, too; what names alone show to be no model is not fetched.
#[test]
fn straight_from_a_registry() {
    let registry = Registry::start(Options::default());
    let whole = format!("{}/some/whole:v1", registry.address());
    let part = format!("{}/some/part:v1", registry.address());
    let test = built(&[]).args(["push", "-q", "a", &whole]).run();
    let test = test.then().args(["extract", "-q", "--bundle", "a", "local"]).run();
    let pulled = test
        .then()
        .args(["pull", &whole, "--extract", "out", "--bundle", "-q"])
        .run();
    assert!(pulled.text().ends_with("/out/model/x-00001-of-00002.gguf"));
    let dir = pulled.dir();
    assert_eq!(contents(&dir.join("out")), contents(&dir.join("local")));

    let half = artifact(MODELPACK_CONFIG, "{}", &[raw("s-1-of-2.gguf", b"GGUF half")]);
    let half = half.args(["push", "-q", "a", &part]).run();
    registry.record.clear();
    let refused = ["pull", &part, "--extract", "out", "--bundle", "--progress", "none"];
    half.then()
        .args(refused)
        .status(3)
        .stderr(str![[r#"
error: `s-1-of-2.gguf` is one of 2 shards, and `s-2-of-2.gguf` is missing
  = help: nothing was extracted; build the artifact from all shards

"#]])
        .run();
    let lines = registry.record.lines();
    assert!(!lines.contains(&sha256(b"GGUF half")), "{lines}");
}

#[test]
fn the_path_for_people() {
    let test = artifact(MODELPACK_CONFIG, "{}", &[raw("m.gguf", b"GGUF")]);
    test.args(["extract", "--bundle", "a", "out"])
        .stdout(str![[r#"
sha256:0837a0d33da0512958b78f55688f0830dc3eafce66212d454c3280a4af3f1399  [DIR]/out/model/m.gguf

"#]])
        .stderr(str![[r#"
extracted `a` to `out` in [TIME]: 2 files, 6 B; 2 written

"#]])
        .run();
}

/// What there is no bundle of, and that nothing is there afterwards.
#[test]
fn what_no_engine_could_open() {
    let none = |layers: &[Layer<'_>]| {
        let test = artifact(MODELPACK_CONFIG, r#"{"config":{"format":"gguf"}}"#, layers);
        let test = test.args(["extract", "--bundle", "a", "out", "--progress", "none"]);
        let output = test.command().output().unwrap();
        let code = output.status.code().unwrap();
        assert!(output.stdout.is_empty() && !test.dir().join("out").exists());
        format!("{code} {}", String::from_utf8(output.stderr).unwrap())
    };
    let file = |path: &'static str| ("application/vnd.cncf.model.doc.v1.raw", path, path.as_bytes().to_vec());
    let mut told = String::new();
    for layers in [
        &[][..],
        &[
            file("README.md"),
            file("w.gguf"),
            file("3"),
            file("4"),
            file("5"),
            file("6"),
        ],
        &[raw(".hidden.gguf", b"GGUF")],
        &[raw("s-00002-of-00003.gguf", b"GGUF")],
        &[raw("s-00001-of-99999.gguf", b"GGUF")],
        &[
            raw("m.gguf", b"GGUF"),
            raw("mmproj-a.gguf", b"GGUF a"),
            raw("mmproj-b.gguf", b"GGUF b"),
        ],
        &[raw("m.gguf", b"GGUX")],
        &[raw("m.gguf", b"")],
        &[raw("m.gguf", gzip(b"GGUF"))],
        &[
            raw("m.gguf", b"GGUF"),
            raw("mmproj.gguf", tar(&[(Regular, "a", b"GGUF")])),
        ],
        &[raw("m.safetensors", b"\x28\xb5\x2f\xfd")],
        &[raw("m.dduf", b"PK")],
        &[raw("m.onnx", gzip(b"onnx"))],
        &[packed(tar(&[(Regular, "a", b"GGUF")]))],
        &[packed(tar(&[(Regular, "a-1-of-2.gguf", b"GGUF")]))],
        &[packed(tar(&[(Regular, "m.gguf", &gzip(b"GGUF"))]))],
        &[("application/vnd.cncf.model.weight.v1.raw+gzip", "m.gguf", gzip(b"GGUF"))],
        &[raw("../m.gguf", b"GGUF")],
        &[
            raw("m.gguf", b"GGUF"),
            packed(tar(&[(Regular, "../config.json", b"GGUF")])),
        ],
        &[raw("m.gguf", b"GGUF"), raw("M.gguf", b"GGUF!")],
        &[docker("gguf.v3", "", b"GGUF"), docker("model.file", "", b"file")],
    ] {
        told += &none(layers);
    }
    assert_data_eq!(
        told,
        str![[r#"
3 error: there are no weights that an engine could open, nor any other file
  = help: without `--bundle`, the files are extracted whatever they are
3 error: there are no weights that an engine could open, but `3`, `4`, `5`, `6`, `README.md` and 1 more
  = help: without `--bundle`, the files are extracted whatever they are
3 error: there are no weights that an engine could open, but `.hidden.gguf`
  = help: without `--bundle`, the files are extracted whatever they are
3 error: `s-00002-of-00003.gguf` is one of 3 shards, and `s-00001-of-00003.gguf`, `s-00003-of-00003.gguf` are missing
  = help: nothing was extracted; build the artifact from all shards
3 error: `s-00001-of-99999.gguf` is one of 99999 shards, and `s-00002-of-99999.gguf`, `s-00003-of-99999.gguf`, `s-00004-of-99999.gguf`, `s-00005-of-99999.gguf`, `s-00006-of-99999.gguf` and 99993 more are missing
  = help: nothing was extracted; build the artifact from all shards
3 error: there are 2 projectors, and nothing says which one is the model's: `mmproj-a.gguf`, `mmproj-b.gguf`
  = help: nothing was extracted; leave the others out with `--exclude`
4 error: `m.gguf` is something else, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.gguf` is empty, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.gguf` is compressed by gzip, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `mmproj.gguf` is a tar, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.safetensors` is compressed by zstd, not safetensors
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.dduf` is something else, not DDUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.onnx` is compressed by gzip, not weights
  = help: nothing was extracted; build the artifact from the model's own files
3 error: there are no weights that an engine could open, but `a`
  = help: without `--bundle`, the files are extracted whatever they are
3 error: `a-1-of-2.gguf` is one of 2 shards, and `a-2-of-2.gguf` is missing
  = help: nothing was extracted; build the artifact from all shards
4 error: `m.gguf` is compressed by gzip, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: layer `m.gguf`: files cannot be got out of its media type `application/vnd.cncf.model.weight.v1.raw+gzip`
  = help: nothing was extracted; leave the layer out with `--exclude`, if you trust the rest
4 error: layer `../m.gguf`: the path `../m.gguf` leads out of its directory by `..`
  = help: nothing was extracted; leave the layer out with `--exclude`, if you trust the rest
4 error: layer `packed`: the path `../config.json` leads out of its directory by `..`
  = help: nothing was extracted; leave the layer out with `--exclude`, if you trust the rest
4 error: layer `M.gguf`: `model/M.gguf` and `model/m.gguf` of layer sha256:b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd are one file where case or the form of characters does not count
  = help: nothing was extracted; leave one of them out with `--exclude`
4 error: layer sha256:3b9c358f36f0a31b6ad3e14f309c7cf198ac9246e8316f9ce543d5b19ac02b80: nothing says which file it holds
  = help: `extract --bundle` names what an engine needs by itself; `--include '**'` leaves out what has no name

"#]]
    );
}

#[test]
fn a_directory_that_is_no_bundle() {
    let test = Test::new()
        .file("b/config.json", "{}")
        .file("c/config.json", "{}")
        .file("c/model/x", "");
    let told = |name: &str| ModelBundle::open(&test.dir().join(name)).unwrap_err().to_string();
    assert!(told("none").ends_with("none` is no bundle: one has a `config.json` and a directory `model`"));
    assert!(told("b").contains("is no bundle"));
    assert_eq!(told("c"), "there are no weights that an engine could open, but `x`");
    // What is no file is no weights either.
    let root = test.dir();
    let mode = rustix::fs::Mode::RUSR;
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, root.join("c/model/fifo.gguf"), kind, mode, 0).unwrap();
    std::os::unix::fs::symlink("nowhere", root.join("c/model/link.gguf")).unwrap();
    assert_eq!(told("c"), "there are no weights that an engine could open, but `x`");
    fs_err::write(root.join("c/model/m.gguf"), "GGUF").unwrap();
    let config = fs_err::File::create(root.join("c/config.json")).unwrap();
    config.set_len(1 << 40).unwrap();
    assert!(told("c").ends_with("c/config.json` has more than 16777216 bytes"));
}

#[test]
fn without_weights_it_is_no_bundle() {
    let options = ["extract", "a", "out", "--bundle", "--no-weights"];
    let told: Output = Test::new().args(options).status(2).run();
    assert!(told.stderr.contains("cannot be used with"), "{}", told.stderr);
}
