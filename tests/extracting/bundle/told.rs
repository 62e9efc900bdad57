//! What is printed of a bundle, to people and to machines, and from where it may come.

use super::*;

#[test]
fn the_paths_for_machines() {
    built(&["--spec", "docker"])
        .args([
            "extract",
            "--bundle",
            "a",
            "out",
            "--format",
            "json",
            "--exclude",
            "LICENSE",
        ])
        .stdout(str![[r#"
{
  "architecture": null,
  "chatTemplate": "[DIR]/out/model/chat_template.jinja",
  "config": "[DIR]/out/config.json",
  "contextSize": 4096,
  "dduf": null,
  "digest": "sha256:35cd9e0f6a07d3b09509115a9abb04afacc20430a9d31bba895d6c7080defa56",
  "files": [
    {
      "digest": "sha256:84c20d8f2a71570e96ce32dcf26c6054353cc009280b004f4bcf36ee9931dc61",
      "outcome": "written",
      "path": "config.json",
      "replaced": false,
      "size": 69
    },
    {
      "digest": "sha256:7f3de14b4a359865a98f84be7a9314754b7e14e8e23524e2553e4effaa9d18e1",
      "outcome": "written",
      "path": "model/chat_template.jinja",
      "replaced": false,
      "size": 15
    },
    {
      "digest": "sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356",
      "outcome": "written",
      "path": "model/config.json",
      "replaced": false,
      "size": 3
    },
    {
      "digest": "sha256:dce4bd2083db2a7b6b0fde5fc748a793ccabdf0e93b0849a4f4ddb4c6b1ac0f9",
      "outcome": "written",
      "path": "model/mmproj-x.gguf",
      "replaced": false,
      "size": 14
    },
    {
      "digest": "sha256:5f284183028a2bd166f462d8794c51762b66552826cce49a06b69c38d1020952",
      "outcome": "written",
      "path": "model/x-00001-of-00002.gguf",
      "replaced": false,
      "size": 6
    },
    {
      "digest": "sha256:7a7d681b18b1252b80cc501083f496fec32514a7c5729db158e12660c4bf26cb",
      "outcome": "written",
      "path": "model/x-00002-of-00002.gguf",
      "replaced": false,
      "size": 6
    }
  ],
  "format": "gguf",
  "gguf": "[DIR]/out/model/x-00001-of-00002.gguf",
  "leftOut": 1,
  "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "mmproj": "[DIR]/out/model/mmproj-x.gguf",
  "model": "[DIR]/out/model/x-00001-of-00002.gguf",
  "parameters": "8B",
  "quantization": null,
  "root": "[DIR]/out",
  "safetensors": null,
  "shards": [
    "[DIR]/out/model/x-00001-of-00002.gguf",
    "[DIR]/out/model/x-00002-of-00002.gguf"
  ],
  "size": "12B",
  "version": 1
}

"#]])
        .run();
}

/// By `pull`, too; what names alone show to be no model is not fetched.
#[test]
fn straight_from_a_registry() {
    let registry = Registry::start(Options::default());
    let whole = format!("{}/some/whole:v1", registry.address());
    let part = format!("{}/some/part:v1", registry.address());
    let test = built(&[]).args(["push", "-q", "a", &whole]).run();
    let test = test.then().args(["extract", "-q", "--bundle", "a", "local"]).run();
    let pulled = test
        .then()
        .args(["pull", &whole, "--extract", "out", "--bundle", "-q"])
        .run();
    assert!(pulled.text().ends_with("/out/model/x-00001-of-00002.gguf"));
    let dir = pulled.dir();
    assert_eq!(contents(&dir.join("out")), contents(&dir.join("local")));

    let half = artifact(MODELPACK_CONFIG, "{}", &[raw("s-1-of-2.gguf", b"GGUF half")]);
    let half = half.args(["push", "-q", "a", &part]).run();
    registry.record.clear();
    let refused = ["pull", &part, "--extract", "out", "--bundle", "--progress", "none"];
    half.then()
        .args(refused)
        .status(3)
        .stderr(str![[r#"
error: `s-1-of-2.gguf` is one of 2 shards, and `s-2-of-2.gguf` is missing
  = help: nothing was extracted; build the artifact from all shards

"#]])
        .run();
    let lines = registry.record.lines();
    assert!(!lines.contains(&sha256(b"GGUF half")), "{lines}");
}

#[test]
fn the_path_for_people() {
    let test = artifact(MODELPACK_CONFIG, "{}", &[raw("m.gguf", b"GGUF")]);
    test.args(["extract", "--bundle", "a", "out"])
        .stdout(str![[r#"
sha256:0837a0d33da0512958b78f55688f0830dc3eafce66212d454c3280a4af3f1399  [DIR]/out/model/m.gguf

"#]])
        .stderr(str![[r#"
extracted `a` to `out` in [TIME]: 2 files, 6 B; 2 written

"#]])
        .run();
}

/// Whoever opens the directory by names would not get what was asked for.
#[test]
fn the_files_of_another_model_are_told() {
    let test = artifact(MODELPACK_CONFIG, "{}", &[raw("m.gguf", b"GGUF")]);
    let output = test.args(["extract", "--bundle", "a", "out"]).run();
    assert!(!output.stderr.contains("another model"), "{}", output.stderr);
    fs_err::remove_dir_all(output.dir().join("a")).unwrap();
    let test = output.then();
    crate::extracting::artifact(&test, "b", &[raw("m.safetensors", SAFETENSORS)]);
    let output = test.args(["extract", "--bundle", "b", "out"]).run();
    let said = "note: `out` has files of another model, too: who looks for the model by names may find that one\n  = help: the path that is printed is right; give each bundle a directory of its own\n";
    assert!(output.stderr.contains(said), "{}", output.stderr);
    assert!(output.text().ends_with("/out/model/m.safetensors"), "{}", output.text());
}
