//! What an engine asks of a stored model, in every dialect, by the blobs that it gets.

mod parts;
mod tags;

use std::fmt::Write as _;
use std::path::PathBuf;

use modelbuild::artifact::media_type::{
    DOCKER_CONFIG_V0_1, DOCKER_CONFIG_V0_2, DOCKER_GGUF, DOCKER_TEMPLATE, MODELPACK_CONFIG,
};
use modelbuild::artifact::read::{NoModel, ReadError};
use modelbuild::model::{ModelError, StoredModel, arrangement};
use modelbuild::registry::Client;
use modelbuild::store::stored::find;
use modelbuild::store::{Choice, Error, Fault, Reference, Tree, TreeError, TreeOptions};
use snapbox::{assert_data_eq, str};

use crate::foreign::layout;
use crate::harness::{Test, sha256};

const WEIGHT: &str = "application/vnd.cncf.model.weight.v1";

const CONFIG: &str = "application/vnd.cncf.model.weight.config.v1";

const DOCKER: &str = "application/vnd.docker.ai";

/// What a model of these layers answers; a layer's bytes are its name here.
fn answers(config_type: &str, config: &str, layers: &[(&str, &str, &str)]) -> String {
    let test = Test::new();
    layout(&test, "l", config_type, |_| config.to_owned(), layers);
    let model = StoredModel::open(&test.dir().join("l"), Choice::Only).unwrap();
    let mut told = String::new();
    for (role, layer) in model.roles() {
        let path = layer.path.as_deref().unwrap_or("-");
        writeln!(told, "{path}: {role}").unwrap();
    }
    let content = |path: PathBuf| fs_err::read_to_string(path).unwrap();
    let all = |paths: Result<Vec<PathBuf>, ModelError>| {
        let contents: Vec<_> = paths.unwrap().into_iter().map(content).collect();
        contents.join(", ")
    };
    let one = |path: Result<PathBuf, ModelError>| path.map_or_else(|error| format!("error: {error}"), content);
    writeln!(told, "= gguf: {}", all(model.gguf_paths())).unwrap();
    writeln!(told, "= safetensors: {}", all(model.safetensors_paths())).unwrap();
    writeln!(told, "= dduf: {}", all(model.dduf_paths())).unwrap();
    writeln!(told, "= projector: {}", one(model.mmproj_path())).unwrap();
    writeln!(told, "= template: {}", one(model.chat_template_path())).unwrap();
    writeln!(told, "= archive: {}", one(model.config_archive_path())).unwrap();
    told
}

fn typed<'a>(prefix: &str, names: &[&str]) -> Vec<&'a str> {
    names.iter().map(|name| &*format!("{prefix}.{name}").leak()).collect()
}

