//! Registries that do less than the specification, or otherwise.

use snapbox::{IntoData, str};

use super::{CHUNK, Line, SIZE, weights};
use crate::harness::Test;
use crate::servers::registry::{Feature, Options, Uploads};
use crate::serving::noise;

/// A push, whose digests are known, and a build, whose are not before a file was read.
fn runs(line: &Line) -> [Test; 2] {
    let built = || line.built.then();
    let model = line.model();
    [
        built().args(["push", "layout", &model]),
        built().args(["build", "model", "-q", "--push", "-t", &model, "-j1"]),
    ]
}

/// The large layer takes one request after at most `lost` bytes that were for nothing.
#[track_caller]
fn assert_single(uploads: Uploads, lost: u64) {
    for run in 0..2 {
        let line = Line::in_chunks(Options {
            uploads,
            ..Options::default()
        });
        let [push, build] = runs(&line);
        if run == 0 { push } else { build }.run();
        line.assert_arrived();
        let puts = line.registry.record.of("PUT");
        let whole = puts.iter().filter(|entry| entry.received() == SIZE).count();
        assert_eq!(whole, 1, "{}", line.registry.record.lines());
        let chunks = line.registry.record.of("PATCH");
        let patched: u64 = chunks.iter().map(|entry| entry.received()).sum();
        assert!(patched <= lost, "{patched}\n{}", line.registry.record.lines());
        assert_eq!(line.registry.open_uploads(), 0, "{}", line.registry.record.lines());
    }
}

#[test]
fn chunks_that_are_too_long_make_room_for_one_request() {
    assert_single(Uploads::ChunksUpTo(300_000), CHUNK);
}

#[test]
fn a_registry_without_chunks_gets_one_request() {
    assert_single(Uploads::OnePut, CHUNK);
}

#[test]
fn a_registry_that_makes_a_blob_of_the_first_chunk_gets_one_request() {
    assert_single(Uploads::CreatedEarly, CHUNK);
}

