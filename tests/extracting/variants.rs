//! Of an index, the artifact that was chosen, whatever is made of it.

use snapbox::str;

use crate::harness::Test;
use crate::looking::variants;
use crate::verifying::no_models::attested;

const CHOICE: [&str; 2] = ["--variant", "quantization=Q8_0"];

#[test]
fn the_chosen_one_of_an_index_is_extracted_and_converted() {
    let built = variants()
        .args(["extract", "-q", "oci:layout:all", "out"])
        .status(3)
        .run();
    assert!(!built.dir().join("out").exists());
    let extract = |options: &[&str], dir| {
        built
            .then()
            .args(["extract", "-q"])
            .args(options)
            .args(["oci:layout:all", dir])
    };
    extract(&[], "out").args(CHOICE).run();
    assert_eq!(fs_err::read(built.dir().join("out/m.gguf")).unwrap(), b"weights");
    // It is the chosen one whose bytes are found to be none of a model.
    let bundled = extract(&["--bundle"], "run").args(CHOICE).status(4).run();
    assert!(
        bundled
            .stderr
            .starts_with("error: `m.gguf` is something else, not GGUF"),
        "{}",
        bundled.stderr
    );
    let args = ["convert", "-q", "--spec", "docker", "oci:layout:all", "converted"];
    built.then().args(args).args(CHOICE).run();
    let config = built.then().args(["inspect", "converted", "--config"]).run();
    assert!(config.text().contains("Q8_0"), "{}", config.text());
}

/// What buildx attests of an image stands beside it in the index, and is no other one to choose from.
#[test]
fn an_attestation_is_no_variant() {
    let test = Test::new();
    attested(&test);
    let output = test.args(["extract", "-q", "out", "x"]).run();
    assert!(output.dir().join("x/models/m.gguf").exists());
    output
        .then()
        .args(["extract", "-q", "--bundle", "out", "b"])
        .status(4)
        .stderr(str![[r#"
error: `models/m.gguf` is something else, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files

"#]])
        .run();
    let seen = output.then().args(["inspect", "out"]).run();
    assert!(seen.text().contains("spec          image"), "{}", seen.text());
    // Whoever means it gets it.
    for choice in [
        "platform=unknown/unknown",
        "vnd.docker.reference.type=attestation-manifest",
    ] {
        let chosen = output
            .then()
            .args(["inspect", "out", "--manifest", "--variant", choice])
            .run();
        assert!(chosen.text().contains("in-toto"), "{}", chosen.text());
    }
}
