//! `tag`, `rm` and `prune`: a layout that is kept for long.

mod held;
mod prune;
mod prune_while;
mod quiet;
mod rm;
mod tag;

use crate::harness::{Output, Test};

/// A layout `models` with two artifacts, `v1` and `v2`, that have a layer in common; the first of them in a tarball too.
fn models() -> Output {
    let test = Test::new()
        .file("m/Modelfile", "NAME m\nMODEL m.gguf\nDOC README.md\n")
        .file("m/m.gguf", "w".repeat(7000))
        .file("m/README.md", "one");
    let first = test
        .args([
            "build",
            "m",
            "-q",
            "-o",
            "models",
            "-t",
            "registry.example/m:v1",
            "-o",
            "v1.tar",
        ])
        .run();
    let test = first.then().file("m/README.md", "another");
    test.args(["build", "m", "-q", "-o", "models", "-t", "registry.example/m:v2"])
        .run()
}

/// Tags, whole references and digests of the entries of the layout `models`.
fn entries(output: &Output) -> String {
    let index = crate::tiny::json(output.dir().join("models/index.json"));
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let entry = |entry: &serde_json::Value| {
        let annotations = &entry["annotations"];
        format!(
            "{} {} {}\n",
            text(&annotations["org.opencontainers.image.ref.name"]),
            text(&annotations["io.containerd.image.name"]),
            &text(&entry["digest"])[..19]
        )
    };
    index["manifests"].as_array().unwrap().iter().map(entry).collect()
}
