//! What is fetched at the same time: each request here is held back until the other one has come.

use super::Line;
use crate::servers::proxy::Rule;

/// The first is for the config.
#[test]
fn two_layers_are_on_their_way_at_once() {
    for to in [["-o", "layout"], ["-o", "layout.tar"], ["--extract", "files"]] {
        let line = Line::new();
        let rule = "GET */blobs/* skip=1 times=2 meet=2";
        line.proxy.change([rule.parse::<Rule>().unwrap()]);
        let pull = ["pull", "-q", &line.remote(), "-j2", "--retries=0"];
        line.built.then().args(pull).args(to).run();
        let asked = line.proxy.record.lines();
        assert!(!asked.contains("→ 400"), "{to:?}\n{asked}");
    }
}
