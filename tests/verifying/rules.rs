//! What some readers do not like, and the list of all rules.

use modelbuild::model::verify::RULES;
use serde_json::{Value, json};
use snapbox::data::Inline;
use snapbox::str;

use crate::foreign::{annotated, layout};
use crate::harness::Test;

use super::{CONFIG, MANIFEST, changed, config, crafted, layer, manifest, put};

#[test]
fn split_weights_are_all_there() {
    let shards = |paths: &'static [&'static str]| {
        crafted(|out| {
            let bytes = |path: &str| path.as_bytes().to_vec();
            let layers: Vec<_> = paths
                .iter()
                .map(|path| layer(out, "weight.v1.raw", path, &bytes(path)))
                .collect();
            manifest(out, CONFIG, &config(&layers), &layers)
        })
    };
    shards(&["m-00001-of-00003.safetensors", "m-00003-of-00003.safetensors", "n.gguf"])
        .stdout(str![[r#"
warning: manifest sha256:9e22910a3f3802340467603f0a014f7b7419de6faabf66fac6eebf392410999b: has `m-00001-of-00003.safetensors` as one of 3 shards, and `m-00002-of-00003.safetensors` is missing [weights-incomplete]
out: 1 artifact, 5 blobs, 2.05 kB: 1 warning

"#]])
        .run();
    shards(&["a/m-00007-of-00009.gguf", "m-00001-of-00002.gguf"])
        .args(["--strict"])
        .status(4)
        .stdout(str![[r#"
warning: manifest sha256:5e0cb24e6bf609030f7f1b436d5bb8c0bd98a01d13e11e9f3f7832c16df10d1e: has `a/m-00007-of-00009.gguf` as one of 9 shards, and `a/m-00001-of-00009.gguf`, `a/m-00002-of-00009.gguf`, `a/m-00003-of-00009.gguf`, `a/m-00004-of-00009.gguf`, `a/m-00005-of-00009.gguf` and 3 more are missing [weights-incomplete]
warning: manifest sha256:5e0cb24e6bf609030f7f1b436d5bb8c0bd98a01d13e11e9f3f7832c16df10d1e: has `m-00001-of-00002.gguf` as one of 2 shards, and `m-00002-of-00002.gguf` is missing [weights-incomplete]
out: 1 artifact, 4 blobs, 1.52 kB: 2 warnings

"#]])
        .run();
    shards(&["m-00001-of-00002.gguf", "m-00002-of-00002.gguf", "m-1-of-2.bin"])
        .args(["--strict"])
        .run();
}

#[test]
fn readers_of_model_packs_have_wishes() {
    type Change = fn(&mut Value, &mut Vec<Value>);
    // What is called a tar here is none.
    let table: [(i32, Change, Inline); 5] = [
        (
            0,
            |config, _| config["config"]["format"] = json!("GGUF"),
            str![[r#"
warning: config sha256:6048f31966c1dbfca266172c346702a46ccfcbadb8703a772b8ed4377d71b986: states the format `GGUF`, not in lower case [format]
out: 1 artifact, 3 blobs, 919 B: 1 warning

"#]],
        ),
        (
            0,
            |config, _| config["config"] = json!({}),
            str![[r#"
note: config sha256:97a586afafa49f468fd13bd3bafda9982a1172ef092426612d7b925d99eeeb77: states no format of the model [format]
out: 1 artifact, 3 blobs, 904 B: 1 note

"#]],
        ),
        (
            4,
            |config, layers| {
                layers[0]["mediaType"] = json!("application/vnd.cncf.model.weight.v1.tar");
                let mut same = layers[0].clone();
                same["annotations"]["org.cncf.model.filepath"] = json!("n.gguf");
                same["annotations"]["org.opencontainers.image.title"] = json!("n.gguf");
                layers.push(same);
                let id = config["modelfs"]["diffIds"][0].clone();
                config["modelfs"]["diffIds"] = json!([id, id]);
            },
            str![[r#"
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: it ends in the middle of something [layer-broken]
error: n.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: it ends in the middle of something [layer-broken]
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: holds weights that are in a tar [weights-packed]
warning: n.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: holds weights that are in a tar [weights-packed]
note: manifest sha256:ece00860d31b43e798ed2ee78d3add5884017cc8aa17370f3d815d9d63cfa89a: has 2 layers of the same bytes: `m.gguf`, `n.gguf` [same-bytes]
out: 1 artifact, 3 blobs, 1.39 kB: 2 errors, 2 warnings, 1 note

"#]],
        ),
        (
            0,
            |_, layers| layers[0]["mediaType"] = json!("application/vnd.example.weights"),
            str![[r#"
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the media type `application/vnd.example.weights`, which is not known: it is taken for the file itself [media-type-unknown]
out: 1 artifact, 3 blobs, 910 B: 1 warning

"#]],
        ),
        (
            4,
            |_, layers| layers[0]["mediaType"] = json!("application/vnd.cncf.model.weight.v1.tar+gzip"),
            str![[r#"
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: it cannot be unpacked: what should be gzip is none [layer-broken]
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: holds weights that are compressed [weights-packed]
out: 1 artifact, 3 blobs, 924 B: 1 error, 1 warning

"#]],
        ),
    ];
    for (status, change, expected) in table {
        changed(change).status(status).stdout(expected).run();
    }
}

#[test]
fn with_strict_a_warning_counts() {
    changed(|config, _| config["config"]["format"] = json!("GGUF"))
        .args(["--strict", "--quiet"])
        .status(4)
        .stdout(str![[r#"
warning: config sha256:6048f31966c1dbfca266172c346702a46ccfcbadb8703a772b8ed4377d71b986: states the format `GGUF`, not in lower case [format]

"#]])
        .run();
}

#[test]
fn a_model_pack_says_that_it_is_one() {
    for artifact_type in [json!(null), json!("application/vnd.example")] {
        crafted(|out| {
            let layers = [layer(out, "weight.v1.raw", "m.gguf", b"weights\n")];
            let mut manifest = manifest(out, CONFIG, &config(&layers), &layers);
            manifest["artifactType"] = artifact_type;
            manifest
        })
        .args(["--strict"])
        .status(4)
        .run();
    }
}

/// Docker Model Runner reads it into types of Go: a number where a text is meant fails.
#[test]
fn a_docker_config_is_one() {
    let docker = |change: fn(&mut Value)| {
        crafted(|out| {
            let layers = [
                put(out, "application/vnd.docker.ai.gguf.v3", b"GGUF"),
                put(out, "application/vnd.docker.ai.chat.template.jinja", b"a"),
                put(out, "application/vnd.docker.ai.chat.template.jinja", b"b"),
            ];
            let mut config = json!({
                "config": {"format": "gguf", "gguf": {"general.architecture": "llama"}, "context_size": 8192},
                "descriptor": {"created": "2025-01-01T00:00:00Z"},
                "rootfs": {"type": "rootfs", "diff_ids": layers.iter().map(|layer| &layer["digest"]).collect::<Vec<_>>()},
            });
            change(&mut config);
            let config = put(
                out,
                "application/vnd.docker.ai.model.config.v0.1+json",
                config.to_string().as_bytes(),
            );
            json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers})
        })
    };
    docker(|_| {}).stdout(str![[r#"
warning: manifest sha256:f52ce3308a4c6cec9ef77e5bd676bbf76482e694beb5b63df5fd76e21328fb05: has 2 templates: `sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb`, `sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d` [not-one]
out: 1 artifact, 5 blobs, 1.11 kB: 1 warning

"#]]).run();
    docker(|config| {
        config["config"]["parameters"] = json!(8);
        config["config"]["gguf"]["llama.context_length"] = json!(8192);
        config["config"]["context_size"] = json!("8192");
        config["config"]["paramSize"] = json!("8B");
        config["rootfs"]["diff_ids"] = json!([]);
    })
    .status(4)
    .stdout(str![[r#"
error: config sha256:1aae197736927360f9920ba227d7b8a2dc2e76ded59d0399e664e7047f2906b5: `config.parameters` is not a text [config-value]
error: config sha256:1aae197736927360f9920ba227d7b8a2dc2e76ded59d0399e664e7047f2906b5: `config.gguf.llama.context_length` is not a text [config-value]
error: config sha256:1aae197736927360f9920ba227d7b8a2dc2e76ded59d0399e664e7047f2906b5: `config.context_size` is not a whole number of 32 bits [config-value]
error: config sha256:1aae197736927360f9920ba227d7b8a2dc2e76ded59d0399e664e7047f2906b5: lists 0 diff IDs, not one for each layer, which would be 3 [diff-id-count]
warning: config sha256:1aae197736927360f9920ba227d7b8a2dc2e76ded59d0399e664e7047f2906b5: has the member `config.paramSize` [modelpack-member]
warning: manifest sha256:f0ab042b555b720cc13899aec942290ba9b8cfef7e81caa8820f087476330d82: has 2 templates: `sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb`, `sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d` [not-one]
out: 1 artifact, 5 blobs, 950 B: 4 errors, 2 warnings

"#]])
    .run();
}

#[test]
fn every_rule_stands_in_the_manual() {
    let manual = fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/output.md")).unwrap();
    for rule in RULES {
        let line = format!("| `{}` | {} | ", rule.code, rule.severity.name());
        assert!(manual.contains(&line), "{line}");
    }
    let rows = manual.lines().filter(|line| {
        let severities = [" | damage | ", " | error | ", " | warning | ", " | note | "];
        line.starts_with("| `") && severities.iter().any(|severity| line.contains(severity))
    });
    assert_eq!(rows.count(), RULES.len());
}

/// What others write by rules of their own is not held against ours.
#[test]
fn other_dialects_are_no_errors() {
    let test = Test::new();
    let cnai = |digests: &[String]| {
        json!({
            "descriptor": {"created_at": "2025-01-01T00:00:00Z", "name": "m"},
            "modelfs": {"type": "layers", "diff_ids": digests},
            "config": {"format": "gguf", "parameterSize": 8},
        })
        .to_string()
    };
    layout(
        &test,
        "cnai",
        "application/vnd.cnai.model.config.v1+json",
        cnai,
        &[("application/vnd.cnai.model.weight.v1.raw", "m.gguf", "weights")],
    );
    layout(
        &test,
        "page",
        "application/vnd.cncf.modelpack.config.v1+json",
        |_| r#"{"name":"m","format":"gguf"}"#.to_owned(),
        &[("application/vnd.cncf.modelpack.model.layer.v1.raw", "", "weights")],
    );
    let kitfile = |digests: &[String]| json!({"model": {"path": "./m.gguf", "digest": digests[0]}}).to_string();
    layout(
        &test,
        "kit",
        "application/vnd.kitops.modelkit.config.v1+json",
        kitfile,
        &[("application/vnd.kitops.modelkit.model.v1.raw", "", "weights")],
    );
    annotated(
        &test,
        "oras",
        "application/vnd.oci.empty.v1+json",
        |_| "{}".to_owned(),
        &[(
            "text/plain",
            json!({"org.opencontainers.image.title": "m.gguf"}),
            "weights",
        )],
    );
    test.args(["verify", "cnai", "page", "kit", "oras"])
        .stdout(str![[r#"
note: manifest sha256:191a8b9bd759c57c83df1605c14d83710ed2ef340a7156a4a85da1b38336c026: has the names of an earlier draft (`cnai`) [old-names]
cnai: 1 artifact, 3 blobs, 678 B: 1 note
note: manifest sha256:29a99cce90dc1ec3da7b542876334357219320a73fd27e9193559431000146d0: has the names of an earlier draft (`modelpack-page`) [old-names]
page: 1 artifact, 3 blobs, 461 B: 1 note
kit: 1 artifact, 3 blobs, 542 B: all is well
oras: 1 artifact, 3 blobs, 424 B: all is well

"#]])
        .stderr("")
        .run();
}
