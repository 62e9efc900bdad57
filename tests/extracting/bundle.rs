//! What an engine gets: the right paths the first time and every other time, or an error.

mod bin;
mod dialects;
mod kinds;
mod listed;
mod names;
mod packing;
mod refused;
mod told;

use std::fmt::Write as _;
use std::io::Write as _;

use modelbuild::artifact::media_type::{DOCKER_CONFIG_V0_1, DOCKER_CONFIG_V0_2, MODELPACK_CONFIG};
use modelbuild::model::ModelBundle;
use serde_json::json;
use snapbox::{assert_data_eq, str};
use tar::EntryType::Regular;

use super::{Layer, WEIGHT, packed, raw, tar};
use crate::foreign::annotated;
use crate::harness::{Output, Test, sha256, snapshot, tree};
use crate::layout::contents;
use crate::servers::registry::{Options, Registry};

const DOCKER: &str = "application/vnd.docker.ai";

/// The beginning of safetensors, as far as anybody looks at it.
const SAFETENSORS: &[u8] = b"\x02\0\0\0\0\0\0\0{}";

/// What a bundle of the artifact in `a` is, and that a second call and whoever opens it say the same.
fn bundle(test: Test) -> String {
    let first = test.cached().args(["extract", "-q", "--bundle", "a", "out"]).run();
    let out = first.dir().join("out");
    let before = (snapshot(&out), tree(&out));
    let args = ["extract", "-q", "--bundle", "a", "out"];
    let second = first.then().cached().args(args).run();
    assert_eq!((second.text(), snapshot(&out)), (first.text(), before.0));
    // Without the cache, what came out of a tar is written again.
    let third = first.then().args(args).args(["--no-cache"]).run();
    assert_eq!((third.text(), tree(&out)), (first.text(), before.1));
    let bundle = ModelBundle::open(&out).unwrap();
    assert_eq!(bundle.model_path().to_str(), Some(first.text()));
    let place = format!("{}/", out.to_str().unwrap());
    let shown = |path: std::path::PathBuf| path.to_str().unwrap().replace(&place, "");
    let mut told = tree(&out);
    for (name, path) in [
        ("model", Some(bundle.model_path())),
        ("gguf", bundle.gguf_path()),
        ("safetensors", bundle.safetensors_path()),
        ("dduf", bundle.dduf_path()),
        ("projector", bundle.mmproj_path()),
        ("template", bundle.chat_template_path()),
    ] {
        if let Some(path) = path {
            writeln!(told, "= {name}: {}", shown(path)).unwrap();
        }
    }
    let shards: Vec<_> = bundle.shards().into_iter().map(shown).collect();
    writeln!(told, "= {} shards: {}", bundle.format(), shards.join(" ")).unwrap();
    told + &fs_err::read_to_string(out.join("config.json")).unwrap()
}

/// An artifact in `a` of a dialect, whose config states `config`.
fn artifact(config_type: &str, config: &str, layers: &[Layer<'_>]) -> Test {
    let test = Test::new();
    let annotations = |path: &str| match path {
        "" => json!({}),
        path => json!({ "org.cncf.model.filepath": path }),
    };
    let layers: Vec<_> = layers
        .iter()
        .map(|(media_type, path, bytes)| (*media_type, annotations(path), bytes.clone()))
        .collect();
    annotated(&test, "a", config_type, |_| config.to_owned(), &layers);
    test
}

fn docker<'a>(name: &str, path: &'a str, bytes: &[u8]) -> Layer<'a> {
    (format!("{DOCKER}.{name}").leak(), path, bytes.to_owned())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A model in shards, with everything beside it.
fn built(options: &[&str]) -> Test {
    Test::new()
        .file("m/x-00002-of-00002.gguf", "GGUF 2")
        .file("m/x-00001-of-00002.gguf", "GGUF 1")
        .file("m/mmproj-x.gguf", "GGUF projector")
        .file("m/chat_template.jinja", "{{ messages }}\n")
        .file("m/config.json", "{}\n")
        .file("m/LICENSE", "MIT\n")
        .file(
            "m/Modelfile",
            "NAME x\nFORMAT gguf\nPARAMSIZE 8B\nCONTEXT 4096\nMODEL x*.gguf\nMMPROJ mm*\nCONFIG *.j*\nDOC LICENSE\n",
        )
        .args(["build", "m", "-q", "-o", "a"])
        .args(options)
        .run()
        .then()
}

/// What is said of an artifact of which there is no bundle, and that nothing is there afterwards.
fn none(layers: &[Layer<'_>]) -> String {
    none_of(artifact(MODELPACK_CONFIG, r#"{"config":{"format":"gguf"}}"#, layers))
}

/// The same of the artifact in `a`.
fn none_of(test: Test) -> String {
    let test = test.args(["extract", "--bundle", "a", "out", "--progress", "none"]);
    let output = test.command().output().unwrap();
    let code = output.status.code().unwrap();
    assert!(output.stdout.is_empty() && !test.dir().join("out").exists());
    format!("{code} {}", String::from_utf8(output.stderr).unwrap())
}
