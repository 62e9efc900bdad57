//! Other people's tools find the same layouts whole, and the same ones damaged.

use std::path::Path;

use super::built;
use crate::harness::Output;
use crate::oracle::{Oracle, oracle};
use crate::tiny::{blob, json, manifest};

type Harm = fn(&Path);

/// Nothing, and damage that any tool that copies the artifact meets.
const HARMS: [(Harm, bool); 6] = [
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
];

fn agrees(judge: impl Fn(&Oracle, &Output) -> bool, tool: &str) {
    let Some(oracle) = oracle(tool) else { return };
    for (index, (harm, is_whole)) in HARMS.iter().enumerate() {
        let output = built();
        harm(&output.dir().join("out"));
        assert_eq!(judge(&oracle, &output), *is_whole, "{tool} of harm {index}");
        let status = if *is_whole { 0 } else { 4 };
        output.then().args(["verify", "--strict", "out"]).status(status).run();
    }
}

#[test]
fn skopeo_copies_what_is_whole() {
    let judge = |skopeo: &Oracle, output: &Output| {
        let args = ["copy", "--insecure-policy", "oci:out:v1", "dir:copied"];
        skopeo.ask(&output.dir(), args).success
    };
    agrees(judge, "skopeo");
}
