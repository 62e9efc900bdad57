//! What some registries do otherwise, as curl sees it.

use super::{Curl, noise};
use crate::harness::sha256;
use crate::servers::registry::{Feature, Options, Ranges, Registry, Uploads};

#[test]
fn ranges_are_honoured_ignored_or_wrong() {
    let registry = Registry::start(Options::default());
    let Some(curl) = Curl::of(&registry.address()) else {
        return;
    };
    let content = noise(1000);
    let path = format!("/v2/a/blobs/{}", curl.put_blob("a", &content));
    for (ranges, status, said, expected) in [
        (Ranges::Honoured, 206, Some("bytes 10-999/1000"), &content[10..]),
        (Ranges::Ignored, 200, None, &content[..]),
        (Ranges::OffBy(1), 206, Some("bytes 11-999/1000"), &content[11..]),
        (Ranges::OffByUnsaid(1), 206, Some("bytes 10-999/1000"), &content[11..]),
        (Ranges::OffBy(-1), 206, Some("bytes 9-999/1000"), &content[9..]),
        (Ranges::OffByUnsaid(-1), 206, Some("bytes 10-999/1000"), &content[9..]),
    ] {
        registry.change(|options| options.ranges = ranges);
        let got = curl.ask("GET", &path, &["--header", "Range: bytes=10-"]);
        assert_eq!((got.status, got.header("Content-Range")), (status, said), "{ranges:?}");
        assert_eq!(got.body, expected, "{ranges:?}");
    }
    registry.change(|options| options.ranges = Ranges::Honoured);
    let range = |range: &str| curl.ask("GET", &path, &["--range", range]);
    assert_eq!(range("10-19").body, &content[10..20]);
    assert_eq!(range("-5").body, &content[995..]);
    let beyond = range("1000-");
    assert_eq!(
        (beyond.status, beyond.header("Content-Range")),
        (416, Some("bytes */1000"))
    );
    // The registry sends what lies there.
    fs_err::write(registry.content(&sha256(&content)), "spoilt").unwrap();
    assert_eq!(curl.get(&path).body, b"spoilt");
}

#[test]
fn uploads_are_refused_as_some_registries_do() {
    let registry = Registry::start(Options::default());
    let Some(curl) = Curl::of(&registry.address()) else {
        return;
    };
    let chunk = |uploads| {
        registry.change(|options| options.uploads = uploads);
        curl.send("PATCH", &curl.begin("a"), &noise(1000), &[]).status
    };
    assert_eq!(chunk(Uploads::Any), 202);
    assert_eq!(chunk(Uploads::ChunksUpTo(1000)), 202);
    assert_eq!(chunk(Uploads::ChunksUpTo(999)), 416);
    assert_eq!(chunk(Uploads::OnePut), 400);
    assert_eq!(chunk(Uploads::CreatedEarly), 201);
    registry.change(|options| {
        options.uploads = Uploads::ChunksUpTo(999);
        options.largest_layer = Some((1500, "layers of at most 1500 bytes, please".to_owned()));
        options.smallest_chunk = Some(7);
    });
    // A stream says no length: what is too long shows on the way.
    let path = curl.begin("a");
    let streamed = curl.send(
        "PATCH",
        &path,
        &noise(1000),
        &["--header", "Transfer-Encoding: chunked"],
    );
    assert_eq!(streamed.status, 416);
    assert_eq!(curl.get(&path).header("Range"), Some("0-0"));
    registry.change(|options| options.absolute_locations = true);
    let begun = curl.ask("POST", "/v2/a/blobs/uploads/", &[]);
    assert_eq!(begun.header("OCI-Chunk-Min-Length"), Some("7"));
    let location = begun.header("Location").unwrap();
    let path = location
        .strip_prefix(&format!("http://{}", registry.address()))
        .unwrap();
    assert_eq!(curl.send("PATCH", path, &noise(900), &[]).status, 202);
    let more = curl.send("PATCH", path, &noise(900), &[]);
    assert_eq!((more.status, more.code().as_str()), (413, "SIZE_INVALID"));
    assert_eq!(
        more.json()["errors"][0]["message"],
        "layers of at most 1500 bytes, please"
    );
}

#[test]
fn features_can_be_missing() {
    let registry = Registry::start(Options::default());
    let Some(curl) = Curl::of(&registry.address()) else {
        return;
    };
    let content = noise(1000);
    let (digest, path) = (curl.put_blob("a", &content), curl.begin("a"));
    registry.change(|options| {
        options.without = vec![
            Feature::UploadStatus,
            Feature::Mount,
            Feature::SinglePost,
            Feature::Referrers,
        ];
    });
    assert_eq!(curl.get(&path).status, 400);
    assert_eq!(curl.get(&format!("/v2/a/referrers/{digest}")).status, 404);
    let post = |query: &str| {
        curl.send("POST", &format!("/v2/b/blobs/uploads/?{query}"), &content, &[])
            .status
    };
    assert_eq!(post(&format!("mount={digest}&from=a")), 202);
    assert_eq!(post(&format!("digest={digest}")), 202);
    registry.change(|options| options.without = vec![Feature::Writing]);
    let refused = curl.ask("POST", "/v2/a/blobs/uploads/", &[]);
    assert_eq!((refused.status, refused.code().as_str()), (405, "UNSUPPORTED"));
    assert_eq!(curl.get(&format!("/v2/a/blobs/{digest}")).body, content);
}
