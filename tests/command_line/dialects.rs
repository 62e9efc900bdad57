//! What a dialect has no place for, and who says so.

use snapbox::str;

use crate::tiny::{manifest, tiny};

#[test]
fn weights_that_docker_has_no_layer_for_are_a_warning() {
    let weights = |modelfile: &str| {
        let files = tiny().file("weights", "weights\n").file("m.onnx", "other\n");
        files
            .file("Modelfile", modelfile)
            .args(["--spec", "docker", "-o", "out"])
    };
    let built = weights("FORMAT gguf\nMODEL weights\nMODEL m.onnx\n")
        .args(["--progress", "none"])
        .stderr(str![[r#"
warning: Docker's format has no layer for such weights: `m.onnx` and `weights`
 --> Modelfile:3:7
  |
3 | MODEL m.onnx
  |       ^^^^^^
  |
  = help: Docker Model Runner finds no weights in this model: it tells them by names that end in `.gguf`, `.safetensors` or `.dduf`
  = help: rename them if they are of one of these formats, or build without `--spec docker`


"#]])
        .run();
    let layers = manifest(&built.dir().join("out"))["layers"].as_array().unwrap().clone();
    for layer in layers {
        assert_eq!(layer["mediaType"], "application/vnd.docker.ai.model.file");
    }
    weights("FORMAT gguf\nMODEL weights\n")
        .args(["--strict"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
warning: Docker's format has no layer for such weights: `weights`
 --> Modelfile:2:7
  |
2 | MODEL weights
  |       ^^^^^^^
  |
  = help: Docker Model Runner finds no weights in this model: it tells them by names that end in `.gguf`, `.safetensors` or `.dduf`
  = help: rename them if they are of one of these formats, or build without `--spec docker`

error: there are warnings, and `--strict` makes them errors

"#]])
        .run();
    // Beside weights that are told, it is a file that belongs to them.
    weights("FORMAT gguf\nMODEL m.GGUF\nMODEL weights\n")
        .file("m.GGUF", "weighty\n")
        .args(["--progress", "none"])
        .stderr("")
        .run();
    tiny()
        .file("weights", "weights\n")
        .file("Modelfile", "FORMAT gguf\nMODEL weights\n")
        .args(["--progress", "none"])
        .stderr("")
        .run();
}
