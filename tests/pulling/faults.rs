//! What goes wrong between a registry and us: the transfer is right in the end, or there is one clear error.

use std::time::Duration;

use snapbox::str;

use super::{Line, WEIGHTS};
use crate::authorized::{SECRET, basic, bearer};
use crate::servers::proxy::{Fault, Rule};
use crate::servers::registry::{Options, Ranges, TokenService};
use crate::tiny::assert_same_text;

/// Where downloads break.
const HERE: u64 = 3_000_000;

#[test]
fn a_download_that_breaks_goes_on_where_it_stood() {
    for (faults, requests, fetched) in [
        (&["cut-down=3000000"][..], 2, WEIGHTS),
        (&["cut-down=2000000", "cut-down=1500000"], 3, WEIGHTS),
        (&["shorten=3000000"], 2, WEIGHTS),
        (&["lose-answer"], 2, WEIGHTS),
        (&["delay=10"], 1, WEIGHTS),
        (&["rate-down=50000000"], 1, WEIGHTS),
        (&["stall-down=100:10"], 1, WEIGHTS),
        (&["status=503"], 2, WEIGHTS),
        (&["status=429:1"], 2, WEIGHTS),
        (&["status=408", "status=500", "status=502"], 4, WEIGHTS),
        (&["digest=sha256:0000"], 1, WEIGHTS),
        // A part cannot be had: all of it comes again, once.
        (&["cut-down=3000000", "ignore-range"], 2, HERE + WEIGHTS),
        (&["cut-down=3000000", "status=416"], 3, HERE + WEIGHTS),
    ] {
        let line = Line::new();
        line.spoil(faults);
        line.pull().run();
        line.check();
        assert_eq!(line.fetched(), (fetched, requests), "{faults:?}");
    }
}

/// A reset takes away what had arrived and was not read yet; how much that is, is chance.
#[test]
fn a_connection_that_is_reset_is_made_anew() {
    let line = Line::new();
    line.spoil(&["reset-down=3000000"]);
    line.pull().run();
    line.check();
    let (fetched, requests) = line.fetched();
    assert_eq!(requests, 2);
    assert!((WEIGHTS..=WEIGHTS + HERE).contains(&fetched), "{fetched}");
}

/// Bytes at the wrong place would be found out at the very end, and not understood then.
#[test]
fn parts_that_are_not_what_was_asked_for_are_not_taken() {
    for ranges in [Ranges::OffBy(1), Ranges::OffByUnsaid(1), Ranges::OffByUnsaid(-1)] {
        let line = Line::with(Options {
            ranges,
            ..Options::default()
        });
        line.spoil(&["cut-down=3000000"]);
        line.pull().run();
        line.check();
        assert_eq!(line.fetched().1, 3, "{ranges:?}");
    }
    // What begins too early, and says so, has the rest in it.
    let line = Line::with(Options {
        ranges: Ranges::OffBy(-1),
        ..Options::default()
    });
    line.spoil(&["cut-down=3000000"]);
    line.pull().run();
    line.check();
    assert_eq!(line.fetched(), (WEIGHTS + 1, 2));
}

