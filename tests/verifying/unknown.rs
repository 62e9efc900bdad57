//! Media types that nobody knows, under a config of a type that nobody knows: files with names, as oras writes them.

use std::fmt::Write as _;

use serde_json::json;
use snapbox::{assert_data_eq, str};

use crate::foreign::{annotated, layout};
use crate::harness::Test;

#[test]
fn what_is_called_as_a_models_is_known_or_told() {
    let mut told = String::new();
    for (config_type, layer_type) in [
        (
            "application/vnd.docker.ai.model.config.v0.3+json",
            "application/vnd.docker.ai.gguf.v9",
        ),
        (
            "application/vnd.cnai.model.config.v2+json",
            "application/vnd.cnai.model.weight.v2.raw",
        ),
        (
            "application/vnd.cncf.modelpack.config.v2+json",
            "application/vnd.cncf.model.weight.v1.cbor",
        ),
        ("application/x-foo", "application/vnd.kitops.modelkit.model.v2.tar"),
        // Anybody may make them up.
        ("application/x-foo", "application/x-bar"),
        ("application/vnd.oci.empty.v1+json", "application/vnd.docker.ai.gguf.v3"),
        (
            "application/vnd.docker.distribution.x+json",
            "application/vnd.oci.image.layer.v1.tar",
        ),
    ] {
        let test = Test::new();
        layout(
            &test,
            "l",
            config_type,
            |_| "{}".to_owned(),
            &[(layer_type, "m.gguf", "GGUF")],
        );
        let output = test.args(["verify", "l"]).command().output().unwrap();
        told += str::from_utf8(&output.stdout).unwrap();
    }
    assert_data_eq!(
        told,
        str![[r#"
warning: m.gguf sha256:b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd: has the media type `application/vnd.docker.ai.gguf.v9`, which is not known: it is taken for the file itself [media-type-unknown]
warning: config sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: has the media type `application/vnd.docker.ai.model.config.v0.3+json`, which no config of a model has [config-type]
l: 1 artifact, 3 blobs, 452 B: 2 warnings
warning: m.gguf sha256:b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd: has the media type `application/vnd.cnai.model.weight.v2.raw`, which is not known: it is taken for the file itself [media-type-unknown]
warning: config sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: has the media type `application/vnd.cnai.model.config.v2+json`, which no config of a model has [config-type]
l: 1 artifact, 3 blobs, 452 B: 2 warnings
warning: m.gguf sha256:b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd: has the media type `application/vnd.cncf.model.weight.v1.cbor`, which is not known: it is taken for the file itself [media-type-unknown]
warning: config sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: has the media type `application/vnd.cncf.modelpack.config.v2+json`, which no config of a model has [config-type]
l: 1 artifact, 3 blobs, 457 B: 2 warnings
error: m.gguf sha256:b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd: it ends in the middle of something [layer-broken]
warning: m.gguf sha256:b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd: has the media type `application/vnd.kitops.modelkit.model.v2.tar`, which is not known: it is taken for a tar, by the end of the type [media-type-unknown]
l: 1 artifact, 3 blobs, 432 B: 1 error, 1 warning
l: 1 artifact, 3 blobs, 405 B: all is well
l: 1 artifact, 3 blobs, 437 B: all is well
l: 1 artifact, 3 blobs, 451 B: all is well

"#]]
    );
}

/// As oras has it, but for what is called as a model's is.
#[test]
fn a_file_with_a_name_is_no_tar_by_the_end_of_its_type() {
    let mut told = String::new();
    for media_type in [
        "application/x.foo.tar",
        "application/x.foo.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/x.foo+gzip",
        "application/vnd.docker.ai.foo.tar",
    ] {
        let test = Test::new();
        let title = json!({"org.opencontainers.image.title": "foo"});
        annotated(
            &test,
            "l",
            "application/x-foo",
            |_| "{}".to_owned(),
            &[(media_type, title, "foo")],
        );
        let output = test.args(["extract", "-q", "l", "out"]).command().output().unwrap();
        let (code, error) = (output.status.code().unwrap(), str::from_utf8(&output.stderr).unwrap());
        write!(told, "{media_type}: {code}\n{error}").unwrap();
    }
    assert_data_eq!(
        told,
        str![[r#"
application/x.foo.tar: 0
application/x.foo.tar+gzip: 0
application/vnd.oci.image.layer.v1.tar+gzip: 0
application/x.foo+gzip: 0
application/vnd.docker.ai.foo.tar: 4
error: layer `foo`: it ends in the middle of something
  = help: nothing was extracted; build or copy the artifact again

"#]]
    );
}
