//! Configs and manifests that are not what their specification says.

use serde_json::{Value, json};
use snapbox::data::Inline;
use snapbox::str;

use super::layers::{gzip, tar};
use super::{CONFIG, MANIFEST, changed, config, crafted, layer, manifest, put};

type Change = fn(&mut Value, &mut Vec<Value>);

#[test]
fn what_is_right_is_not_complained_of() {
    changed(|_, _| {})
        .stdout(str![[r#"
out: 1 artifact, 3 blobs, 919 B: all is well

"#]])
        .stderr("")
        .run();
    changed(|config, _| {
        config["descriptor"] = json!({
            "createdAt": "2025-01-01T00:00:00.123+02:00", "authors": ["a"], "vendor": "v", "family": "llama", "name": "n",
            "version": "1", "title": "t", "description": "d", "docURL": "u", "sourceURL": "u", "datasetsURL": ["u"],
            "revision": "r", "licenses": ["MIT"],
        });
        config["config"] = json!({
            "architecture": "transformer", "format": "gguf", "paramSize": "8b", "precision": "int4", "quantization": "q",
            "capabilities": {
                "inputTypes": ["text"], "outputTypes": ["image", "other"], "knowledgeCutoff": "2025-01-01T00:00:00Z",
                "reasoning": true, "toolUsage": false, "reward": false, "languages": ["en"],
            },
        });
    })
    .stdout(str![[r#"
out: 1 artifact, 3 blobs, 1.36 kB: all is well

"#]])
    .run();
}

/// The last second that RFC 3339 can write, in the zone where it comes last.
#[test]
fn the_latest_times() {
    for time in ["9999-12-31T23:59:59Z", "9999-12-31t23:59:59.999999999-23:59"] {
        changed(|config, layers| {
            config["descriptor"]["createdAt"] = json!(time);
            let metadata = json!({"mtime": time}).to_string();
            layers[0]["annotations"]["org.cncf.model.file.metadata+json"] = json!(metadata);
        })
        .args(["--strict"])
        .run();
    }
    for time in ["9999-12-32T00:00:00Z", "9999-12-31T24:00:00Z", "9999-12-31T23:59:59"] {
        changed(|config, _| config["descriptor"]["createdAt"] = json!(time))
            .status(4)
            .run();
    }
}

#[test]
fn the_config_is_closed() {
    let table: [(Change, Inline); 8] = [
        (
            |config, _| {
                config["mine"] = json!(1);
                config["descriptor"]["architecture"] = json!("x");
                config["config"]["capabilities"] = json!({"vision": true});
            },
            str![[r#"
error: config sha256:7c42c654c240ee10f725811f6c94db19592220ea07b5eadc71b6a673e008bd20: `descriptor.architecture` is none of the specification's [config-unknown]
error: config sha256:7c42c654c240ee10f725811f6c94db19592220ea07b5eadc71b6a673e008bd20: `config.capabilities.vision` is none of the specification's [config-unknown]
error: config sha256:7c42c654c240ee10f725811f6c94db19592220ea07b5eadc71b6a673e008bd20: `mine` is none of the specification's [config-unknown]
out: 1 artifact, 3 blobs, 978 B: 3 errors

"#]],
        ),
        (
            |config, _| drop(config.as_object_mut().unwrap().remove("descriptor")),
            str![[r#"
error: config sha256:f8aa7f73c973515dabae879d96a35993d3715d804eff8507ee441e19c7a1e6a9: `descriptor` is missing [config-missing]
out: 1 artifact, 3 blobs, 855 B: 1 error

"#]],
        ),
        (
            |config, _| config["modelfs"] = json!({}),
            str![[r#"
error: config sha256:8d340e22a3d37e12b394fd7c844add12ea29f1ccb54d7ad297f6d212bb574918: `modelfs.type` is missing [config-missing]
error: config sha256:8d340e22a3d37e12b394fd7c844add12ea29f1ccb54d7ad297f6d212bb574918: `modelfs.diffIds` is missing [config-missing]
out: 1 artifact, 3 blobs, 818 B: 2 errors

"#]],
        ),
        (
            |config, _| config["modelfs"]["diffIds"] = json!(["sha256:0"]),
            str![[r#"
error: config sha256:d0bd58c6bc9d2a5d1b2436c4ad49000537cf62d0072b1a44d0e55a41a19473b4: `modelfs.diffIds[0]` is not a SHA-256 digest [config-value]
out: 1 artifact, 3 blobs, 856 B: 1 error

"#]],
        ),
        (
            |config, _| {
                config["descriptor"]["createdAt"] = json!("yesterday");
                config["descriptor"]["name"] = json!("");
                config["descriptor"]["licenses"] = json!("MIT");
                config["config"]["paramSize"] = json!(8);
            },
            str![[r#"
error: config sha256:4fbff17ab500777051f461d78278628ee20c839e883484d95a4eeff15ca17710: `descriptor.createdAt` is not a time as RFC 3339 has it [config-value]
error: config sha256:4fbff17ab500777051f461d78278628ee20c839e883484d95a4eeff15ca17710: `descriptor.name` is not a text of at least one character [config-value]
error: config sha256:4fbff17ab500777051f461d78278628ee20c839e883484d95a4eeff15ca17710: `descriptor.licenses` is not an array [config-value]
error: config sha256:4fbff17ab500777051f461d78278628ee20c839e883484d95a4eeff15ca17710: `config.paramSize` is not a text [config-value]
out: 1 artifact, 3 blobs, 935 B: 4 errors

"#]],
        ),
        (
            |config, _| {
                config["config"]["capabilities"] =
                    json!({"inputTypes": ["smell"], "languages": ["english"], "reasoning": "yes"});
            },
            str![[r#"
error: config sha256:26f065dda0dbe08030b9f19599041f89365530a6e57d0c4c257ca972502081a5: `config.capabilities.inputTypes[0]` is not one of `text`, `image`, `audio`, `video`, `embedding`, `other` [config-value]
error: config sha256:26f065dda0dbe08030b9f19599041f89365530a6e57d0c4c257ca972502081a5: `config.capabilities.reasoning` is not `true` or `false` [config-value]
error: config sha256:26f065dda0dbe08030b9f19599041f89365530a6e57d0c4c257ca972502081a5: `config.capabilities.languages[0]` is not a language of two lower-case letters [config-value]
out: 1 artifact, 3 blobs, 1.00 kB: 3 errors

"#]],
        ),
        (
            |config, _| config["modelfs"]["type"] = json!("rootfs"),
            str![[r#"
error: config sha256:69b8f44b630a7be1a6742cec43ebd1a70aa6f5964da07a4d6c49c173eba1f656: `modelfs.type` is not `layers` [config-value]
out: 1 artifact, 3 blobs, 919 B: 1 error

"#]],
        ),
        (
            |config, _| *config = json!([1]),
            str![[r#"
error: config sha256:080a9ed428559ef602668b4c00f114f1a11c3f6b02a435f0bdc154578e4d7f22: is no JSON object [document-invalid]
out: 1 artifact, 3 blobs, 714 B: 1 error

"#]],
        ),
    ];
    for (change, expected) in table {
        changed(change).status(4).stdout(expected).stderr("").run();
    }
}

#[test]
fn diff_ids_are_those_of_the_layers() {
    let table: [(Change, Inline); 3] = [
        (
            |config, _| config["modelfs"]["diffIds"] = json!([format!("sha256:{}", "1".repeat(64))]),
            str![[r#"
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the diff ID sha256:1111111111111111111111111111111111111111111111111111111111111111, which should be its digest: it is not compressed [diff-id]
out: 1 artifact, 3 blobs, 919 B: 1 error

"#]],
        ),
        (
            |config, _| {
                let id = config["modelfs"]["diffIds"][0].clone();
                config["modelfs"]["diffIds"] = json!([id, id]);
            },
            str![[r#"
error: config sha256:ec6aa19336786a84d3dedf13d3bf3a3d91606c46573ff9043636ba7622b2df48: lists 2 diff IDs, not one for each layer, which would be 1 [diff-id-count]
out: 1 artifact, 3 blobs, 993 B: 1 error

"#]],
        ),
        (
            |_, layers| layers.push(layers[0].clone()),
            str![[r#"
error: config sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: lists 1 diff ID, not one for each layer, which would be 2 [diff-id-count]
note: manifest sha256:7cdb8de2032fd316b9e29b25fa526cca90718f67b6040fdaac111fc86a5dfa44: has 2 layers of the same bytes: `m.gguf`, `m.gguf` [same-bytes]
out: 1 artifact, 3 blobs, 1.31 kB: 1 error, 1 note

"#]],
        ),
    ];
    for (change, expected) in table {
        changed(change).status(4).stdout(expected).run();
    }
}

#[test]
fn annotations_agree_with_the_blob() {
    let metadata = |text: &str| json!({"org.cncf.model.filepath": "m.gguf", "org.cncf.model.file.metadata+json": text});
    for (annotations, status, expected) in [
        (
            json!({}),
            4,
            str![[r#"
error: layer sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has no annotation that names its file [path-missing]
out: 1 artifact, 3 blobs, 689 B: 1 error

"#]],
        ),
        (
            json!({"org.opencontainers.image.title": "m.gguf"}),
            0,
            str![[r#"
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has no `org.cncf.model.filepath`, only the title names its file [path-annotation]
out: 1 artifact, 3 blobs, 730 B: 1 warning

"#]],
        ),
        (
            json!({"org.cncf.model.filepath": "m.gguf", "org.opencontainers.image.title": "n.gguf"}),
            0,
            str![[r#"
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the path `m.gguf` and the title `n.gguf` [path-annotation]
out: 1 artifact, 3 blobs, 765 B: 1 warning

"#]],
        ),
        (
            json!({"org.cncf.model.filepath": "m.gguf", "org.cnai.model.filepath": "n.gguf"}),
            0,
            str![[r#"
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the path `m.gguf`, and `n.gguf` for tools that go by the older annotation [path-annotation]
out: 1 artifact, 3 blobs, 758 B: 1 warning

"#]],
        ),
        (
            json!({"org.cncf.model.filepath": "m.gguf", "org.cnai.model.filepath": "m.gguf"}),
            0,
            str![[r#"
out: 1 artifact, 3 blobs, 758 B: all is well

"#]],
        ),
        (
            metadata("{"),
            4,
            str![[r#"
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has metadata that are no JSON: EOF while parsing an object at line 1 column 1 [metadata-invalid]
out: 1 artifact, 3 blobs, 763 B: 1 error

"#]],
        ),
        (
            metadata("[]"),
            4,
            str![[r#"
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: `metadata` is not an object [metadata-invalid]
out: 1 artifact, 3 blobs, 764 B: 1 error

"#]],
        ),
        (
            metadata(r#"{"name":"n.gguf","mode":"0644","size":9,"mtime":"1970"}"#),
            4,
            str![[r#"
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: `metadata.mode` is not a whole number from 0 to 4294967295 [metadata-invalid]
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: `metadata.mtime` is not a time as RFC 3339 has it [metadata-invalid]
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and metadata that say 9 [metadata-size]
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has metadata that call it `n.gguf` [metadata-name]
out: 1 artifact, 3 blobs, 831 B: 3 errors, 1 warning

"#]],
        ),
        (
            metadata(r#"{"typeflag":50}"#),
            0,
            str![[r#"
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has metadata whose `typeflag` of 50 says that it is no file [metadata-type]
out: 1 artifact, 3 blobs, 779 B: 1 warning

"#]],
        ),
        (
            metadata(r#"{"typeflag":48}"#),
            0,
            str![[r#"
out: 1 artifact, 3 blobs, 779 B: all is well

"#]],
        ),
        (
            json!({"org.cncf.model.filepath": 1}),
            4,
            str![[r#"
error: manifest sha256:786cb070b4bd4703a0830035b8ae55d5ee6643a522503309417e949976a82a7c: `layers[0]` has `annotations` that are not all texts [descriptor-invalid]
out: 1 artifact, 3 blobs, 716 B: 1 error

"#]],
        ),
    ] {
        changed(|_, layers| layers[0]["annotations"] = annotations)
            .status(status)
            .stdout(expected)
            .run();
    }
}

#[test]
fn manifests_are_whole() {
    type Change = fn(&mut Value);
    let table: [(Change, Inline); 8] = [
        (
            |manifest| manifest["schemaVersion"] = json!(1),
            str![[r#"
error: manifest sha256:6ef7ab4676812d1644e15801ee099719a430587e766145fca3d8bb70b37ad086: its `schemaVersion` is 1, not 2 [document-invalid]
out: 1 artifact, 3 blobs, 919 B: 1 error

"#]],
        ),
        (
            |manifest| drop(manifest.as_object_mut().unwrap().remove("config")),
            str![[r#"
error: manifest sha256:33f5dfe556fd3f6e15b2154bd89e2e5aa5653b55de9f28c3e310536210cb7044: its `config` is missing [document-invalid]
note: sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: has 206 bytes, and nothing that can be read refers to it [orphan]
out: 1 artifact, 3 blobs, 758 B: 1 error, 1 note

"#]],
        ),
        (
            |manifest| drop(manifest.as_object_mut().unwrap().remove("layers")),
            str![[r#"
error: manifest sha256:c66e7287eb92eff117eac2a239a77e682f4cc3810df80db67aa999e1f622af32: its `layers` is missing [document-invalid]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
out: 1 artifact, 3 blobs, 512 B: 1 error, 1 note

"#]],
        ),
        (
            |manifest| manifest["layers"] = json!({}),
            str![[r#"
error: manifest sha256:76519f14ac3587bb96b6d40d707bde177b2f505a1f69b1f3624dce7fb2180063: its `layers` is not an array [document-invalid]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
out: 1 artifact, 3 blobs, 524 B: 1 error, 1 note

"#]],
        ),
        (
            |manifest| manifest["mediaType"] = json!("application/vnd.docker.distribution.manifest.v2+json"),
            str![[r#"
error: manifest sha256:0c0e66613eb32866a0caf2e1ad55ca92c5ceefb33f5b66dc0ff04b44ab6051a1: it is said to be `application/vnd.oci.image.manifest.v1+json`, and says itself `application/vnd.docker.distribution.manifest.v2+json` [media-type-differs]
out: 1 artifact, 3 blobs, 929 B: 1 error

"#]],
        ),
        (
            |manifest| manifest["layers"][0]["size"] = json!(9),
            str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, not 9 [blob-size]
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 9 bytes, and metadata that say 8 [metadata-size]
out: 1 artifact, 3 blobs, 919 B: 1 damaged, 1 error

"#]],
        ),
        (
            |manifest| manifest["layers"][0]["digest"] = json!("../../etc/passwd"),
            str![[r#"
error: manifest sha256:757408579b75e4885e10173344318ed27a8707ff3df0dc988cf5dbbd3102b9b4: `layers[0]` has no `digest` that is one [descriptor-invalid]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
out: 1 artifact, 3 blobs, 864 B: 1 error, 1 note

"#]],
        ),
        (
            |manifest| *manifest = json!("manifest"),
            str![[r#"
error: manifest sha256:6af63d73c1c48f3b42b6e926fb67507cfe1ca255e96c7cf120a1cea4d23622e4: is no JSON object [document-invalid]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
note: sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: has 206 bytes, and nothing that can be read refers to it [orphan]
out: 0 artifacts, 3 blobs, 224 B: 1 error, 2 notes

"#]],
        ),
    ];
    for (change, expected) in table {
        crafted(|out| {
            let layers = [layer(out, "weight.v1.raw", "m.gguf", b"weights\n")];
            let mut manifest = manifest(out, CONFIG, &config(&layers), &layers);
            change(&mut manifest);
            manifest
        })
        .status(4)
        .stdout(expected)
        .stderr("")
        .run();
    }
}

#[test]
fn what_is_no_model_is_checked_as_far_as_it_goes() {
    let chart = |out: &std::path::Path| {
        let config = put(out, "application/vnd.cncf.helm.config.v1+json", b"{}");
        let chart = gzip(&tar(&[("tiny/Chart.yaml", tar::EntryType::Regular)]));
        let layer = put(out, "application/vnd.cncf.helm.chart.content.v1.tar+gzip", &chart);
        json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]})
    };
    crafted(chart).stdout(str![[r#"
note: manifest sha256:a273787cc81c7340a6cd2aa8c12d3a9a09a3404d92f581d5fa01738fe07134ae: is no model: its config has the media type `application/vnd.cncf.helm.config.v1+json` [no-model]
out: 1 artifact, 3 blobs, 518 B: 1 note

"#]]).run();
}
