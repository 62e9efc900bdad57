//! A layout whose `index.json` is anything, and has one blob, which is anything too.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use modelbuild::digest::Digest;
use modelbuild::registry::Client;
use modelbuild::store::stored::{find, list};
use modelbuild::store::{Choice, Location, Reference};

fuzz_target!(|bytes: &[u8]| {
    let mut documents = bytes.splitn(2, |byte| *byte == 0);
    let (index, blob) = (
        documents.next().unwrap_or_default(),
        documents.next().unwrap_or_default(),
    );
    let directory = tempfile::tempdir_in("/dev/shm").expect("memory");
    let blobs = directory.path().join("blobs/sha256");
    fs_err::create_dir_all(&blobs).expect("a directory");
    // So that an index that is made up can name it.
    let name = Digest::of(blob).hex();
    let index = String::from_utf8_lossy(index)
        .replace("BLOB", &name)
        .replace("SIZE", &blob.len().to_string());
    fs_err::write(directory.path().join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a file");
    fs_err::write(directory.path().join("index.json"), index).expect("a file");
    fs_err::write(blobs.join(name), blob).expect("a file");
    open(directory.path());
});

fn open(layout: &Path) {
    let client = Client::default();
    let reference = Reference {
        location: Location::Layout(layout.to_owned()),
        choice: Choice::Only,
        variant: Vec::new(),
    };
    if let Ok(found) = find(&reference, &client) {
        let _ = found.model();
    }
    let _ = list(&reference, &client, |found| {
        found.model().map(|model| Some(model.clone()))
    });
}
