//! `convert`: the same layers in the other dialect, and back to the same bytes.

mod back;
mod beside;
mod shown;
mod words;

use std::path::Path;

use serde_json::{Value, json};
use snapbox::str;

use crate::harness::{Output, Test, sha256, snapshot};
use crate::layout::check;
use crate::oracle::oracle;
use crate::schema;
use crate::servers::registry::{Options, Registry};
use crate::tiny::{assert_same_text, blob};

const KEY: &str = "org.modelbuild.converted-from";

/// Modelfiles of all sorts, each with its files.
const SHAPES: [(&str, &[&str]); 6] = [
    ("FORMAT gguf\nMODEL *.gguf\n", &["m.gguf"]),
    (
        "NAME chat\nFAMILY llama\nFORMAT gguf\nPARAMSIZE 8B\nQUANTIZATION Q4_K_M\nLICENSE MIT\nMODEL m-*.gguf\n\
            MMPROJ mmproj-m.gguf\nTEMPLATE chat.jinja\nDOC LICENSE README.md\n",
        &[
            "m-00001-of-00002.gguf",
            "m-00002-of-00002.gguf",
            "mmproj-m.gguf",
            "chat.jinja",
            "LICENSE",
            "README.md",
        ],
    ),
    (
        "FORMAT safetensors\nCONTEXT 4096\nMODEL *.safetensors\nCONFIG *.json 1_Pooling/config.json\nCODE *.py\nDATASET rows.jsonl\n",
        &[
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "config.json",
            "tokenizer.json",
            "1_Pooling/config.json",
            "run.py",
            "rows.jsonl",
        ],
    ),
    (
        "MODEL m.onnx\nCODE detect.py\nDOC LICENSE\n",
        &["m.onnx", "detect.py", "LICENSE"],
    ),
    // Names that say something else than the keywords.
    (
        "FORMAT gguf\nMODEL m.gguf\nMMPROJ vision.gguf\nTEMPLATE prompt.txt\nCODE render.jinja Makefile\n\
            DATASET rows.safetensors LICENSE.csv\nDOC paper.json\nCONFIG notes.md\n",
        &[
            "m.gguf",
            "vision.gguf",
            "prompt.txt",
            "render.jinja",
            "Makefile",
            "rows.safetensors",
            "LICENSE.csv",
            "paper.json",
            "notes.md",
        ],
    ),
    (STATED, &["m.gguf", "<&>\u{2028}.md"]),
];

/// Everything that can be stated.
const STATED: &str = "NAME all\nVERSION 1.2\nTITLE \"All <of> it & more\"\nDESCRIPTION \"It \\\"says\\\" all\"\nARCH transformer\n\
    FAMILY llama\nFORMAT gguf\nPARAMSIZE 8B\nPRECISION bfloat16\nQUANTIZATION Q4_K_M\nVENDOR us\nAUTHOR Ada\nAUTHOR Grace\nLICENSE MIT\n\
    DOCURL https://a.example/\nSOURCEURL https://b.example/\nREVISION abc\nDATASETURL https://c.example/\nINPUT text\nINPUT image\n\
    OUTPUT text\nLANGUAGE en\nLANGUAGE de\nCUTOFF 2024-05-01\nCAPABILITY reasoning\nCAPABILITY tools\nCONTEXT 8192\nANNOTATION a.b \"c <d>\"\n\
    MODEL m.gguf\nDOC *.md\n";

/// The artifact of a shape in the layout `l`, under the tag `v1`.
fn built((modelfile, files): (&str, &[&str]), spec: &str) -> Output {
    let mut test = Test::new().file("m/Modelfile", modelfile);
    for (number, file) in files.iter().enumerate() {
        test = test.file(Path::new("m").join(file), file.repeat(number + 1));
    }
    test.args([
        "build",
        "m",
        "-q",
        "--spec",
        spec,
        "-o",
        "l",
        "-t",
        "registry.example/m:v1",
    ])
    .args(["--created", "2026-01-31T12:00:00Z"])
    .run()
}

