//! Lists that have no end are not read to it, and not kept.

use serde_json::json;
use snapbox::str;

use super::Line;
use crate::servers::http::Reply;
use crate::servers::registry::Instead;
use crate::tiny::assert_same_text;

/// Every list has pages of at least so many bytes, and behind each another one; the two commands that read lists.
#[track_caller]
fn check(bytes: usize, pages: usize, expected: [impl snapbox::IntoData; 2]) {
    let line = Line::new();
    line.registry.change(|options| {
        options.instead = Instead::of(move |request| {
            let is_list = request.path().ends_with("/tags/list") || request.path().contains("/referrers/");
            let padding = " ".repeat(bytes);
            let page = json!({"schemaVersion": 2, "tags": ["v1"], "manifests": [], "padding": padding});
            let next = format!("<{}>; rel=\"next\"", request.target);
            is_list.then(|| Reply::json(200, &page).header("Link", next))
        });
    });
    let (remote, repository) = (line.remote(), format!("docker://{}/a/tiny", line.proxy.address()));
    let commands = [
        vec!["ls", &repository],
        vec!["pull", &remote, "-o", "out", "--referrers"],
    ];
    for (command, expected) in commands.into_iter().zip(expected) {
        line.proxy.record.clear();
        let failed = line.built.then().args(command).status(5).stdout("").run();
        let digest = line.registry.tag("a/tiny", "v1").unwrap();
        assert_same_text(line.said(&failed.stderr).replace(&digest, "DIGEST"), expected);
        let mut asked = line.proxy.record.entries();
        asked.retain(|entry| !entry.path().contains("/manifests/") && !entry.path().contains("/blobs/"));
        assert_eq!(asked.len(), pages);
    }
    line.check_unpublished();
}

#[test]
fn large_pages_without_end() {
    check(
        5 << 20,
        4,
        [
            str![[r#"
error: HOST does not answer as a registry does: listing the tags of a/tiny: its list has more than 16777216 bytes
  = help: check that HOST is a registry, and that nothing before it changes its answers

"#]],
            str![[r#"
error: HOST does not answer as a registry does: listing what refers to DIGEST: its list has more than 16777216 bytes
  = help: check that HOST is a registry, and that nothing before it changes its answers

"#]],
        ],
    );
}

#[test]
fn small_pages_without_end() {
    check(
        0,
        1000,
        [
            str![[r#"
error: HOST does not answer as a registry does: listing the tags of a/tiny: its list has more than 1000 pages
  = help: check that HOST is a registry, and that nothing before it changes its answers

"#]],
            str![[r#"
error: HOST does not answer as a registry does: listing what refers to DIGEST: its list has more than 1000 pages
  = help: check that HOST is a registry, and that nothing before it changes its answers

"#]],
        ],
    );
}
