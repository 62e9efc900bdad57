//! What is done otherwise than somebody may think who gave an option, and said so.

use snapbox::str;

use crate::servers::registry::{Options, Registry};
use crate::tiny::{assert_same_text, tiny};

#[test]
fn layers_that_cannot_be_links_are_counted() {
    let build = || tiny().args(["-o", "out", "--link", "hard"]);
    build()
        .stderr(str![[r#"
built `tiny` in [TIME]: 3 layers, 18 B; 3 linked

"#]])
        .run();
    build()
        .args(["--tar"])
        .stderr(str![[r#"
note: 3 layers were copied, and not linked: 3 as a tar
  = help: a file can be linked where it is a whole blob, on the same file system
built `tiny` in [TIME]: 3 layers, 6.14 kB; 3 written

"#]])
        .run();
    // One is a part of a tarball, and the others are files.
    let base = tiny().args(["-q", "-o", "base.tar"]).run();
    base.then()
        .file("Modelfile", "FROM base.tar\nMODEL new.gguf\nDOC *.md\n")
        .file("new.gguf", "new\n")
        .args(["-o", "out", "--link", "hard"])
        .stderr(str![[r#"
note: 2 layers were copied, and not linked: 2 out of a tarball
  = help: a file can be linked where it is a whole blob, on the same file system
built `tiny` in [TIME]: 4 layers, 22 B; 2 written, 2 linked

"#]])
        .run();
}

#[test]
fn tags_that_no_output_gets_are_named() {
    let registry = Registry::start(Options::default());
    let host = registry.address();
    let to = format!("docker://{host}/a/tiny:v1");
    let output = tiny().args(["-o", &to, "-t", "tiny:v2"]).run();
    assert_same_text(
        crate::harness::redact_times(&output.stderr).replace(&host, "HOST"),
        str![[r#"
note: no output was given the tag `docker.io/library/tiny:v2`: in a registry it has the one of its address
  = help: write `-o docker://HOST/REPOSITORY:TAG` once for each tag, or `--push` instead of `-o`
built `tiny` in [TIME]: 3 layers, 18 B; 3 written

"#]],
    );
    // A layout gets it.
    let output = tiny().args(["-o", &to, "-o", "out", "-t", "tiny:v2"]).run();
    assert!(!output.stderr.contains("note"), "{}", output.stderr);
    let tag = format!("{host}/a/tiny:v2");
    let output = tiny().args(["--push", "-t", &tag]).run();
    assert!(!output.stderr.contains("note"), "{}", output.stderr);
}
