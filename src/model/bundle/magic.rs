use super::contents::extension;
use super::error::BundleError;
use crate::store::Head;

/// How many of a file's first bytes tell what it is: a tar's header.
pub const HEAD: u64 = 512;

/// The extensions of what DDUF, `PyTorch` and Keras write: zips.
const ZIPS: [&str; 5] = ["dduf", "bin", "keras", "pt", "pth"];

const ZIP: &str = "a zip";

/// The longest header that the library of safetensors reads (`MAX_HEADER_SIZE`).
const LONGEST_HEADER: u64 = 100_000_000;

/// Checks by the first bytes of a file that an engine may open, [`HEAD`] where there are so many, that it can be what its
/// name says. What it is packed in counts before its own magic, which may be the name of a tar's first file.
///
/// # Errors
/// It cannot.
pub fn check(path: &str, head: &Head) -> Result<(), BundleError> {
    let Head { bytes: head, size } = head;
    let extension = extension(path);
    let (expected, is_it) = match extension.as_str() {
        "gguf" => ("GGUF", head.starts_with(b"GGUF")),
        // Always GGUF, for llama.cpp is who reads it.
        "mmproj" => ("a projector in GGUF", head.starts_with(b"GGUF")),
        "safetensors" => ("safetensors", is_safetensors(head, *size)),
        // A zip that begins with a file.
        "dduf" => ("DDUF", head.starts_with(b"PK\x03\x04")),
        // Text, of which nothing else is known.
        "jinja" => ("a chat template", true),
        _ => ("weights", !is_page(head) && !head.is_empty()),
    };
    let may_be_zip = ZIPS.contains(&extension.as_str());
    let packing = packing(head).filter(|packing| *packing != ZIP || !may_be_zip);
    if is_it && packing.is_none() {
        return Ok(());
    }
    Err(BundleError::Unlike {
        path: path.to_owned(),
        expected,
        found: match packing {
            Some(packing) => packing,
            None if head.is_empty() => "empty",
            None if is_page(head) => PAGE,
            None => "something else",
        },
    })
}

/// The length of the header in 8 bytes, and the header, which is JSON.
fn is_safetensors(head: &[u8], size: u64) -> bool {
    let Some((length, header)) = head.split_first_chunk() else {
        return false;
    };
    let longest = size.saturating_sub(8).min(LONGEST_HEADER);
    u64::from_le_bytes(*length) <= longest && header.starts_with(b"{")
}

/// What stands for a file by its first bytes, where that is not the file: few of them tell.
pub fn stand_in(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(POINTER.0) {
        Some(POINTER.1)
    } else {
        is_page(head).then_some(PAGE)
    }
}

/// How a pointer of git-lfs begins, which stands for a file elsewhere.
const POINTER: (&[u8], &str) = (b"version https://git-lfs.github.com/spec/", "a pointer of git-lfs");

/// What a server says that has no such file, or wants to know who asks.
const PAGE: &str = "a page in HTML";

fn is_page(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins = |tag: &[u8]| text.get(..tag.len()).is_some_and(|text| text.eq_ignore_ascii_case(tag));
    begins(b"<!doctype html") || begins(b"<html")
}

/// What the bytes are packed in.
fn packing(head: &[u8]) -> Option<&'static str> {
    /// Each with how it begins: RFC 1952 (2.3.1), RFC 8878 (3.1.1), and the formats of xz (2.1.1.1), of LZ4's frames, of
    /// 7z and of RAR.
    const PACKINGS: [(&[u8], &str); 7] = [
        (b"\x1f\x8b\x08", "compressed by gzip"),
        (b"\x28\xb5\x2f\xfd", "compressed by zstd"),
        (b"\xfd7zXZ\0", "compressed by xz"),
        (b"\x04\x22\x4d\x18", "compressed by lz4"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        POINTER,
    ];
    let begins = |(magic, _): &&(&[u8], &str)| head.starts_with(magic);
    if is_tar(head) {
        Some("a tar")
    } else if let Some((_, packing)) = PACKINGS.iter().find(begins) {
        Some(packing)
    } else if is_zip(head) {
        Some(ZIP)
    } else if is_skippable(head) {
        Some("compressed by zstd")
    } else if is_lzma(head) {
        Some("compressed by lzma")
    } else if is_compress(head) {
        Some("compressed by compress")
    } else if is_bzip2(head) {
        Some("compressed by bzip2")
    } else {
        None
    }
}

/// A file, the end of one without any, or the mark of one in several parts (PKWARE's APPNOTE, 4.3.7, 4.3.16 and 8.5.3).
fn is_zip(head: &[u8]) -> bool {
    matches!(
        head,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..]
    )
}

/// A frame for other purposes, which may stand before those of zstd and of lz4 (RFC 8878, 3.1.2): pzstd begins so.
fn is_skippable(head: &[u8]) -> bool {
    matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// The usual properties, a size of the dictionary that is a power of two, and the size of the content, or none: what
/// `xz --format=lzma` writes. The first bytes alone may be a number's.
fn is_lzma(head: &[u8]) -> bool {
    let Some((&[0x5d], rest)) = head.split_first_chunk() else {
        return false;
    };
    let Some((dictionary, rest)) = rest.split_first_chunk() else {
        return false;
    };
    let size = rest.first_chunk().map(|size| u64::from_le_bytes(*size));
    let dictionary = u32::from_le_bytes(*dictionary);
    dictionary.is_power_of_two() && dictionary >= 1 << 12 && size.is_some_and(|size| size == u64::MAX || size < 1 << 40)
}

/// Two bytes, and one that says how many bits a code has at most (9 to 16), of which two bits are none.
fn is_compress(head: &[u8]) -> bool {
    matches!(head, [0x1f, 0x9d, flags, ..] if flags & 0x60 == 0 && (9..=16).contains(&(flags & 0x1f)))
}

/// A level, then the mark of a block or that of the end: digits of π and of its root. The three letters in front of them
/// may be a text's.
fn is_bzip2(head: &[u8]) -> bool {
    const BLOCK: &[u8] = b"\x31\x41\x59\x26\x53\x59";
    const END: &[u8] = b"\x17\x72\x45\x38\x50\x90";
    let behind = head.strip_prefix(b"BZh").and_then(<[u8]>::split_first);
    behind
        .is_some_and(|(level, rest)| matches!(level, b'1'..=b'9') && (rest.starts_with(BLOCK) || rest.starts_with(END)))
}

/// The checksum of the first header tells, which counts itself as spaces: tars from before POSIX have no magic, and that
/// of others may be a word in a model's metadata.
fn is_tar(head: &[u8]) -> bool {
    const CHECKSUM: std::ops::Range<usize> = 148..156;
    let (Some(header), Some(stated)) = (head.get(..512), head.get(CHECKSUM)) else {
        return false;
    };
    let stated = stated
        .split(|byte| matches!(byte, b' ' | 0))
        .find(|digits| !digits.is_empty());
    let stated = stated.and_then(|digits| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
    let counted = header.iter().enumerate().map(|(at, byte)| match at {
        _ if CHECKSUM.contains(&at) => u32::from(b' '),
        _ => u32::from(*byte),
    });
    stated == Some(counted.sum())
}
