//! What others wrote comes back from another dialect as they wrote it, or it is said that it does not.

use serde_json::{Value, json};
use snapbox::str;

use super::{KEY, convert, document};
use crate::foreign::{annotated, tools};
use crate::harness::{Output, Test, sha256};
use crate::layout::check;

const PAGE: &str = "application/vnd.cncf.modelpack";

/// The row of the table of other tools with this name, in the layout `l`.
fn row(name: &str) -> (Output, String) {
    let rows = tools::rows();
    let row = rows.iter().find(|row| row.name == name).unwrap();
    let output = row.write(Test::new(), "l").args(["ls", "l"]).run();
    (output, row.digest())
}

/// By way of a third dialect, each step is had back.
#[test]
fn every_step_of_a_way_leads_back() {
    let (output, cnai) = row("modctl-cnai-snake-case");
    let modelpack = convert(&output, "modelpack", &["l", "-t", "modelpack"]);
    let docker = convert(&output, "docker", &["oci:l:modelpack", "-t", "docker"]);
    assert_eq!(convert(&output, "modelpack", &["oci:l:docker", "-t", "x"]), modelpack);
    assert_eq!(convert(&output, "original", &["oci:l:docker", "-t", "x"]), modelpack);
    assert_eq!(convert(&output, "original", &["oci:l:x", "-t", "y"]), cnai);
    // The shorter way.
    let docker_too = convert(&output, "docker", &["oci:l:v1", "-t", "z"]);
    assert_ne!(docker_too, docker);
    assert_eq!(convert(&output, "modelpack", &["oci:l:z", "-t", "y"]), cnai);
    check(&output.dir().join("l"));
}

/// Through tarballs, where there is nothing else to remember by.
#[test]
fn it_comes_back_from_elsewhere() {
    for name in ["modctl", "docker-v0.2", "docker-draft"] {
        let (output, digest) = row(name);
        let other = if name == "modctl" { "docker" } else { "modelpack" };
        convert(&output, other, &["l", "other.tar"]);
        assert_eq!(convert(&output, "original", &["other.tar", "oci:back:v1"]), digest);
        let [back, there] = ["back", "l"].map(|layout| check(&output.dir().join(layout)));
        assert_eq!(back, there, "{name}");
    }
}

/// As the page has it, and raw: in the way of nobody.
#[test]
fn a_manifest_of_any_form_comes_back() {
    let output = Test::new().args(["--version"]).run();
    let layers = [
        (
            format!("{PAGE}.model.layer.v1.raw"),
            json!({"org.cncf.model.filepath": "m.gguf"}),
            "GGUF",
        ),
        (
            format!("{PAGE}.model.layer.v1.raw"),
            json!({"org.cncf.model.filepath": "n.gguf", "a": "<b>"}),
            "GGUF 2",
        ),
    ];
    let layers = layers
        .each_ref()
        .map(|(name, annotations, bytes)| (name.as_str(), annotations.clone(), *bytes));
    let config = |_: &[String]| "\u{20}{\"name\": \"x\", \"format\": \"gguf\"}\n\n".to_owned();
    annotated(&output.then(), "l", &format!("{PAGE}.config.v1+json"), config, &layers);
    // Members in another order, white space, one that nobody knows, and a new line at the end.
    let index = crate::tiny::json(output.dir().join("l/index.json"));
    let manifest = document(
        &output.dir().join("l"),
        index["manifests"][0]["digest"].as_str().unwrap(),
    );
    let text = format!(
        "{{\n  \"x-more\": [1, 2.50],\n  \"layers\": {},\n  \"config\": {},\n  \"schemaVersion\": 2\n}}\n",
        manifest["layers"], manifest["config"]
    );
    let digest = sha256(text.as_bytes());
    let entry =
        json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": text.len()});
    let layout = output.then().file(format!("l/blobs/sha256/{}", &digest[7..]), &text);
    let index = json!({"schemaVersion": 2, "manifests": [entry]});
    let output = layout.file("l/index.json", index.to_string()).args(["ls", "l"]).run();
    for spec in ["docker", "modelpack"] {
        assert_ne!(convert(&output, spec, &["l", spec]), digest);
        assert_eq!(convert(&output, "original", &[spec, "oci:l", "-t", "x"]), digest);
        assert_eq!(convert(&output, "original", &[spec, &format!("{spec}.tar")]), digest);
    }
    let back = fs_err::read_to_string(output.dir().join(format!("l/blobs/sha256/{}", &digest[7..]))).unwrap();
    assert_eq!(back, text);
}

