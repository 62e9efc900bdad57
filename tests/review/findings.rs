use std::fmt::Write as _;

use modelbuild::model::Image;
use modelbuild::model::review::findings;
use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::{executable, image, layer};
use crate::harness::Test;

/// Urgency, title and files of each finding.
fn told(image: &Image) -> String {
    let mut told = String::new();
    for finding in findings(image) {
        let files = finding.files.join(", ");
        writeln!(told, "{}: {}: {files}", finding.urgency.name(), finding.title).unwrap();
    }
    told
}

#[test]
fn a_model_of_which_there_is_nothing_to_say() {
    let descriptor = json!({"licenses": ["MIT"], "sourceURL": "https://s"});
    let layers = [
        layer("weight.v1.raw", "m.gguf", 1),
        layer("doc.v1.raw", "LICENSE", 1),
        layer("weight.config.v1.raw", "config.json", 1),
    ];
    assert_eq!(told(&image(&descriptor, &layers)), "");
}

#[test]
fn everything_that_there_is_to_look_at() {
    let mut guessed = layer("dataset.v1.raw", "rows.jsonl", 1);
    let key = "org.cncf.model.file.mediatype.untested";
    guessed.annotations.insert(key.to_owned(), "true".to_owned());
    let layers = [
        layer("weight.v1.raw", "pytorch_model.bin", 1),
        layer("weight.config.v1.raw", "training_args.PT", 1),
        layer("weight.v1.raw", "../escape.gguf", 1),
        layer("weight.v1.raw", "/etc/passwd", 1),
        layer("weight.v1.raw", "C:\\x", 1),
        layer("code.v1.raw", "modeling.py", 1),
        executable(layer("code.v1.raw", "run.sh", 1)),
        executable(layer("doc.v1.raw", "README", 1)),
        layer("weight.v1.raw", "m.h5", 1),
        layer("weight.config.v1.raw", "chat.jinja", 1),
        layer("music.v1.raw", "song", 1),
        layer("code.v1.tar+gzip", "src", 1),
        layer("dataset.v1.raw", "twice", 1),
        layer("dataset.v1.raw", "twice", 2),
        layer("weight.v1.raw", "s-00001-of-00003.safetensors", 1),
        layer("doc.v1.raw", "", 1),
        guessed,
    ];
    assert_data_eq!(
        told(&image(&json!({}), &layers)),
        str![[r#"
danger: Weights that may run code: pytorch_model.bin, training_args.PT
danger: Paths that lead elsewhere: ../escape.gguf, /etc/passwd, C:/x
caution: Code: modeling.py, run.sh, src
caution: Executable files: README
caution: Formats that may hold code: m.h5
caution: Layers of unknown types: song (application/vnd.cncf.model.music.v1.raw)
caution: Packed files: src
caution: One path for several files: twice (2 layers)
caution: Incomplete weights: s-00002-of-00003.safetensors, s-00003-of-00003.safetensors
caution: No licence: 
note: Chat templates: chat.jinja
note: Files without a name: sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
note: Guessed kinds: rows.jsonl
note: Origin not stated: 

"#]]
    );
}

#[test]
fn licences_and_origins() {
    let weights = layer("weight.v1.raw", "m.gguf", 1);
    let licence = layer("doc.v1.raw", "docs/COPYING.txt", 1);
    let stated = json!({"licenses": ["MIT"], "revision": "abc"});
    let told = [
        told(&image(&json!({}), std::slice::from_ref(&weights))),
        told(&image(&json!({}), &[weights.clone(), licence.clone()])),
        told(&image(&stated, std::slice::from_ref(&weights))),
        told(&image(&stated, &[licence])),
    ];
    assert_data_eq!(
        told.join("--\n"),
        str![[r#"
caution: No licence: 
note: Origin not stated: 
--
note: Licence not stated: 
note: Origin not stated: 
--
note: No licence text: 
--
caution: No weights: 

"#]]
    );
}

/// Whoever states the kind of a file may be mistaken, or mean harm: what its name says is said all the same.
#[test]
fn names_count_whatever_the_kind_is() {
    let names = [
        "modeling_evil.py",
        "m.pyc",
        "tool.so",
        "libx.so.1",
        "tool.DLL",
        "tool.exe",
        "tool.jar",
        "tool.js",
        "tool.lua",
        "tool.bat",
        "tool.ps1",
        "w.bin",
        "w.npz",
        "w.t7",
        "w.nemo",
        "w.npy",
        "a.zip",
        "a.tar.gz",
        "a.7z",
        "a.tar",
    ];
    let stated = json!({"licenses": ["MIT"], "sourceURL": "https://s"});
    let expected = str![[r#"
danger: Weights that may run code: w.bin, w.npz, w.t7, w.nemo, w.npy
caution: Code: modeling_evil.py, m.pyc, tool.so, libx.so.1, tool.DLL, tool.exe, tool.jar, tool.js, tool.lua, tool.bat, tool.ps1
caution: Packed files: a.zip, a.tar.gz, a.7z, a.tar

"#]];
    for kind in ["weight.config", "doc", "dataset"] {
        let layers = names.map(|name| layer(&format!("{kind}.v1.raw"), name, 1));
        let whole = [
            layer("weight.v1.raw", "m.safetensors", 1),
            layer("doc.v1.raw", "LICENSE", 1),
        ];
        let told = told(&image(&stated, &[&layers[..], &whole].concat()));
        assert_data_eq!(told, expected.clone());
    }
}

/// The same files are looked at alike in each format, of which only one says what they are for.
#[test]
fn both_formats_are_looked_at_alike() {
    let mut output = Test::new()
        .file(
            "Modelfile",
            "MODEL m.safetensors\nCONFIG config.json modeling_evil.py tool.so a.zip w.nemo\nDOC w.bin\nDOC LICENSE\nLICENSE MIT\n",
        )
        .file("m.safetensors", b"\x02\0\0\0\0\0\0\0{}")
        .file("config.json", r#"{"auto_map":{"AutoModel":"modeling_evil.Evil"}}"#)
        .file("modeling_evil.py", "1\n")
        .file("tool.so", "2")
        .file("a.zip", "3")
        .file("w.nemo", "4")
        .file("w.bin", "5")
        .file("LICENSE", "MIT\n")
        .args(["build", "-q", "-o", "oci:l:modelpack"])
        .run();
    output = output
        .then()
        .args(["build", "-q", "--spec", "docker", "-o", "oci:l:docker"])
        .run();
    let told: Vec<_> = ["modelpack", "docker"]
        .into_iter()
        .map(|spec| {
            let inspected = output
                .then()
                .args(["inspect", "--format", "json", &format!("oci:l:{spec}")])
                .run();
            let document: serde_json::Value = serde_json::from_slice(&inspected.stdout).unwrap();
            let findings = document["findings"].as_array().unwrap().iter();
            // Docker's format has no place for a licence's name, which is a finding about the whole.
            let of_files = findings.filter(|finding| finding["files"] != json!([]));
            let told = of_files.map(|finding| format!("{} {}\n", finding["title"], finding["files"]));
            told.collect::<String>()
        })
        .collect();
    assert_eq!(told[0], told[1]);
    assert_data_eq!(
        told[0].as_str(),
        str![[r#"
"Weights that may run code" ["w.nemo","w.bin"]
"Code" ["modeling_evil.py","tool.so"]
"Packed files" ["a.zip"]

"#]]
    );
}

/// On a screen the first one is a picture, `exe.jpg`.
#[test]
fn paths_that_deceive() {
    let stated = json!({"licenses": ["MIT"], "sourceURL": "https://s"});
    let layers = [
        layer("weight.v1.raw", "m.gguf", 1),
        layer("doc.v1.raw", "\u{202e}gpj.exe", 1),
        layer("doc.v1.raw", "LICENSE\u{200b}", 1),
        layer("doc.v1.raw", "نموذج.md", 1),
        layer("doc.v1.raw", "LICENSE", 1),
    ];
    assert_eq!(
        told(&image(&stated, &layers)),
        "danger: Paths that deceive: \u{202e}gpj.exe, LICENSE\u{200b}\ncaution: Code: \u{202e}gpj.exe\n"
    );
}
