//! What a `ModelPack`'s manifest names by media types that are not the specification's.

use serde_json::{Value, json};
use snapbox::data::Inline;
use snapbox::str;

use super::{CONFIG, config, crafted, layer, manifest};

/// What verify says of one file of weights, under a config and in a layer of these types.
fn said(config_type: &str, layer_type: &str) -> String {
    let test = crafted(|out| {
        let mut layer = layer(out, "weight.v1.raw", "m.gguf", b"weights\n");
        layer["mediaType"] = json!(layer_type);
        let layers: [Value; 1] = [layer];
        manifest(out, config_type, &config(&layers), &layers)
    });
    format!("{}\n", test.run().text())
}

#[test]
fn the_config_has_its_type() {
    let table: [(&str, Inline); 2] = [
        (
            "application/x-foo",
            str![[r#"
warning: config sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: has the media type `application/x-foo`, which no config of a model has [config-type]
out: 1 artifact, 3 blobs, 895 B: 1 warning

"#]],
        ),
        (
            "application/vnd.cncf.model.config.v2+json",
            str![[r#"
warning: config sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: has the media type `application/vnd.cncf.model.config.v2+json`, which no config of a model has [config-type]
out: 1 artifact, 3 blobs, 919 B: 1 warning

"#]],
        ),
    ];
    for (config_type, expected) in table {
        snapbox::assert_data_eq!(said(config_type, "application/vnd.cncf.model.weight.v1.raw"), expected);
    }
}

#[test]
fn layers_have_its_types() {
    let foreign = [
        "application/vnd.docker.ai.gguf.v3",
        "application/vnd.cnai.model.weight.v1.raw",
        "application/vnd.kitops.modelkit.model.v1.raw",
        "application/vnd.cncf.model.model.v1.raw",
        "application/vnd.docker.ai.gguf.v4",
        "application/vnd.cncf.model.weight.v2.raw",
    ];
    let lines: String = foreign.iter().map(|it| said(CONFIG, it)).collect();
    snapbox::assert_data_eq!(
        lines,
        str![[r#"
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the media type `application/vnd.docker.ai.gguf.v3`, which is not one of ModelPack's [media-type-foreign]
out: 1 artifact, 3 blobs, 912 B: 1 warning
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the media type `application/vnd.cnai.model.weight.v1.raw`, which is not one of ModelPack's [media-type-foreign]
out: 1 artifact, 3 blobs, 919 B: 1 warning
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the media type `application/vnd.kitops.modelkit.model.v1.raw`, which is not one of ModelPack's [media-type-foreign]
out: 1 artifact, 3 blobs, 923 B: 1 warning
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the media type `application/vnd.cncf.model.model.v1.raw`, which is not one of ModelPack's [media-type-foreign]
out: 1 artifact, 3 blobs, 918 B: 1 warning
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the media type `application/vnd.docker.ai.gguf.v4`, which is not known: it is taken for the file itself [media-type-unknown]
out: 1 artifact, 3 blobs, 912 B: 1 warning
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the media type `application/vnd.cncf.model.weight.v2.raw`, which is not known: it is taken for the file itself [media-type-unknown]
out: 1 artifact, 3 blobs, 919 B: 1 warning

"#]]
    );
    // Docker's extension of the specification, which tells an engine what the weights are.
    for own in [
        "application/vnd.cncf.model.weight.v1.gguf",
        "application/vnd.cncf.model.weight.v1.safetensors",
    ] {
        assert!(said(CONFIG, own).ends_with(": all is well\n"), "{own}");
    }
}
