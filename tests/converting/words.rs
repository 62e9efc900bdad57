//! Words that the dialects have for the same thing.

use serde_json::Value;
use snapbox::str;

use super::{SHAPES, built, convert};

/// llama.cpp's word for it, which Docker Model Runner writes, says more than the name.
#[test]
fn a_quantization_has_the_name_that_each_dialect_has() {
    for (stated, name) in [
        ("MOSTLY_Q4_K_M", "Q4_K_M"),
        ("ALL_F32", "F32"),
        ("Q8_0", "Q8_0"),
        ("MOSTLY_", "MOSTLY_"),
    ] {
        let modelfile = format!("FORMAT gguf\nQUANTIZATION {stated}\nMODEL m.gguf\n").leak();
        let output = built((modelfile, &["m.gguf"]), "docker");
        convert(&output, "modelpack", &["oci:l:v1", "-t", "there"]);
        let shown = output.then().args(["inspect", "oci:l:there", "--config"]).run();
        let config: Value = serde_json::from_slice(&shown.stdout).unwrap();
        assert_eq!(config["config"]["quantization"], name);
        let back = convert(&output, "docker", &["oci:l:there", "-t", "back"]);
        assert_eq!(back, output.text());
    }
}

/// As a build says it: nothing but their names would tell.
#[test]
fn weights_that_docker_has_no_layer_for_are_named() {
    for (shape, stderr) in [
        (
            ("FORMAT gguf\nMODEL weights\n", &["weights"][..]),
            str![[r#"
converted `oci:l:v1` to `oci:l:docker` in [TIME]: 1 layer, 7 B; 1 there already
note: Docker's format has no layer for such weights: `weights`
  = help: Docker Model Runner tells weights by names that end in `.gguf`, `.safetensors` or `.dduf`: build them by such a name

"#]],
        ),
        (
            SHAPES[0],
            str![[r#"
converted `oci:l:v1` to `oci:l:docker` in [TIME]: 1 layer, 6 B; 1 there already

"#]],
        ),
    ] {
        let output = built(shape, "modelpack");
        let args = ["convert", "--spec", "docker", "oci:l:v1", "-t", "docker"];
        output.then().args(args).stderr(stderr).run();
    }
}

#[test]
fn what_it_was_before_wants_a_name_too() {
    let output = built(SHAPES[0], "modelpack");
    convert(&output, "docker", &["oci:l:v1", "-t", "docker"]);
    let args = ["convert", "--spec", "original", "oci:l:docker"];
    output
        .then()
        .args(args)
        .status(2)
        .stderr(str![[r#"
error: nothing says what the original is called in `l`
  = help: give it a tag with `-t`, such as the one that it had, or name another place

"#]])
        .run();
}

#[test]
fn what_speaks_the_dialect_already_is_not_converted() {
    let output = built(SHAPES[0], "modelpack");
    let args = ["convert", "--spec", "modelpack", "oci:l:v1", "-t", "same"];
    let again = output.then().args(args).stderr(str![[r#"
copied `oci:l:v1` to `oci:l:same` in [TIME]: 1 layer, 6 B; 1 there already
note: the artifact in `l` has that format already: nothing was converted

"#]]);
    assert_eq!(again.run().text().split(' ').next(), Some(output.text()));
}
