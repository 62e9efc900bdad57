//! Sizes that descriptors state and no blob has.

use serde_json::{Value, json};
use snapbox::str;

use super::{CONFIG, built, config, crafted, layer, manifest, verify};

/// The specification has an int64. All who read a descriptor say the same of another one.
#[test]
fn sizes_that_no_blob_has() {
    let (mut said, mut verified) = (String::new(), String::new());
    for size in [
        "-1",
        "1.5",
        "2.0",
        "9223372036854775808",
        "18446744073709551616",
        "\"8\"",
    ] {
        let test = crafted(|out| {
            let layer = layer(out, "weight.v1.raw", "m.gguf", b"weights\n");
            let config = config(std::slice::from_ref(&layer));
            let mut manifest = manifest(out, CONFIG, &config, &[layer]);
            manifest["layers"][0]["size"] = serde_json::from_str(size).unwrap();
            manifest
        });
        let mut output = test.status(4).run();
        verified += output.text().lines().find(|line| line.starts_with("error")).unwrap();
        verified.push('\n');
        let mut errors = std::collections::BTreeSet::new();
        for args in [&["ls", "out"][..], &["inspect", "out"], &["extract", "out", "dir"]] {
            output = output.then().args(args).status(3).run();
            // The list has it, and says no more than that.
            let listed = output
                .text()
                .lines()
                .filter(|line| line.contains("  invalid  "))
                .count();
            assert_eq!(
                output.text().lines().count(),
                2 * usize::from(args[0] == "ls"),
                "{args:?}"
            );
            assert_eq!(listed, usize::from(args[0] == "ls"), "{args:?}");
            errors.insert(output.stderr.clone());
        }
        assert_eq!(errors.len(), 1, "{errors:?}");
        said.extend(errors);
    }
    snapbox::assert_data_eq!(
        said,
        str![[r#"
error: `out`: the manifest cannot be read: invalid value: integer `-1`, expected a `size` that is a number of bytes at line 1 column 628
error: `out`: the manifest cannot be read: invalid value: floating point `1.5`, expected a `size` that is a number of bytes at line 1 column 629
error: `out`: the manifest cannot be read: invalid value: floating point `2.0`, expected a `size` that is a number of bytes at line 1 column 629
error: `out`: the manifest cannot be read: invalid value: integer `9223372036854775808`, expected a `size` that is a number of bytes at line 1 column 645
error: `out`: the manifest cannot be read: invalid value: floating point `1.8446744073709552e+19`, expected a `size` that is a number of bytes at line 1 column 648
error: `out`: the manifest cannot be read: invalid type: string "8", expected a `size` that is a number of bytes at line 1 column 629

"#]]
    );
    // The digest of each manifest is another one.
    let rules: Vec<_> = verified.lines().map(|line| line.split_once(": `").unwrap().1).collect();
    snapbox::assert_data_eq!(
        rules.join("\n"),
        str![[r#"
layers[0]` has no `size` that is a number of bytes [descriptor-invalid]
layers[0]` has no `size` that is a number of bytes [descriptor-invalid]
layers[0]` has no `size` that is a number of bytes [descriptor-invalid]
layers[0]` has no `size` that is a number of bytes [descriptor-invalid]
layers[0]` has no `size` that is a number of bytes [descriptor-invalid]
layers[0]` has no `size` that is a number of bytes [descriptor-invalid]
"#]]
    );
}

/// An entry that cannot be read is no reason to say that nothing is there.
#[test]
fn an_index_of_a_size_that_no_blob_has() {
    let output = built();
    let path = output.dir().join("out/index.json");
    let mut index: Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
    index["manifests"][0]["size"] = json!(-1);
    fs_err::write(path, index.to_string()).unwrap();
    for args in [&["ls", "out"][..], &["inspect", "out"], &["extract", "out", "dir"]] {
        let run = output.then().args(args).status(4).stdout("");
        run.stderr(str![[r#"
error: `out` is damaged: index.json lists nothing that can be read: invalid value: integer `-1`, expected a `size` that is a number of bytes at line 1 column 256
  = help: build or copy it to another directory

"#]]).run();
    }
    verify(&output).status(4).stdout(str![[r#"
error: index.json: `manifests[0]` has no `size` that is a number of bytes [descriptor-invalid]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
note: sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6: has 1672 bytes, and nothing that can be read refers to it [orphan]
note: sha256:69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160: has 319 bytes, and nothing that can be read refers to it [orphan]
note: sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356: has 3 bytes, and nothing that can be read refers to it [orphan]
note: sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88: has 7 bytes, and nothing that can be read refers to it [orphan]
out: 0 artifacts, 5 blobs, 2.01 kB: 1 error, 5 notes

"#]]).run();
}
