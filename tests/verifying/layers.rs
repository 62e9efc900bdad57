//! Paths of files, and layers that are packed.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use snapbox::data::Inline;
use snapbox::str;

use super::{CONFIG, config, crafted, layer, manifest, put};
use crate::harness::{Test, sha256};

/// A `ModelPack` of files at these paths.
fn files(paths: &[&str]) -> Test {
    crafted(|out| {
        let file = |(index, path): (usize, &&str)| layer(out, "doc.v1.raw", path, format!("file {index}").as_bytes());
        let layers: Vec<_> = paths.iter().enumerate().map(file).collect();
        manifest(out, CONFIG, &config(&layers), &layers)
    })
}

#[test]
fn paths_that_lead_astray() {
    files(&["../../etc/passwd", "/etc/passwd", "a/./b", "a//b", "a\nb", ""])
        .status(4)
        .stdout(str![[r#"
error: ../../etc/passwd sha256:4da94f7ab13842d92f35deb8983d2edfe02631ff460c4080f4733de155b57fd4: its path leads out of its directory by `..` [path-invalid]
error: /etc/passwd sha256:83bf7fcd913e81d35f0d0e94ed1ec0611e8e3b4909c23b00ef9f076f205e67c6: its path is absolute [path-invalid]
error: a/./b sha256:fe7f1034d4a63dde9192739732fb553a720788f422c5723ec7ca1c683280837e: its path has a `.` among its names [path-invalid]
error: a//b sha256:fb42102e0aac5286c9f0ba0c59cb5b2997d45867ee74c04ec499b2f0c632d8a5: its path has an empty name [path-invalid]
error: a\nb sha256:03d46f2b62f47b7b03971079e623f4fa8e30cb0205e96b63ca03522c48a728c2: its path holds a control character [path-invalid]
warning: layer sha256:45025d51902415eee98d6a946703a310b335f7b34bb19cf5c9f69de8eedc0104: has no `org.cncf.model.filepath`, only the title names its file [path-annotation]
out: 1 artifact, 8 blobs, 3.27 kB: 5 errors, 1 warning

"#]])
        .run();
}

#[test]
fn paths_that_meet() {
    for (paths, expected) in [
        (
            &["a", "a"][..],
            str![[r#"
error: a sha256:83bf7fcd913e81d35f0d0e94ed1ec0611e8e3b4909c23b00ef9f076f205e67c6: `a` is in layer sha256:4da94f7ab13842d92f35deb8983d2edfe02631ff460c4080f4733de155b57fd4, too, and would be another file [path-collision]
out: 1 artifact, 4 blobs, 1.36 kB: 1 error

"#]],
        ),
        (
            &["README.md", "readme.md"],
            str![[r#"
error: readme.md sha256:83bf7fcd913e81d35f0d0e94ed1ec0611e8e3b4909c23b00ef9f076f205e67c6: `readme.md` and `README.md` of layer sha256:4da94f7ab13842d92f35deb8983d2edfe02631ff460c4080f4733de155b57fd4 are one file where case or the form of characters does not count [path-collision]
out: 1 artifact, 4 blobs, 1.41 kB: 1 error

"#]],
        ),
        (
            &["a", "a/b"],
            str![[r#"
error: a/b sha256:83bf7fcd913e81d35f0d0e94ed1ec0611e8e3b4909c23b00ef9f076f205e67c6: `a` would be a file and a directory: the other one is in layer sha256:4da94f7ab13842d92f35deb8983d2edfe02631ff460c4080f4733de155b57fd4 [path-collision]
out: 1 artifact, 4 blobs, 1.36 kB: 1 error

"#]],
        ),
        (
            &["e\u{301}", "\u{e9}"],
            str![[r#"
error: é sha256:83bf7fcd913e81d35f0d0e94ed1ec0611e8e3b4909c23b00ef9f076f205e67c6: `\u{e9}` and `e\u{301}` of layer sha256:4da94f7ab13842d92f35deb8983d2edfe02631ff460c4080f4733de155b57fd4 are one file where case or the form of characters does not count [path-collision]
out: 1 artifact, 4 blobs, 1.37 kB: 1 error

"#]],
        ),
    ] {
        files(paths).status(4).stdout(expected).run();
    }
}

/// A tar with these entries: names and types.
pub fn tar(entries: &[(&str, tar::EntryType)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind) in entries {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        header.set_size(if *kind == tar::EntryType::Regular { 4 } else { 0 });
        header.set_cksum();
        let bytes: &[u8] = if *kind == tar::EntryType::Regular { b"file" } else { b"" };
        builder.append(&header, bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A layer of code, packed.
pub fn packed(out: &Path, encoding: &str, bytes: &[u8]) -> Value {
    let mut layer = put(out, &format!("application/vnd.cncf.model.code.v1.{encoding}"), bytes);
    layer["annotations"] = json!({"org.cncf.model.filepath": "code"});
    layer
}

/// A `ModelPack` with one packed layer, whose diff ID is that of `diff`.
fn one(encoding: &str, bytes: &[u8], diff: &[u8]) -> Test {
    crafted(|out| {
        let layers = [packed(out, encoding, bytes)];
        let mut config = config(&layers);
        config["modelfs"]["diffIds"] = json!([sha256(diff)]);
        manifest(out, CONFIG, &config, &layers)
    })
}

#[test]
fn diff_ids_are_those_of_what_was_compressed() {
    let tar = tar(&[
        ("code/", tar::EntryType::Directory),
        ("code/a.py", tar::EntryType::Regular),
    ]);
    one("tar+gzip", &gzip(&tar), &tar)
        .stdout(str![[r#"
out: 1 artifact, 3 blobs, 850 B: all is well

"#]])
        .run();
    // Several megabytes, so that it is read piece by piece.
    let large = [&tar[..tar.len() - 1024], &vec![0; 24 << 20]].concat();
    one("tar+gzip", &gzip(&large), &large).args(["-q"]).stdout("").run();
    one("tar+gzip", &gzip(&tar), b"another").status(4).stdout(str![[r#"
error: code sha256:d94fa04362fefd2787e1cc93808535a9443a28c3693da26700fc623adab29587: has the diff ID sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5, and unpacks to sha256:15fa11b85850cedb4fddbe9ec6ab29d04c82ecc36ce2676f4a239a04ed0334af [diff-id]
out: 1 artifact, 3 blobs, 850 B: 1 error

"#]]).run();
    let output = one("raw+gzip", &gzip(b"print()"), b"print")
        .status(4)
        .stdout(str![[r#"
error: code sha256:808d6b52fd1885c7a7722fdcecf15c8fa09a3c8ca143f879dc371d904c730a94: has the diff ID sha256:ce953a0eb08246617b7f849486c4b26a7af37e9d2e8f0e13b3ae1bf0da8a70a2, and unpacks to sha256:525d513313416cf187f44fa87e1753ee6d11552c22097537ddc32b4ed34fa68f [diff-id]
warning: code sha256:808d6b52fd1885c7a7722fdcecf15c8fa09a3c8ca143f879dc371d904c730a94: has the media type `application/vnd.cncf.model.code.v1.raw+gzip`, which is not one of ModelPack's [media-type-foreign]
out: 1 artifact, 3 blobs, 744 B: 1 error, 1 warning

"#]])
        .run();
    output
        .then()
        .args(["extract", "out", "x"])
        .status(4)
        .stderr(str![[r#"
error: layer `code`: it unpacks to sha256:525d513313416cf187f44fa87e1753ee6d11552c22097537ddc32b4ed34fa68f, not to its diff ID sha256:ce953a0eb08246617b7f849486c4b26a7af37e9d2e8f0e13b3ae1bf0da8a70a2
  = help: nothing was extracted; build or copy the artifact again

"#]])
        .run();
    one("raw+gzip", &gzip(b"print()"), b"print()")
        .stdout(str![[r#"
warning: code sha256:808d6b52fd1885c7a7722fdcecf15c8fa09a3c8ca143f879dc371d904c730a94: has the media type `application/vnd.cncf.model.code.v1.raw+gzip`, which is not one of ModelPack's [media-type-foreign]
out: 1 artifact, 3 blobs, 744 B: 1 warning

"#]])
        .run();
    one("tar", &tar, &tar)
        .stdout(str![[r#"
out: 1 artifact, 3 blobs, 3.27 kB: all is well

"#]])
        .run();
}

#[test]
fn what_cannot_be_unpacked() {
    let tar = tar(&[("code/a.py", tar::EntryType::Regular)]);
    let whole = gzip(&tar);
    let table: [(&str, Vec<u8>, Inline); 5] = [
        (
            "tar+gzip",
            whole[..whole.len() / 2].to_vec(),
            str![[r#"
error: code sha256:0ff0792b5931a05093ebff47b6a2cd571b7604411c50d8174b17dafe3dd07059: it ends in the middle of something [layer-broken]
out: 1 artifact, 3 blobs, 769 B: 1 error

"#]],
        ),
        (
            "tar+gzip",
            tar.clone(),
            str![[r#"
error: code sha256:5b3d949f5f0d0802007e71d9994934c8a9c37e1c6ef1d88e2f494aaa771d153d: it cannot be unpacked: what should be gzip is none [layer-broken]
out: 1 artifact, 3 blobs, 2.77 kB: 1 error

"#]],
        ),
        (
            "tar+zstd",
            whole.clone(),
            str![[r#"
error: code sha256:ca31e9751829ba5cfc051abb9f7fd884b25c3dd0ac95cf323ef9fd734b512f92: it cannot be unpacked: what should be a zstd frame is none [layer-broken]
out: 1 artifact, 3 blobs, 822 B: 1 error

"#]],
        ),
        (
            "tar+gzip",
            gzip(b"no tar"),
            str![[r#"
error: code sha256:a8ef6054b2e073c3c2a2e06c04bb23eee53354075a92154abcc05fd68e6aab4d: it ends in the middle of something [layer-broken]
out: 1 artifact, 3 blobs, 743 B: 1 error

"#]],
        ),
        (
            "tar+gzip",
            gzip(&vec![0; 160 << 20]),
            str![[r#"
error: code sha256:e00daa98280357526492d5c612164291766a6f1d58f0ec852a65e2f011fd63e4: it unpacks to more than 100 times its size [layer-bomb]
out: 1 artifact, 3 blobs, 764 kB: 1 error

"#]],
        ),
    ];
    for (encoding, bytes, expected) in table {
        one(encoding, &bytes, &tar).status(4).stdout(expected).run();
    }
}

#[test]
fn what_is_in_a_tar_is_files_and_directories() {
    use tar::EntryType;
    let hostile = tar(&[
        ("../a", EntryType::Regular),
        ("/b", EntryType::Regular),
        ("c", EntryType::Regular),
        ("C", EntryType::Regular),
        ("d", EntryType::Symlink),
        ("e", EntryType::Regular),
    ]);
    one("tar+gzip", &gzip(&hostile), &hostile)
        .status(4)
        .stdout(str![[r#"
error: code sha256:ea20b1fbfd0395a09471928a2b62d5ffa1f9ce8d9ede673cab1baf42b285f976: the path `../a` leads out of its directory by `..` [path-invalid]
error: code sha256:ea20b1fbfd0395a09471928a2b62d5ffa1f9ce8d9ede673cab1baf42b285f976: the path `/b` is absolute [path-invalid]
error: code sha256:ea20b1fbfd0395a09471928a2b62d5ffa1f9ce8d9ede673cab1baf42b285f976: its entry `d` is a symlink; only files and directories are extracted [tar-entry]
error: code sha256:ea20b1fbfd0395a09471928a2b62d5ffa1f9ce8d9ede673cab1baf42b285f976: `C` and `c` are one file where case or the form of characters does not count [path-collision]
out: 1 artifact, 3 blobs, 936 B: 4 errors

"#]])
        .run();
}

/// That there are too many is said once, and not of each.
#[test]
fn files_without_end() {
    let directories = |start: char| {
        let names: Vec<_> = (0..60_000).map(|index| format!("{start}{index:x}")).collect();
        let entries: Vec<_> = names
            .iter()
            .map(|name| (&name[..], tar::EntryType::Directory))
            .collect();
        tar(&entries)
    };
    let (one, other) = (directories('a'), directories('b'));
    crafted(|out| {
        let layers = [&one, &other].map(|inside| packed(out, "tar+gzip", &gzip(inside)));
        let mut config = config(&layers);
        config["modelfs"]["diffIds"] = json!([sha256(&one), sha256(&other)]);
        manifest(out, CONFIG, &config, &layers)
    })
    .status(4)
    .stdout(str![[r#"
error: code sha256:75d105a5a694389aea6f3f2e53c385c497c7cd07423d7f4f7e052a65a89aaf53: with it there are more than 100000 files and directories [layer-bomb]
out: 1 artifact, 4 blobs, 1.43 MB: 1 error

"#]])
    .run();
}

/// What a container image holds is its own affair; its diff IDs are not.
#[test]
fn a_container_image_may_have_symlinks() {
    use tar::EntryType;
    let inside = tar(&[("etc/", EntryType::Directory), ("etc/link", EntryType::Symlink)]);
    let image = |diff_id: String| {
        let bytes = gzip(&inside);
        crafted(move |out| {
            let layer = put(out, "application/vnd.oci.image.layer.v1.tar+gzip", &bytes);
            let config = json!({
                "architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [diff_id]},
            });
            manifest(out, "application/vnd.oci.image.config.v1+json", &config, &[layer])
        })
    };
    image(sha256(&inside))
        .stdout(str![[r#"
out: 1 artifact, 3 blobs, 729 B: all is well

"#]])
        .run();
    image(sha256(b"other")).status(4).stdout(str![[r#"
error: layer sha256:6b124f5fd6a0fd74b9750cf8f3db2b251c949f01a55286b96a5933641a3a94ae: has the diff ID sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa, and unpacks to sha256:272052f7c31cffb418d7def03c71b6bae77b155e94441e0060420c68038307db [diff-id]
out: 1 artifact, 3 blobs, 729 B: 1 error

"#]]).run();
}

/// Extracted they are, for a file system takes them: whoever looks at them later has to know.
#[test]
fn a_path_is_what_it_seems_to_be() {
    let output = crafted(|out| {
        let entries = [
            ("code/a.py", tar::EntryType::Regular),
            ("code/a\u{200b}.py", tar::EntryType::Regular),
        ];
        let layers = [
            layer(out, "doc.v1.raw", "\u{202e}gpj.exe", b"picture"),
            packed(out, "tar", &tar(&entries)),
        ];
        manifest(out, CONFIG, &config(&layers), &layers)
    })
    .stdout(str![[r#"
warning: \u{202e}gpj.exe sha256:2cea274d0bedc39ec4ab6ba9e59ec889e3ed6fb56a1cf088a64d9b383378dc97: its path has characters that nobody sees, or that turn the direction of text [path-deceptive]
warning: code sha256:a15a40c25e97c5c1aaa169368830355ec9c14b75823fff56550e810f58e97855: `code/a\u{200b}.py` has characters that nobody sees, or that turn the direction of text [path-deceptive]
out: 1 artifact, 4 blobs, 4.27 kB: 2 warnings

"#]])
    .run();
    output.then().args(["verify", "--strict", "-q", "out"]).status(4).run();
}
