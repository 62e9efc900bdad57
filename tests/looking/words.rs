//! Words for what is not as usual.

use super::*;

/// Before, it looked as if it stated nothing.
#[test]
fn a_config_that_cannot_be_read_is_told_of() {
    let test = Test::new();
    let layers = [("application/vnd.cncf.model.weight.v1.raw", "m.gguf", "GGUF")];
    let config = "application/vnd.cncf.model.config.v1+json";
    layout(&test, "l", config, |_| r#"{"config":{"format":7}}"#.to_owned(), &layers);
    let listed = test
        .args(["ls", "l"])
        .status(3)
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
-     sha256:39a396452ef1  invalid  -            -           -

"#]])
        .stderr(str![[r#"
error: `l`: the config cannot be read: invalid type: integer `7`, expected a string at line 1 column 21

"#]])
        .run();
    layout(
        &listed.then(),
        "helm",
        "application/vnd.cncf.helm.config.v1+json",
        |_| "{".to_owned(),
        &layers,
    );
    listed
        .then()
        .args(["ls", "helm"])
        .stdout(str![[r#"
NAME  DIGEST                  SIZE  FORMAT       PARAMETERS  QUANTIZATION
-     sha256:d76712cacab4      4 B  -            -           -

"#]])
        .stderr("")
        .run();
}
