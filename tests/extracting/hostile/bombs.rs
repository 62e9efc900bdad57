//! Layers that unpack to more than anybody wants.

use tar::EntryType;

use super::super::{Layer, WEIGHT, artifact, packed, raw, tar};
use super::{attempt, refused, squeezed};
use crate::harness::Test;
use crate::tiny::assert_same_text;

/// Zeros without end, as far as it goes, and entries without end.
#[test]
fn bombs() {
    let zeros = |to: &mut dyn std::io::Write| {
        let mut header = tar::Header::new_gnu();
        header.set_path("zeros").unwrap();
        header.set_size(100 << 20);
        header.set_cksum();
        to.write_all(header.as_bytes()).unwrap();
        for _ in 0..100 {
            to.write_all(&vec![0; 1 << 20]).unwrap();
        }
        to.write_all(&[0; 1024]).unwrap();
    };
    let entries = |to: &mut dyn std::io::Write| {
        for index in 0..100_001 {
            let mut header = tar::Header::new_gnu();
            header.set_path(format!("{index:x}")).unwrap();
            // Of files it would take longer.
            header.set_entry_type(EntryType::Directory);
            header.set_size(0);
            header.set_cksum();
            to.write_all(header.as_bytes()).unwrap();
        }
        to.write_all(&[0; 1024]).unwrap();
    };
    let mut tars = Vec::new();
    entries(&mut tars);
    let mut said = refused(&[packed(tars)]);
    for (program, encoding) in [("gzip", "tar+gzip"), ("zstd", "tar+zstd")] {
        let Some(bytes) = squeezed(program, zeros) else {
            continue;
        };
        let media_type = format!("{WEIGHT}.{encoding}");
        let bomb: [Layer<'_>; 1] = [(&media_type, "bomb", bytes)];
        said += &refused(&bomb);
        let (code, total) = attempt(&bomb, |_, _| {}, &["--max-unpacked", "20MiB"]);
        assert_eq!(code, 4);
        said += &(total + "\n");
    }
    assert_same_text(
        said,
        snapbox::str![[r#"
layer `packed`: with it there are more than 100000 files and directories
layer `bomb`: it unpacks to more than 100 times its size
layer `bomb`: with it the artifact unpacks to more than 20971520 bytes
layer `bomb`: it unpacks to more than 100 times its size
layer `bomb`: with it the artifact unpacks to more than 20971520 bytes

"#]],
    );
}

/// Each may be no bomb yet, and both are one.
#[test]
fn bombs_in_halves() {
    let half = |name: &str| {
        let bytes = tar(&[(EntryType::Regular, name, &vec![0; 45 << 20])]);
        squeezed("gzip", move |to| to.write_all(&bytes).unwrap())
    };
    let (Some(one), Some(other)) = (half("one"), half("other")) else {
        return;
    };
    let media_type = format!("{WEIGHT}.tar+gzip");
    let layers: [Layer<'_>; 2] = [(&media_type, "one", one), (&media_type, "other", other)];
    assert_eq!(attempt(&layers[..1], |_, _| {}, &["-j1"]).0, 0);
    assert_same_text(
        attempt(&layers, |_, _| {}, &["-j1"]).1,
        snapbox::str!["layer `other`: with it the artifact's layers unpack to more than 100 times their sizes"],
    );
    assert_eq!(attempt(&layers, |_, _| {}, &["-j1", "--max-unpacked", "100MiB"]).0, 0);
}

/// Each is small enough, and all of them are not.
#[test]
fn bombs_in_pieces() {
    let bytes = |name: &str| {
        let bytes = tar(&[(EntryType::Regular, name, &vec![0; 900_000])]);
        squeezed("gzip", move |to| to.write_all(&bytes).unwrap())
    };
    let (Some(one), Some(other)) = (bytes("one"), bytes("other")) else {
        return;
    };
    let media_type = format!("{WEIGHT}.tar+gzip");
    let layers: [Layer<'_>; 2] = [(&media_type, "one", one), (&media_type, "other", other)];
    let limited = |most| attempt(&layers, |_, _| {}, &["-j1", "--max-unpacked", most]);
    assert_same_text(
        limited("1MiB").1,
        snapbox::str!["layer `other`: with it the artifact unpacks to more than 1048576 bytes"],
    );
    assert_eq!(limited("2MiB").0, 0);
}

/// A blob that is listed again and again is as large as what a bomb unpacks to.
#[test]
fn one_blob_is_not_any_number_of_files() {
    let paths: Vec<_> = (0..1000).map(|number| format!("{number}")).collect();
    let layers: Vec<_> = paths.iter().map(|path| raw(path, vec![7; 75_000])).collect();
    assert_same_text(
        attempt(&layers, |_, _| {}, &[]).1,
        snapbox::str![
            "layer `994`: with it there are more than 100 files of the same bytes, which come to much more than is stored"
        ],
    );
    assert_eq!(attempt(&layers[..990], |_, _| {}, &["--no-sync"]).0, 0);
    assert_same_text(
        attempt(&layers, |_, _| {}, &["--max-unpacked", "70MB"]).1,
        snapbox::str!["layer `934`: with it the artifact unpacks to more than 70000000 bytes"],
    );
    let test = Test::new();
    artifact(&test, "a", &layers);
    let output = test.args(["verify", "-q", "a"]).status(4).run();
    assert_eq!(output.text().matches("[layer-bomb]").count(), 1, "{}", output.text());
}
