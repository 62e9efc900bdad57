//! What names say of files, and that they say the same to everybody.

use modelbuild::model::StoredModel;
use modelbuild::store::Choice;

use super::*;

/// Whoever opens the bundle later knows the names alone.
#[test]
fn names_of_what_is_no_model_do_not_say_that_it_is() {
    let dataset = |path: &'static str| {
        (
            "application/vnd.cncf.model.dataset.v1.raw",
            path,
            path.as_bytes().to_vec(),
        )
    };
    let code = |path: &'static str| ("application/vnd.cncf.model.code.v1.raw", path, path.as_bytes().to_vec());
    let layers = [
        raw("pytorch_model.bin", b"weights"),
        dataset("data.bin"),
        dataset("data-00001-of-00002.pt"),
        code("a.keras"),
        code("a.onnx"),
    ];
    assert_data_eq!(
        bundle(artifact(
            MODELPACK_CONFIG,
            r#"{"config":{"format":"pytorch"}}"#,
            &layers
        )),
        str![[r#"
0644       31 config.json
0755        0 model/
0644        7 model/a.keras.data
0644        6 model/a.onnx.data
0644       22 model/data-00001-of-00002.pt.data
0644        8 model/data.bin.data
0644        7 model/pytorch_model.bin
= model: model/pytorch_model.bin
= bin shards: model/pytorch_model.bin
{"config":{"format":"pytorch"}}
"#]]
    );
    let layers = [
        docker("gguf.v3", "m.gguf", b"GGUF"),
        docker("license", "a.gguf", b"MIT"),
        docker("gguf.v3.lora", "mmproj.gguf", b"GGUF adapter"),
    ];
    assert_data_eq!(
        bundle(artifact(DOCKER_CONFIG_V0_2, r#"{"config":{"format":"gguf"}}"#, &layers)),
        str![[r#"
0644       18 config.json
0755        0 model/
0644        3 model/a.gguf.data
0644        4 model/m.gguf
0644       12 model/mmproj.gguf.lora
= model: model/m.gguf
= gguf: model/m.gguf
= gguf shards: model/m.gguf
{"format":"gguf"}

"#]]
    );
}

/// Where a config says another format of some of the weights than their names, the names hold, here and there.
#[test]
fn the_view_of_a_stored_model_goes_by_the_same_names() {
    let layers = [
        raw("a.gguf", b"GGUF"),
        raw("b.safetensors", SAFETENSORS),
        raw("c.onnx", b"onnx"),
    ];
    for format in ["safetensors", "gguf", "onnx", "dduf"] {
        let config = format!(r#"{{"config":{{"format":"{format}"}}}}"#);
        let test = artifact(MODELPACK_CONFIG, &config, &layers);
        let output = test.args(["extract", "-q", "--bundle", "a", "out"]).run();
        let bundle = ModelBundle::open(&output.dir().join("out")).unwrap();
        let model = StoredModel::open(&output.dir().join("a"), Choice::Only).unwrap();
        let read = |path: std::path::PathBuf| fs_err::read(path).unwrap();
        let all = |paths: Vec<std::path::PathBuf>| paths.into_iter().map(read).collect::<Vec<_>>();
        assert_eq!(
            all(model.gguf_paths().unwrap()),
            [read(bundle.gguf_path().unwrap())],
            "{format}"
        );
        let expected = [read(bundle.safetensors_path().unwrap())];
        assert_eq!(all(model.safetensors_paths().unwrap()), expected, "{format}");
        assert_eq!((model.dduf_paths().unwrap(), bundle.dduf_path()), (vec![], None));
    }
}

/// Nothing is wrong with an artifact in which a file has the name that we would give to another one.
#[test]
fn names_that_we_give_are_free() {
    let layers = [
        docker("gguf.v3", "weights", b"GGUF 1"),
        docker("gguf.v3", "Weights.gguf", b"GGUF 2"),
        docker("gguf.v3", "", b"GGUF 3"),
        docker("gguf.v3", "model.gguf", b"GGUF 4"),
        docker("gguf.v3", "d/s-00001-of-00002.bin", b"GGUF 5"),
        docker("gguf.v3", "d/s-00001-of-00002.gguf", b"GGUF 6"),
        docker("gguf.v3", "d/s-00002-of-00002.bin", b"GGUF 7"),
        docker("gguf.v3", "d/s-00002-of-00002.gguf", b"GGUF 8"),
        docker("license", "", b"MIT"),
        docker("license", "", b"more"),
        docker("license", "LICENSE", b"another"),
        docker("model.file", "LICENSE-2/x", b"file"),
        // The same bytes are one file.
        docker("gguf.v3", "same", b"GGUF 9"),
        docker("gguf.v3", "same.gguf", b"GGUF 9"),
        docker("model.file", "rows.bin", b"rows"),
        docker("model.file", "rows.bin.data", b"data"),
    ];
    let config = r#"{"config":{"format":"gguf"}}"#;
    assert_data_eq!(
        bundle(artifact(DOCKER_CONFIG_V0_2, config, &layers)),
        str![[r#"
0644       18 config.json
0755        0 model/
0644        7 model/LICENSE
0755        0 model/LICENSE-2/
0644        4 model/LICENSE-2/x
0644        4 model/LICENSE-2-2
0644        3 model/LICENSE-3
0644        6 model/Weights.gguf
0755        0 model/d/
0644        6 model/d/s-00001-of-00002.gguf
0644        6 model/d/s-00002-of-00002.gguf
0644        6 model/d/s-2-00001-of-00002.gguf
0644        6 model/d/s-2-00002-of-00002.gguf
0644        6 model/model-2.gguf
0644        6 model/model.gguf
0644        4 model/rows.bin
0644        4 model/rows.bin.data
0644        6 model/same.gguf
0644        6 model/weights-2.gguf
= model: model/Weights.gguf
= gguf: model/Weights.gguf
= gguf shards: model/Weights.gguf
{"format":"gguf"}

"#]]
    );
    // Whatever is left out.
    let test = artifact(DOCKER_CONFIG_V0_2, config, &layers);
    let args = ["extract", "-q", "--bundle", "a", "out", "--include", "/weights"];
    let output = test.args(args).run();
    assert!(
        output.text().ends_with("/out/model/weights-2.gguf"),
        "{}",
        output.text()
    );
    // Two files of one path are not two files.
    let layers = [
        docker("gguf.v3", "weights", b"GGUF 1"),
        docker("gguf.v3", "weights", b"GGUF 2"),
    ];
    assert_data_eq!(
        none_of(artifact(DOCKER_CONFIG_V0_2, config, &layers)),
        str![[r#"
4 error: layer `weights`: `model/weights.gguf` is in layer sha256:5f284183028a2bd166f462d8794c51762b66552826cce49a06b69c38d1020952, too, and would be another file
  = help: nothing was extracted; leave one of them out with `--exclude`

"#]]
    );
}
