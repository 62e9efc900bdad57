//! Bases that others wrote, and what can be made of them.

use std::process::Command;

use snapbox::str;

use super::{documents, paths, test};
use crate::foreign::layout;
use crate::harness::Test;
use crate::layout::check;
use crate::oracle::oracle;

#[test]
fn an_artifact_of_the_older_names() {
    let test = Test::new().file("m/Modelfile", "FROM ../old\nNAME new\n");
    let config = |digests: &[String]| {
        format!(
            r#"{{"descriptor":{{"name":"old","authors":null,"doc_url":"https://example.org"}},"modelfs":{{"type":"layers","diff_ids":{digests:?}}},"config":{{"parameterSize":"8B","capabilities":{{"input_types":["text","smell"]}}}}}}"#
        )
    };
    layout(
        &test,
        "old",
        "application/vnd.cnai.model.config.v1+json",
        config,
        &[
            ("application/vnd.cnai.model.weight.v1.raw", "w.bin", "weights"),
            ("application/vnd.cncf.model.weight.v1.gguf", "x.gguf", "more"),
            ("application/vnd.cnai.model.doc.v1.tar", "README.md", "a tar"),
        ],
    );
    let test = test.args(["build", "m", "-q", "-o", "out"]).run().then();
    let (manifest, config) = documents(&test, "out");
    assert_eq!(paths(&manifest), ["w.bin", "x.gguf", "README.md"]);
    assert!(manifest.contains("application/vnd.cncf.model.doc.v1.tar"), "{manifest}");
    snapbox::assert_data_eq!(
        config,
        str![[
            r#"{"descriptor":{"name":"new","docURL":"https://example.org"},"modelfs":{"type":"layers","diffIds":["sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c","sha256:187897ce0afcf20b50ba2b37dca84a951b7046f29ed5ab94f010619f69d6e189","sha256:b3c5732cece487803a8a8b3bd8b2be0b4c24ab00c0b471a913d15cc8813089e1"]},"config":{"paramSize":"8B","capabilities":{"inputTypes":["text","other"]}}}"#
        ]]
    );
    // Docker's format has no tar layers, which is said before anything is read.
    test.args(["build", "m", "-n", "--spec", "docker"])
        .status(3)
        .stderr(str![[r#"
error: the layer `README.md` of the base is tar, which is not possible in Docker's format
  = help: build for ModelPack, or name the file in the Modelfile so that it replaces the base's

"#]])
        .run();
}

#[test]
fn compressed_layers_keep_their_diff_ids() {
    let test = Test::new().file("m/Modelfile", "FROM ../packed\n");
    let of = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    layout(
        &test,
        "packed",
        "application/vnd.cncf.model.config.v1+json",
        |_| {
            format!(
                r#"{{"descriptor":{{"name":"p"}},"modelfs":{{"type":"layers","diffIds":["{of}"]}},"config":{{"format":"gguf"}}}}"#
            )
        },
        &[("application/vnd.cncf.model.code.v1.tar+gzip", "code", "compressed")],
    );
    let test = test.args(["build", "m", "-q", "-o", "out"]).run().then();
    let (manifest, config) = documents(&test, "out");
    assert!(
        manifest.contains("application/vnd.cncf.model.code.v1.tar+gzip"),
        "{manifest}"
    );
    assert!(config.contains(of), "{config}");
}

#[test]
fn docker_s_format_and_back() {
    let test = test()
        .args(["build", "b", "-q", "--spec", "docker", "-o", "docker"])
        .run()
        .then()
        .file("m/Modelfile", "FROM ../docker\n")
        .args(["build", "m", "-q", "-o", "out", "-o", "again"])
        .run()
        .then();
    let (manifest, config) = documents(&test, "out");
    assert_eq!(paths(&manifest), ["model.gguf", "chat.jinja", "config.json", "run.py"]);
    snapbox::assert_data_eq!(
        config,
        str![[
            r#"{"descriptor":{"family":"llama","name":"m"},"modelfs":{"type":"layers","diffIds":["sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c","sha256:cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4","sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862","sha256:525d513313416cf187f44fa87e1753ee6d11552c22097537ddc32b4ed34fa68f"]},"config":{"format":"gguf"}}"#
        ]]
    );
    let test = test
        .file("m/Modelfile", "FROM ../out\n")
        .args(["build", "m", "-q", "--spec", "docker", "-o", "back"])
        .run()
        .then();
    assert_eq!(documents(&test, "back"), documents(&test, "docker"));
}

#[test]
fn tarballs_by_other_tools() {
    let (Some(skopeo), Some(tar)) = (oracle("skopeo"), oracle("tar")) else {
        return;
    };
    drop((skopeo, tar));
    let test = test();
    let run = |program: &str, args: &[&str]| {
        assert!(
            Command::new(program)
                .args(args)
                .current_dir(test.dir())
                .status()
                .unwrap()
                .success()
        );
    };
    run("skopeo", &["copy", "-q", "oci:base:v1", "oci-archive:skopeo.tar:v1"]);
    run("tar", &["-cf", "gnu.tar", "-C", "base", "."]);
    run("tar", &["--format=posix", "-cf", "posix.tar", "-C", "base", "."]);
    let expected = check(&test.dir().join("base")).tagged("v1").unwrap().to_owned();
    let mut test = test;
    for tarball in ["skopeo.tar", "gnu.tar", "posix.tar"] {
        let output = test
            .file("m/Modelfile", format!("FROM ../{tarball}\n"))
            .args(["build", "m", "-q", "-n"])
            .run();
        assert_eq!(output.text().trim(), expected, "{tarball}");
        test = output.then();
    }
}

/// A base with one of three shards.
fn shard() -> Test {
    Test::new()
        .file("b/Modelfile", "NAME base\nMODEL *.safetensors\nDOC readme.md\n")
        .file("b/m-00001-of-00003.safetensors", "one")
        .file("b/readme.md", "base")
        .args(["build", "b", "-q", "-o", "base"])
        .run()
        .then()
        .file("m/Modelfile", "FROM ../base\nMODEL *.safetensors\n")
        .file("m/m-00003-of-00003.safetensors", "three")
}

#[test]
fn shards_of_the_base_count() {
    let test = shard()
        .args(["build", "m", "-n"])
        .stderr(str![[r#"
warning: 1 of the 3 shards of `m-00001-of-00003.safetensors` is missing
 --> m/Modelfile:1:6
  |
1 | FROM ../base
  |      ^^^^^^^
  |
  = help: neither the base nor a rule has `m-00002-of-00003.safetensors`

hashed `base` in [TIME]: 3 layers, 12 B; 2 of the base, not read

"#]])
        .run()
        .then();
    test.file("m/m-00002-of-00003.safetensors", "two")
        .args(["build", "m", "-n"])
        .stderr(str![[r#"
hashed `base` in [TIME]: 4 layers, 15 B; 2 of the base, not read

"#]])
        .run();
}

#[test]
fn a_base_may_lack_shards_itself() {
    shard()
        .file("m/Modelfile", "FROM ../base\nVERSION 2\n")
        .args(["build", "m", "-n"])
        .stderr(str![[r#"
warning: 2 of the 3 shards of `m-00001-of-00003.safetensors` are missing
 --> m/Modelfile:1:6
  |
1 | FROM ../base
  |      ^^^^^^^
  |
  = help: neither the base nor a rule has `m-00002-of-00003.safetensors` and `m-00003-of-00003.safetensors`

hashed `base` in [TIME]: 2 layers, 7 B; 2 of the base, not read

"#]])
        .run();
}

#[test]
fn names_in_the_base_that_differ_by_case_only() {
    let test = Test::new().file("m/Modelfile", "FROM ../old\n");
    let doc = "application/vnd.cncf.model.doc.v1.raw";
    layout(
        &test,
        "old",
        "application/vnd.cncf.model.config.v1+json",
        |digests| {
            format!(
                r#"{{"descriptor":{{"name":"p"}},"modelfs":{{"type":"layers","diffIds":{digests:?}}},"config":{{}}}}"#
            )
        },
        &[(doc, "a", "1"), (doc, "A", "2"), (doc, "b", "3"), (doc, "B", "4")],
    );
    test.args(["build", "m", "-n"])
        .status(3)
        .stderr(str![[r#"
error: `a` and `A` differ by case only
 --> m/Modelfile:1:6
  |
1 | FROM ../old
  |      ^^^^^^
  |
  = help: the same goes for `b` and `B`
  = help: they are one file on macOS and Windows: build the base without one of them


"#]])
        .run();
}

#[test]
fn names_that_differ_from_the_base_s_by_case_only() {
    shard()
        .file("m/Modelfile", "FROM ../base\nDOC *.md\n")
        .file("m/README.md", "own")
        .args(["build", "m", "-n"])
        .status(3)
        .stderr(str![[r#"
error: `readme.md` and `README.md` differ by case only
 --> m/Modelfile:2:5
  |
1 | FROM ../base
  |      ------- holds `readme.md`
2 | DOC *.md
  |     ^^^^ matches `README.md`
  |
  = help: they are one file on macOS and Windows: name yours as the base's to replace that, or exclude it in `.modelignore`


"#]])
        .run();
}
