//! Shards that a `model.safetensors.index.json` lists.

use super::*;

const LIST: &[u8] = br#"{"metadata":{},"weight_map":{"a":"x1.safetensors","b":"x2.safetensors","c":"x1.safetensors"}}"#;

fn config<'a>(path: &'a str, bytes: &[u8]) -> Layer<'a> {
    (
        "application/vnd.cncf.model.weight.config.v1.raw",
        path,
        bytes.to_owned(),
    )
}

#[test]
fn a_shard_that_is_listed_has_to_be_there() {
    let mut told = String::new();
    for layers in [
        &[
            raw("x1.safetensors", SAFETENSORS),
            config("model.safetensors.index.json", LIST),
        ][..],
        &[
            raw("d/x2.safetensors", SAFETENSORS),
            config("d/model.safetensors.index.json", LIST),
            config("x1.safetensors", b"of another directory"),
        ],
        &[
            raw("pytorch_model-1.bin", b"1"),
            config(
                "pytorch_model.bin.index.json",
                br#"{"weight_map":{"a":"pytorch_model-1.bin","b":"pytorch_model-2.bin"}}"#,
            ),
        ],
    ] {
        told += &none(layers);
    }
    assert_data_eq!(
        told,
        str![[r#"
3 error: `model.safetensors.index.json` lists shards of the model that are missing: `x2.safetensors`
  = help: nothing was extracted; build the artifact from all shards
3 error: `d/model.safetensors.index.json` lists shards of the model that are missing: `d/x1.safetensors`
  = help: nothing was extracted; build the artifact from all shards
3 error: `pytorch_model.bin.index.json` lists shards of the model that are missing: `pytorch_model-2.bin`
  = help: nothing was extracted; build the artifact from all shards

"#]]
    );
}

#[test]
fn a_list_that_no_engine_goes_by_does_not_count() {
    let list = config("model.safetensors.index.json", LIST);
    for layers in [
        // All are there.
        &[
            raw("x1.safetensors", SAFETENSORS),
            raw("x2.safetensors", SAFETENSORS),
            list.clone(),
        ][..],
        // The whole is there, too.
        &[raw("model.safetensors", SAFETENSORS), list.clone()],
        // Another format comes first.
        &[raw("m.gguf", b"GGUF"), raw("x1.safetensors", SAFETENSORS), list],
        // It lists nothing, or is of what is elsewhere.
        &[
            raw("x1.safetensors", SAFETENSORS),
            config("model.safetensors.index.json", b"{"),
            config("old/model.safetensors.index.json", LIST),
        ],
        // It is of a model that was left out, beside which this one is whole.
        &[
            raw("consolidated.safetensors", SAFETENSORS),
            config("model.safetensors.index.json", LIST),
        ],
        &[
            raw("d/model.fp16.safetensors", SAFETENSORS),
            config("d/model.safetensors.index.json", LIST),
            config("x1.safetensors", b"of another directory"),
        ],
    ] {
        let test = artifact(MODELPACK_CONFIG, r#"{"config":{}}"#, layers);
        test.args(["extract", "-q", "--bundle", "a", "out"]).run();
    }
}
