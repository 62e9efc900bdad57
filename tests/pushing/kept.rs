//! Notes of uploads that an earlier process left, where something is wrong with them: the push is right all the same.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{CHUNK, Line, SIZE};
use crate::servers::registry::{Options, Registry};
use crate::serving::noise;

/// What is left of uploads: notes, and their locks.
fn files(line: &Line) -> Vec<PathBuf> {
    let directory = line.built.dir().join("../home/cache_home/modelbuild/uploads-1");
    let entries = fs_err::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// The notes that there are.
pub fn notes(line: &Line) -> Vec<PathBuf> {
    let mut notes = files(line);
    notes.retain(|path| path.extension().is_none());
    notes
}

/// A push to a new registry, which has ended after the first chunk.
fn broken() -> Line {
    let line = Line::in_chunks(Options::default());
    line.spoil(&["PATCH */uploads/* skip=1 always cut-up=0"]);
    line.push().args(["--retries=0"]).status(5).run();
    line.spoil(&[]);
    assert_ne!(notes(&line), Vec::<PathBuf>::new());
    line
}

/// Changes a note.
type Change = fn(&mut Value);

#[test]
fn a_note_that_is_wrong_costs_no_more_than_time() {
    let rows: [(&str, Change, u64, &str); 5] = [
        ("as it was", |_| {}, SIZE, "goes on at 1.05 MB"),
        (
            "older than an upload lives",
            |note| note["time"] = json!(note["time"].as_i64().unwrap() - 8 * 24 * 3600),
            CHUNK + SIZE,
            "",
        ),
        (
            "nobody is there",
            |note| note["location"] = json!("http://127.0.0.1:1/v2/some/model/blobs/uploads/0"),
            CHUNK + SIZE,
            "begins anew, for the registry does not say what it has of what an earlier run sent",
        ),
        // The registry's word counts.
        (
            "further than the file",
            |note| note["offset"] = json!(1_u64 << 40),
            SIZE,
            "goes on at 1.05 MB",
        ),
        (
            "of something else",
            |note| note["key"] = json!("else"),
            CHUNK + SIZE,
            "",
        ),
    ];
    for (what, change, sent, said) in rows {
        let line = broken();
        for path in notes(&line) {
            let mut note = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
            change(&mut note);
            fs_err::write(path, note.to_string()).unwrap();
        }
        let output = line.push().args(["--retries=1"]).run();
        assert!(output.stderr.contains(said), "{what}\n{}", output.stderr);
        let is_quiet = !output.stderr.contains("goes on at") && !output.stderr.contains("begins anew");
        assert_eq!(said.is_empty(), is_quiet, "{what}\n{}", output.stderr);
        line.assert_arrived();
        assert_eq!(line.sent(), sent, "{what}\n{}", line.proxy.record.lines());
        assert_eq!(files(&line), Vec::<PathBuf>::new(), "{what}");
    }
}

/// Whichever name of the layer it is noted under.
#[test]
fn of_several_notes_the_one_that_got_furthest_counts() {
    for index in 0..2 {
        let line = broken();
        let notes = notes(&line);
        assert_eq!(notes.len(), 2, "by its digest, and by its file");
        let mut note: Value = serde_json::from_slice(&fs_err::read(&notes[index]).unwrap()).unwrap();
        note["offset"] = json!(0);
        note["location"] = json!(format!("http://{}/v2/some/model/blobs/uploads/0", line.proxy.address()));
        fs_err::write(&notes[index], note.to_string()).unwrap();
        let output = line.push().run();
        assert!(output.stderr.contains("goes on at 1.05 MB"), "{}", output.stderr);
        line.assert_arrived();
        assert_eq!(line.sent(), SIZE, "{}", line.proxy.record.lines());
    }
}

/// Whoever brought it: there is nothing left to go on with.
#[test]
fn a_note_of_what_has_arrived_goes() {
    for sibling in ["", "--mount-from=another/model"] {
        let line = broken();
        let name = if sibling.is_empty() { "some" } else { "another" };
        let to = format!("{}/{name}/model:v1", line.proxy.address());
        line.built.then().args(["push", "layout", &to]).run();
        assert_ne!(notes(&line), Vec::<PathBuf>::new());
        let output = line.push().args((!sibling.is_empty()).then_some(sibling)).run();
        let is_said = ["goes on", "begins anew"]
            .iter()
            .any(|said| output.stderr.contains(said));
        assert!(!is_said, "{}", output.stderr);
        assert_eq!(notes(&line), Vec::<PathBuf>::new(), "{sibling}");
    }
}

#[test]
fn a_note_that_nobody_can_read_is_none() {
    for garbage in ["", "{", "[1, 2]", "{\"location\": 7}"] {
        let line = broken();
        for path in notes(&line) {
            fs_err::write(path, garbage).unwrap();
        }
        line.push().run();
        line.assert_arrived();
        assert_eq!(line.sent(), CHUNK + SIZE, "{garbage}");
    }
}

/// However old its lock is: that is as old as the first time that somebody sent it.
#[test]
fn a_note_that_another_process_is_at_stays() {
    let line = broken();
    let note = notes(&line).swap_remove(0);
    let other = note.with_file_name("0".repeat(64));
    let lock = fs_err::File::create(other.with_extension("lock")).unwrap();
    fs_err::write(&other, "a note").unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_hours(8 * 24);
    for file in [&lock, &fs_err::File::open(&other).unwrap()] {
        file.file().set_modified(long_ago).unwrap();
    }
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    line.push().run();
    assert!(other.with_extension("lock").exists());
    assert_eq!(notes(&line), [other.as_path()]);
    // The other one is done, and it is too old to be of use.
    drop(lock);
    let registry = Registry::start(Options::default());
    let host = registry.address();
    line.set(&format!("[registry.\"{host}\"]\nchunk-size = \"1MiB\"\n"));
    let again = line.built.then().cached();
    again.args(["push", "layout", &format!("{host}/some/model:v1")]).run();
    assert!(!other.with_extension("lock").exists());
    assert_eq!(notes(&line), Vec::<PathBuf>::new());
}

/// What it sent before is part of nothing that is there now.
#[test]
fn a_file_that_was_edited_between_two_runs_is_sent_from_its_beginning() {
    let line = Line::in_chunks(Options::default());
    let model = line.model();
    let build = || {
        line.built
            .then()
            .cached()
            .args(["build", "model", "--push", "-t", &model])
    };
    line.spoil(&["PATCH */uploads/* skip=1 always cut-up=0"]);
    build().args(["--retries=0", "-j1"]).status(5).run();
    line.spoil(&[]);
    let mut changed = noise(3_000_000);
    changed[7] ^= 1;
    let output = build().file("model/weights.bin", &changed).run();
    assert!(!output.stderr.contains("goes on at"), "{}", output.stderr);
    let (sent, _) = line.sent_of(&changed);
    assert_eq!(sent, SIZE, "{}", line.proxy.record.lines());
    let digest = output.text().split_whitespace().next();
    assert_eq!(line.registry.tag("some/model", "v1").as_deref(), digest);
}
