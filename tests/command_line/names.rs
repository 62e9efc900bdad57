//! `--tag`, `--annotation`, `--created` and `--spec`: what the artifact is called and what it says of itself.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::harness::Test;
use crate::tiny::{self, blob, manifest, tiny};

#[test]
fn every_tag_is_an_entry_of_the_index() {
    let built = tiny()
        .args(["-q", "-o", "out", "-t", "tiny", "-t", "example.org/team/tiny:v1"])
        .run();
    let index = tiny::json(built.dir().join("out/index.json"));
    let names: Vec<_> = index["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["annotations"])
        .collect();
    assert_eq!(
        names,
        [
            &serde_json::json!({
                "io.containerd.image.name": "docker.io/library/tiny:latest",
                "org.opencontainers.image.ref.name": "latest",
            }),
            &serde_json::json!({
                "io.containerd.image.name": "example.org/team/tiny:v1",
                "org.opencontainers.image.ref.name": "v1",
            }),
        ]
    );
}

/// No repository has capitals: docker takes a first part that has some for a host.
#[test]
fn a_first_part_in_capitals_is_a_host() {
    let name = |output: &crate::harness::Output, index: usize| {
        let listed = tiny::json(output.dir().join("out/index.json"));
        let name = &listed["manifests"][index]["annotations"]["io.containerd.image.name"];
        name.as_str().unwrap_or_default().to_owned()
    };
    let built = tiny().args(["-q", "-o", "out", "-t", "UPPER/repo:v1"]).run();
    assert_eq!(name(&built, 0), "UPPER/repo:v1");
    let tagged = built.then().args(["tag", "oci:out:v1", "Other/team/repo:v2"]).run();
    assert!(tagged.text().ends_with("  Other/team/repo:v2"), "{}", tagged.text());
    assert_eq!(name(&tagged, 1), "Other/team/repo:v2");
    // What is read from there is its name again.
    tagged.then().args(["tag", "oci:out:v1", "v3"]).run();
    assert_eq!(name(&tagged, 2), "UPPER/repo:v3");
    let nowhere = tagged
        .then()
        .args(["ls", "docker://Nowhere.invalid/repo"])
        .status(5)
        .run();
    assert!(nowhere.stderr.contains("Nowhere.invalid"), "{}", nowhere.stderr);
    let nowhere = tagged
        .then()
        .args(["push", "oci:out:v1", "UPPER/repo:v1", "--retries", "0"])
        .status(5)
        .run();
    assert!(
        nowhere.stderr.contains("UPPER") && !nowhere.stderr.contains("docker.io"),
        "{}",
        nowhere.stderr
    );
    for name in ["docker.io/UPPER/repo:v1", "UPPER/Repo:v1", "team/UPPER:v1"] {
        let refused = Test::new().args(["-t", name]).status(2).stdout("").run();
        assert!(refused.stderr.contains("in lower case"), "{}", refused.stderr);
    }
}

#[test]
fn bad_tags_are_refused_before_anything_is_read() {
    Test::new()
        .args(["-t", "Tiny:v1"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: invalid value 'Tiny:v1' for '--tag <NAME>': expected `[HOST/]REPOSITORY[:TAG]` with the repository in lower case, such as `llama:v1`

For more information, try '--help'.

"#]])
        .run();
    Test::new()
        .args(["-t", "docker://registry.example/tiny:v1"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: invalid value 'docker://registry.example/tiny:v1' for '--tag <NAME>': a name has no `docker://`: `registry.example/llama:v1`

For more information, try '--help'.

"#]])
        .run();
    let digest = format!("tiny@sha256:{}", "0".repeat(64));
    Test::new()
        .args(["-t", &digest])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: invalid value 'tiny@sha256:0000000000000000000000000000000000000000000000000000000000000000' for '--tag <NAME>': a digest cannot be chosen; give a tag, such as `llama:v1`

For more information, try '--help'.

"#]])
        .run();
    for tag in ["", "a b", "a:b:c:d", "tiny:"] {
        Test::new().args(["-t", tag]).status(2).run();
    }
}

#[test]
fn a_push_needs_a_name() {
    let output = tiny()
        .args(["--push"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: nothing says where `--push` is to push to
  = help: name the artifact with `-t`, as in `-t registry.example/team/llama:v1`

"#]])
        .run();
    output
        .then()
        .env("MODELBUILD_PUSH", "true")
        .args(["-o", "out"])
        .status(2)
        .stderr(str![[r#"
error: nothing says where `--push` is to push to
  = help: name the artifact with `-t`, as in `-t registry.example/team/llama:v1`

"#]])
        .run();
}

#[test]
fn a_registry_is_named_without_the_scheme_that_was_typed() {
    Test::new()
        .args(["push", "out", "oci://registry.example/tiny:v1"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: invalid value 'oci://registry.example/tiny:v1' for '<DESTINATION>...': a registry is named without `oci://`, as `docker://HOST/REPOSITORY:TAG`

For more information, try '--help'.

"#]])
        .run();
}

/// Docker would take them for names on its own registry.
#[test]
fn another_sort_of_place_is_no_registry() {
    let mut told = String::new();
    for args in [
        ["push", "out", "oci:foo"],
        ["push", "out", "oci-archive:foo.tar:v1"],
        ["push", "out", "containers-storage:team/foo:v1"],
        ["pull", "-q", "oci:foo:v1"],
        ["inspect", "--raw", "docker-archive:foo.tar"],
    ] {
        let status = if args[0] == "inspect" { 3 } else { 2 };
        told += &Test::new().args(args).status(status).stdout("").run().stderr;
    }
    assert_data_eq!(
        told,
        str![[r#"
error: invalid value 'oci:foo' for '<DESTINATION>...': an artifact in a registry is named `HOST/REPOSITORY[:TAG]`; `oci:foo` is a layout, which `modelbuild copy` reads and writes

For more information, try '--help'.
error: invalid value 'oci-archive:foo.tar:v1' for '<DESTINATION>...': an artifact in a registry is named `HOST/REPOSITORY[:TAG]`; `oci-archive:foo.tar:v1` is a tarball, which `modelbuild copy` reads and writes

For more information, try '--help'.
error: invalid value 'containers-storage:team/foo:v1' for '<DESTINATION>...': an artifact in a registry is named `HOST/REPOSITORY[:TAG]`; `containers-storage:team/foo:v1` is none, nor a place that `modelbuild copy` takes, as `oci:DIR` and `oci-archive:FILE` are

For more information, try '--help'.
error: invalid value 'oci:foo:v1' for '<SOURCE>': an artifact in a registry is named `HOST/REPOSITORY[:TAG]`; `oci:foo:v1` is a layout, which `modelbuild copy` reads and writes

For more information, try '--help'.
error: there is nothing at `docker-archive:foo.tar`
  = help: nothing here reads `docker-archive:`; name a layout directory, a tarball, or a registry as `docker://HOST/REPOSITORY:TAG`

"#]]
    );
}

/// Without a tag it would be `latest` that is moved, and the digest in the result another one than the artifact's.
#[test]
fn a_push_to_a_digest_is_refused_before_anything_is_sent() {
    let digest = format!("registry.example/tiny@sha256:{}", "0".repeat(64));
    tiny()
        .args(["-q", "-o", "out"])
        .run()
        .then()
        .args(["push", "out", &digest])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: `registry.example/tiny@sha256:0000000000000000000000000000000000000000000000000000000000000000` is no destination: a digest cannot be chosen
  = help: give a tag, as in `HOST/REPOSITORY:TAG`

"#]])
        .run();
}

/// skopeo and oras look up the tag alone, and would ship the first of two.
#[test]
fn two_names_with_one_tag_are_refused() {
    for output in ["out", "x.tar"] {
        let refused = tiny()
            .args(["-t", "a/x:v1", "-t", "b/y:v1", "-o", output])
            .status(2)
            .stdout("")
            .stderr(str![[r#"
error: `docker.io/a/x:v1` and `docker.io/b/y:v1` have the same tag
  = help: in a layout or a tarball skopeo and oras look up the tag alone: choose another one, or build once for each name, to another place

"#]])
            .run();
        assert!(!refused.dir().join(output).exists());
    }
}

#[test]
fn a_tag_given_twice_is_one_entry() {
    let built = tiny()
        .args([
            "-q",
            "-t",
            "tiny:v1",
            "-t",
            "tiny:v1",
            "-o",
            "oci:out:v1",
            "-o",
            "oci:out:v2",
        ])
        .run();
    let index = tiny::json(built.dir().join("out/index.json"));
    let annotations = |entry: &Value| entry["annotations"].clone();
    let entries: Vec<_> = index["manifests"].as_array().unwrap().iter().map(annotations).collect();
    let expected = json!([
        {"io.containerd.image.name": "docker.io/library/tiny:v1", "org.opencontainers.image.ref.name": "v1"},
        {"org.opencontainers.image.ref.name": "v2"},
    ]);
    assert_eq!(Value::from(entries), expected);
}

#[test]
fn annotations_of_the_command_line_win() {
    let built = tiny()
        .file(
            "Modelfile",
            "NAME tiny\nFORMAT gguf\nMODEL m.gguf\nANNOTATION org.example.a file\nANNOTATION org.example.b file\n",
        )
        .args(["-q", "-o", "out", "--annotation", "org.example.a=line=1"])
        .args([
            "--annotation",
            "manifest:org.example.c=",
            "--annotation",
            "org.example.c=last",
        ])
        .run();
    let manifest = manifest(&built.dir().join("out"));
    assert_eq!(manifest["annotations"]["org.example.a"], "line=1");
    assert_eq!(manifest["annotations"]["org.example.b"], "file");
    assert_eq!(manifest["annotations"]["org.example.c"], "last");
}

#[test]
fn what_is_no_annotation_of_a_manifest_is_refused() {
    tiny()
        .args(["--annotation", "key"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: invalid value 'key' for '--annotation <KEY=VALUE>': expected KEY=VALUE

For more information, try '--help'.

"#]])
        .run();
    tiny()
        .args(["--annotation", "index:a=b"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: invalid value 'index:a=b' for '--annotation <KEY=VALUE>': only the manifest can be annotated

For more information, try '--help'.

"#]])
        .run();
    tiny().args(["--annotation", "=b"]).status(2).run();
}

fn created(test: Test) -> Option<String> {
    let built = test.args(["-q", "-o", "out"]).run();
    let layout = built.dir().join("out");
    let config = tiny::json(blob(&layout, &manifest(&layout)["config"]));
    config["descriptor"]["createdAt"].as_str().map(str::to_owned)
}

#[test]
fn there_is_no_time_unless_one_is_given() {
    let epoch = |text: &str| tiny().env("SOURCE_DATE_EPOCH", text);
    assert_eq!(created(tiny()), None);
    assert_eq!(created(epoch("")), None);
    assert_eq!(created(epoch("0")).unwrap(), "1970-01-01T00:00:00Z");
    assert_eq!(created(epoch("1700000000")).unwrap(), "2023-11-14T22:13:20Z");
    let given = |test: Test, time: &str| created(test.args(["--created", time])).unwrap();
    assert_eq!(given(tiny(), "1700000000"), "2023-11-14T22:13:20Z");
    assert_eq!(given(epoch("0"), "2023-11-15T00:13:20+02:00"), "2023-11-14T22:13:20Z");
    // Not even looked at.
    assert_eq!(given(epoch("x"), "0"), "1970-01-01T00:00:00Z");
}

#[test]
fn a_malformed_time_is_wrong_usage() {
    let refused = |test: Test| test.status(2).stdout("");
    refused(tiny().args(["--created", "yesterday"])).stderr(str![[r#"
error: invalid value 'yesterday' for '--created <TIME>': expected a time with its zone, such as `2026-01-31T12:00:00Z`, or whole seconds since 1970

For more information, try '--help'.

"#]]).run();
    refused(tiny().env("SOURCE_DATE_EPOCH", "2023-11-14T22:13:20Z"))
        .stderr(str![[r#"
error: `SOURCE_DATE_EPOCH` is `2023-11-14T22:13:20Z`: expected whole seconds since 1970, such as `1769860800`
  = help: correct it or unset it

"#]])
        .run();
    for text in ["-1", "1.5", " 1", "99999999999999999999", "999999999999999999"] {
        refused(tiny().env("SOURCE_DATE_EPOCH", text)).run();
    }
}

fn config_type(test: Test) -> String {
    let built = test.args(["-q", "-o", "out"]).run();
    manifest(&built.dir().join("out"))["config"]["mediaType"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn each_spec_has_its_config() {
    let modelfile = |text: &str| tiny().file("Modelfile", text).args(["--spec", "docker"]);
    assert_eq!(config_type(tiny()), "application/vnd.cncf.model.config.v1+json");
    assert_eq!(
        config_type(modelfile("FORMAT gguf\nMODEL m.gguf\n")),
        "application/vnd.docker.ai.model.config.v0.1+json"
    );
    assert_eq!(
        config_type(modelfile("FORMAT gguf\nMODEL m.gguf\nCONFIG config.json\n")),
        "application/vnd.docker.ai.model.config.v0.2+json"
    );
}

#[test]
fn tar_layers_are_modelpack_s_alone() {
    let built = tiny().args(["-q", "--tar", "-o", "out"]).run();
    let manifest = manifest(&built.dir().join("out"));
    assert_eq!(
        manifest["layers"][0]["mediaType"],
        "application/vnd.cncf.model.weight.v1.tar"
    );
    for args in [&["--tar", "--spec", "docker"][..], &["--tar", "--spec", "docker", "-n"]] {
        tiny()
            .args(args)
            .status(2)
            .stdout("")
            .stderr(str![[r#"
error: tar layers are not possible in Docker's format: Docker Model Runner takes the file's bytes only
  = help: leave out `--tar`, or build for ModelPack with `--spec modelpack`

"#]])
            .run();
    }
    tiny().args(["--tar", "--raw"]).status(2).run();
}