/// Converts quietly; the digest.
#[track_caller]
fn convert(output: &Output, spec: &str, args: &[&str]) -> String {
    let run = output.then().args(["convert", "-q", "--spec", spec]).args(args).run();
    run.text().to_owned()
}

fn document(layout: &Path, digest: &str) -> Value {
    crate::tiny::json(layout.join("blobs").join(digest.replace(':', "/")))
}

const OTHER: [(&str, &str); 2] = [("modelpack", "docker"), ("docker", "modelpack")];

#[test]
fn there_and_back_is_the_same_manifest() {
    for shape in SHAPES {
        for (spec, other) in OTHER {
            let output = built(shape, spec);
            let there = convert(&output, other, &["oci:l:v1", "-t", "there"]);
            assert_ne!(there, output.text(), "{spec} {}", shape.0);
            let back = convert(&output, spec, &["oci:l:there", "-t", "back"]);
            assert_eq!(back, output.text(), "{spec} {}", shape.0);
            assert_eq!(convert(&output, other, &["oci:l:back", "-t", "again"]), there);
            // What speaks the dialect already stays.
            assert_eq!(convert(&output, other, &["oci:l:there", "-t", "same"]), there);
            let layout = check(&output.dir().join("l"));
            assert_eq!(layout.tagged("back"), Some(output.text()));
            let manifest = document(&output.dir().join("l"), &there);
            assert_eq!(manifest["artifactType"].is_null(), other == "docker");
        }
    }
}

