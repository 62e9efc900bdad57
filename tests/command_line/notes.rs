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
  = help: a file can be linked where it is a whole blob, on the same file system and below the same mount
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
  = help: a file can be linked where it is a whole blob, on the same file system and below the same mount
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

/// Whoever cloned a repository without git-lfs has them.
#[test]
fn what_git_lfs_has_in_place_of_files_is_named() {
    let pointer = |size| {
        let digest = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {size}\n")
    };
    let pointers = || {
        tiny()
            .file("m.gguf", pointer(12_345))
            .file("config.json", pointer(1))
            .file("README.md", pointer(2))
            .file("long.gguf", pointer(3) + &"x".repeat(100))
            .file("other.gguf", "w".repeat(130))
            .file(
                "Modelfile",
                "NAME tiny\nFORMAT gguf\nMODEL *.gguf\nCONFIG *.json\nDOC *.md\n",
            )
    };
    let built = pointers()
        .cached()
        .args(["-o", "out"])
        .stderr(str![[r#"
warning: 2 files are pointers of git-lfs, and not the files: `m.gguf`, `config.json`
  = help: run `git lfs pull` to get the files, and build again
built `tiny` in [TIME]: 5 layers, 738 B; 5 written

"#]])
        .run();
    // Whether it is read again or not.
    let again = built
        .then()
        .cached()
        .args(["-o", "out", "--format", "json", "--progress", "none"])
        .run();
    let told: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(
        told["warnings"],
        serde_json::json!(["2 files are pointers of git-lfs, and not the files: `m.gguf`, `config.json`"])
    );
    let one = pointers().file("Modelfile", "NAME tiny\nFORMAT gguf\nMODEL m.gguf\n");
    one.args(["-o", "out", "--strict", "--progress", "none"])
        .status(3)
        .stderr(str![[r#"
warning: `m.gguf` is a pointer of git-lfs, and not the file
  = help: run `git lfs pull` to get the files, and build again
error: there are warnings, and `--strict` makes them errors

"#]])
        .run();
    let quiet = pointers().args(["-o", "out", "-q"]).stderr("").run();
    assert!(quiet.text().starts_with("sha256:"));
}

/// Only `build` and `pull` have `-o`.
#[test]
fn advice_speaks_of_options_that_there_are() {
    let built = tiny().file("file", "").args(["-q", "-o", "out"]).run();
    let stderr = built.then().args(["-o", "file/out", "--progress", "none"]).status(1);
    stderr
        .stderr(str![[r#"
error: cannot write the output: failed to query resolved metadata `file/out`: Not a directory (os error 20)
  = help: choose a place that you can write to with `-o`

"#]])
        .run();
    for command in ["copy", "convert"] {
        let spec: &[&str] = if command == "convert" {
            &["--spec", "docker"]
        } else {
            &[]
        };
        let copied = built.then().args([command, "out", "file/out"]).args(spec).status(1);
        assert_same_text(
            copied.run().stderr,
            str![[r#"
error: cannot write the output: failed to query resolved metadata `file/out`: Not a directory (os error 20)
  = help: choose a place that you can write to

"#]],
        );
    }
}

#[test]
fn what_a_registry_has_not_comes_with_a_way_to_find_out() {
    let registry = Registry::start(Options::default());
    let host = registry.address();
    let built = tiny().args(["-q", "-o", &format!("docker://{host}/a/tiny:v1")]).run();
    let says = |args: &[&str], expected| {
        let args = args.iter().map(|arg| arg.replace("HOST", &host));
        let output = built.then().args(args).status(5).stdout("").run();
        assert_same_text(output.stderr.replace(&host, "HOST"), expected);
    };
    says(
        &["inspect", "docker://HOST/a/tiny:v2"],
        str![[r#"
error: HOST has no `HOST/a/tiny:v2`
  = help: check repository and tag, `latest` where none is given; `modelbuild ls docker://HOST/a/tiny` lists the tags

"#]],
    );
    says(
        &["tag", "docker://HOST/a/tiny", "v3"],
        str![[r#"
error: HOST has no `HOST/a/tiny`
  = help: check repository and tag, `latest` where none is given; `modelbuild ls docker://HOST/a/tiny` lists the tags

"#]],
    );
    says(
        &["ls", "docker://HOST/a/tyni"],
        str![[r#"
error: HOST has no tag in `HOST/a/tyni`
  = help: check the name of the repository

"#]],
    );
    says(
        &["ls", "docker://HOST/a/tiny:v2"],
        str![[r#"
error: HOST has no `HOST/a/tiny:v2`
  = help: check repository and tag, `latest` where none is given; `modelbuild ls docker://HOST/a/tiny` lists the tags

"#]],
    );
}
