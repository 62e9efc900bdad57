//! What goes in comes out: any tree, in either dialect, through a tarball.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use proptest::prelude::*;
use walkdir::WalkDir;

use crate::harness::Test;

/// A file of the tree: the names of its directories, its own, its bytes, its mode, and whether it is a symlink to them.
type Planted = (Vec<String>, String, Vec<u8>, u32, bool);

/// Names of all sorts; what could hide one, or have two for one place, is prevented by a number in front.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z0-9_.-]{0,12}", "[ -.0-~éßÅ漢字🦙]{0,12}", "[x]{150}"]
}

fn planted() -> impl Strategy<Value = Planted> {
    let bytes = prop_oneof![
        Just(vec![]),
        prop::collection::vec(any::<u8>(), 0..2000),
        Just(b"the same".to_vec())
    ];
    let mode = prop_oneof![
        Just(0o644),
        Just(0o755),
        Just(0o400),
        Just(0o600),
        Just(0o744),
        Just(0o777)
    ];
    (
        prop::collection::vec(name(), 0..3),
        name(),
        bytes,
        mode,
        prop::bool::weighted(0.2),
    )
}

/// Writes the tree to `root`, and gives what has to come out: bytes, and whether it is executable, by the path.
fn plant(root: &Path, files: &[Planted]) -> BTreeMap<Vec<u8>, (Vec<u8>, bool)> {
    let mut expected = BTreeMap::new();
    for (index, (directories, name, bytes, mode, is_link)) in files.iter().enumerate() {
        let directories = directories.iter().enumerate();
        let mut names: Vec<_> = directories
            .map(|(depth, name)| format!("d{index}{depth}{name}"))
            .collect();
        names.push(format!("f{index}{name}"));
        let path = names.join("/");
        let place = root.join(&path);
        fs_err::create_dir_all(place.parent().unwrap()).unwrap();
        let file = if *is_link {
            // What no pattern matches itself.
            let target = root.join(format!(".hidden-{index}"));
            symlink(&target, &place).unwrap();
            target
        } else {
            place
        };
        fs_err::write(&file, bytes).unwrap();
        fs_err::set_permissions(&file, std::fs::Permissions::from_mode(*mode)).unwrap();
        expected.insert(path.into_bytes(), (bytes.clone(), mode & 0o100 != 0));
    }
    // No artifact has a directory of nothing.
    fs_err::create_dir(root.join("empty")).unwrap();
    fs_err::write(root.join("w.gguf"), "weights\n").unwrap();
    expected.insert(b"w.gguf".to_vec(), (b"weights\n".to_vec(), false));
    expected
}

/// What came out; a mode that is none of the two, another time, and all that is neither file nor directory is a failure.
fn found(root: &Path, time: i64) -> BTreeMap<Vec<u8>, (Vec<u8>, bool)> {
    let mut found = BTreeMap::new();
    for entry in WalkDir::new(root).min_depth(1) {
        let entry = entry.unwrap();
        let path = entry.path().strip_prefix(root).unwrap().as_os_str().as_bytes().to_vec();
        if entry.file_type().is_dir() {
            assert_ne!(path, b"empty");
            continue;
        }
        assert!(entry.file_type().is_file());
        let metadata = entry.metadata().unwrap();
        let mode = metadata.mode() & 0o7777;
        assert!(mode == 0o644 || mode == 0o755, "{mode:o}");
        assert_eq!((metadata.mtime(), metadata.mtime_nsec()), (time, 0));
        found.insert(path, (fs_err::read(entry.path()).unwrap(), mode == 0o755));
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_comes_out_as_it_went_in(
        files in prop::collection::vec(planted(), 1..8),
        time in prop_oneof![Just(0), 1..2_000_000_000_i64],
    ) {
        let test = Test::new().file("m/.Modelfile", "NAME x\nFORMAT gguf\nMODEL w.gguf\nDOC **/f*\n");
        let expected = plant(&test.dir().join("m"), &files);
        let built = test.args(["--version"]).run();
        for form in [&["--spec", "modelpack"][..], &["--spec", "docker"], &["--spec", "modelpack", "--tar"]] {
            let build = built.then().env("SOURCE_DATE_EPOCH", time.to_string());
            let build = build.args(["build", "m", "-q", "-f", "m/.Modelfile", "-o", "a.tar"]).args(form).run();
            let out = built.then().args(["extract", "-q", "a.tar", "out"]).run();
            prop_assert_eq!(build.text(), out.text());
            prop_assert_eq!(&found(&built.dir().join("out"), time), &expected, "{:?}", form);
            fs_err::remove_dir_all(built.dir().join("out")).unwrap();
            fs_err::remove_file(built.dir().join("a.tar")).unwrap();
        }
    }
}
