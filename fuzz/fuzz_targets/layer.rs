//! A layer that says that it is a tar, compressed or not, and where it says to be extracted to: whatever is in it,
//! nothing beside the directory changes.
#![no_main]

use std::num::NonZeroUsize;

use libfuzzer_sys::fuzz_target;
use modelbuild::artifact::Descriptor;
use modelbuild::artifact::media_type::{MODELPACK_CONFIG, OCI_MANIFEST};
use modelbuild::model::manifest_for_layers;
use modelbuild::registry::{Cancel, Client};
use modelbuild::store::stored::find;
use modelbuild::store::{Choice, Durability, Location, Options, Reference, Silent, Tree, TreeOptions, transfer};

const CONFIG: &[u8] = br#"{"descriptor":{},"modelfs":{"type":"layers","diffIds":[]},"config":{}}"#;

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let mut parts = rest.splitn(2, |byte| *byte == 0);
    let (path, blob) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let encoding = ["raw", "tar", "tar+gzip", "tar+zstd"][usize::from(kind % 4)];
    let root = tempfile::tempdir_in("/dev/shm").expect("memory");
    let layout = root.path().join("layout");
    let blobs = layout.join("blobs/sha256");
    fs_err::create_dir_all(&blobs).expect("a directory");
    let put = |media_type: &str, bytes: &[u8]| {
        let descriptor = Descriptor::of(media_type, bytes);
        fs_err::write(blobs.join(descriptor.digest.hex()), bytes).expect("a file");
        descriptor
    };
    put(MODELPACK_CONFIG, CONFIG);
    let mut layer = put(&format!("application/vnd.cncf.model.dataset.v1.{encoding}"), blob);
    let path = String::from_utf8_lossy(path).into_owned();
    layer.annotations.insert("org.cncf.model.filepath".to_owned(), path);
    let Ok(manifest) = manifest_for_layers(MODELPACK_CONFIG, CONFIG, &[layer], &[].into()) else {
        return;
    };
    let entry = put(OCI_MANIFEST, &manifest);
    let index = serde_json::json!({ "schemaVersion": 2, "manifests": [entry] });
    fs_err::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a file");
    fs_err::write(layout.join("index.json"), index.to_string()).expect("a file");

    let client = Client::default();
    let reference = Reference {
        location: Location::Layout(layout),
        choice: Choice::Only,
        variant: Vec::new(),
    };
    let Ok(found) = find(&reference, &client) else { return };
    let options = TreeOptions {
        durability: Durability::Unsynced,
        max_unpacked: Some(1 << 20),
        ..TreeOptions::default()
    };
    if let Ok(tree) = Tree::new(root.path().join("out"), &found, options) {
        let jobs = Options {
            jobs: NonZeroUsize::MIN,
        };
        let _ = transfer(&found, &mut [Box::new(tree)], jobs, &Silent, &Cancel::default());
    }
    for entry in fs_err::read_dir(root.path()).expect("the directory") {
        let name = entry.expect("an entry").file_name();
        assert!(name == "layout" || name == "out", "{name:?} was made beside it");
    }
});
