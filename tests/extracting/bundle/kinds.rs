//! Which file is which, whatever they are called or packed in.

use super::*;

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
  = help: it has `model-00001-of-00002.gguf`, `model-00002-of-00002.gguf`, `model.mmproj`, `LICENSE`, `LICENSE-2`; `modelbuild inspect` lists the paths of its layers

"#]])
        .run();
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

/// What they unpack to is the model, by whatever they are called.
#[test]
fn weights_that_are_compressed_and_in_no_tar() {
    let layers = [
        (
            "application/vnd.kitops.modelkit.model.v1.raw+gzip",
            "weights",
            gzip(b"GGUF weights"),
        ),
        (
            "application/vnd.kitops.modelkit.modelpart.v1.raw+gzip",
            "mmproj.gguf",
            gzip(b"GGUF projector"),
        ),
        (
            "application/vnd.kitops.modelkit.dataset.v1.raw+gzip",
            "rows.bin",
            gzip(b"rows"),
        ),
    ];
    assert_data_eq!(
        bundle(artifact(MODELPACK_CONFIG, r#"{"config":{"format":"gguf"}}"#, &layers)),
        str![[r#"
0644       28 config.json
0755        0 model/
0644       14 model/mmproj.gguf
0644        4 model/rows.bin.data
0644       12 model/weights.gguf
= model: model/weights.gguf
= gguf: model/weights.gguf
= projector: model/mmproj.gguf
= gguf shards: model/weights.gguf
{"config":{"format":"gguf"}}
"#]]
    );
}
