//! Blobs that are others than they should be.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;
use tar::EntryType;

use super::super::{CONFIG, WEIGHT, artifact, packed, raw, tar};
use super::{attempt, by_each_way, refused, squeezed, taken, with_weights};
use crate::foreign::annotated;
use crate::harness::sha256;
use crate::serving::noise;
use crate::tiny::assert_same_text;

/// What is said of each kind of source, where the blob of `layer` in it was changed.
fn damaged(layer: usize, change: &dyn Fn(&mut Vec<u8>)) -> String {
    let layers = with_weights(&[
        raw("a", "1234567"),
        packed(tar(&[(EntryType::Regular, "b", b"7654321")])),
        raw("large", noise(900_000)),
    ]);
    let name = sha256(&layers[layer].2).replace(':', "/");
    let prepare = |dir: &Path, _: &Path| {
        let path = dir.join("artifact/blobs").join(&name);
        let mut bytes = fs_err::read(&path).unwrap();
        change(&mut bytes);
        fs_err::write(path, bytes).unwrap();
    };
    let outcomes = by_each_way(
        |test| artifact(test, "artifact", &layers),
        prepare,
        &["-j1", "--retries", "1"],
    );
    let mut said = String::new();
    for (index, (_, (code, one))) in outcomes.iter().enumerate() {
        // Short of bytes, a registry looks like one that hung up.
        assert!(*code == 4 || *code == 5 && one.contains("early"), "{code} {one}");
        // Each kind of source finds it out its own way, in the same words every time.
        let again = outcomes.iter().position(|(_, (_, other))| one == other).unwrap();
        if again == index {
            writeln!(said, "{code} {one}").unwrap();
        }
    }
    said
}

