//! Files that are compressed, and in no tar.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use snapbox::{assert_data_eq, str};

use super::super::{Layer, raw};
use super::{attempt, refused, taken};
use crate::foreign::tools::{gzip, zstd};
use crate::serving::noise;

const GZIP: &str = "application/vnd.kitops.modelkit.code.v1.raw+gzip";
const ZSTD: &str = "application/vnd.kitops.modelkit.code.v1.raw+zstd";

#[test]
fn what_they_unpack_to_is_at_their_paths() {
    let layers: [Layer<'_>; 8] = [
        (GZIP, "a/small", gzip(b"small")),
        (ZSTD, "b", zstd(b"zstd")),
        (GZIP, "large", gzip(&noise(3_000_000))),
        (ZSTD, "empty", zstd(b"")),
        // One blob is two files, and one that is stated twice is one.
        (GZIP, "twice/1", gzip(b"same")),
        (GZIP, "twice/2", gzip(b"same")),
        (GZIP, "twice/2", gzip(b"same")),
        raw("c", "c"),
    ];
    assert_data_eq!(
        taken(&layers, |_, _| {}),
        str![[r#"
0755        0 a/
0644        5 a/small
0644        4 b
0644        1 c
0644        0 empty
0644  3000000 large
0644       10 mine
0755        0 twice/
0644        4 twice/1
0644        4 twice/2
0644        4 w.gguf

"#]]
    );
    let (code, files) = attempt(
        &layers,
        |_, _| {},
        &["--include", "twice", "--include", "*.gguf", "--exclude", "1"],
    );
    assert_data_eq!(
        format!("{code} {files}"),
        str![[r#"
0 0644       10 mine
0755        0 twice/
0644        4 twice/2
0644        4 w.gguf

"#]]
    );
}

#[test]
fn what_is_wrong_with_them() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![0; 100 << 20]).unwrap();
    let bomb = bomb.finish().unwrap();
    let whole = gzip(&noise(2_000_000));
    let mut said = String::new();
    for layers in [
        &[(GZIP, "a", gzip(b"1")), raw("a", "1")][..],
        &[(GZIP, "a", gzip(b"1")), raw("a", gzip(b"1"))],
        &[(GZIP, "a", gzip(b"1")), (GZIP, "a", gzip(b"2"))],
        &[(GZIP, "a", gzip(b"1")), (ZSTD, "A/b", zstd(b"2"))],
        &[(GZIP, "", gzip(b"1"))],
        &[(GZIP, "../a", gzip(b"1"))],
        &[(GZIP, "a", vec![])],
        &[(ZSTD, "a", vec![])],
        &[(ZSTD, "a", gzip(b"1"))],
        &[(GZIP, "a", whole[..1_000_000].to_vec())],
        &[(GZIP, "a", [&whole, &b"garbage"[..]].concat())],
        &[(GZIP, "a", bomb)],
    ] {
        said += &refused(layers);
    }
    assert_data_eq!(
        said,
        str![[r#"
layer `a`: `a` is in layer sha256:abea5619a551656f5c524ce13b7aed6e5b4680686f12cda8a643332d47e202fc, too, and would be another file
layer `a`: `a` is in it twice, and would be another file
layer `a`: `a` is in layer sha256:abea5619a551656f5c524ce13b7aed6e5b4680686f12cda8a643332d47e202fc, too, and would be another file
layer `A/b`: `A` and `a` of layer sha256:abea5619a551656f5c524ce13b7aed6e5b4680686f12cda8a643332d47e202fc are a file and a directory of one name
layer sha256:abea5619a551656f5c524ce13b7aed6e5b4680686f12cda8a643332d47e202fc: nothing says which file it holds
layer `../a`: the path `../a` leads out of its directory by `..`
layer `a`: it ends in the middle of something
layer `a`: it ends in the middle of something
layer `a`: it cannot be unpacked: what should be a zstd frame is none
layer `a`: it ends in the middle of something
layer `a`: it cannot be unpacked: behind the end of its gzip is something that is none
layer `a`: it unpacks to more than 100 times its size

"#]]
    );
}
