//! The schemas of the specifications judge the JSON of a layout, with every field and with none.

use std::iter;
use std::path::Path;

use snapbox::str;

use crate::harness::Test;
use crate::oracle::oracle;
use crate::tiny::{assert_same_text, blob, json, tiny};

/// Checks the marker, the index, the first manifest and, if that is `ModelPack`'s, its config; nothing where the judge
/// is missing, after saying so.
///
/// # Panics
/// If one does not follow its schema.
#[track_caller]
pub fn check(layout: &Path) {
    let Some(python) = oracle("python3") else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/schema.py");
    let manifest = blob(layout, &json(layout.join("index.json"))["manifests"][0]);
    let config = json(&manifest)["config"].clone();
    let mut checks = vec![
        ("layout", layout.join("oci-layout")),
        ("index", layout.join("index.json")),
        ("manifest", manifest),
    ];
    if config["mediaType"] == "application/vnd.cncf.model.config.v1+json" {
        checks.push(("modelpack", blob(layout, &config)));
    }
    let pairs = checks.iter().flat_map(|(kind, file)| [kind.as_ref(), file.as_os_str()]);
    python.approve(layout, iter::once(script.as_ref()).chain(pairs));
}

/// The config of a layout's first manifest.
fn config(layout: &Path) -> String {
    let manifest = json(blob(layout, &json(layout.join("index.json"))["manifests"][0]));
    format!("{:#}\n", json(blob(layout, &manifest["config"])))
}

const EVERY_KEYWORD: &str = r#"
NAME every
ARCH transformer
FAMILY llama
FORMAT gguf
PARAMSIZE 1.5B
PRECISION int8
QUANTIZATION Q4_K_M
VERSION 1.0
TITLE "Every Keyword"
DESCRIPTION "A model for tests: <b>größer</b> & \"better\""
AUTHOR "Ada Lovelace <ada@example.org>"
AUTHOR "Grace Hopper"
VENDOR "Example Labs"
LICENSE Apache-2.0
LICENSE MIT
DOCURL https://example.org/docs?a=1&b=2
SOURCEURL https://example.org/source
REVISION 4f1c2d9
DATASETURL https://example.org/one
DATASETURL https://example.org/two
INPUT text
INPUT image
INPUT audio
INPUT video
INPUT embedding
INPUT other
OUTPUT text
OUTPUT embedding
LANGUAGE en
LANGUAGE de
LANGUAGE zh
CUTOFF 2024-06-01T00:00:00Z
CAPABILITY reasoning
CAPABILITY tools
CAPABILITY reward
CONTEXT 8192
ANNOTATION org.example.team research
MODEL m.gguf
MMPROJ mmproj.gguf
TEMPLATE chat_template.jinja
CONFIG config.json
CODE run.py
DOC README.md
DATASET rows.csv
"#;

#[test]
fn a_config_with_every_keyword() {
    let mut test = tiny().file("Modelfile", EVERY_KEYWORD);
    for name in ["mmproj.gguf", "chat_template.jinja", "run.py", "rows.csv"] {
        test = test.file(name, name);
    }
    let built = test
        .args(["-q", "-o", "out", "--created", "2025-01-02T03:04:05Z", "-t", "every:v1"])
        .args(["--annotation", "org.example.of=the command line"])
        .run();
    let layout = built.dir().join("out");
    assert_same_text(
        config(&layout),
        str![[r#"
{
  "config": {
    "architecture": "transformer",
    "capabilities": {
      "inputTypes": [
        "text",
        "image",
        "audio",
        "video",
        "embedding",
        "other"
      ],
      "knowledgeCutoff": "2024-06-01T00:00:00Z",
      "languages": [
        "en",
        "de",
        "zh"
      ],
      "outputTypes": [
        "text",
        "embedding"
      ],
      "reasoning": true,
      "reward": true,
      "toolUsage": true
    },
    "format": "gguf",
    "paramSize": "1.5B",
    "precision": "int8",
    "quantization": "Q4_K_M"
  },
  "descriptor": {
    "authors": [
      "Ada Lovelace <ada@example.org>",
      "Grace Hopper"
    ],
    "createdAt": "2025-01-02T03:04:05Z",
    "datasetsURL": [
      "https://example.org/one",
      "https://example.org/two"
    ],
    "description": "A model for tests: <b>größer</b> & \"better\"",
    "docURL": "https://example.org/docs?a=1&b=2",
    "family": "llama",
    "licenses": [
      "Apache-2.0",
      "MIT"
    ],
    "name": "every",
    "revision": "4f1c2d9",
    "sourceURL": "https://example.org/source",
    "title": "Every Keyword",
    "vendor": "Example Labs",
    "version": "1.0"
  },
  "modelfs": {
    "diffIds": [
      "sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0",
      "sha256:11db012eefdddf3271ad69355eeb120882f5c50aa0c4dd08965ffb9e544d28f3",
      "sha256:00824420d15876dddcfabe40381d9b9cc9804f6f1f73f2653edb74a9dc4c1b79",
      "sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356",
      "sha256:d6af0459a37d985953d7040c14f53feb3b9cc9e58b543aa3c2b80256d276c5e0",
      "sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88",
      "sha256:4680db90bf5321735a5245842c27e7c46b53e38d003af8c4155854aaf3f520d8"
    ],
    "type": "layers"
  }
}

"#]],
    );
    check(&layout);
}

#[test]
fn the_least_config() {
    let built = Test::new()
        .file("Modelfile", "MODEL m.bin\n")
        .file("m.bin", "weights")
        .args(["-q", "-o", "out"])
        .run();
    let layout = built.dir().join("out");
    assert_same_text(
        config(&layout),
        str![[r#"
{
  "config": {},
  "descriptor": {
    "name": "work"
  },
  "modelfs": {
    "diffIds": [
      "sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"
    ],
    "type": "layers"
  }
}

"#]],
    );
    check(&layout);
}
