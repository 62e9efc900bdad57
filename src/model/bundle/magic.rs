use super::contents::extension;
use super::error::BundleError;

/// Checks by the first bytes of a weights' or projector's file that it can be what its name says.
///
/// # Errors
/// It cannot.
pub fn check(path: &str, head: &[u8]) -> Result<(), BundleError> {
    let (expected, is_it) = match extension(path).as_str() {
        "gguf" => ("GGUF", head.starts_with(b"GGUF")),
        // Always GGUF, for llama.cpp is who reads it.
        "mmproj" => ("a projector in GGUF", head.starts_with(b"GGUF")),
        // The length of the header in 8 bytes, and the header, which is JSON.
        "safetensors" => ("safetensors", head.get(8) == Some(&b'{')),
        // A zip that begins with a file.
        "dduf" => ("DDUF", head.starts_with(b"PK\x03\x04")),
        _ => ("weights", packing(head).is_none() && !head.is_empty()),
    };
    if is_it {
        return Ok(());
    }
    Err(BundleError::Unlike {
        path: path.to_owned(),
        expected,
        found: match packing(head) {
            Some(packing) => packing,
            None if head.is_empty() => "empty",
            None => "something else",
        },
    })
}

/// What the bytes are packed in.
fn packing(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"\x1f\x8b") {
        Some("compressed by gzip")
    } else if head.starts_with(b"\x28\xb5\x2f\xfd") {
        Some("compressed by zstd")
    } else if head.get(257..262) == Some(b"ustar") {
        Some("a tar")
    } else {
        None
    }
}
