//! A file that says that it is a tar of a layout.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelbuild::registry::Client;
use modelbuild::store::stored::{find, list};
use modelbuild::store::{Choice, Location, Reference};

fuzz_target!(|bytes: &[u8]| {
    let directory = tempfile::tempdir_in("/dev/shm").expect("memory");
    let file = directory.path().join("artifact.tar");
    fs_err::write(&file, bytes).expect("a file");
    let client = Client::default();
    let reference = Reference {
        location: Location::Archive(file),
        choice: Choice::Only,
        variant: Vec::new(),
    };
    if let Ok(found) = find(&reference, &client) {
        let _ = found.model();
    }
    let _ = list(&reference, &client, |found| {
        found.model().map(|model| Some(model.clone()))
    });
});