/// Once, however many layers find it out at the same time: with what showed it, and how the next run knows.
#[test]
fn that_a_registry_takes_no_chunks_is_said_once() {
    for (uploads, expected) in [
        (
            Uploads::ChunksUpTo(300_000),
            str![[r#"
[HOST]: sending `weights.bin`: status 416 RANGE_INVALID; it takes no chunks, and each layer goes in one request from now on, as at once with `single-put = true` (docs/registries.md)
pushed `more.layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 6.00 MB; 2 written

"#]],
        ),
        (
            Uploads::OnePut,
            str![[r#"
[HOST]: sending `weights.bin`: status 400 UNSUPPORTED; it takes no chunks, and each layer goes in one request from now on, as at once with `single-put = true` (docs/registries.md)
pushed `more.layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 6.00 MB; 2 written

"#]],
        ),
        (
            Uploads::CreatedEarly,
            str![[r#"
[HOST]: sending `weights.bin`: status 201; it takes no chunks, and each layer goes in one request from now on, as at once with `single-put = true` (docs/registries.md)
pushed `more.layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 6.00 MB; 2 written

"#]],
        ),
    ] {
        let line = Line::in_chunks(Options {
            uploads,
            ..Options::default()
        });
        let test = line.built.then().file("model/Modelfile", "NAME tiny\nMODEL *.bin\n");
        let test = test.file("model/more.bin", noise(3_000_001));
        let built = test.args(["build", "model", "-q", "-o", "more.layout"]).run();
        let mut output = built.then().args(["push", "more.layout", &line.model()]).run();
        // Either may be the first.
        output.stderr = output.stderr.replace("more.bin", "weights.bin");
        line.assert_said(&output, expected);
    }
}

#[test]
fn a_registry_that_is_known_for_it_gets_one_request_at_once() {
    let line = Line::in_chunks(Options {
        uploads: Uploads::OnePut,
        ..Options::default()
    });
    let host = line.proxy.address();
    line.set(&format!(
        "[registry.\"{host}\"]\nsingle-put = true\nchunk-size = \"1MiB\"\n"
    ));
    line.push().run();
    line.assert_arrived();
    assert_eq!(line.sent_of(&weights()), (SIZE, 1));
    assert_eq!(line.registry.record.count("PATCH"), 0);
}

#[test]
fn chunks_are_as_large_as_the_registry_wants_them() {
    for run in 0..2 {
        let line = Line::in_chunks(Options {
            smallest_chunk: Some(2_000_000),
            ..Options::default()
        });
        let [push, build] = runs(&line);
        if run == 0 { push } else { build }.run();
        line.assert_arrived();
        assert_eq!(line.sent_of(&weights()), (SIZE, 2));
    }
}

#[test]
fn locations_may_be_whole_addresses() {
    let line = Line::in_chunks(Options {
        absolute_locations: true,
        ..Options::default()
    });
    line.push().run();
    line.assert_arrived();
    assert_eq!(line.sent_of(&weights()), (SIZE, 3));
}

#[test]
fn without_status_requests_a_broken_layer_begins_anew() {
    let line = Line::in_chunks(Options {
        without: vec![Feature::UploadStatus],
        ..Options::default()
    });
    line.spoil(&["PATCH */uploads/* skip=1 cut-up=500000"]);
    line.assert_said(
        &line.push().run(),
        str![[r#"
[HOST]: sending `weights.bin`: client error (SendRequest): [CHANCE]; again in [TIME]
[HOST]: sending `weights.bin`: begins anew, for the registry has lost [..]
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
    line.assert_arrived();
    assert_eq!(line.sent(), CHUNK + 500_000 + SIZE);
}

/// One error, and no second attempt at what is refused for good.
#[track_caller]
fn assert_refused(line: &Line, sent: u64, stderr: impl IntoData) {
    let output = line.push().status(5).stdout("").run();
    line.assert_said(&output, stderr);
    let bodies = line.registry.record.of("*");
    let most = bodies.iter().map(|entry| entry.received()).max();
    assert!(most <= Some(sent), "{}", line.registry.record.lines());
    assert_eq!(line.registry.tag("some/model", "v1"), None);
}

#[test]
fn a_layer_that_is_too_large_is_said_in_the_registry_s_words() {
    let options = || Options {
        largest_layer: Some((2_000_000, "at most 2 MB, ask the operator".to_owned())),
        ..Options::default()
    };
    assert_refused(
        &Line::new(options()),
        SIZE,
        str![[r#"
error: [HOST] refused: sending `weights.bin`: status 413 SIZE_INVALID: at most 2 MB, ask the operator
  = help: where a proxy limits requests, set a smaller `chunk-size` (docs/registries.md); where the registry takes no layer of this size, split the file into shards

"#]],
    );
    assert_refused(
        &Line::in_chunks(options()),
        CHUNK,
        str![[r#"
error: [HOST] refused: sending `weights.bin`: status 413 SIZE_INVALID: at most 2 MB, ask the operator
  = help: where a proxy limits requests, set a smaller `chunk-size` (docs/registries.md); where the registry takes no layer of this size, split the file into shards

"#]],
    );
}

#[test]
fn a_registry_that_only_reads_is_said_to() {
    let line = Line::new(Options {
        without: vec![Feature::Writing],
        ..Options::default()
    });
    assert_refused(
        &line,
        0,
        str![[r#"
error: [HOST] refused: sending `weights.bin`: status 405 UNSUPPORTED: the registry is in read-only mode
  = help: it may be read-only, or a mirror that takes no uploads

"#]],
    );
}

#[test]
fn a_layer_that_is_known_to_be_too_large_is_not_begun() {
    let line = Line::new(Options::default());
    let host = line.proxy.address();
    line.set(&format!("[registry.\"{host}\"]\nlargest-layer = \"2MB\"\n"));
    assert_refused(
        &line,
        0,
        str![[r#"
error: [HOST] takes at most 2000000 bytes per layer, and `weights.bin` has 3000000
  = help: split the file into shards; if it takes more, say so by `largest-layer` (docs/registries.md)

"#]],
    );
    assert_eq!(line.sent(), 0);
}