/// A blob is the same however it is described: where it is already, nobody needs its bytes.
#[test]
fn in_the_same_layout_no_layer_is_read_or_written() {
    let output = built(SHAPES[1], "modelpack");
    let layout = output.dir().join("l");
    let manifest = document(&layout, output.text());
    for layer in manifest["layers"].as_array().unwrap() {
        // Whoever read it would notice.
        fs_err::write(
            blob(&layout, layer),
            "?".repeat(usize::try_from(layer["size"].as_u64().unwrap()).unwrap()),
        )
        .unwrap();
    }
    let blobs = |output: &Output| {
        let all = snapshot(&output.dir().join("l/blobs/sha256"));
        all.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let before = blobs(&output);
    let run = output
        .then()
        .args(["convert", "--spec", "docker", "oci:l:v1", "-t", "docker"])
        .stdout(str![[r#"
sha256:52a26a7ff731a53a402a913d3a749200233b6203e8b9b7a1c7e841e7bb3af2d6  oci:l:docker

"#]])
        .stderr(str![[r#"
converted `oci:l:v1` to `oci:l:docker` in [TIME]: 6 layers, 231 B; 6 there already

"#]])
        .run();
    let after = blobs(&run);
    assert!(before.iter().all(|line| after.contains(line)));
    // A manifest and a config.
    assert_eq!(after.len(), before.len() + 2);
    let index = crate::tiny::json(layout.join("index.json"));
    let name = &index["manifests"][1]["annotations"]["io.containerd.image.name"];
    assert_eq!(name, "registry.example/m:docker");
    // Each of them is told.
    let tags = ["convert", "--spec", "docker", "oci:l:v1", "-t", "one", "-t", "two"];
    let told = run.then().args(tags).run();
    assert_eq!(told.text().split_once("  ").unwrap().1, "oci:l:one, :two");
    let told = run.then().args(tags).args(["--format", "json"]).run();
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told["outputs"][0]["tags"], json!(["one", "two"]));
}

/// Where nothing is lost, config and layers are what a build in the other dialect has.
#[test]
fn it_is_what_a_build_in_the_other_dialect_makes() {
    for shape in [SHAPES[0], SHAPES[1], SHAPES[3]] {
        let output = built(shape, "modelpack");
        let converted = convert(&output, "docker", &["oci:l:v1", "-t", "docker"]);
        let build = ["build", "m", "-q", "--spec", "docker", "-o", "l", "-t", "built"];
        let there = output
            .then()
            .args(build)
            .args(["--created", "2026-01-31T12:00:00Z"])
            .run();
        let layout = output.dir().join("l");
        let mut converted = document(&layout, &converted);
        let annotations = converted["annotations"].as_object_mut().unwrap();
        annotations.remove(KEY).unwrap();
        assert!(annotations.is_empty());
        converted.as_object_mut().unwrap().remove("annotations");
        assert_eq!(converted, document(&layout, there.text()));
    }
}

#[test]
fn what_the_other_dialect_has_no_place_for_is_kept_beside_it() {
    let output = built(SHAPES[5], "modelpack");
    convert(&output, "docker", &["oci:l:v1", "-t", "docker"]);
    let shown = output.then().args(["inspect", "oci:l:docker", "--config"]).run();
    assert_same_text(
        shown.text().to_owned(),
        str![[
            r#"{"config":{"format":"gguf","quantization":"Q4_K_M","parameters":"8B","architecture":"llama","size":"6B"},"descriptor":{"created":"2026-01-31T12:00:00Z"},"rootfs":{"type":"rootfs","diff_ids":["sha256:837e5b2cff535664106255e7cfea3201b4f39be008abc72e4696f8460d717716","sha256:91ffd723dacbae74859890896944ca2938a58e356492e1090480bfba26c3dbbe"]}}"#
        ]],
    );
    let output = built(SHAPES[2], "docker");
    convert(&output, "modelpack", &["oci:l:v1", "-t", "modelpack"]);
    let shown = output.then().args(["inspect", "oci:l:modelpack", "--config"]).run();
    assert_same_text(
        shown.text().to_owned(),
        str![[
            r#"{"descriptor":{"createdAt":"2026-01-31T12:00:00Z"},"modelfs":{"type":"layers","diffIds":["sha256:27a6880801425ddcb613f45ef3058c2c29b3f3e8e75966d10becb34e3631761d","sha256:f90d2eeb77fd970e8bc98498d076a77a869d6b2e7eae8be26d407d193af46763","sha256:3083da3cdf8fbbc9cc61116d0682832b85f23d22d4b04460ec646da93298c655","sha256:a6f26e1c42bb7c7a6422d4c17bcaa106bd0a6c59a17543110061a79e19d71970","sha256:7359fa6f6adbc8ca2c8472e7e1b75241d3d40d1715c7a045a19c202232cf62ed","sha256:f827f5d9082512fc07a512439911f42795ee02c42a42f64ad08793b1d31e74db","sha256:b11b40df647e1d72bab7b54c7ddeef1ea355c37a7281950f3f9db0b6098395c9"]},"config":{"format":"safetensors"}}"#
        ]],
    );
}

#[test]
fn an_artifact_is_converted_on_its_way() {
    let registry = Registry::start(Options::default());
    let remote = |tag: &str| format!("docker://{}/some/m:{tag}", registry.address());
    let output = built(SHAPES[1], "modelpack");
    let there = convert(&output, "docker", &["oci:l:v1", "docker.tar"]);
    assert_eq!(convert(&output, "docker", &["l", "other"]), there);
    assert_eq!(convert(&output, "docker", &["l", &remote("docker")]), there);
    assert_eq!(registry.tag("some/m", "docker").unwrap(), there);
    assert_eq!(check(&output.dir().join("other")).tagged("v1"), Some(&*there));
    // In the registry, only config and manifest are new.
    registry.record.clear();
    let back = convert(&output, "modelpack", &[&remote("docker"), &remote("back")]);
    assert_eq!(back, output.text());
    let layer = document(&output.dir().join("l"), &back)["layers"][0]["digest"].clone();
    let content = fs_err::read(registry.content(layer.as_str().unwrap())).unwrap();
    assert_eq!(registry.record.received_of(&content).1, 0);
    let back = convert(&output, "modelpack", &["docker.tar", "oci:back", "-t", "x"]);
    assert_eq!(back, output.text());
    assert_eq!(check(&output.dir().join("back")).tagged("x"), Some(output.text()));
    // By its tags alone.
    let tagged = format!("docker://{}/some/tagged", registry.address());
    let args = ["convert", "--spec", "docker", "l", &tagged, "-t", "one", "-t", "two"];
    let told = output.then().args(args).run();
    let place = tagged.trim_start_matches("docker://");
    assert_eq!(told.text(), format!("{there}  {place}:one, :two"));
    let told = output.then().args(args).args(["--format", "json"]).run();
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let [one, two] = ["one", "two"].map(|tag| format!("{place}:{tag}"));
    assert_eq!(told["outputs"][0]["reference"], one);
    assert_eq!(told["outputs"][0]["references"], json!([one, two]));
    assert_eq!(registry.tag("some/tagged", "two").unwrap(), there);
}

#[test]
fn what_cannot_be_expressed_is_named() {
    let tar = Test::new()
        .file("m/Modelfile", "FORMAT gguf\nMODEL m.gguf\n")
        .file("m/m.gguf", "weights")
        .args(["build", "m", "-q", "--tar", "-o", "l", "-t", "v1", "-o", "l.tar"])
        .run();
    let before = snapshot(&tar.dir());
    for (args, status, stderr) in [
        (
            ["--spec=docker", "l", "-t=x"],
            3,
            str![[r#"
error: `l`: the layer `m.gguf` is tar, which is not possible in Docker's format
  = help: extract the files (`modelbuild extract`), and build them with `--spec docker`

"#]],
        ),
        (
            ["--spec=docker", "l", "-q"],
            2,
            str![[r#"
error: nothing says what the converted artifact is called in `l`
  = help: give it a tag with `-t`, or name another place

"#]],
        ),
        (
            ["--spec=docker", "l.tar", "-t=x"],
            2,
            str![[r#"
error: nothing says where `l.tar` is to be converted to
  = help: name a layout, a tarball or a registry; only a layout takes the converted artifact beside the other one

"#]],
        ),
        (
            ["--spec=image", "l", "-t=x"],
            2,
            str![[r#"
error: invalid value 'image' for '--spec <SPEC>'
  [possible values: modelpack, docker, original]

For more information, try '--help'.

"#]],
        ),
        (
            ["--spec=docker", "none", "-t=x"],
            3,
            str![[r#"
error: there is nothing at `none`
  = help: name a layout directory, a tarball, or a registry as `docker://HOST/REPOSITORY:TAG`

"#]],
        ),
    ] {
        let test = tar.then().args(["convert"]).args(args);
        test.status(status).stdout("").stderr(stderr).run();
    }
    assert_eq!(snapshot(&tar.dir()), before);
    let unknown = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": "application/vnd.cncf.model.manifest.v1+json",
        "config": {"mediaType": "application/vnd.cncf.model.config.v1+json", "digest": sha256(b"{}"), "size": 2},
        "layers": [{"mediaType": "application/x.mystery", "digest": sha256(b"x"), "size": 1,
            "annotations": {"org.cncf.model.filepath": "x.bin"}}],
    });
    let run = put(tar.then(), "foreign", &unknown).args(["convert", "--spec", "docker", "foreign", "-t", "x"]);
    run.status(3)
        .stderr(str![[r#"
error: `foreign`: the layer `x.bin` cannot be converted: files cannot be got out of its media type `application/x.mystery`
  = help: `modelbuild copy` moves it as it is; or extract what can be (`modelbuild extract`), and build that

"#]])
        .run();
    let mut empty = unknown;
    empty["layers"] = json!([]);
    let run = put(tar.then(), "empty", &empty).args(["convert", "--spec", "docker", "empty", "-t", "x"]);
    run.status(3)
        .stdout("")
        .stderr(str![[r#"
error: `empty`: the artifact has no layers, and a model is at least one file
  = help: `modelbuild inspect` shows what it is; `modelbuild copy` moves it as it is

"#]])
        .run();
}

/// A layout with one manifest, `{}` as its config and `x` as a layer.
fn put(test: Test, layout: &str, manifest: &Value) -> Test {
    let bytes = manifest.to_string();
    let at = |digest: &str| format!("{layout}/blobs/sha256/{}", &digest[7..]);
    let digest = sha256(bytes.as_bytes());
    let index = json!({"schemaVersion": 2, "manifests": [
        {"mediaType": manifest["mediaType"], "digest": digest, "size": bytes.len()}]});
    test.file(format!("{layout}/oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)
        .file(format!("{layout}/index.json"), index.to_string())
        .file(at(&digest), &bytes)
        .file(at(&sha256(b"{}")), "{}")
        .file(at(&sha256(b"x")), "x")
}

/// The annotation is believed where the artifact that it tells of has the digest that it says, and else not.
#[test]
fn what_was_changed_meanwhile_is_converted_anew() {
    let manifest = |original: &str| {
        json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.docker.ai.model.config.v0.2+json", "digest": sha256(b"{}"), "size": 2},
            "layers": [{"mediaType": "application/vnd.docker.ai.model.file", "digest": sha256(b"x"), "size": 1,
                "annotations": {"org.cncf.model.filepath": "x.bin"}}],
            "annotations": {KEY: original, "a.b": "c"},
        })
    };
    let config = r#""configType":"application/vnd.cncf.model.config.v1+json","config":"{}""#;
    let digest = sha256(b"another");
    let plain = Test::new().args(["--version"]).run();
    let fresh = put(plain.then(), "plain", &manifest("")).args(["ls", "plain"]).run();
    let fresh = convert(&fresh, "modelpack", &["plain", "-t", "x"]);
    let layer = "application/vnd.cncf.model.weight.v1.raw";
    for (number, original) in [
        "not json".to_owned(),
        format!(r#"{{"digest":"{digest}",{config},"layerTypes":[["{layer}",1]]}}"#),
        format!(r#"{{"digest":"{digest}",{config},"layerTypes":[["{layer}",18446744073709551615]]}}"#),
        format!(r#"{{"digest":"{digest}",{config},"layerTypes":[]}}"#),
    ]
    .iter()
    .enumerate()
    {
        let layout = format!("changed{number}");
        let output = put(plain.then(), &layout, &manifest(original))
            .args(["ls", &layout])
            .run();
        let converted = convert(&output, "modelpack", &[&layout, "-t", "x"]);
        let strip = |layout: &str, digest: &str| {
            let mut manifest = document(&plain.dir().join(layout), digest);
            let removed = manifest["annotations"].as_object_mut().unwrap().remove(KEY);
            assert!(removed.is_some());
            manifest
        };
        assert_eq!(strip(&layout, &converted), strip("plain", &fresh), "{original}");
    }
}

/// It says something of the one artifact alone.
#[test]
fn what_is_built_from_a_converted_artifact_does_not_say_what_that_was() {
    let output = built(SHAPES[1], "modelpack");
    convert(&output, "docker", &["oci:l:v1", "-t", "docker"]);
    let test = output
        .then()
        .file("n/Modelfile", "FROM oci:../l:docker\nANNOTATION a.b c\n");
    let output = test.args(["build", "n", "-q", "-o", "n.out", "--spec", "docker"]).run();
    let manifest = document(&output.dir().join("n.out"), output.text());
    assert_eq!(manifest["annotations"], json!({"a.b": "c"}));
}

#[test]
fn other_tools_read_what_was_converted() {
    let output = built(SHAPES[2], "docker");
    convert(&output, "modelpack", &["oci:l:v1", "modelpack"]);
    schema::check(&output.dir().join("modelpack"));
    if let Some(skopeo) = oracle("skopeo") {
        let output = built(SHAPES[1], "modelpack");
        let there = convert(&output, "docker", &["oci:l:v1", "-t", "docker"]);
        let dir = output.dir();
        skopeo.approve(&dir, ["copy", "--quiet", "oci:l:docker", "oci:theirs:docker"]);
        assert_eq!(check(&dir.join("theirs")).tagged("docker"), Some(&*there));
        assert_eq!(
            convert(&output, "modelpack", &["oci:theirs:docker", "-t", "back"]),
            output.text()
        );
    }
}
