//! `.bin`, which may be anything: the view of a stored model and the bundle say the same of it.

use modelbuild::model::StoredModel;
use modelbuild::store::Choice;

use super::*;

/// What the library says of the layers, and the bundle.
fn both(format: &str, layers: &[Layer<'_>]) -> String {
    let config = format!(r#"{{"config":{{"format":"{format}"}}}}"#);
    let test = artifact(MODELPACK_CONFIG, &config, layers);
    let model = StoredModel::open(&test.dir().join("a"), Choice::Only).unwrap();
    let mut told = String::new();
    for (role, layer) in model.roles() {
        writeln!(told, "{}: {role}", layer.path.as_deref().unwrap()).unwrap();
    }
    drop(model);
    told + &bundle(test)
}

#[test]
fn gguf_by_the_config_is_gguf() {
    assert_data_eq!(
        both("gguf", &[raw("model.bin", b"GGUF")]),
        str![[r#"
model.bin: GGUF weights
0644       28 config.json
0755        0 model/
0644        4 model/model.gguf
= model: model/model.gguf
= gguf: model/model.gguf
= gguf shards: model/model.gguf
{"config":{"format":"gguf"}}
"#]]
    );
    let shards = [
        raw("m-00002-of-00002.bin", b"GGUF 2"),
        raw("m-00001-of-00002.BIN", b"GGUF 1"),
    ];
    assert_data_eq!(
        both("gguf", &shards),
        str![[r#"
m-00002-of-00002.bin: GGUF weights
m-00001-of-00002.BIN: GGUF weights
0644       28 config.json
0755        0 model/
0644        6 model/m-00001-of-00002.gguf
0644        6 model/m-00002-of-00002.gguf
= model: model/m-00001-of-00002.gguf
= gguf: model/m-00001-of-00002.gguf
= gguf shards: model/m-00001-of-00002.gguf model/m-00002-of-00002.gguf
{"config":{"format":"gguf"}}
"#]]
    );
}

/// As Hugging Face has them: whoever looks for safetensors must not be given pickles.
#[test]
fn pytorch_s_files_are_what_they_are() {
    let tree = [
        raw("model.safetensors", SAFETENSORS),
        raw("pytorch_model.bin", b"PK pickles"),
        raw("training_args.bin", b"PK arguments"),
    ];
    assert_data_eq!(
        both("safetensors", &tree),
        str![[r#"
model.safetensors: safetensors weights
pytorch_model.bin: weights
training_args.bin: weights
0644       35 config.json
0755        0 model/
0644       10 model/model.safetensors
0644       10 model/pytorch_model.bin
0644       12 model/training_args.bin
= model: model/model.safetensors
= safetensors: model/model.safetensors
= safetensors shards: model/model.safetensors
{"config":{"format":"safetensors"}}
"#]]
    );
    assert_data_eq!(
        both("gguf", &[raw("pytorch_model.bin", b"PK pickles")]),
        str![[r#"
pytorch_model.bin: weights
0644       28 config.json
0755        0 model/
0644       10 model/pytorch_model.bin
= model: model/pytorch_model.bin
= bin shards: model/pytorch_model.bin
{"config":{"format":"gguf"}}
"#]]
    );
    let beside = [raw("m.gguf", b"GGUF"), raw("model.bin", b"PK pickles")];
    assert_data_eq!(
        both("gguf", &beside),
        str![[r#"
m.gguf: GGUF weights
model.bin: weights
0644       28 config.json
0755        0 model/
0644        4 model/m.gguf
0644       10 model/model.bin
= model: model/m.gguf
= gguf: model/m.gguf
= gguf shards: model/m.gguf
{"config":{"format":"gguf"}}
"#]]
    );
    // A directory says nothing, nor does a name with another end.
    let elsewhere = [raw("from-pytorch/m.bin", b"GGUF"), raw("pytorch.q4", b"GGUF")];
    let said = both("gguf", &elsewhere);
    let roles: Vec<_> = said.lines().take(2).collect();
    assert_eq!(roles, ["from-pytorch/m.bin: GGUF weights", "pytorch.q4: GGUF weights"]);
}