#[test]
fn changed_where_they_lie() {
    let mut said = String::new();
    for layer in [1, 2, 3] {
        said += &damaged(layer, &|bytes| bytes.push(0));
        said += &damaged(layer, &|bytes| bytes.truncate(bytes.len() - 1));
        said += &damaged(layer, &|bytes| bytes.clear());
        said += &damaged(layer, &|bytes| *bytes.last_mut().unwrap() ^= 1);
    }
    assert_same_text(
        said,
        snapbox::str![[r#"
4 `artifact` is damaged: the blob sha256:8bb0cf6eb9b17d0f7d22b456f121257dc1254e1f01665370476383ea776df414 has 8 bytes instead of 7
4 `artifact.tar` is damaged: the blob sha256:8bb0cf6eb9b17d0f7d22b456f121257dc1254e1f01665370476383ea776df414 has 8 bytes instead of 7
4 `a`: HOST has damaged content: the blob sha256:8bb0cf6eb9b17d0f7d22b456f121257dc1254e1f01665370476383ea776df414 has 8 bytes, not 7
4 `artifact` is damaged: the blob sha256:8bb0cf6eb9b17d0f7d22b456f121257dc1254e1f01665370476383ea776df414 has 6 bytes instead of 7
4 `artifact.tar` is damaged: the blob sha256:8bb0cf6eb9b17d0f7d22b456f121257dc1254e1f01665370476383ea776df414 has 6 bytes instead of 7
4 `a`: HOST has damaged content: the blob sha256:8bb0cf6eb9b17d0f7d22b456f121257dc1254e1f01665370476383ea776df414 has 6 bytes, not 7
4 `artifact` is damaged: the blob sha256:8bb0cf6eb9b17d0f7d22b456f121257dc1254e1f01665370476383ea776df414 has 0 bytes instead of 7
4 `artifact.tar` is damaged: the blob sha256:8bb0cf6eb9b17d0f7d22b456f121257dc1254e1f01665370476383ea776df414 has 0 bytes instead of 7
4 `a`: HOST has damaged content: the blob sha256:8bb0cf6eb9b17d0f7d22b456f121257dc1254e1f01665370476383ea776df414 has 0 bytes, not 7
4 `a` has the digest sha256:5dc088487fb505024591604c00eadbd8607ea049dc46857eb803b45e205640f6, not sha256:8bb0cf6eb9b17d0f7d22b456f121257dc1254e1f01665370476383ea776df414
4 `a`: HOST sent damaged content: the blob has the digest sha256:5dc088487fb505024591604c00eadbd8607ea049dc46857eb803b45e205640f6, not sha256:8bb0cf6eb9b17d0f7d22b456f121257dc1254e1f01665370476383ea776df414
4 `artifact` is damaged: the blob sha256:25fc8e429ebf66c56496e81c97259b78f3f314f892dbf52e5e12c70935642852 has 2049 bytes instead of 2048
4 `artifact.tar` is damaged: the blob sha256:25fc8e429ebf66c56496e81c97259b78f3f314f892dbf52e5e12c70935642852 has 2049 bytes instead of 2048
4 `packed`: HOST has damaged content: the blob sha256:25fc8e429ebf66c56496e81c97259b78f3f314f892dbf52e5e12c70935642852 has 2049 bytes, not 2048
4 `artifact` is damaged: the blob sha256:25fc8e429ebf66c56496e81c97259b78f3f314f892dbf52e5e12c70935642852 has 2047 bytes instead of 2048
4 `artifact.tar` is damaged: the blob sha256:25fc8e429ebf66c56496e81c97259b78f3f314f892dbf52e5e12c70935642852 has 2047 bytes instead of 2048
4 `packed`: HOST has damaged content: the blob sha256:25fc8e429ebf66c56496e81c97259b78f3f314f892dbf52e5e12c70935642852 has 2047 bytes, not 2048
4 `artifact` is damaged: the blob sha256:25fc8e429ebf66c56496e81c97259b78f3f314f892dbf52e5e12c70935642852 has 0 bytes instead of 2048
4 `artifact.tar` is damaged: the blob sha256:25fc8e429ebf66c56496e81c97259b78f3f314f892dbf52e5e12c70935642852 has 0 bytes instead of 2048
4 `packed`: HOST has damaged content: the blob sha256:25fc8e429ebf66c56496e81c97259b78f3f314f892dbf52e5e12c70935642852 has 0 bytes, not 2048
4 `packed` has the digest sha256:dad6e367783da17884f4b6b1e5fb8b5f2a5b52128657219554cadcb490ff7917, not sha256:25fc8e429ebf66c56496e81c97259b78f3f314f892dbf52e5e12c70935642852
4 `packed`: HOST sent damaged content: the blob has the digest sha256:dad6e367783da17884f4b6b1e5fb8b5f2a5b52128657219554cadcb490ff7917, not sha256:25fc8e429ebf66c56496e81c97259b78f3f314f892dbf52e5e12c70935642852
4 `artifact` is damaged: the blob sha256:4653224e12434a48b7c314189a8cc6c9e9a99a96f02001c9343be00b0db89218 has 900001 bytes instead of 900000
4 `artifact.tar` is damaged: the blob sha256:4653224e12434a48b7c314189a8cc6c9e9a99a96f02001c9343be00b0db89218 has 900001 bytes instead of 900000
4 `large`: HOST has damaged content: the blob sha256:4653224e12434a48b7c314189a8cc6c9e9a99a96f02001c9343be00b0db89218 has 900001 bytes, not 900000
4 `artifact` is damaged: the blob sha256:4653224e12434a48b7c314189a8cc6c9e9a99a96f02001c9343be00b0db89218 has 899999 bytes instead of 900000
4 `artifact.tar` is damaged: the blob sha256:4653224e12434a48b7c314189a8cc6c9e9a99a96f02001c9343be00b0db89218 has 899999 bytes instead of 900000
4 `large`: HOST has damaged content: the blob sha256:4653224e12434a48b7c314189a8cc6c9e9a99a96f02001c9343be00b0db89218 has 899999 bytes, not 900000
4 `artifact` is damaged: the blob sha256:4653224e12434a48b7c314189a8cc6c9e9a99a96f02001c9343be00b0db89218 has 0 bytes instead of 900000
4 `artifact.tar` is damaged: the blob sha256:4653224e12434a48b7c314189a8cc6c9e9a99a96f02001c9343be00b0db89218 has 0 bytes instead of 900000
4 `large`: HOST has damaged content: the blob sha256:4653224e12434a48b7c314189a8cc6c9e9a99a96f02001c9343be00b0db89218 has 0 bytes, not 900000
4 `large` has the digest sha256:54b3cb671004aa1efc6f9098adf7db3c01aebdd842b9765d689714a38515b0da, not sha256:4653224e12434a48b7c314189a8cc6c9e9a99a96f02001c9343be00b0db89218
4 `large`: HOST sent damaged content: the blob has the digest sha256:54b3cb671004aa1efc6f9098adf7db3c01aebdd842b9765d689714a38515b0da, not sha256:4653224e12434a48b7c314189a8cc6c9e9a99a96f02001c9343be00b0db89218

"#]],
    );
}

/// Where the blob has its digest, and only what is in it tells.
#[test]
fn what_cannot_be_unpacked() {
    let mut said = String::new();
    for (program, encoding, garbage) in [
        ("gzip", "tar+gzip", &b"\x1f\x8b\x08"[..]),
        ("zstd", "tar+zstd", b"\x28\xb5\x2f\xfd"),
    ] {
        let bytes = tar(&[(EntryType::Regular, "b", &noise(2_000_000))]);
        let Some(bytes) = squeezed(program, move |to| to.write_all(&bytes).unwrap()) else {
            continue;
        };
        let media_type = format!("{WEIGHT}.{encoding}");
        let mut refuse = |bytes: Vec<u8>| {
            let (code, one) = attempt(&[raw("good", "1"), (&media_type, "b", bytes)], |_, _| {}, &[]);
            writeln!(said, "{code} {one}").unwrap();
        };
        for cut in [0, 1, 10, 100, bytes.len() / 2, bytes.len() - 1] {
            refuse(bytes[..cut].to_vec());
        }
        let mut changed = bytes.clone();
        changed[bytes.len() / 2] ^= 0x10;
        refuse(changed);
        // What both end with says what came out.
        let mut changed = bytes.clone();
        *changed.last_mut().unwrap() ^= 0x10;
        refuse(changed);
        refuse(b"neither".to_vec());
        for behind in [b"garbage", garbage, &[0; 512]] {
            refuse([&bytes, behind].concat());
        }
    }
    // Frames of zstd that want more memory than anybody has, a dictionary, or blocks of no kind.
    let media_type = format!("{WEIGHT}.tar+zstd");
    for header in [&b"\x00\xff\x01\0\0"[..], b"\x01\x00\x07\x01\0\0", b"\x00\x00\x07\0\0"] {
        let bytes = [b"\x28\xb5\x2f\xfd", header].concat();
        said += "4 ";
        said += &refused(&[(&media_type, "b", bytes)]);
    }
    assert_same_text(
        said,
        snapbox::str![[r#"
4 layer `b`: it ends in the middle of something
4 layer `b`: it ends in the middle of something
4 layer `b`: it ends in the middle of something
4 layer `b`: it ends in the middle of something
4 layer `b`: it ends in the middle of something
4 layer `b`: it ends in the middle of something
4 layer `b`: it cannot be unpacked: corrupt gzip stream does not have a matching checksum
4 layer `b`: it cannot be unpacked: corrupt gzip stream does not have a matching checksum
4 layer `b`: it cannot be unpacked: what should be gzip is none
4 layer `b`: it cannot be unpacked: behind the end of its gzip is something that is none
4 layer `b`: it ends in the middle of something
4 layer `b`: it cannot be unpacked: behind the end of its gzip is something that is none
4 layer `b`: it ends in the middle of something
4 layer `b`: it ends in the middle of something
4 layer `b`: it ends in the middle of something
4 layer `b`: it ends in the middle of something
4 layer `b`: it ends in the middle of something
4 layer `b`: it ends in the middle of something
4 layer `b`: it cannot be unpacked: a zstd frame is corrupt
4 layer `b`: it cannot be unpacked: a zstd frame does not have a matching checksum
4 layer `b`: it cannot be unpacked: what should be a zstd frame is none
4 layer `b`: it cannot be unpacked: what should be a zstd frame is none
4 layer `b`: it ends in the middle of something
4 layer `b`: it cannot be unpacked: what should be a zstd frame is none
4 layer `b`: it cannot be unpacked: a zstd frame wants more memory than is allowed: 128 MiB are the most, as by `zstd --long`
4 layer `b`: it cannot be unpacked: a zstd frame needs a dictionary
4 layer `b`: it cannot be unpacked: a zstd frame is corrupt

"#]],
    );
}

/// The blob is the right one, and unpacks to another tar than the config says.
#[test]
fn other_diff_ids() {
    let mut said = String::new();
    for (program, encoding) in [("gzip", "tar+gzip"), ("zstd", "tar+zstd")] {
        for size in [10, 2_000_000] {
            let right = tar(&[(EntryType::Regular, "b", &noise(size))]);
            let bytes = right.clone();
            let Some(bytes) = squeezed(program, move |to| to.write_all(&bytes).unwrap()) else {
                continue;
            };
            let (weight, media_type) = (format!("{WEIGHT}.raw"), format!("{WEIGHT}.{encoding}"));
            let layers = [
                (
                    weight.as_str(),
                    json!({"org.cncf.model.filepath": "w.gguf"}),
                    b"GGUF".to_vec(),
                ),
                (media_type.as_str(), json!({"org.cncf.model.filepath": "packed"}), bytes),
            ];
            for diff in [b"another", right.as_slice()] {
                let ids = [sha256(b"GGUF"), sha256(diff)];
                let config = |_: &[String]| {
                    json!({"descriptor": {}, "config": {}, "modelfs": {"type": "layers", "diffIds": ids}}).to_string()
                };
                let make = |test: &crate::harness::Test| annotated(test, "artifact", CONFIG, config, &layers);
                for (index, (way, (code, one))) in by_each_way(make, |_, _| {}, &[]).into_iter().enumerate() {
                    let expected = if diff == b"another" { 4 } else { 0 };
                    assert_eq!(code, expected, "{way}: {one}");
                    if code == 4 && index == 0 {
                        writeln!(said, "{}", one.replace(&sha256(&right), "FOUND")).unwrap();
                    }
                }
            }
        }
    }
    assert_same_text(
        said,
        snapbox::str![[r#"
layer `packed`: it unpacks to FOUND, not to its diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5
layer `packed`: it unpacks to FOUND, not to its diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5
layer `packed`: it unpacks to FOUND, not to its diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5
layer `packed`: it unpacks to FOUND, not to its diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5

"#]],
    );
}

/// What is not compressed has one digest.
#[test]
fn other_diff_ids_of_what_is_not_compressed() {
    let mut said = String::new();
    let tar = tar(&[(EntryType::Regular, "b", b"1")]);
    for (encoding, bytes) in [("raw", b"1".to_vec()), ("tar", tar)] {
        let media_type = format!("{WEIGHT}.{encoding}");
        let layers = [(media_type.as_str(), json!({"org.cncf.model.filepath": "b"}), bytes)];
        let config = |_: &[String]| {
            let ids = [sha256(b"another")];
            json!({"descriptor": {}, "config": {}, "modelfs": {"type": "layers", "diffIds": ids}}).to_string()
        };
        let make = |test: &crate::harness::Test| annotated(test, "artifact", CONFIG, config, &layers);
        for (way, (code, one)) in by_each_way(make, |_, _| {}, &[]) {
            writeln!(said, "{encoding} {way}: {code} {one}").unwrap();
        }
    }
    assert_same_text(
        said,
        snapbox::str![[r#"
raw extract artifact out: 4 layer `b`: it has the diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5, which should be its digest: it is not compressed
raw extract artifact.tar out: 4 layer `b`: it has the diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5, which should be its digest: it is not compressed
raw extract docker://HOST/a/x:v1 out: 4 layer `b`: it has the diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5, which should be its digest: it is not compressed
raw pull HOST/a/x:v1 --extract out: 4 layer `b`: it has the diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5, which should be its digest: it is not compressed
raw extract --bundle artifact out: 3 there are no weights that an engine could open, but `b`
raw extract --bundle artifact.tar out: 3 there are no weights that an engine could open, but `b`
raw pull HOST/a/x:v1 --extract out --bundle: 3 there are no weights that an engine could open, but `b`
tar extract artifact out: 4 layer `b`: it has the diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5, which should be its digest: it is not compressed
tar extract artifact.tar out: 4 layer `b`: it has the diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5, which should be its digest: it is not compressed
tar extract docker://HOST/a/x:v1 out: 4 layer `b`: it has the diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5, which should be its digest: it is not compressed
tar pull HOST/a/x:v1 --extract out: 4 layer `b`: it has the diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5, which should be its digest: it is not compressed
tar extract --bundle artifact out: 4 layer `b`: it has the diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5, which should be its digest: it is not compressed
tar extract --bundle artifact.tar out: 4 layer `b`: it has the diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5, which should be its digest: it is not compressed
tar pull HOST/a/x:v1 --extract out --bundle: 4 layer `b`: it has the diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5, which should be its digest: it is not compressed

"#]],
    );
}

/// Packed in several pieces, or in none.
#[test]
fn what_is_packed_oddly_is_taken() {
    let Some(empty) = squeezed("gzip", |_| {}) else { return };
    let whole = tar(&[(EntryType::Regular, "b", b"1")]);
    let Some(bytes) = squeezed("gzip", move |to| to.write_all(&whole).unwrap()) else {
        return;
    };
    let media_type = format!("{WEIGHT}.tar+gzip");
    let bytes = [empty.as_slice(), &bytes, &empty].concat();
    let files = "0755        1 b\n0644       10 mine\n0644        4 w.gguf\n";
    assert_eq!(taken(&[(&media_type, "b", bytes)], |_, _| {}), files);
}
