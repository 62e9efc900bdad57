//! What a dialect has no place for, and who says so.

use snapbox::str;

use crate::harness::Test;
use crate::tiny::{manifest, tiny};

/// Everything that can be stated of a model, beside its name.
const STATED: &str = "NAME tiny\nARCH transformer\nFAMILY llama\nFORMAT gguf\nPARAMSIZE 8B\nPRECISION bfloat16\n\
    QUANTIZATION Q4_K_M\nVERSION 1.0\nTITLE Tiny\nDESCRIPTION \"For tests\"\nAUTHOR Ada\nVENDOR Labs\nLICENSE MIT\n\
    DOCURL https://example.org/d\nSOURCEURL https://example.org/s\nREVISION 4f1c2d9\n\
    DATASETURL https://example.org/w\nINPUT text\nOUTPUT text\nLANGUAGE en\nCUTOFF 2024-06-01T00:00:00Z\nCAPABILITY tools\n\
    CONTEXT 8192\nANNOTATION org.example.team research\nMODEL m.gguf\n";

fn stated() -> Test {
    tiny().file("Modelfile", STATED)
}

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

#[test]
fn what_docker_s_config_cannot_hold_is_said() {
    stated()
        .args(["--spec", "docker", "-o", "out", "--progress", "none"])
        .stderr(str![[r#"
note: left out of the artifact, because Docker's format has no place for it: `ARCH`, `PRECISION`, `VERSION`, `TITLE`, `DESCRIPTION`, `AUTHOR`, `VENDOR`, `LICENSE`, `DOCURL`, `SOURCEURL`, `REVISION`, `DATASETURL`, `INPUT`, `OUTPUT`, `LANGUAGE`, `CUTOFF`, `CAPABILITY`
  = help: what readers need all the same can be an annotation, such as `ANNOTATION org.opencontainers.image.licenses Apache-2.0`

"#]])
        .run();
    stated().args(["plan", "--spec", "docker"]).stderr(str![[r#"
note: left out of the artifact, because Docker's format has no place for it: `ARCH`, `PRECISION`, `VERSION`, `TITLE`, `DESCRIPTION`, `AUTHOR`, `VENDOR`, `LICENSE`, `DOCURL`, `SOURCEURL`, `REVISION`, `DATASETURL`, `INPUT`, `OUTPUT`, `LANGUAGE`, `CUTOFF`, `CAPABILITY`
  = help: what readers need all the same can be an annotation, such as `ANNOTATION org.opencontainers.image.licenses Apache-2.0`

"#]]).run();
    stated()
        .args(["--spec", "docker", "-n", "--progress", "json", "--strict"])
        .stderr(str![[r#"
{"blobs":1,"bytes":8,"event":"begin"}
{"event":"started","path":"m.gguf","size":8}
{"digest":"sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0","event":"hashed","path":"m.gguf","size":8}
{"event":"publishing"}
{"event":"note","help":["what readers need all the same can be an annotation, such as `ANNOTATION org.opencontainers.image.licenses Apache-2.0`"],"message":"left out of the artifact, because Docker's format has no place for it: `ARCH`, `PRECISION`, `VERSION`, `TITLE`, `DESCRIPTION`, `AUTHOR`, `VENDOR`, `LICENSE`, `DOCURL`, `SOURCEURL`, `REVISION`, `DATASETURL`, `INPUT`, `OUTPUT`, `LANGUAGE`, `CUTOFF`, `CAPABILITY`"}
{"digest":"sha256:1e88ca03f66318afee48d3ee51883fd5a6fdf2189ccb1ce833d8b1e6ed4867a0","event":"done","seconds":[..],"upToDate":false}

"#]])
        .run();
    stated().args(["--spec", "docker", "-q", "-o", "out"]).stderr("").run();
    // The class stands in for the family, and the output is named by the name.
    let held = "NAME tiny\nARCH transformer\nFORMAT gguf\nCONTEXT 8192\nANNOTATION a b\nMODEL m.gguf\n";
    tiny()
        .file("Modelfile", held)
        .args(["plan", "--spec", "docker"])
        .stderr("")
        .run();
}

/// Two of three Modelfiles state it; who only looks is told.
#[test]
fn what_modelpack_cannot_hold_is_said_before_a_build_alone() {
    stated().args(["-n", "--progress", "none"]).stderr(str![[r#"
note: left out of the artifact, because ModelPack has no place for it: `CONTEXT`
  = help: what readers need all the same can be an annotation, such as `ANNOTATION org.opencontainers.image.licenses Apache-2.0`

"#]]).run();
    stated().args(["plan"]).stderr(str![[r#"
note: left out of the artifact, because ModelPack has no place for it: `CONTEXT`
  = help: what readers need all the same can be an annotation, such as `ANNOTATION org.opencontainers.image.licenses Apache-2.0`

"#]]).run();
    stated().args(["-o", "out", "--progress", "none"]).stderr("").run();
    stated()
        .args(["-o", "out", "--progress", "none", "--strict"])
        .stderr("")
        .run();
}