/// oras takes configs of any sort.
#[test]
fn a_config_that_is_no_text_comes_back() {
    let test = Test::new();
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/x.icon", "digest": sha256(b"\xff\xfe"), "size": 2},
        "layers": [{"mediaType": "text/plain", "digest": sha256(b"GGUF"), "size": 4,
            "annotations": {"org.opencontainers.image.title": "m.gguf"}}],
    });
    let output = put(test, &manifest, &[b"\xff\xfe", b"GGUF"]);
    let digest = sha256(manifest.to_string().as_bytes());
    convert(&output, "docker", &["l", "-t", "docker"]);
    assert_eq!(convert(&output, "original", &["oci:l:docker", "back"]), digest);
    let blobs = check(&output.dir().join("back")).blobs;
    assert!(blobs.contains(&sha256(b"\xff\xfe")));
}

/// A layout with one manifest and these blobs.
fn put(test: Test, manifest: &Value, blobs: &[&[u8]]) -> Output {
    let bytes = manifest.to_string();
    let entry = json!({"mediaType": manifest["mediaType"], "digest": sha256(bytes.as_bytes()), "size": bytes.len(),
        "annotations": {"org.opencontainers.image.ref.name": "v1"}});
    let index = json!({"schemaVersion": 2, "manifests": [entry]});
    let test = test
        .file("l/oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#)
        .file("l/index.json", index.to_string());
    let all = blobs.iter().copied().chain([bytes.as_bytes()]);
    let at = |blob: &[u8]| format!("l/blobs/sha256/{}", &sha256(blob)[7..]);
    all.fold(test, |test, blob| test.file(at(blob), blob))
        .args(["ls", "l"])
        .run()
}

/// `edit` changes the manifest of an artifact that was converted to Docker's dialect; its config it finds by its digest.
fn changed(edit: impl Fn(&mut Value)) -> Output {
    let (output, _) = row("modctl");
    let docker = convert(&output, "docker", &["l", "docker"]);
    let layout = output.dir().join("docker");
    let mut manifest = document(&layout, &docker);
    edit(&mut manifest);
    let blobs: Vec<_> = fs_err::read_dir(layout.join("blobs/sha256"))
        .unwrap()
        .map(|entry| fs_err::read(entry.unwrap().path()).unwrap())
        .collect();
    let blobs: Vec<_> = blobs.iter().map(Vec::as_slice).collect();
    put(Test::new(), &manifest, &blobs)
}

#[test]
fn what_was_changed_meanwhile_is_not_taken_back() {
    let swap_layers = |manifest: &mut Value| manifest["layers"].as_array_mut().unwrap().swap(0, 1);
    let rename = |manifest: &mut Value| manifest["layers"][0]["annotations"]["org.cncf.model.filepath"] = "x".into();
    let annotate = |manifest: &mut Value| manifest["annotations"]["a"] = "b".into();
    let spoil = |manifest: &mut Value| manifest["annotations"][KEY] = r#"{"manifest":"e30=","config":"e30="}"#.into();
    let edits: [&dyn Fn(&mut Value); 4] = [&swap_layers, &rename, &annotate, &spoil];
    for edit in edits {
        let output = changed(edit);
        output
            .then()
            .args(["convert", "--spec", "original", "l", "-t", "x"])
            .status(3)
            .stdout("")
            .stderr(str![[r#"
error: `l`: the artifact is not what it was converted to any more, so that nobody can tell what it was before
  = help: `--spec modelpack` and `--spec docker` go by what it says now

"#]])
            .run();
    }
    // A type alone.
    let retype = |manifest: &mut Value| manifest["layers"][0]["mediaType"] = "application/vnd.docker.ai.license".into();
    changed(retype)
        .then()
        .args(["convert", "--spec", "original", "l", "-t", "x"])
        .status(3)
        .run();
    // As it was written it is.
    let output = changed(|_| {});
    assert_eq!(convert(&output, "original", &["l", "-t", "x"]), row("modctl").1);
}

/// An edit of what was converted is not thrown away, and it is said what is.
#[test]
fn a_config_that_was_changed_meanwhile_counts() {
    let (output, before) = row("modctl");
    let docker = convert(&output, "docker", &["l", "docker"]);
    let layout = output.dir().join("docker");
    let mut manifest = document(&layout, &docker);
    let mut config = document(&layout, manifest["config"]["digest"].as_str().unwrap());
    config["config"]["quantization"] = "Q2_K".into();
    let config = config.to_string();
    manifest["config"]["digest"] = sha256(config.as_bytes()).into();
    manifest["config"]["size"] = config.len().into();
    let blobs: Vec<_> = fs_err::read_dir(layout.join("blobs/sha256"))
        .unwrap()
        .map(|entry| fs_err::read(entry.unwrap().path()).unwrap())
        .chain([config.into_bytes()])
        .collect();
    let blobs: Vec<_> = blobs.iter().map(Vec::as_slice).collect();
    let output = put(Test::new(), &manifest, &blobs);
    let run = output
        .then()
        .args(["convert", "--spec", "modelpack", "l", "-t", "x", "--format", "json"]);
    let run = run.stderr(str![[r#"
converted `l` to `oci:l:x` in [TIME]: 5 layers, 79 B; 5 there already
note: the artifact in `l` was converted once and changed since: it goes by what it says now, and what only the one before it said is lost
  = help: to keep both, change the one before it, and convert that

"#]]).run();
    let converted: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_ne!(converted["digest"], before.as_str());
    let shown = run.then().args(["inspect", "oci:l:x", "--config"]).run();
    let config: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(config["config"]["quantization"], "Q2_K");
}

#[test]
fn what_was_not_converted_has_nothing_to_go_back_to() {
    let (output, _) = row("oras");
    output
        .then()
        .args(["convert", "--spec", "original", "l", "-t", "x"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `l`: nothing says what the artifact was before it was converted
  = help: only what `modelbuild convert` has written leads back; give `--spec modelpack` or `--spec docker`

"#]])
        .run();
}

/// Registries take no manifest of more than 4 MiB: rather one that does not lead back.
#[test]
fn what_does_not_fit_is_said() {
    let layer = |index: usize| {
        json!({"mediaType": "application/vnd.cncf.model.dataset.v1.raw", "digest": sha256(b"x"), "size": 1,
            "annotations": {"org.cncf.model.filepath": format!("{index:0200}.csv")}})
    };
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": "application/vnd.cncf.model.manifest.v1+json",
        "config": {"mediaType": "application/vnd.cncf.model.config.v1+json", "digest": sha256(b"{}"), "size": 2},
        "layers": (0..4000).map(layer).collect::<Vec<_>>(),
    });
    let output = put(Test::new(), &manifest, &[b"x", b"{}"]);
    let run = output
        .then()
        .args(["convert", "--spec", "docker", "l", "-t", "x"])
        .stderr(str![[r#"
converted `l` to `oci:l:x` in [TIME]: 4000 layers, 4.00 kB; 4000 there already
note: what was converted does not lead back: the manifest in `l` is too large to be kept in another one
  = help: keep the artifact in `l`

"#]])
        .run();
    let back = run.then().args(["convert", "--spec", "original", "oci:l:x", "-t", "y"]);
    back.status(3)
        .stderr(str![[r#"
error: `l`: nothing says what the artifact was before it was converted
  = help: only what `modelbuild convert` has written leads back; give `--spec modelpack` or `--spec docker`

"#]])
        .run();
}
