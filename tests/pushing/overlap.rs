//! What goes on at the same time: each request here is held back until the other one has begun.

use std::process::Stdio;

use super::Line;
use crate::servers::registry::Options;
use crate::serving::noise;

#[test]
fn two_layers_are_on_their_way_at_once() {
    let line = Line::new(Options::default());
    line.spoil(&["PUT */blobs/uploads/* times=2 meet=2"]);
    line.push().args(["-j2"]).run();
    line.assert_arrived();
}

/// Each is read and hashed while it is sent.
#[test]
fn the_next_file_is_hashed_while_the_last_one_is_sent() {
    let line = Line::new(Options::default());
    let test = line.built.then().file("two/Modelfile", "NAME two\nMODEL *.bin\n");
    let test = test
        .file("two/a.bin", noise(3_000_000))
        .file("two/b.bin", noise(2_000_000));
    line.spoil(&["PATCH */blobs/uploads/* times=2 meet=2"]);
    let output = test
        .args(["build", "two", "-q", "--push", "-j2", "-t", &line.model()])
        .run();
    assert_eq!(line.registry.tag("some/model", "v1").as_deref(), Some(output.text()));
}

#[test]
fn two_pushes_of_one_artifact_at_once() {
    let line = Line::new(Options::default());
    line.spoil(&["POST */blobs/uploads/ times=2 meet=2"]);
    let push = line.push().args(["-j1"]);
    let begun = [(); 2].map(|()| {
        push.command()
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    });
    for push in begun {
        let output = push.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    line.assert_arrived();
}
