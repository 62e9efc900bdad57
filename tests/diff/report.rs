//! The JSON document, and what cannot be compared.

use snapbox::{file, str};

use super::{compared, old};
use crate::foreign::layout;
use crate::harness::Test;

#[test]
fn json() {
    let modelfile = "NAME tiny\nVERSION 2\nANNOTATION a.b new\n\
        MODEL model.gguf\nCONFIG other.json\nDOC LICENSE\n";
    let test = old()
        .file("m/Modelfile", modelfile)
        .file("m/model.gguf", "more weights")
        .file("m/other.json", "{}")
        .file("m/LICENSE", "free");
    compared(test, &[])
        .args(["--format", "json"])
        .stdout(file!["report.json"])
        .run();
}

#[test]
fn json_of_one_artifact() {
    Test::new()
        .file("m/Modelfile", "NAME tiny\nMODEL m.gguf\n")
        .file("m/m.gguf", "weights")
        .args(["build", "m", "-q", "-o", "old"])
        .run()
        .then()
        .args(["diff", "old", "oci:old", "--format", "json", "--exit-code"])
        .stdout(str![[r#"
{
  "artifact": [],
  "counts": {
    "added": 0,
    "changed": 0,
    "removed": 0,
    "same": 1
  },
  "layers": [
    {
      "changes": [],
      "new": {
        "digest": "sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c",
        "kind": "weight",
        "mediaType": "application/vnd.cncf.model.weight.v1.raw",
        "path": "m.gguf",
        "size": 7
      },
      "old": {
        "digest": "sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c",
        "kind": "weight",
        "mediaType": "application/vnd.cncf.model.weight.v1.raw",
        "path": "m.gguf",
        "size": 7
      }
    }
  ],
  "new": {
    "digest": "sha256:8f48c75da22688a71a381769d1d658e49ed107dd3b974f6cefa86a313c4ddfb4",
    "layers": 1,
    "reference": "oci:old",
    "size": 7,
    "spec": "modelpack"
  },
  "newBytes": 0,
  "old": {
    "digest": "sha256:8f48c75da22688a71a381769d1d658e49ed107dd3b974f6cefa86a313c4ddfb4",
    "layers": 1,
    "reference": "old",
    "size": 7,
    "spec": "modelpack"
  },
  "same": true,
  "uncompared": [],
  "version": 1
}

"#]])
        .stderr("")
        .run();
}

#[test]
fn what_is_not_there() {
    let mut test = old().file("text", "no tar");
    for (reference, message) in [
        (
            "none",
            str![[r#"
error: there is nothing at `none`
  = help: name a layout directory, a tarball, or a registry as `docker://HOST/REPOSITORY:TAG`

"#]],
        ),
        (
            "none.tar",
            str![[r#"
error: there is nothing at `none.tar`
  = help: name a layout directory, a tarball, or a registry as `docker://HOST/REPOSITORY:TAG`

"#]],
        ),
        (
            "m",
            str![[r#"
error: `m` is no OCI layout (it has no file `oci-layout`)
  = help: name a layout directory (with `oci-layout` in it) or an uncompressed tar of one

"#]],
        ),
        (
            "text",
            str![[r#"
error: `text` is no tar
  = help: name a layout directory (with `oci-layout` in it) or an uncompressed tar of one

"#]],
        ),
        (
            "oci:old:v9",
            str![[r#"
error: `old` holds no `v9`, but `v1`
  = help: choose one by its tag, as in `oci:DIR:TAG` or `oci-archive:FILE:TAG`, or by its digest, as in `DIR@sha256:…`

"#]],
        ),
    ] {
        test = test
            .args(["diff", "old", reference])
            .status(3)
            .stdout("")
            .stderr(message)
            .run()
            .then();
    }
}

#[test]
fn a_damaged_artifact() {
    let test = old();
    for blob in fs_err::read_dir(test.dir().join("old/blobs/sha256")).unwrap() {
        fs_err::write(blob.unwrap().path(), "damaged").unwrap();
    }
    test.args(["diff", "old", "old"])
        .status(4)
        .stdout("")
        .stderr(str![[r#"
error: `old` is damaged: the manifest sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4 has 7 bytes instead of 2155
  = help: `modelbuild verify old --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]])
        .run();
}

#[test]
fn a_container_image() {
    let test = old();
    let config = |_: &[String]| r#"{"architecture":"amd64"}"#.to_owned();
    let layers = [("application/vnd.oci.image.layer.v1.tar", "", "")];
    layout(
        &test,
        "image",
        "application/vnd.oci.image.config.v1+json",
        config,
        &layers,
    );
    test.args(["diff", "old", "image"])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:5a3949711fb615ab8e3bb3bdaddefaa933aafb9c108c49d19e423b6197b9e3fe  image
  format of the artifact: `modelpack` is now `image`
  version: `1` is gone
  license: `MIT` is gone
  annotation a.b: `old` is gone
  not compared, only one of the two formats has them: name, format
  unknown    sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855: new, 0 B
  weight     model.gguf: gone, 7 B
  config     config.json: gone, 2 B
  code       run.py: gone, 7 B
  doc        README.md: gone, 7 B
0 layers the same, 1 added, 4 removed: size 23 B → 0 B

"#]])
        .stderr("")
        .run();
}

#[test]
fn what_is_no_model() {
    let test = old();
    layout(&test, "chart", "application/x-chart", |_| "{}".to_owned(), &[]);
    test.args(["diff", "old", "chart"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `chart`: it is no model artifact: its config has the media type `application/x-chart`

"#]])
        .run();
}

#[test]
fn wrong_usage() {
    let mut test = Test::new();
    for (args, message) in [
        (
            &["diff"][..],
            str![[r#"
error: the following required arguments were not provided:
  <OLD>
  <NEW>

Usage: modelbuild diff <OLD> <NEW>

For more information, try '--help'.

"#]],
        ),
        (
            &["diff", "old"],
            str![[r#"
error: the following required arguments were not provided:
  <NEW>

Usage: modelbuild diff <OLD> <NEW>

For more information, try '--help'.

"#]],
        ),
        (
            &["diff", "oci:old:a b", "new"],
            str![[r#"
error: invalid value 'oci:old:a b' for '<OLD>': `a b` is not a tag

For more information, try '--help'.

"#]],
        ),
        (
            &["diff", "old@sha256:12", "new"],
            str![[r#"
error: invalid value 'old@sha256:12' for '<OLD>': behind `@` a digest is expected: `sha256:` and 64 lower-case hexadecimal characters

For more information, try '--help'.

"#]],
        ),
        (
            &["diff", "", "new"],
            str![[r#"
error: invalid value '' for '<OLD>': expected a layout directory or a tarball

For more information, try '--help'.

"#]],
        ),
    ] {
        test = test.args(args).status(2).stdout("").stderr(message).run().then();
    }
}
