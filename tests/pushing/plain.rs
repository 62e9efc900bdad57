//! Nothing goes wrong: what is asked, what is sent, and what is not.

use snapbox::{assert_data_eq, str};

use super::{Line, SIZE, weights};
use crate::harness::{Test, sha256, tree};
use crate::oracle::oracle;
use crate::servers::registry::{Feature, Options};
use crate::serving::{copy, noise};

/// The requests, sorted, since two layers are on their way at the same time.
fn sorted(lines: &str) -> String {
    let mut lines: Vec<_> = lines.lines().map(|line| format!("{line}\n")).collect();
    lines.sort();
    lines.concat()
}

#[test]
fn a_push_asks_for_what_it_must_and_ends_with_config_and_manifest() {
    let line = Line::new(Options::default());
    let output = line.push().run();
    line.assert_arrived();
    line.assert_said(
        &output,
        str![[r#"
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
    let lines = line.registry.record.lines();
    assert_data_eq!(
        sorted(&lines),
        str![[r#"
HEAD /v2/some/model/blobs/sha256:04729ed98f5a4603facba026cbe2da9f7b2b5c2609f5e16a6b7f33408725cc9b → 404
HEAD /v2/some/model/blobs/sha256:ac64956bfb8b88d81f18a14627f9e7a1b5a9cdf2034344cbe78817d474154fb8 → 404
HEAD /v2/some/model/blobs/sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88 → 404
HEAD /v2/some/model/manifests/v1 → 404
POST /v2/some/model/blobs/uploads/ → 202
POST /v2/some/model/blobs/uploads/ → 202
POST /v2/some/model/blobs/uploads/ → 202
PUT /v2/some/model/blobs/uploads/[ID] → 201
PUT /v2/some/model/blobs/uploads/[ID] → 201
PUT /v2/some/model/blobs/uploads/[ID] → 201
PUT /v2/some/model/manifests/v1 → 201

"#]]
    );
    assert_data_eq!(
        last(&lines, 5),
        str![[r#"
HEAD /v2/some/model/blobs/sha256:04729ed98f5a4603facba026cbe2da9f7b2b5c2609f5e16a6b7f33408725cc9b → 404
POST /v2/some/model/blobs/uploads/ → 202
PUT /v2/some/model/blobs/uploads/[ID] → 201
HEAD /v2/some/model/manifests/v1 → 404
PUT /v2/some/model/manifests/v1 → 201
"#]]
    );
    assert_eq!(line.sent(), SIZE);
}

/// The last requests.
fn last(lines: &str, count: usize) -> String {
    let all: Vec<_> = lines.lines().collect();
    all[all.len() - count..].join("\n")
}

#[test]
fn what_is_there_is_looked_for_and_not_sent() {
    let line = Line::new(Options::default());
    line.push().run();
    line.forget();
    let output = line.push().run();
    line.assert_said(
        &output,
        str![[r#"
`[HOST]/some/model:v1` is up to date with `layout`: 2 layers, 3.00 MB

"#]],
    );
    let record = &line.registry.record;
    assert_eq!(record.count("HEAD"), record.count("*"), "{}", record.lines());
}

/// The manifest is there, and a layer is not: that is no repository in which all was as it should be.
#[test]
fn what_was_lost_is_sent_and_said() {
    let line = Line::new(Options::default());
    line.push().run();
    line.registry.lose_blob("some/model", &sha256(&weights()));
    line.forget();
    line.assert_said(
        &line.push().run(),
        str![[r#"
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 1 written (3.00 MB), 1 there already

"#]],
    );
    line.assert_arrived();
    line.registry.lose_blob("some/model", &sha256(&weights()));
    let again = ["build", "model", "--push", "-t", &line.model(), "--format", "json"];
    let built = line.built.then().args(again).run();
    let result: serde_json::Value = serde_json::from_slice(&built.stdout).unwrap();
    assert_eq!(result["upToDate"], false, "{result}");
}

#[test]
fn several_tags_of_a_repository_are_one_push() {
    let line = Line::new(Options::default());
    let host = line.proxy.address();
    let others = [format!("{host}/some/model:v2"), format!("{host}/some/model")];
    let output = line.push().args(&others).run();
    line.assert_said(
        &output,
        str![[r#"
pushed `layout` to `[HOST]/some/model:v1, :v2, :latest` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
    line.assert_arrived();
    for tag in ["v2", "latest"] {
        assert_eq!(line.registry.tag("some/model", tag).as_deref(), Some(line.built.text()));
    }
    assert_eq!(line.sent_of(&weights()), (SIZE, 1));
}

#[test]
fn a_layer_of_a_sibling_is_mounted() {
    let line = Line::new(Options::default());
    line.push().run();
    for (from, to, arrived) in [("some/model", "one/model", 0), ("nobody/here", "two/model", SIZE)] {
        line.forget();
        let to = format!("{}/{to}", line.proxy.address());
        let push = line.built.then().args(["push", "layout", &to, "--mount-from", from]);
        push.run();
        assert_eq!(line.sent(), arrived, "{from}\n{}", line.registry.record.lines());
    }
}

#[test]
fn a_copy_within_a_registry_moves_no_layer() {
    let line = Line::new(Options::default());
    line.push().run();
    line.forget();
    let to = format!("docker://{}/other/model:v9", line.proxy.address());
    let from = format!("docker://{}", line.model());
    line.built.then().args(["copy", &from, &to]).run();
    assert_eq!(line.sent(), 0, "{}", line.registry.record.lines());
    assert_eq!(
        line.registry.tag("other/model", "v9").as_deref(),
        Some(line.built.text())
    );
    line.registry.change(|options| options.without.push(Feature::Mount));
    let to = format!("docker://{}/third/model:v9", line.proxy.address());
    line.built.then().args(["copy", &from, &to]).run();
    assert_eq!(line.sent(), SIZE, "{}", line.registry.record.lines());
}

#[test]
fn equal_layers_are_sent_once() {
    let line = Line::new(Options::default());
    let same = noise(500_000);
    let built = Test::new()
        .file("model/Modelfile", "NAME twice\nMODEL *.bin\n")
        .file("model/a.bin", &same)
        .file("model/b.bin", &same)
        .args(["build", "model", "-q", "-o", "layout"])
        .run();
    let output = built.then().args(["push", "layout", &line.model()]).run();
    line.assert_said(
        &output,
        str![[r#"
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 1.00 MB; 1 written (500 kB), 1 there already

"#]],
    );
    assert_eq!(line.sent_of(&same), (500_000, 1));
}

#[test]
fn a_tarball_is_pushed_as_a_layout_is() {
    let line = Line::new(Options::default());
    line.built.then().args(["copy", "layout", "model.tar"]).run();
    let push = line.built.then().args(["push", "model.tar", &line.model()]);
    line.assert_said(
        &push.run(),
        str![[r#"
pushed `model.tar` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
    line.assert_arrived();
    assert_eq!(line.sent(), SIZE);
}

#[test]
fn skopeo_gets_back_what_was_pushed() {
    let Some(skopeo) = oracle("skopeo") else { return };
    let line = Line::in_chunks(Options::default());
    line.push().run();
    let dir = line.built.dir();
    copy(&skopeo, &dir, &format!("docker://{}", line.model()), "oci:back:v1");
    assert_eq!(tree(&dir.join("back/blobs")), tree(&dir.join("layout/blobs")));
}

#[test]
fn a_large_layer_goes_in_chunks() {
    let line = Line::in_chunks(Options::default());
    line.push().run();
    line.assert_arrived();
    assert_eq!(line.sent_of(&weights()), (SIZE, 3));
    let ranges: Vec<_> = line.registry.record.of("PATCH");
    let ranges: Vec<_> = ranges
        .iter()
        .filter_map(|entry| entry.headers.get("Content-Range"))
        .collect();
    assert_eq!(ranges, ["0-1048575", "1048576-2097151", "2097152-2999999"]);
}
