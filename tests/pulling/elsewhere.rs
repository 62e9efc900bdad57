//! Blobs that another host serves, to which the registry sends us, and answers that lead nowhere.

use snapbox::str;

use super::Line;
use crate::harness::redact_times;
use crate::servers::http::Reply;
use crate::servers::proxy::Proxy;
use crate::servers::registry::{Instead, Options, Registry};
use crate::tiny::assert_same_text;

/// A store to which the registry sends us for blobs, and the proxy before it, at which something happens to the weights.
fn elsewhere(line: &Line, fault: &str) -> (Registry, Proxy) {
    let store = Registry::start(Options::default());
    let to = format!("{}/a/tiny:v1", store.address());
    line.built.then().args(["push", "-q", "pushed", &to]).run();
    let rule = format!("GET */blobs/{} always {fault}", line.weights);
    let elsewhere = Proxy::start(&store.address(), [rule.parse().unwrap()]);
    let there = elsewhere.address();
    line.registry.change(|options| {
        options.instead = Instead::of(move |request| {
            let is_blob = request.method == "GET" && request.path().contains("/blobs/");
            let there = format!("http://{there}{}", request.target);
            is_blob.then(|| Reply::new(307).header("Location", there))
        });
    });
    (store, elsewhere)
}

/// It is the other host that fails, whatever it does.
#[test]
fn the_host_that_fails_is_named() {
    for (fault, said) in [
        ("status=404", "has no blob"),
        ("delay=60000", "did not answer for 0.5 s: fetching `m.gguf`, for which"),
        (
            "stall-down=1000:60000",
            "did not answer for 0.5 s: fetching `m.gguf`, for which",
        ),
        ("cut-down=1000", "cannot be reached: fetching `m.gguf`, for which"),
        ("reset-down=1000", "cannot be reached: fetching `m.gguf`, for which"),
        ("lose-answer", "cannot be reached: fetching `m.gguf`, for which"),
    ] {
        let line = Line::new();
        let (_store, elsewhere) = elsewhere(&line, fault);
        let failed = line.pull().args(["--retries=0", "--timeout=500ms", "-j1"]);
        let failed = failed.status(5).stdout("").run();
        let error = failed.stderr.lines().find(|line| line.starts_with("error: ")).unwrap();
        assert!(error.contains(said), "{fault}: {error}");
        if fault != "status=404" {
            assert!(error.contains(&format!("{} ", elsewhere.address())), "{fault}: {error}");
        }
    }
}

#[test]
fn the_host_that_sends_too_little_is_named() {
    let line = Line::new();
    let (_store, elsewhere) = elsewhere(&line, "ignore-range shorten=3000000");
    let failed = line.pull().args(["-q", "--retries=0"]).status(4).stdout("").run();
    let said = failed.stderr.replace(&elsewhere.address(), "ELSEWHERE");
    assert_same_text(
        line.said(&said.replace(&line.weights, "WEIGHTS")),
        str![[r#"
error: `m.gguf`: ELSEWHERE has damaged content: the blob WEIGHTS, for which HOST sends us there, has 3000000 bytes, not 5242880
  = help: it must be pushed again, unless something before it cuts off what it sends; nothing was published

"#]],
    );
}

#[test]
fn an_answer_that_does_not_say_where_it_leads_is_an_error() {
    let line = Line::new();
    line.proxy
        .change(["GET */manifests/* always status=302".parse().unwrap()]);
    let failed = line.pull().status(5).stdout("").run();
    assert_same_text(
        redact_times(&line.said(&failed.stderr)),
        str![[r#"
error: HOST refused: fetching the manifest `a/tiny:v1`: status 302
  = help: it does not say where to go instead, or that is not safe to follow: name the host that is meant

"#]],
    );
}

/// A manifest may say what it likes of sizes.
#[test]
fn sizes_that_no_sum_holds_are_no_trouble() {
    let line = Line::new();
    line.registry.change(|options| {
        options.instead = Instead::of(|request| {
            let layer = |number: u8| {
                let digest = format!("sha256:{}", number.to_string().repeat(64));
                serde_json::json!({
                    "mediaType": "application/vnd.example", "digest": digest, "size": i64::MAX,
                    "annotations": {"org.opencontainers.image.title": number.to_string()},
                })
            };
            let manifest = serde_json::json!({
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "artifactType": "application/vnd.example",
                "config": {
                    "mediaType": "application/vnd.oci.empty.v1+json", "size": 2, "data": "e30=",
                    "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
                },
                "layers": [layer(1), layer(2), layer(3)],
            });
            let kind = "application/vnd.oci.image.manifest.v1+json";
            let reply = || Reply::json(200, &manifest).header("Content-Type", kind);
            let is_config = request.path().ends_with("caaff8a");
            (request.path().contains("/manifests/"))
                .then(reply)
                .or_else(|| is_config.then(|| Reply::new(200).bytes("{}")))
        });
    });
    let failed = line.pull().status(5).stdout("").run();
    assert!(failed.stderr.contains("has no blob sha256:"), "{}", failed.stderr);
}
