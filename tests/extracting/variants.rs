//! Of an index, the artifact that was chosen, whatever is made of it.

use crate::looking::variants;

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