/// A type that says less than that it is weights leaves it to the name, and so does a format that is empty.
#[test]
fn of_other_files_the_name_says_the_format() {
    let file = &format!("{DOCKER}.model.file");
    let layers = [
        (&*format!("{DOCKER}.safetensors"), "model.safetensors", "weights"),
        (file, "training_args.bin", "arguments"),
        (file, "extra.gguf", "another"),
    ];
    assert_data_eq!(
        answers(DOCKER_CONFIG_V0_2, r#"{"config":{"format":"safetensors"}}"#, &layers),
        str![[r#"
model.safetensors: safetensors weights
training_args.bin: weights
extra.gguf: other file
= gguf: 
= safetensors: weights
= dduf: 
= projector: error: the model has 0 layers that are its projector; exactly one is expected
= template: error: the model has 0 layers that are its chat template; exactly one is expected
= archive: error: the model has 0 layers that are its config archive; exactly one is expected

"#]]
    );
    let layers = [(&*format!("{WEIGHT}.raw"), "m.gguf", "weights")];
    assert_data_eq!(
        answers(MODELPACK_CONFIG, r#"{"config":{"format":""}}"#, &layers),
        str![[r#"
m.gguf: GGUF weights
= gguf: weights
= safetensors: 
= dduf: 
= projector: error: the model has 0 layers that are its projector; exactly one is expected
= template: error: the model has 0 layers that are its chat template; exactly one is expected
= archive: error: the model has 0 layers that are its config archive; exactly one is expected

"#]]
    );
}

#[test]
fn of_generic_weights_the_config_says_the_format() {
    let raw = &format!("{WEIGHT}.raw");
    let config_raw = &format!("{CONFIG}.raw");
    let layers = [
        (&**raw, "m-00002-of-00002.bin", "second"),
        (raw, "m-00001-of-00002.bin", "first"),
        (raw, "sub/other.bin", "nested"),
        (raw, "mmproj.gguf", "projector"),
        (config_raw, "chat.jinja", "template"),
        (config_raw, "additional_chat_templates/tools.jinja", "tools"),
        ("application/vnd.cncf.model.doc.v1.raw", "LICENSE", "licence"),
    ];
    assert_data_eq!(
        answers(MODELPACK_CONFIG, r#"{"config":{"format":"GGUF"}}"#, &layers),
        str![[r#"
m-00002-of-00002.bin: GGUF weights
m-00001-of-00002.bin: GGUF weights
sub/other.bin: GGUF weights
mmproj.gguf: projector
chat.jinja: chat template
additional_chat_templates/tools.jinja: chat template
LICENSE: licence
= gguf: first, second, nested
= safetensors: 
= dduf: 
= projector: projector
= template: template
= archive: error: the model has 0 layers that are its config archive; exactly one is expected

"#]]
    );
}

#[test]
fn without_it_the_name_does() {
    let raw = &format!("{WEIGHT}.raw");
    let layers = [
        (&**raw, "m.gguf", "gguf"),
        (raw, "m.safetensors", "safetensors"),
        (raw, "m.dduf", "dduf"),
        (raw, "m.onnx", "onnx"),
        (raw, "", "nameless"),
    ];
    assert_data_eq!(
        answers(MODELPACK_CONFIG, "{}", &layers),
        str![[r#"
m.gguf: GGUF weights
m.safetensors: safetensors weights
m.dduf: DDUF weights
m.onnx: weights
-: weights
= gguf: gguf
= safetensors: safetensors
= dduf: dduf
= projector: error: the model has 0 layers that are its projector; exactly one is expected
= template: error: the model has 0 layers that are its chat template; exactly one is expected
= archive: error: the model has 0 layers that are its config archive; exactly one is expected

"#]]
    );
}

/// As whoever extracts them finds them by it; only `bin` may be anything.
#[test]
fn where_the_name_says_another_format_it_holds() {
    let raw = &format!("{WEIGHT}.raw");
    let layers = [
        (&**raw, "a.gguf", "gguf"),
        (raw, "b.safetensors", "safetensors"),
        (raw, "c.bin", "bin"),
        (raw, "d.onnx", "onnx"),
        (raw, "", "nameless"),
    ];
    assert_data_eq!(
        answers(MODELPACK_CONFIG, r#"{"config":{"format":"safetensors"}}"#, &layers),
        str![[r#"
a.gguf: GGUF weights
b.safetensors: safetensors weights
c.bin: weights
d.onnx: weights
-: safetensors weights
= gguf: gguf
= safetensors: safetensors, nameless
= dduf: 
= projector: error: the model has 0 layers that are its projector; exactly one is expected
= template: error: the model has 0 layers that are its chat template; exactly one is expected
= archive: error: the model has 0 layers that are its config archive; exactly one is expected

"#]]
    );
}

#[test]
fn dockers_own_types_say_it_themselves() {
    let types = typed(WEIGHT, &["gguf", "safetensors"]);
    let layers = [(types[0], "a", "gguf"), (types[1], "b", "safetensors")];
    let config = r#"{"config":{"format":"onnx"}}"#;
    assert_data_eq!(
        answers(MODELPACK_CONFIG, config, &layers),
        str![[r#"
a: GGUF weights
b: safetensors weights
= gguf: gguf
= safetensors: safetensors
= dduf: 
= projector: error: the model has 0 layers that are its projector; exactly one is expected
= template: error: the model has 0 layers that are its chat template; exactly one is expected
= archive: error: the model has 0 layers that are its config archive; exactly one is expected

"#]]
    );
}

#[test]
fn what_is_packed_is_no_model_file() {
    let types = typed(WEIGHT, &["tar", "tar+gzip", "tar+zstd"]);
    let templates = format!("{CONFIG}.tar");
    let layers = [
        (types[0], "a.gguf", "tar"),
        (types[1], "b.gguf", "gzip"),
        (types[2], "c.gguf", "zstd"),
        (types[0], "mmproj.gguf", "projector"),
        (&*templates, "t.jinja", "template"),
    ];
    assert_data_eq!(
        answers(MODELPACK_CONFIG, r#"{"config":{"format":"gguf"}}"#, &layers),
        str![[r#"
a.gguf: GGUF weights
b.gguf: GGUF weights
c.gguf: GGUF weights
mmproj.gguf: projector
t.jinja: chat template
= gguf: 
= safetensors: 
= dduf: 
= projector: error: the model has 0 layers that are its projector; exactly one is expected
= template: error: the model has 0 layers that are its chat template; exactly one is expected
= archive: error: the model has 0 layers that are its config archive; exactly one is expected

"#]]
    );
}

#[test]
fn docker_0_1_in_the_order_of_its_layers() {
    let types = typed(
        DOCKER,
        &["gguf.v3", "mmproj", "chat.template.jinja", "license", "gguf.v3.lora"],
    );
    let layers = [
        (types[0], "", "first"),
        (types[0], "", "second"),
        (types[1], "", "projector"),
        (types[2], "", "template"),
        (types[3], "", "licence"),
        (types[4], "", "adapter"),
    ];
    let config = r#"{"config":{"format":"gguf"},"descriptor":{},"rootfs":{"type":"rootfs","diff_ids":[]}}"#;
    assert_data_eq!(
        answers(DOCKER_CONFIG_V0_1, config, &layers),
        str![[r#"
-: GGUF weights
-: GGUF weights
-: projector
-: chat template
-: licence
-: adapter
= gguf: first, second
= safetensors: 
= dduf: 
= projector: projector
= template: template
= archive: error: the model has 0 layers that are its config archive; exactly one is expected

"#]]
    );
}

#[test]
fn docker_with_archives_and_more_than_one_of_what_is_one() {
    let types = typed(
        DOCKER,
        &[
            "safetensors",
            "vllm.config.tar",
            "dir.tar",
            "mmproj",
            "chat.template.jinja",
            "model.file",
            "dduf",
        ],
    );
    let layers = [
        (types[0], "model-00010-of-00010.safetensors", "ten"),
        (types[0], "model-00009-of-00010.safetensors", "nine"),
        (types[0], "unet/model.safetensors", "unet"),
        (types[1], "", "archive"),
        (types[2], "", "directory"),
        (types[3], "a", "one"),
        (types[3], "b", "two"),
        (types[4], "a.jinja", "one template"),
        (types[4], "b.jinja", "two templates"),
        (types[5], "config.json", "config"),
        (types[6], "x", "diffusion"),
    ];
    let config = r#"{"config":{"format":"safetensors"}}"#;
    assert_data_eq!(
        answers(DOCKER_CONFIG_V0_2, config, &layers),
        str![[r#"
model-00010-of-00010.safetensors: safetensors weights
model-00009-of-00010.safetensors: safetensors weights
unet/model.safetensors: safetensors weights
-: config archive
-: other file
a: projector
b: projector
a.jinja: chat template
b.jinja: chat template
config.json: other file
x: DDUF weights
= gguf: 
= safetensors: nine, ten, unet
= dduf: diffusion
= projector: error: the model has 2 layers that are its projector; exactly one is expected
= template: error: the model has 2 layers that are its chat template; exactly one is expected
= archive: archive

"#]]
    );
}

#[test]
fn files_that_oras_pushed() {
    let layers = [
        ("application/vnd.oci.image.layer.v1.tar", "m.gguf", "weights"),
        ("text/plain", "LICENSE.md", "licence"),
    ];
    assert_data_eq!(
        answers("application/x-other", "", &layers),
        str![[r#"
m.gguf: GGUF weights
LICENSE.md: licence
= gguf: weights
= safetensors: 
= dduf: 
= projector: error: the model has 0 layers that are its projector; exactly one is expected
= template: error: the model has 0 layers that are its chat template; exactly one is expected
= archive: error: the model has 0 layers that are its config archive; exactly one is expected

"#]]
    );
}

#[test]
fn a_blob_that_is_not_there_is_named() {
    let test = Test::new();
    let layers = [(&*format!("{WEIGHT}.raw"), "m.gguf", "weights")];
    layout(&test, "l", MODELPACK_CONFIG, |_| "{}".to_owned(), &layers);
    let directory = test.dir().join("l");
    fs_err::remove_file(directory.join("blobs/sha256").join(&sha256(b"weights")[7..])).unwrap();
    let model = StoredModel::open(&directory, Choice::Only).unwrap();
    let error = model.gguf_paths().unwrap_err();
    assert_data_eq!(error.to_string(), str!["the layout lacks the blob of `m.gguf`"]);
    let error = StoredModel::open(&directory, Choice::Tag("v1".to_owned())).unwrap_err();
    assert!(error.to_string().contains("holds no `v1`"), "{error}");
}

/// Of a blob that is another one than it should be no path is given.
#[test]
fn a_blob_of_another_size_is_none() {
    let test = Test::new();
    let layers = [(DOCKER_GGUF, "", "weights"), (DOCKER_TEMPLATE, "", "template")];
    layout(
        &test,
        "l",
        DOCKER_CONFIG_V0_1,
        |_| r#"{"config":{"format":"gguf"}}"#.to_owned(),
        &layers,
    );
    let place = test.dir().join("l");
    let blob = place.join("blobs").join(sha256(b"weights").replace(':', "/"));
    fs_err::write(blob, "more").unwrap();
    let model = StoredModel::open(&place, Choice::Only).unwrap();
    assert!(model.chat_template_path().is_ok());
    let error = model.gguf_paths().unwrap_err().to_string();
    let place = place.display();
    assert_eq!(
        error,
        format!(
            "`{place}` is damaged: the blob {} has 4 bytes instead of 7",
            sha256(b"weights")
        )
    );
}

/// What no other question is about, with the answers that the others give.
#[test]
fn the_file_of_any_layer_is_found() {
    let test = Test::new();
    let layers = [
        (&*format!("{WEIGHT}.raw"), "m.gguf", "weights"),
        (&*format!("{CONFIG}.raw"), "tokenizer.json", "tokenizer"),
        (&*format!("{CONFIG}.raw"), "config.json", "config"),
        (&*format!("{CONFIG}.tar"), "templates", "tar"),
        ("application/vnd.example.unknown", "what.bin", "unknown"),
    ];
    layout(&test, "l", MODELPACK_CONFIG, |_| "{}".to_owned(), &layers);
    layout(
        &test,
        "other",
        MODELPACK_CONFIG,
        |_| "{}".to_owned(),
        &[(&*format!("{WEIGHT}.raw"), "o.gguf", "other")],
    );
    let directory = test.dir().join("l");
    let blob = |bytes: &str| directory.join("blobs/sha256").join(&sha256(bytes.as_bytes())[7..]);
    fs_err::remove_file(blob("config")).unwrap();
    let model = StoredModel::open(&directory, Choice::Only).unwrap();
    let other = StoredModel::open(&test.dir().join("other"), Choice::Only).unwrap();
    let mut told = String::new();
    for layer in model.layers().iter().chain(other.layers()) {
        let answer = model.path_of(layer).map_or_else(
            |error| format!("error: {error}"),
            |path| fs_err::read_to_string(path).unwrap(),
        );
        writeln!(told, "{}: {answer}", layer.path.as_deref().unwrap()).unwrap();
    }
    assert_data_eq!(
        told,
        str![[r#"
m.gguf: weights
tokenizer.json: tokenizer
config.json: error: the layout lacks the blob of `config.json`
templates: error: the blob of `templates` is not its file: it is packed, or nothing says whether it is
what.bin: error: the blob of `what.bin` is not its file: it is packed, or nothing says whether it is
o.gguf: error: the layout lacks the blob of `o.gguf`

"#]]
    );
    assert_eq!(
        model.path_of(&model.layers()[0]).unwrap(),
        model.gguf_paths().unwrap()[0]
    );
}

#[test]
fn what_is_no_model_is_told_from_what_is_damaged() {
    let test = Test::new();
    let chart = "application/vnd.cncf.helm.config.v1+json";
    layout(
        &test,
        "l",
        chart,
        |_| "{}".to_owned(),
        &[("application/octet-stream", "", "chart")],
    );
    let error = StoredModel::open(&test.dir().join("l"), Choice::Only).unwrap_err();
    assert!(
        matches!(&error, ModelError::Read(ReadError::NoModel(NoModel::Config(found))) if found == chart),
        "{error:?}"
    );
}

/// As nothing in older artifacts of Docker's names the weights.
#[test]
fn files_without_names_get_some_by_arrangement() {
    let test = Test::new();
    layout(
        &test,
        "l",
        DOCKER_CONFIG_V0_1,
        |_| "{}".to_owned(),
        &[(DOCKER_GGUF, "", "GGUF")],
    );
    let reference = Reference::parse("l", &test.dir()).unwrap();
    let found = find(&reference, &Client::default()).unwrap();
    let (to, options) = (test.dir().join("x"), TreeOptions::default);
    let error = Tree::new(to.clone(), &found, options()).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Tree(TreeError::Layer {
                fault: Fault::NoPath,
                ..
            })
        ),
        "{error:?}"
    );
    Tree::arranged(to, &found, options(), arrangement(&found)).unwrap();
}
