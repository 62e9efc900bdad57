//! Documents that one reader takes for something else than the next one does (CVE-2021-41190): nobody reads them.

use std::fmt::Write as _;

use serde_json::{Value, json};
use snapbox::data::Inline;
use snapbox::str;

use super::{CONFIG, INDEX, changed, config, crafted, layer, manifest, put};
use crate::harness::Output;
use crate::oracle::oracle;
use crate::tiny::assert_same_text;

type Change = fn(&mut Value);
type Edit = fn(String) -> String;

/// A layout `out` whose only artifact was changed, as text too: JSON may have a member twice.
fn spoilt(change: Change, edit: Edit) -> crate::harness::Test {
    let mut media_type = Value::Null;
    let test = crafted(|out| {
        let layers = [layer(out, "weight.v1.raw", "m.gguf", b"weights\n")];
        let mut manifest = manifest(out, CONFIG, &config(&layers), &layers);
        change(&mut manifest);
        media_type = manifest["mediaType"].clone();
        manifest
    });
    let out = test.dir().join("out");
    let index = crate::tiny::json(out.join("index.json"));
    let bytes = fs_err::read_to_string(crate::tiny::blob(&out, &index["manifests"][0])).unwrap();
    fs_err::remove_file(crate::tiny::blob(&out, &index["manifests"][0])).unwrap();
    let media_type = media_type.as_str().unwrap_or(super::MANIFEST).to_owned();
    let entry = put(&out, &media_type, edit(bytes).as_bytes());
    super::layout(&out, &[entry]);
    test
}

/// The exit code of a run, and the first line of what it complains of.
fn failure(output: &Output, args: &[&str]) -> String {
    let run = output.then().args(args).command().output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    let first = said.lines().next().unwrap_or_default();
    format!("{} {first}", run.status.code().unwrap())
}

