//! Other people's tools find the same layouts and tarballs whole, and the same ones damaged.

use std::path::Path;

use serde_json::Value;

use super::built;
use crate::harness::Output;
use crate::harness::sha256;
use crate::oracle::{Oracle, oracle};
use crate::tiny::{blob, json, manifest};

type Harm = fn(&Path);

/// Nothing, and damage that any tool that copies the artifact meets.
const HARMS: [(Harm, bool); 11] = [
    (|_| {}, true),
    (
        |out| fs_err::write(blob(out, &manifest(out)["layers"][0]), "Weights\n").unwrap(),
        false,
    ),
    (
        |out| fs_err::remove_file(blob(out, &manifest(out)["layers"][1])).unwrap(),
        false,
    ),
    (
        |out| fs_err::write(blob(out, &manifest(out)["config"]), "{}").unwrap(),
        false,
    ),
    (
        |out| fs_err::remove_file(blob(out, &json(out.join("index.json"))["manifests"][0])).unwrap(),
        false,
    ),
    (|out| fs_err::write(out.join("index.json"), "{").unwrap(), false),
    (|out| fs_err::remove_file(out.join("index.json")).unwrap(), false),
    (
        |out| fs_err::write(blob(out, &manifest(out)["layers"][0]), "weights\nand more\n").unwrap(),
        false,
    ),
    (
        |out| fs_err::write(blob(out, &json(out.join("index.json"))["manifests"][0]), "{}").unwrap(),
        false,
    ),
    (
        |out| restate(out, |manifest| manifest["layers"][2]["size"] = 6.into()),
        false,
    ),
    (
        |out| restate(out, |manifest| manifest["config"]["digest"] = sha256(b"else").into()),
        false,
    ),
];

/// Changes the manifest, so that its digest is right and what it says is wrong.
fn restate(out: &Path, edit: impl Fn(&mut Value)) {
    let mut manifest = manifest(out);
    edit(&mut manifest);
    let bytes = manifest.to_string();
    let mut index = json(out.join("index.json"));
    let entry = &mut index["manifests"][0];
    entry["digest"] = sha256(bytes.as_bytes()).into();
    entry["size"] = bytes.len().into();
    fs_err::write(blob(out, entry), bytes).unwrap();
    fs_err::write(out.join("index.json"), index.to_string()).unwrap();
}

/// Packs the layout `out` as it is into `out.tar`.
fn pack(output: &Output) {
    let file = fs_err::File::create(output.dir().join("out.tar")).unwrap();
    let mut builder = tar::Builder::new(file);
    builder.append_dir_all("", output.dir().join("out")).unwrap();
    builder.into_inner().unwrap();
}

/// That a tool refuses at each of `places` what we refuse, but for the kinds of damage that it is known to overlook.
fn agrees(judge: impl Fn(&Oracle, &Output, &str) -> bool, tool: &str, places: &[&str], overlooked: &[usize]) {
    let Some(oracle) = oracle(tool) else { return };
    for (index, (harm, is_whole)) in HARMS.iter().enumerate() {
        let output = built();
        harm(&output.dir().join("out"));
        pack(&output);
        for place in places {
            let accepts = *is_whole || overlooked.contains(&index);
            assert_eq!(
                judge(&oracle, &output, place),
                accepts,
                "{tool} of harm {index} in {place}"
            );
            let status = if *is_whole { 0 } else { 4 };
            output.then().args(["verify", place]).status(status).run();
        }
    }
}

#[test]
fn skopeo_copies_what_is_whole() {
    let judge = |skopeo: &Oracle, output: &Output, place: &str| {
        let transport = if place == "out" { "oci" } else { "oci-archive" };
        let args = [
            "copy",
            "--insecure-policy",
            &format!("{transport}:{place}:v1"),
            "dir:copied",
        ];
        skopeo.ask(&output.dir(), args).success
    };
    // The manifest's bytes, and sizes in it, it takes as they are.
    agrees(judge, "skopeo", &["out", "out.tar"], &[8, 9]);
}

#[test]
fn ocidir_finds_whole_what_is() {
    let judge = |ocidir: &Oracle, output: &Output, place: &str| ocidir.ask(&output.dir(), [place]).success;
    agrees(judge, "ocidir-fsck", &["out", "out.tar"], &[]);
}
