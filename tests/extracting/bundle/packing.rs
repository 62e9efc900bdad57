//! What is packed is no model, whatever its name says.

use super::*;

/// A tar of one file as it was before POSIX: without a magic.
fn old_tar(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_old();
    header.set_path(name).unwrap();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(&header, bytes).unwrap();
    builder.into_inner().unwrap()
}

/// By its first bytes, whatever packed it.
#[test]
fn what_is_packed_is_no_model() {
    let template = |path: &'static str, bytes| ("application/vnd.cncf.model.weight.config.v1.raw", path, bytes);
    let mut told = String::new();
    for layers in [
        &[raw("m.onnx", b"BZh91AY&SY\xab\xcd")][..],
        &[raw("m.onnx", b"BZh9\x17rE8P\x90\0\0\0\0")],
        &[raw("m.bin", b"\xfd7zXZ\0\0\x04")],
        &[raw("m.onnx", b"\x50\x2a\x4d\x18\x04\0\0\0\x20\0\0\0\x28\xb5\x2f\xfd")],
        &[raw("m.onnx", b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff")],
        &[raw("m.onnx", b"\x04\x22\x4d\x18\x64\x40\xa7")],
        &[raw("m.bin", b"7z\xbc\xaf\x27\x1c\0\x04")],
        &[raw("m.bin", b"\x1f\x9d\x90")],
        &[raw("m.bin", b"Rar!\x1a\x07\x01\0")],
        &[raw("m.onnx", b"PK\x03\x04\x14\0")],
        &[raw("m.tflite", [&b"PK\x05\x06"[..], &[0; 18]].concat())],
        &[raw("m.gguf", b"PK\x07\x08PK\x03\x04")],
        &[raw("m.safetensors", b"PK\x03\x04\x14\0")],
        &[raw("m.gguf", b"GGUF"), template("chat.jinja", b"PK\x03\x04".to_vec())],
        &[raw(
            "m.onnx",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        )],
        &[raw("m.onnx", old_tar("a", b"onnx"))],
        &[raw("m.gguf", b"GGUF"), template("chat.jinja", gzip(b"{{ messages }}"))],
        &[
            raw("m.gguf", b"GGUF"),
            template("chat.jinja", old_tar("a", b"{{ messages }}")),
        ],
    ] {
        told += &none(layers);
    }
    assert_data_eq!(
        told,
        str![[r#"
4 error: `m.onnx` is compressed by bzip2, not weights
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.onnx` is compressed by bzip2, not weights
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.gguf` is compressed by xz, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.onnx` is compressed by zstd, not weights
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.onnx` is compressed by lzma, not weights
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.onnx` is compressed by lz4, not weights
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.gguf` is a 7z archive, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.gguf` is compressed by compress, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.gguf` is a RAR archive, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.onnx` is a zip, not weights
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.tflite` is a zip, not weights
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.gguf` is a zip, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.safetensors` is a zip, not safetensors
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `chat.jinja` is a zip, not a chat template
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.onnx` is a pointer of git-lfs, not weights
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.onnx` is a tar, not weights
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `chat.jinja` is compressed by gzip, not a chat template
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `chat.jinja` is a tar, not a chat template
  = help: nothing was extracted; build the artifact from the model's own files

"#]]
    );
}

/// `PyTorch` and Keras write zips.
#[test]
fn what_is_packed_by_its_format_is_a_model() {
    for path in ["m.pt", "m.pth", "m.bin", "m.keras", "m.dduf"] {
        let told = bundle(artifact(MODELPACK_CONFIG, "{}", &[raw(path, b"PK\x03\x04\x14\0")]));
        assert!(told.contains(&format!("= model: model/{path}\n")), "{told}");
    }
}

/// A text may begin with the letters that something compressed does.
#[test]
fn what_only_looks_packed_is_a_model() {
    let layers = [
        raw("m.bin", b"BZh9, and what follows"),
        raw("n/n.bin", b"\x5d\0\0\0\x5e\0\0\0\x5f\0\0\0\x60\0\0\0"),
        raw("n/o.bin", b"\x1f\x9d\xff\xff"),
        (
            "application/vnd.cncf.model.weight.config.v1.raw",
            "t.jinja",
            b"BZhang: {{ messages }}".to_vec(),
        ),
    ];
    let told = bundle(artifact(MODELPACK_CONFIG, "{}", &layers));
    assert!(
        told.contains("= model: model/m.bin\n= template: model/t.jinja\n"),
        "{told}"
    );
}
