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

/// A tar begins with the name of its first file, and gzip has bytes that nobody reads: they may be a model's magic.
#[test]
fn what_begins_as_a_model_may_be_packed() {
    let unread = |bytes| {
        let mut bytes = gzip(bytes);
        bytes[8] = b'{';
        bytes
    };
    let mut told = String::new();
    for layers in [
        &[raw("m.gguf", tar(&[(Regular, "GGUF/m.gguf", b"GGUF")]))][..],
        &[raw("m.gguf", old_tar("GGUF", b"GGUF"))],
        // Once is what the type says.
        &[(
            "application/vnd.kitops.modelkit.model.v1.raw+gzip",
            "m.gguf",
            gzip(&gzip(b"GGUF")),
        )],
        &[
            raw("m.gguf", b"GGUF"),
            raw("p.mmproj", tar(&[(Regular, "GGUF", b"GGUF")])),
        ],
        &[raw("m.safetensors", tar(&[(Regular, "weights/{}", b"GGUF")]))],
        &[raw("m.safetensors", unread(b"{}"))],
        &[raw("m.dduf", tar(&[(Regular, "PK\x03\x04/m.dduf", b"PK")]))],
    ] {
        told += &none(layers);
    }
    assert_data_eq!(
        told,
        str![[r#"
4 error: `m.gguf` is a tar, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.gguf` is a tar, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.gguf` is compressed by gzip, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `p.mmproj` is a tar, not a projector in GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.safetensors` is a tar, not safetensors
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.safetensors` is compressed by gzip, not safetensors
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.dduf` is a tar, not DDUF
  = help: nothing was extracted; build the artifact from the model's own files

"#]]
    );
}

/// A header ends in its file, and has no more bytes than the library of safetensors reads.
#[test]
fn the_header_of_safetensors_has_its_length() {
    let of = |length: u64, header: &str| [length.to_le_bytes().as_slice(), header.as_bytes()].concat();
    let mut told = String::new();
    for bytes in [of(3, "{}"), of(u64::MAX, "{}"), of(0, ""), of(2, "[]")] {
        told += &none(&[raw("m.safetensors", bytes)]);
    }
    assert_data_eq!(
        told,
        str![[r#"
4 error: `m.safetensors` is something else, not safetensors
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.safetensors` is something else, not safetensors
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.safetensors` is something else, not safetensors
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.safetensors` is something else, not safetensors
  = help: nothing was extracted; build the artifact from the model's own files

"#]]
    );
    // A length whose first bytes are the magic of gzip, and in GGUF's metadata the one of a tar.
    let header = format!("{{{}}}", " ".repeat(0x8b1f - 2));
    let mut gguf = [b"GGUF\x03\0\0\0".as_slice(), &[0; 504]].concat();
    gguf[257..262].copy_from_slice(b"ustar");
    let layers = [raw("m.safetensors", of(0x8b1f, &header)), raw("m.gguf", gguf)];
    let told = bundle(artifact(MODELPACK_CONFIG, "{}", &layers));
    assert!(
        told.contains("= gguf: model/m.gguf\n= safetensors: model/m.safetensors\n"),
        "{told}"
    );
}
