use super::models;

/// As scripts want it: `tag` says which artifact, the others nothing.
#[test]
fn there_is_no_more_than_a_digest() {
    let output = models();
    let digest = |said: &str| said.split_whitespace().next().unwrap().to_owned();
    let listed = output.then().args(["tag", "oci:models:v1", "other"]).run();
    let tagged = output
        .then()
        .args(["tag", "-q", "oci:models:v2", "v1", "stable"])
        .stderr("")
        .run();
    assert_eq!(tagged.text().lines().count(), 1);
    assert_eq!(tagged.text().len(), 71);
    assert_ne!(tagged.text(), digest(listed.text()));
    output
        .then()
        .args(["rm", "--quiet", "oci:models:other"])
        .stdout("")
        .stderr("")
        .run();
    output
        .then()
        .args(["prune", "-q", "models"])
        .stdout("")
        .stderr("")
        .run();
    output
        .then()
        .args(["rm", "-q", "--prune", "oci:models:stable", "oci:models:v2"])
        .stdout("")
        .stderr("")
        .run();
    let wrong = output
        .then()
        .args(["rm", "-q", "oci:models:v7"])
        .status(3)
        .stdout("")
        .run();
    assert!(wrong.stderr.starts_with("error: "), "{}", wrong.stderr);
    for command in [
        ["tag", "oci:models:v1", "v9"],
        ["rm", "oci:models:v1", "-q"],
        ["prune", "models", "-q"],
    ] {
        let both = output
            .then()
            .args(command)
            .args(["-q", "--format", "json"])
            .status(2)
            .run();
        assert!(both.stderr.starts_with("error: the argument "), "{}", both.stderr);
    }
}
