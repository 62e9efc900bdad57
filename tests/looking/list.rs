//! `ls`: what there is to choose from.

use super::*;

#[test]
fn a_listing_has_what_one_chooses_by() {
    let (registry, test) = places();
    let more = test
        .file("m/Modelfile", MODELFILE.replace("Q4_K_M", "Q8_0").replace("8B", "70B"))
        .args(["build", "m", "-q", "-o", "layout", "-t", "tiny:v2"])
        .run()
        .then()
        .args(["push", "-q", "oci:layout:v2"])
        .args([format!("{}/some/tiny:v2", registry.address())])
        .args([format!("{}/some/tiny:latest", registry.address())])
        .run();
    registry.record.clear();
    let remote = format!("docker://{}/some/tiny", registry.address());
    let output = more
        .then()
        .args(["ls", &remote])
        .stdout(str![[r#"
NAME    DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
latest  sha256:2a50b6dd5603  10.0 kB  gguf         70B         Q8_0
v1      sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M
v2      sha256:2a50b6dd5603  10.0 kB  gguf         70B         Q8_0

"#]])
        .stderr("")
        .run();
    fetched_no_layer(&registry);
    // Three manifests, two configs, and the tags.
    assert_eq!(registry.record.count("GET"), 6, "{}", registry.record.lines());
    let output = output
        .then()
        .args(["ls", "layout"])
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
v1    sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M
v2    sha256:2a50b6dd5603  10.0 kB  gguf         70B         Q8_0

"#]])
        .run();
    output
        .then()
        .args(["ls", "oci:layout:v1"])
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
v1    sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M

"#]])
        .run();
}

#[test]
fn a_repository_that_is_not_there_is_one_clear_error() {
    let (registry, test) = places();
    let output = test
        .args(["ls", &format!("docker://{}/no/such", registry.address())])
        .status(5)
        .stdout("")
        .run();
    snapbox::assert_data_eq!(
        output.stderr.replace(&registry.address(), "[REGISTRY]"),
        str![[r#"
error: [REGISTRY] has no tag in `[REGISTRY]/no/such`
  = help: check the name of the repository

"#]]
    );
}

/// What copies and pushes by these names is named otherwise here: the help has the user's own words.
#[test]
fn a_place_that_is_named_too_shortly_is_named_rightly_in_the_help() {
    let (_, mut test) = places();
    for (named, help) in [
        (
            "layout:v1",
            "write `oci:layout:v1` for the artifact of that tag in `layout`",
        ),
        (
            "model.tar:v1",
            "write `oci-archive:model.tar:v1` for the artifact of that tag in `model.tar`",
        ),
        (
            "registry.example/some/tiny:v1",
            "write `docker://registry.example/some/tiny:v1` for an artifact in a registry",
        ),
        (
            "dokcer://registry.example/some/tiny:v1",
            "did you mean `docker://registry.example/some/tiny:v1`?",
        ),
        (
            "docker:registry.example/some/tiny:v1",
            "did you mean `docker://registry.example/some/tiny:v1`?",
        ),
        ("oc:layout:v1", "did you mean `oci:layout:v1`?"),
        ("oci-archve:model.tar", "did you mean `oci-archive:model.tar`?"),
        (
            "some/tiny:v1",
            "name a layout directory, a tarball, or a registry as `docker://HOST/REPOSITORY:TAG`",
        ),
    ] {
        let said = format!("error: there is nothing at `{named}`\n  = help: {help}\n");
        test = test.args(["inspect", named]).status(3).stderr(said).run().then();
    }
    let digest = sha256(b"");
    for (named, help) in [
        (
            "registry.example/some/tiny",
            "write `docker://registry.example/some/tiny@DIGEST` for an artifact in a registry",
        ),
        (
            "registry.example/some/tiny:v1",
            "write `docker://registry.example/some/tiny:v1@DIGEST` for an artifact in a registry",
        ),
        (
            "docker:registry.example/some/tiny:v1",
            "did you mean `docker://registry.example/some/tiny:v1@DIGEST`?",
        ),
        (
            "layout:v1",
            "write `oci:layout:v1` for the artifact of that tag in `layout`",
        ),
    ] {
        for command in ["inspect", "ls", "verify", "copy", "tag"] {
            let target = ["v2"].into_iter().filter(|_| matches!(command, "copy" | "tag"));
            let test_of = test.args([command, &format!("{named}@{digest}")]).args(target);
            let output = test_of.status(3).run();
            let said = format!("error: there is nothing at `{named}`\n  = help: {help}\n");
            assert_eq!(output.stderr.replace(&digest, "DIGEST"), said);
            test = output.then();
        }
    }
}

/// Lists of referrers, which registries without an API for them have as tags, and what cosign makes of those.
#[test]
fn tags_that_are_digests_do_not_fill_the_screen() {
    let (registry, test) = places();
    let subject = "f5c4f6b23ed3c9cc9f8ec41a136e2393c441e9256554583c5dc2f64eb0a21cc4";
    let mut output = test.args(["--version"]).run();
    for tag in [
        format!("sha256-{subject}"),
        format!("sha256-{subject}.sig"),
        "sha256-x".to_owned(),
    ] {
        let to = format!("{}/some/tiny:{tag}", registry.address());
        output = output.then().args(["push", "-q", "layout", &to]).run();
    }
    let remote = format!("docker://{}/some/tiny", registry.address());
    let output = output
        .then()
        .args(["ls", &remote])
        .stdout(str![[r#"
NAME                      DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
sha256-f5c4f6b23ed3…      sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M
sha256-f5c4f6b23ed3….sig  sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M
sha256-x                  sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M
v1                        sha256:f5c4f6b23ed3  10.0 kB  gguf         8B          Q4_K_M

"#]])
        .run();
    let listed = output.then().args(["ls", &remote, "--format", "json"]).run();
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let artifacts = listed["artifacts"].as_array().unwrap().iter();
    let said: Vec<_> = artifacts
        .map(|one| (one["tag"].clone(), one["referrersOf"].clone()))
        .collect();
    assert_eq!(
        serde_json::json!(said),
        serde_json::json!([
            [format!("sha256-{subject}"), format!("sha256:{subject}")],
            [format!("sha256-{subject}.sig"), null],
            ["sha256-x", null],
            ["v1", null],
        ])
    );
}