/// The first request of each kind fails with what may pass: each status at each place.
#[test]
fn what_may_pass_is_asked_for_again() {
    for status in [408, 429, 500, 502, 503, 504] {
        let line = Line::new();
        let fault = format!("status={status}");
        let blob = format!("GET */blobs/{} {fault}", line.weights);
        let rules = [format!("GET */manifests/* {fault}"), blob];
        line.proxy.change(rules.map(|rule| rule.parse::<Rule>().unwrap()));
        let pulled = line.pull().run();
        let said = line.said(&pulled.stderr).replace(&status.to_string(), "STATUS");
        assert_same_text(
            said,
            str![[r#"
HOST: fetching the manifest `a/tiny:v1`: status STATUS; again in [TIME]
HOST: fetching `m.gguf`: status STATUS; again in [TIME]
pulled `HOST/a/tiny:v1` to `out` in [TIME]: 3 layers, 5.24 MB; 3 written

"#]],
        );
        line.check();
        assert_eq!(line.fetched(), (WEIGHTS, 2), "{status}");
        assert_eq!(line.proxy.record.count("GET"), 7, "{}", line.proxy.record.lines());
    }
}

/// A disk that is full and a network that wants a login are for somebody to see to.
#[test]
fn what_does_not_pass_is_asked_for_once() {
    for status in [400, 404, 501, 505, 507, 511] {
        let line = Line::new();
        line.spoil(&[&format!("always status={status}")]);
        let failed = line.pull().args(["-q"]).status(5).run();
        assert_eq!(line.fetched().1, 1, "{status}\n{}", line.proxy.record.lines());
        assert!(!failed.stderr.contains("the same command"), "{}", failed.stderr);
    }
}

/// What says that it is all there is, and is shorter, is damage, as what is longer.
#[test]
fn a_blob_of_another_size_is_damaged() {
    for (shorten, has) in [(0, "0"), (3_000_000, "3000000")] {
        let line = Line::new();
        line.spoil(&[&format!("always ignore-range shorten={shorten}")]);
        let failed = line.pull().args(["-q", "--retries=1"]).status(4).run();
        let said = failed.stderr.replace(&line.weights, "WEIGHTS");
        assert_same_text(
            line.said(&said),
            format!(
                "error: `m.gguf`: HOST has damaged content: the blob WEIGHTS has {has} bytes, not {WEIGHTS}\n  \
                 = help: it must be pushed again, unless something before it cuts off what it sends; nothing was published\n"
            ),
        );
        line.check_unpublished();
    }
}

/// What it asks for is told, and the next request is not made before.
#[test]
fn a_registry_is_waited_for_as_long_as_it_asks() {
    let line = Line::new();
    let blob = format!("GET */blobs/{} status=429:2", line.weights);
    let rules = ["GET */manifests/* status=503:1", blob.as_str()];
    line.proxy.change(rules.map(|rule| rule.parse::<Rule>().unwrap()));
    let pulled = line.pull().run();
    let told: Vec<_> = pulled.stderr.lines().filter(|line| line.contains("again in")).collect();
    let host = line.proxy.address();
    assert_eq!(
        told,
        [
            format!("{host}: fetching the manifest `a/tiny:v1`: status 503; again in 1.0 s"),
            format!("{host}: fetching `m.gguf`: status 429; again in 2.0 s"),
        ]
    );
    line.check();
    for (path, least) in [("/a/tiny/manifests/v1", 1), (line.weights.as_str(), 2)] {
        let mut entries = line.proxy.record.entries();
        entries.retain(|entry| entry.path().ends_with(path));
        let [refused, served] = &entries[..] else {
            panic!("{}", line.proxy.record.lines())
        };
        assert!(served.at - refused.at >= Duration::from_secs(least), "{path}");
    }
}

#[test]
fn what_was_fetched_is_kept_for_the_next_process() {
    let line = Line::new();
    line.spoil(&["cut-down=3000000", "status=404"]);
    let failed = line.pull().status(5).run();
    assert_same_text(
        line.said(&failed.stderr),
        str![[r#"
HOST: fetching `m.gguf`: error reading a body from connection: end of file before message length reached; again in [TIME]
error: `m.gguf`: HOST has no blob sha256:[..]
  = help: the registry has lost a part of the artifact: push it again

"#]],
    );
    line.check_unpublished();
    assert_eq!(fs_err::metadata(line.partial()).unwrap().len(), HERE);
    line.proxy.change([]);
    let pulled = line.pull().run();
    assert_same_text(
        line.said(&pulled.stderr),
        str![[r#"
HOST: fetching `m.gguf`: goes on at 3.00 MB
pulled `HOST/a/tiny:v1` to `out` in [TIME]: 3 layers, 5.24 MB; 1 written, 2 there already

"#]],
    );
    line.check();
    assert_eq!(line.fetched(), (WEIGHTS, 3));
}

#[test]
fn credentials_of_a_registry_stay_there_where_it_redirects() {
    let tokens = TokenService::start("bob", SECRET);
    for (access, scheme) in [(basic(), "Basic"), (bearer(&tokens), "Bearer")] {
        let line = Line::new();
        line.registry.change(|options| options.access = access);
        line.spoil(&["always redirect"]);
        line.pull()
            .args(["--username", "bob", "--password-stdin"])
            .stdin(SECRET)
            .run();
        line.check();
        assert_eq!(line.proxy.redirected.sent(), WEIGHTS);
        assert_eq!(line.proxy.record.schemes(), [scheme]);
        assert_eq!(line.proxy.redirected.schemes(), Vec::<String>::new());
    }
}

#[test]
fn documents_that_break_off_are_asked_for_again() {
    let line = Line::new();
    line.proxy.change([
        "GET */manifests/* cut-down=20".parse::<Rule>().unwrap(),
        "GET */manifests/* lose-answer".parse().unwrap(),
        "GET */blobs/* cut-down=1".parse().unwrap(),
    ]);
    line.pull().run();
    line.check();
}

/// One error, the whole of what is said, the exit code, and nothing to be seen of the artifact.
#[track_caller]
fn fails(line: &Line, status: i32, expected: impl snapbox::IntoData) {
    let failed = line.pull().args(["--progress", "none"]).status(status).run();
    assert_same_text(line.said(&failed.stderr), expected);
    line.check_unpublished();
}

#[test]
fn bytes_that_are_not_the_right_ones_are_not_kept() {
    let line = Line::new();
    line.spoil(&["flip-down=4000000"]);
    fails(
        &line,
        4,
        str![[r#"
error: `m.gguf`: HOST sent damaged content: the blob has the digest sha256:[..], not sha256:[..]
  = help: the registry, or something before it, changes bytes: nothing of it was kept

"#]],
    );
    assert!(!line.partial().exists());
    assert_eq!(line.fetched(), (WEIGHTS, 1));
    line.pull().run();
    line.check();

    // A small one too.
    let line = Line::new();
    line.proxy
        .change(["GET */blobs/* skip=1 always flip-down=1".parse::<Rule>().unwrap()]);
    let failed = line.pull().args(["--progress", "none"]).status(4).run();
    assert!(failed.stderr.contains("HOST sent damaged content") || failed.stderr.contains("sent damaged content"));
    line.check_unpublished();
}

#[test]
fn a_registry_that_lost_a_part_of_a_blob_says_so() {
    let line = Line::new();
    let content = line.registry.content(&line.weights);
    let file = fs_err::OpenOptions::new().write(true).open(content).unwrap();
    file.set_len(HERE).unwrap();
    fails(
        &line,
        4,
        str![[r#"
error: `m.gguf`: HOST has damaged content: the blob sha256:[..] has 3000000 bytes, not 5242880
  = help: it must be pushed again, unless something before it cuts off what it sends; nothing was published

"#]],
    );
    // What it answered to the request for the rest says so in a few words.
    assert!((HERE..HERE + 200).contains(&line.fetched().0));
}

#[test]
fn manifests_that_are_none() {
    let line = Line::new();
    let answer = |body: String| {
        Rule::new("GET", "*/manifests/*").always().fault(Fault::Answer {
            status: 200,
            retry_after: None,
            body,
        })
    };
    line.proxy.change([answer(" ".repeat(17 << 20))]);
    fails(
        &line,
        5,
        str![[r#"
error: HOST does not answer as a registry does: fetching the manifest `a/tiny:v1`: its answer has more than 16777216 bytes
  = help: check that HOST is a registry, and that nothing before it changes its answers

"#]],
    );
    line.proxy.change([answer("{\"schemaVersion\": 2,".to_owned())]);
    fails(
        &line,
        3,
        str![[r#"
error: `HOST/a/tiny:v1`: the manifest cannot be read: EOF while parsing a value at line 1 column 20

"#]],
    );
    line.proxy.change([answer("<html>log in</html>".to_owned())]);
    fails(
        &line,
        3,
        str![[r#"
error: `HOST/a/tiny:v1`: the manifest cannot be read: expected value at line 1 column 1

"#]],
    );
    let zeros = "0".repeat(64);
    line.proxy.change([format!("GET */manifests/* digest=sha256:{zeros}")
        .parse::<Rule>()
        .unwrap()]);
    fails(
        &line,
        4,
        str![[r#"
error: HOST sent damaged content: the manifest `a/tiny:v1` has the digest sha256:88ef2565ff57ebb4ea01050a1499080a4cc4464aa0c294f5ee8e13addc3bd86c, not sha256:0000000000000000000000000000000000000000000000000000000000000000
  = help: the registry, or something before it, changes bytes: nothing of it was kept

"#]],
    );
}

/// What servers answer that want TLS, and are spoken to without it.
#[test]
fn what_may_want_tls() {
    let line = Line::new();
    line.spoil(&["always status=400"]);
    let from = format!("{}/a/tiny:v1", line.proxy.address());
    let failed = line.built.then().args(["pull", &from]).status(5).run();
    assert_same_text(
        line.said(&failed.stderr),
        str![[r#"
error: HOST refused: fetching `m.gguf`: status 400
  = help: if HOST speaks TLS, write `plain-http = false` into a table `[registry."HOST"]` (docs/registries.md), or name the authority that signed its certificate with `--ca-file FILE`

"#]],
    );
}

#[test]
fn what_is_not_there() {
    let line = Line::new();
    let missing = format!("{}/a/tiny:v2", line.proxy.address());
    let failed = line.built.then().args(["pull", &missing]).status(5).run();
    assert_same_text(
        line.said(&failed.stderr),
        str![[r#"
error: HOST has no `HOST/a/tiny:v2`
  = help: check repository and tag, `latest` where none is given; `modelbuild ls docker://HOST/a/tiny` lists the tags

"#]],
    );
    line.spoil(&["always status=403"]);
    fails(
        &line,
        5,
        str![[r#"
error: HOST denied access: fetching `m.gguf`: status 403
  = help: log in with `modelbuild login HOST`

"#]],
    );
}

#[test]
fn a_registry_that_wants_to_be_left_alone_for_an_hour_is() {
    let line = Line::new();
    line.spoil(&["always status=429:3600"]);
    fails(
        &line,
        5,
        str![[r#"
error: HOST refused: fetching `m.gguf`: status 429
  = help: it takes no more requests for now: wait, or use `-j 1`

"#]],
    );
    assert_eq!(line.fetched(), (0, 1));
}
