//! The tests' own proxy: each fault as curl sees it, before the tests' own registry.

use crate::harness::sha256;
use crate::servers::proxy::{End, Fault, Proxy, Rule, Way};
use crate::servers::registry::{Options, Registry};
use crate::serving::{Curl, noise};

/// A registry with a blob of 300,000 bytes in `a`, a proxy before it, and curl asking the proxy.
struct Line {
    registry: Registry,
    proxy: Proxy,
    curl: Curl,
    content: Vec<u8>,
    blob: String,
}

impl Line {
    fn new() -> Option<Self> {
        let registry = Registry::start(Options::default());
        let proxy = Proxy::start(&registry.address(), []);
        let (curl, content) = (Curl::of(&proxy.address())?, noise(300_000));
        let blob = format!("/v2/a/blobs/{}", curl.put_blob("a", &content));
        Some(Self {
            registry,
            proxy,
            curl,
            content,
            blob,
        })
    }

    /// The next GET of a blob goes wrong as `faults` says.
    fn spoil(&self, faults: &str) {
        self.proxy.change([format!("GET */blobs/* {faults}").parse().unwrap()]);
    }
}

#[test]
fn downloads_break_once_and_then_work() {
    let Some(line) = Line::new() else { return };
    let (curl, blob, content) = (&line.curl, line.blob.as_str(), &line.content);
    for (faults, status, success, passed) in [
        ("delay=1", 200, true, 300_000),
        ("rate-down=10000000", 200, true, 300_000),
        ("stall-down=100:1", 200, true, 300_000),
        ("cut-down=1000", 200, false, 1000),
        ("cut-down=0", 200, false, 0),
        ("reset-down=1000", 200, false, 1000),
        ("shorten=1000", 200, true, 1000),
        ("lose-answer", 0, false, 0),
        ("status=503", 503, true, 0),
    ] {
        line.spoil(faults);
        let spoilt = curl.get(blob);
        assert_eq!((spoilt.status, spoilt.success), (status, success), "{faults}");
        assert_eq!(spoilt.body, &content[..passed], "{faults}");
        let sent = line.proxy.record.of("GET").last().unwrap().sent();
        assert_eq!(sent, passed as u64, "{faults}");
        let good = curl.get(blob);
        assert!(good.success && good.body == *content, "{faults}");
    }
}

#[test]
fn answers_are_other_ones() {
    let Some(line) = Line::new() else { return };
    let (curl, blob, content) = (&line.curl, line.blob.as_str(), &line.content);
    line.proxy.change([Rule::new("GET", "*").fault(Fault::Answer {
        status: 429,
        retry_after: Some("1".to_owned()),
        body: "slow down".to_owned(),
    })]);
    let spoilt = curl.get(blob);
    assert_eq!((spoilt.status, spoilt.header("Retry-After")), (429, Some("1")));
    assert_eq!(spoilt.body, b"slow down");
    line.spoil("digest=sha256:0 location=http://elsewhere/");
    let spoilt = curl.get(blob);
    assert_eq!(spoilt.header("Docker-Content-Digest"), Some("sha256:0"));
    assert_eq!(spoilt.header("Location"), Some("http://elsewhere/"));
    line.spoil("flip-down=7");
    let mut expected = content.clone();
    expected[7] = !expected[7];
    assert_eq!(curl.get(blob).body, expected);
    line.spoil("ignore-range");
    let range = || curl.ask("GET", blob, &["--range", "5-9"]);
    assert_eq!((range().status, range().status), (200, 206));
    assert!("GET * nonsense".parse::<Rule>().unwrap_err().contains("`nonsense`"));
}

#[test]
fn another_origin_serves_and_wants_no_credentials() {
    let Some(line) = Line::new() else { return };
    line.proxy
        .change([Rule::new("GET", "*/blobs/*").always().fault(Fault::Redirect)]);
    assert_eq!(line.curl.get(&line.blob).status, 307);
    let follow = |args: &[&str]| line.curl.ask("GET", &line.blob, &[&["--location"], args].concat());
    assert_eq!(follow(&["--user", "bob:hunter2"]).body, line.content);
    assert!(line.proxy.redirected.schemes().is_empty());
    assert_eq!(follow(&["--range", "5-9"]).body, &line.content[5..10]);
    let leaked = follow(&["--user", "bob:hunter2", "--location-trusted"]);
    assert_eq!(leaked.status, 400);
    assert_eq!(line.proxy.redirected.schemes(), ["Basic"]);
}

#[test]
fn uploads_break_where_told() {
    let Some(line) = Line::new() else { return };
    let (curl, content) = (&line.curl, &line.content);
    let range = |length: usize| format!("0-{}", length - 1);
    for (fault, status, arrived) in [
        (Fault::Cut(Way::Up, 100_000, End::Close), 0, 100_000),
        (Fault::Cut(Way::Up, 100_000, End::Reset), 0, 100_000),
        (Fault::LoseAnswer, 0, 300_000),
        (Fault::Rate(Way::Up, 10_000_000), 202, 300_000),
        (Fault::Flip(Way::Up, 0), 202, 300_000),
    ] {
        line.proxy
            .change([Rule::new("PATCH", "*/blobs/uploads/*").fault(fault.clone())]);
        let path = curl.begin("a");
        // curl would ask first, and wait: `Expect: 100-continue`.
        let spoilt = curl.send("PATCH", &path, content, &["--header", "Expect:"]);
        assert_eq!(spoilt.status, status, "{fault:?}");
        assert_eq!(curl.get(&path).header("Range"), Some(&*range(arrived)), "{fault:?}");
    }
    // The first attempt passes, the second is refused without having been read, the third passes.
    line.proxy
        .change([Rule::new("PATCH", "*").skip(1).times(1).status(500)]);
    let path = curl.begin("a");
    let statuses = [0, 1, 2].map(|_| curl.send("PATCH", &path, &content[..10], &[]).status);
    assert_eq!(statuses, [202, 500, 202]);
    assert_eq!(curl.get(&path).header("Range"), Some("0-19"));
    line.registry.record.clear();
    let path = format!("{}?digest={}", curl.begin("a"), sha256(content));
    line.proxy.change([]);
    assert_eq!(
        curl.send("PUT", &path, content, &["--header", "Transfer-Encoding: chunked"])
            .status,
        201
    );
    assert_eq!(line.registry.record.received_of(content), (300_000, 1));
}

#[test]
fn what_the_server_refuses_early_is_heard() {
    let Some(line) = Line::new() else { return };
    line.registry.change(|options| {
        options.uploads = crate::servers::registry::Uploads::ChunksUpTo(1);
    });
    let refused = line.curl.send("PATCH", &line.curl.begin("a"), &noise(3_000_000), &[]);
    assert_eq!((refused.status, refused.code().as_str()), (416, "RANGE_INVALID"));
}