const AS_IT_IS: Edit = |text| text;

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn documents_are_of_one_kind_and_have_each_member_once() {
    let table: [(Change, Edit, Inline, Inline); 9] = [
        (
            |manifest| manifest["manifests"] = json!([]),
            AS_IT_IS,
            str![[r#"
error: manifest sha256:33679c06b56fe8dd350f8c24c1106a941d7a2007d9972015b394180bea0721f9: has `manifests` and `layers`, which belong to documents of two kinds; what it lists was not checked [document-ambiguous]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
note: sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: has 206 bytes, and nothing that can be read refers to it [orphan]
out: 0 artifacts, 3 blobs, 934 B: 1 error, 2 notes

"#]],
            str![[r#"
error: `out`: the manifest is ambiguous: it has `manifests` and `layers`, which belong to documents of two kinds
  = help: do not use it: another tool may take it for something else than was checked; ask whoever built it

"#]],
        ),
        (
            |manifest| manifest["mediaType"] = json!(INDEX),
            AS_IT_IS,
            str![[r#"
error: manifest sha256:e0577118302cd84d2206694f1d6bac5a26b65bee65dbd25e9ccca4bc4a26104e: says that it is `application/vnd.oci.image.index.v1+json`, and has `layers`; what it lists was not checked [document-ambiguous]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
note: sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: has 206 bytes, and nothing that can be read refers to it [orphan]
out: 0 artifacts, 3 blobs, 916 B: 1 error, 2 notes

"#]],
            str![[r#"
error: `out`: the manifest is ambiguous: it says that it is `application/vnd.oci.image.index.v1+json`, and has `layers`
  = help: do not use it: another tool may take it for something else than was checked; ask whoever built it

"#]],
        ),
        (
            |manifest| manifest["blobs"] = manifest["layers"].clone(),
            AS_IT_IS,
            str![[r#"
error: manifest sha256:f3524b1b11746c8a70fe3d7a6e4018560c0341fa82727854e29b5a1b2a0a7dec: has `layers` and `blobs`, which belong to documents of two kinds; what it lists was not checked [document-ambiguous]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
note: sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: has 206 bytes, and nothing that can be read refers to it [orphan]
out: 0 artifacts, 3 blobs, 1.32 kB: 1 error, 2 notes

"#]],
            str![[r#"
error: `out`: the manifest is ambiguous: it has `layers` and `blobs`, which belong to documents of two kinds
  = help: do not use it: another tool may take it for something else than was checked; ask whoever built it

"#]],
        ),
        (
            |manifest| manifest["fsLayers"] = json!([]),
            AS_IT_IS,
            str![[r#"
error: manifest sha256:61a0e5f98108c91860b48e24a7a33ff4d33f51e97095d5f985a3b22a607cf079: has `layers` and `fsLayers`, which belong to documents of two kinds; what it lists was not checked [document-ambiguous]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
note: sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: has 206 bytes, and nothing that can be read refers to it [orphan]
out: 0 artifacts, 3 blobs, 933 B: 1 error, 2 notes

"#]],
            str![[r#"
error: `out`: the manifest is ambiguous: it has `layers` and `fsLayers`, which belong to documents of two kinds
  = help: do not use it: another tool may take it for something else than was checked; ask whoever built it

"#]],
        ),
        (
            |manifest| manifest["Layers"] = json!([]),
            AS_IT_IS,
            str![[r#"
error: manifest sha256:d8d873937d6a64987329f41467d1e3671014d8df1c8ad7c5cb6fc546768cd0d7: has `Layers`, which readers written in Go take for `layers`, and others do not; what it lists was not checked [document-ambiguous]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
note: sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: has 206 bytes, and nothing that can be read refers to it [orphan]
out: 0 artifacts, 3 blobs, 931 B: 1 error, 2 notes

"#]],
            str![[r#"
error: `out`: the manifest is ambiguous: it has `Layers`, which readers written in Go take for `layers`, and others do not
  = help: do not use it: another tool may take it for something else than was checked; ask whoever built it

"#]],
        ),
        (
            |manifest| manifest["layer\u{17f}"] = json!([]),
            AS_IT_IS,
            str![[r#"
error: manifest sha256:cda92d71fa59efba44c0ba89e2cab7bda4ca169c472ecf4c8a375d86f5358488: has `layerſ`, which readers written in Go take for `layers`, and others do not; what it lists was not checked [document-ambiguous]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
note: sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: has 206 bytes, and nothing that can be read refers to it [orphan]
out: 0 artifacts, 3 blobs, 932 B: 1 error, 2 notes

"#]],
            str![[r#"
error: `out`: the manifest is ambiguous: it has `layerſ`, which readers written in Go take for `layers`, and others do not
  = help: do not use it: another tool may take it for something else than was checked; ask whoever built it

"#]],
        ),
        (
            |manifest| manifest["Subject"] = manifest["config"].clone(),
            AS_IT_IS,
            str![[r#"
error: manifest sha256:5e45acf039de28455a2ea4926910bd3ddf3c45db75243d13cf7752511c92a34d: has `Subject`, which readers written in Go take for `subject`, and others do not; what it lists was not checked [document-ambiguous]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
note: sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: has 206 bytes, and nothing that can be read refers to it [orphan]
out: 0 artifacts, 3 blobs, 1.08 kB: 1 error, 2 notes

"#]],
            str![[r#"
error: `out`: the manifest is ambiguous: it has `Subject`, which readers written in Go take for `subject`, and others do not
  = help: do not use it: another tool may take it for something else than was checked; ask whoever built it

"#]],
        ),
        (
            |manifest| manifest["layers"][0]["Annotations"] = json!({}),
            AS_IT_IS,
            str![[r#"
error: manifest sha256:9406a8947b5e6bc5855bcedca8de28e5d6fbe096c6122f1700262f00134d6b92: has `layers[0].Annotations`, which readers written in Go take for `annotations`, and others do not; what it lists was not checked [document-ambiguous]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
note: sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: has 206 bytes, and nothing that can be read refers to it [orphan]
out: 0 artifacts, 3 blobs, 936 B: 1 error, 2 notes

"#]],
            str![[r#"
error: `out`: the manifest is ambiguous: it has `layers[0].Annotations`, which readers written in Go take for `annotations`, and others do not
  = help: do not use it: another tool may take it for something else than was checked; ask whoever built it

"#]],
        ),
        (
            |_| {},
            |text| text.replacen("\"layers\":", "\"layers\":[],\"layers\":", 1),
            str![[r#"
error: manifest sha256:c59bf7844b66e7fc49580ed8d8d217d83038d9833d2b31f47961524b6435d5ba: has `layers` twice; what it lists was not checked [document-ambiguous]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
note: sha256:f677b36b94e6b36d5bfa156d5ba5859c8307883c3d9c187a012c230958fae2ad: has 206 bytes, and nothing that can be read refers to it [orphan]
out: 0 artifacts, 3 blobs, 931 B: 1 error, 2 notes

"#]],
            str![[r#"
error: `out`: the manifest is ambiguous: it has `layers` twice
  = help: do not use it: another tool may take it for something else than was checked; ask whoever built it

"#]],
        ),
    ];
    for (change, edit, verified, read) in table {
        let test = spoilt(change, edit);
        let output = test.status(4).stdout(verified).stderr("").run();
        output.then().args(["extract", "out", "x"]).status(3).stderr(read).run();
        for args in [&["inspect", "out"][..], &["copy", "out", "copied"]] {
            output.then().args(args).status(3).stdout("").run();
        }
        let listed = output.then().args(["ls", "out"]).status(3).run();
        assert!(listed.text().contains("  invalid  "), "{}", listed.text());
        output.then().args(["prune", "out"]).status(4).run();
    }
}

/// Some readers take the first of two, some the last; and some take the items of a list for the members of an object, in
/// the order in which their own code has these.
#[test]
fn annotations_that_are_there_twice_and_lists_for_objects() {
    const TITLE: &str = "\"org.opencontainers.image.title\":\"m.gguf\"";
    let twice: Edit = |text| text.replace(TITLE, &format!("{TITLE},{}", TITLE.replace("m.gguf", "../m")));
    let own: Edit = |text| text.replacen('{', "{\"annotations\":{\"a\":\"1\",\"a\":\"1\"},", 1);
    let config: Change = |manifest| {
        let config = &manifest["config"];
        manifest["config"] = json!([config["mediaType"], config["digest"], config["size"]]);
    };
    let layer: Change = |manifest| {
        let layer = &manifest["layers"][0];
        manifest["layers"][0] = json!([layer["mediaType"], layer["digest"], layer["size"], {}]);
    };
    let whole: Edit = |text| format!("[{text}]");
    let as_it_is: Change = |_| {};
    let mut said = String::new();
    for (change, edit) in [
        (as_it_is, twice),
        (as_it_is, own),
        (config, AS_IT_IS),
        (layer, AS_IT_IS),
        (as_it_is, whole),
    ] {
        let output = spoilt(change, edit).status(4).run();
        writeln!(said, "{}", output.text().lines().next().unwrap()).unwrap();
        writeln!(said, "  {}", failure(&output, &["extract", "out", "x"])).unwrap();
        assert!(!output.dir().join("x").exists());
    }
    assert_same_text(
        said,
        str![[r#"
error: manifest sha256:ce4a36e4df31145c9b050263365d6b59466776b9c2fb55db1fd8fe91fcbcd5dc: has `layers[0].annotations.org.opencontainers.image.title` twice; what it lists was not checked [document-ambiguous]
  3 error: `out`: the manifest is ambiguous: it has `layers[0].annotations.org.opencontainers.image.title` twice
error: manifest sha256:2937d5873725edb34f46553da499971c6665231f334482a2098925e6a50a4aff: has `annotations.a` twice; what it lists was not checked [document-ambiguous]
  3 error: `out`: the manifest is ambiguous: it has `annotations.a` twice
error: manifest sha256:d22045a9e0d06b362c7efa652e25e7d42e2efbc60837da3eb464e213b76fdd29: has a list for `config`, which is an object; what it lists was not checked [document-ambiguous]
  3 error: `out`: the manifest is ambiguous: it has a list for `config`, which is an object
error: manifest sha256:6488d55ca789f6ce1230045b62ff229d6b746d4ef0b72aa303519987efac4a9f: has a list for `layers[0]`, which is an object; what it lists was not checked [document-ambiguous]
  3 error: `out`: the manifest is ambiguous: it has a list for `layers[0]`, which is an object
error: manifest sha256:689a946ab0515eaa59c373f65a4596567374c41ac907da1b283a1ef5241b0b91: is no JSON object [document-invalid]
  3 error: `out`: the manifest is ambiguous: it is a list, and no object

"#]],
    );
}

#[test]
fn an_index_and_a_config_that_have_lists_for_objects() {
    let index = |edit: Edit| {
        let test = changed(|_, _| {});
        let path = test.dir().join("out/index.json");
        let before = fs_err::read_to_string(&path).unwrap();
        fs_err::write(path, edit(before)).unwrap();
        test
    };
    let config = |change: fn(&mut Value)| changed(move |config, _| change(config));
    let mut said = String::new();
    for test in [
        index(|text| text.replace("\"size\"", "\"annotations\":{\"a\":\"1\",\"a\":\"2\"},\"size\"")),
        index(|text| format!("[{text}]")),
        config(|config| *config = json!([])),
        config(|config| config["descriptor"] = json!(["spoof"])),
    ] {
        let output = test.status(4).run();
        writeln!(said, "{}", output.text().lines().next().unwrap()).unwrap();
        for args in [
            &["inspect", "out"][..],
            &["extract", "out", "x"],
            &["convert", "--spec", "docker", "out", "-t", "x"],
        ] {
            writeln!(said, "  {}", failure(&output, args)).unwrap();
        }
    }
    assert_same_text(
        said,
        str![[r#"
error: index.json: has `manifests[0].annotations.a` twice; what it lists was not checked [document-ambiguous]
  4 error: `out` is damaged: index.json is ambiguous: it has `manifests[0].annotations.a` twice
  4 error: `out` is damaged: index.json is ambiguous: it has `manifests[0].annotations.a` twice
  4 error: `out` is damaged: index.json is ambiguous: it has `manifests[0].annotations.a` twice
damage: index.json: is no image index: an object with `schemaVersion` 2 and an array `manifests` [layout-index]
  4 error: `out` is damaged: index.json is ambiguous: it is a list, and no object
  4 error: `out` is damaged: index.json is ambiguous: it is a list, and no object
  4 error: `out` is damaged: index.json is ambiguous: it is a list, and no object
error: config sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945: is no JSON object [document-invalid]
  3 error: `out`: the config is ambiguous: it is a list, and no object
  4 error: `out`: the config is ambiguous: it is a list, and no object
  3 error: `out`: the config is ambiguous: it is a list, and no object
error: config sha256:e42777250238b2f235c691d5fac312e2936e86e42bab14fcde6aa7b0fbff6cd4: has a list for `descriptor`, which is an object [document-ambiguous]
  3 error: `out`: the config is ambiguous: it has a list for `descriptor`, which is an object
  4 error: `out`: the config is ambiguous: it has a list for `descriptor`, which is an object
  3 error: `out`: the config is ambiguous: it has a list for `descriptor`, which is an object

"#]],
    );
}

/// What says nothing of a kind of document does not count, nor do annotations, whose keys are anybody's.
#[test]
fn names_that_nobody_mistakes() {
    spoilt(
        |manifest| {
            manifest["manifests"] = json!(null);
            manifest["Mine"] = json!(1);
            manifest["annotations"] = json!({"layers": "a", "Layers": "b"});
        },
        AS_IT_IS,
    )
    .status(0)
    .run();
}

#[test]
fn an_index_is_one_alone() {
    let test = changed(|_, _| {});
    let path = test.dir().join("out/index.json");
    let mut index = crate::tiny::json(&path);
    index["layers"] = json!([]);
    fs_err::write(path, index.to_string()).unwrap();
    let output = test.status(4).stdout(str![[r#"
error: index.json: has `manifests` and `layers`, which belong to documents of two kinds; what it lists was not checked [document-ambiguous]
out: 0 artifacts, 0 blobs, 0 B: 1 error

"#]]).run();
    output
        .then()
        .args(["extract", "out", "x"])
        .status(4)
        .stderr(str![[r#"
error: `out` is damaged: index.json is ambiguous: it has `manifests` and `layers`, which belong to documents of two kinds
  = help: build or copy it to another directory

"#]])
        .run();
}

#[test]
fn configs_have_each_member_once() {
    let two = |config: &mut Value, _: &mut Vec<Value>| config["modelfs"]["DiffIds"] = json!([]);
    let output = changed(two).status(4).stdout(str![[r#"
error: config sha256:973beb5270b224139d5faf04d231e1459a09b3be8f11740b775eb4558c173767: has `modelfs.DiffIds`, which readers written in Go take for `diffIds`, and others do not [document-ambiguous]
error: config sha256:973beb5270b224139d5faf04d231e1459a09b3be8f11740b775eb4558c173767: `modelfs.DiffIds` is none of the specification's [config-unknown]
out: 1 artifact, 3 blobs, 932 B: 2 errors

"#]]).run();
    output
        .then()
        .args(["extract", "out", "x"])
        .status(4)
        .stderr(str![[r#"
error: `out`: the config is ambiguous: it has `modelfs.DiffIds`, which readers written in Go take for `diffIds`, and others do not
  = help: nothing was extracted: do not use it, and ask whoever built it

"#]])
        .run();
    // Alone, it is a slip of whoever wrote it, which leaves no doubt.
    let one = |config: &mut Value, _: &mut Vec<Value>| config["descriptor"]["docUrl"] = json!("u");
    let output = changed(one).status(4).stdout(str![[r#"
error: config sha256:0d76de113fe08338caf67855ee7946eb9b3569d1d16a18ec134293b4e97f4224: has `descriptor.docUrl`, which readers written in Go take for `docURL`, and others do not [document-ambiguous]
error: config sha256:0d76de113fe08338caf67855ee7946eb9b3569d1d16a18ec134293b4e97f4224: `descriptor.docUrl` is none of the specification's [config-unknown]
out: 1 artifact, 3 blobs, 932 B: 2 errors

"#]]).run();
    output.then().args(["extract", "out", "x"]).run();
}

#[test]
fn skopeo_does_not_read_them_either() {
    let Some(skopeo) = oracle("skopeo") else { return };
    let changes: [Change; 4] = [
        |manifest| manifest["manifests"] = json!([]),
        |manifest| manifest["mediaType"] = json!(INDEX),
        |manifest| manifest["fsLayers"] = json!([]),
        // Here it reads that there are no layers.
        |manifest| manifest["layers"] = json!({}),
    ];
    for change in changes {
        let output = spoilt(change, AS_IT_IS).status(4).run();
        let args = ["copy", "--insecure-policy", "oci:out", "dir:copied"];
        assert!(!skopeo.ask(&output.dir(), args).success);
    }
}
