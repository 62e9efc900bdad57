//! Uploads as they should be, and what becomes of one that broke.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};

use super::{Curl, noise};
use crate::harness::sha256;
use crate::servers::registry::{Options, Registry, Sessions};

/// Sends a PATCH that ends after `content`, though its head promised more.
fn break_off(address: &str, path: &str, content: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    let promised = content.len() + 1000;
    let head = format!("PATCH {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {promised}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(content).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    // Until the registry has noticed.
    std::io::copy(&mut stream, &mut std::io::sink()).unwrap();
}

#[test]
fn chunks_are_appended_and_compared_with_the_digest() {
    let registry = Registry::start(Options::default());
    let Some(curl) = Curl::of(&registry.address()) else {
        return;
    };
    let content = noise(300_000);
    let path = curl.begin("a/b");
    let first = curl.send(
        "PATCH",
        &path,
        &content[..100_000],
        &["--header", "Content-Range: 0-99999"],
    );
    assert_eq!((first.status, first.header("Range")), (202, Some("0-99999")));
    assert_eq!(first.header("Location"), Some(&*path));
    let chunked = [
        "--header",
        "Transfer-Encoding: chunked",
        "--header",
        "Expect: 100-continue",
    ];
    let second = curl.send("PATCH", &path, &content[100_000..200_000], &chunked);
    assert_eq!((second.status, second.header("Range")), (202, Some("0-199999")));
    let status = curl.get(&path);
    assert_eq!((status.status, status.header("Range")), (204, Some("0-199999")));
    let early = curl.send("PATCH", &path, b"x", &["--header", "Content-Range: 0-0"]);
    assert_eq!((early.status, early.header("Range")), (416, Some("0-199999")));

    let digest = sha256(&content);
    let put = curl.send("PUT", &format!("{path}?digest={digest}"), &content[200_000..], &[]);
    assert_eq!((put.status, put.header("Docker-Content-Digest")), (201, Some(&*digest)));
    assert_eq!(curl.get(&path).code(), "BLOB_UPLOAD_UNKNOWN");
    assert_eq!(curl.get(&format!("/v2/a/b/blobs/{digest}")).body, content);
    assert_eq!(curl.ask("HEAD", &format!("/v2/a/blobs/{digest}"), &[]).status, 404);
    assert_eq!(registry.record.received_of(&content), (300_000, 3));
    assert_eq!(
        registry.record.lines(),
        format!(
            "POST /v2/a/b/blobs/uploads/ → 202\n\
             PATCH /v2/a/b/blobs/uploads/[ID] → 202\n\
             PATCH /v2/a/b/blobs/uploads/[ID] → 202\n\
             GET /v2/a/b/blobs/uploads/[ID] → 204\n\
             PATCH /v2/a/b/blobs/uploads/[ID] → 416\n\
             PUT /v2/a/b/blobs/uploads/[ID] → 201\n\
             GET /v2/a/b/blobs/uploads/[ID] → 404\n\
             GET /v2/a/b/blobs/{digest} → 200\n\
             HEAD /v2/a/blobs/{digest} → 404\n"
        )
    );

    let mount = curl.ask("POST", &format!("/v2/c/blobs/uploads/?mount={digest}&from=a/b"), &[]);
    assert_eq!(
        (mount.status, mount.header("Docker-Content-Digest")),
        (201, Some(&*digest))
    );
    let post = curl.send("POST", &format!("/v2/d/blobs/uploads/?digest={digest}"), &content, &[]);
    assert_eq!(post.status, 201);
    let wrong = curl.send("POST", &format!("/v2/d/blobs/uploads/?digest={digest}"), b"x", &[]);
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "DIGEST_INVALID"));
    let path = curl.begin("d");
    assert_eq!(curl.ask("DELETE", &path, &[]).status, 204);
    assert_eq!(registry.open_uploads(), 0);
}

#[test]
fn a_broken_upload_is_kept_cut_back_or_lost() {
    let content = noise(300_000);
    for (sessions, stands_at) in [
        (Sessions::Keep, Some("0-199999")),
        (Sessions::Truncate(50_000), Some("0-49999")),
        (Sessions::DropBroken, None),
        (Sessions::LoseAll, None),
    ] {
        let registry = Registry::start(Options {
            sessions,
            ..Options::default()
        });
        let Some(curl) = Curl::of(&registry.address()) else {
            return;
        };
        let (other, path) = (curl.begin("other"), curl.begin("a"));
        break_off(&registry.address(), &path, &content[..200_000]);
        let status = curl.get(&path);
        assert_eq!(status.header("Range"), stands_at, "{sessions:?}");
        let lost_all = sessions == Sessions::LoseAll;
        assert_eq!(curl.get(&other).status, if lost_all { 404 } else { 204 });
        assert_eq!(registry.record.of("PATCH")[0].received(), 200_000);
        assert!(registry.record.lines().contains("PATCH /v2/a/blobs/uploads/[ID] → -\n"));
        // What broke counts for the blob that it belonged to, though nobody had said which.
        curl.put_blob("a", &content);
        assert_eq!(registry.record.received_of(&content), (500_000, 2));
    }
}

#[test]
fn uploads_outlive_the_registry_unless_told_otherwise() {
    let root = tempfile::TempDir::new().unwrap();
    let first = Registry::start_in(root.path(), 0, Options::default());
    let port = first.port();
    let Some(curl) = Curl::of(&first.address()) else { return };
    let (content, path) = (noise(1000), curl.begin("a"));
    curl.send("PATCH", &path, &content, &[]);
    drop(first);
    assert_eq!(curl.get(&path).status, 0);
    let second = Registry::start_in(root.path(), port, Options::default());
    assert_eq!(curl.get(&path).header("Range"), Some("0-999"));
    second.truncate_uploads(10);
    assert_eq!(curl.get(&path).header("Range"), Some("0-9"));
    second.lose_uploads();
    assert_eq!(curl.get(&path).status, 404);
}
