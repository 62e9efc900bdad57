//! Blobs that another host serves, to which the registry sends us.

use super::Line;
use crate::servers::http::Reply;
use crate::servers::proxy::Proxy;
use crate::servers::registry::{Instead, Options, Registry};

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
        let failed = line.pull().args(["--retries=0", "--timeout=500ms", "-j1"]);
        let failed = failed.status(5).stdout("").run();
        let error = failed.stderr.lines().find(|line| line.starts_with("error: ")).unwrap();
        assert!(error.contains(said), "{fault}: {error}");
        if fault != "status=404" {
            assert!(error.contains(&format!("{} ", elsewhere.address())), "{fault}: {error}");
        }
    }
}
