//! Tags of a stored model, and which one of an index it is.

use modelbuild::artifact::media_type::MODELPACK_CONFIG;
use modelbuild::model::StoredModel;
use modelbuild::store::Choice;

use super::WEIGHT;
use crate::foreign::layout;
use crate::harness::Test;
use crate::looking::variants;

#[test]
fn tags_are_those_of_the_layout() {
    let test = Test::new()
        .file("m/Modelfile", "NAME x\nMODEL m.gguf\n")
        .file("m/m.gguf", "GGUF");
    let test = test
        .args(["build", "m", "-q", "-o", "l", "-t", "x:v1", "-t", "x:latest"])
        .run()
        .then();
    let other = test
        .file("m/m.gguf", "GGUF!")
        .args(["build", "m", "-q", "-o", "l", "-t", "x:v2"])
        .run();
    let directory = other.dir().join("l");
    let model = StoredModel::open(&directory, Choice::Tag("v1".to_owned())).unwrap();
    assert_eq!(model.tags(), ["v1", "latest"]);
    let by_digest = StoredModel::open(&directory, Choice::Digest(other.text().parse().unwrap())).unwrap();
    assert_eq!(by_digest.tags(), ["v2"]);
    assert_eq!(by_digest.id().to_string(), other.text());
}

/// By what tells it from the others, as every command chooses it.
#[test]
fn one_of_several_in_an_index() {
    let output = variants().args(["inspect", "oci:layout:q8", "--manifest"]).run();
    let directory = output.dir().join("layout");
    let all = || Choice::Tag("all".to_owned());
    let variant = |value: &str| vec![("quantization".to_owned(), value.to_owned())];
    let model = StoredModel::open_variant(&directory, all(), variant("Q8_0")).unwrap();
    assert_eq!(model.raw_manifest(), output.stdout);
    assert_eq!(model.config().unwrap().quantization(), Some("Q8_0"));
    let itself = Choice::Tag("q8".to_owned());
    assert_eq!(StoredModel::open(&directory, itself.clone()).unwrap().id(), model.id());
    let none = StoredModel::open_variant(&directory, itself, variant("Q8_0")).unwrap_err();
    assert!(
        none.to_string().contains("is one artifact and no index of several"),
        "{none}"
    );
    for (error, how) in [
        (StoredModel::open(&directory, all()), "several are"),
        (StoredModel::open_variant(&directory, all(), variant("Q2_K")), "none is"),
    ] {
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains(&format!("is an index of artifacts, of which {how} meant")),
            "{error}"
        );
    }
}

/// Whatever repositories the entries name.
#[test]
fn a_tag_is_there_once() {
    let test = Test::new();
    let layers = [(&*format!("{WEIGHT}.raw"), "m.gguf", "weights")];
    layout(&test, "l", MODELPACK_CONFIG, |_| "{}".to_owned(), &layers);
    let index = test.dir().join("l/index.json");
    let mut listed: serde_json::Value = serde_json::from_slice(&fs_err::read(&index).unwrap()).unwrap();
    let named = |(name, tag): (&str, &str)| {
        let mut entry = listed["manifests"][0].clone();
        entry["annotations"] = serde_json::json!({
            "io.containerd.image.name": name,
            "org.opencontainers.image.ref.name": tag,
        });
        entry
    };
    let entries = [
        ("docker.io/library/m:one", "one"),
        ("docker.io/library/m:two", "two"),
        ("other.example/x/y:one", "one"),
    ];
    listed["manifests"] = entries.into_iter().map(named).collect();
    fs_err::write(index, listed.to_string()).unwrap();
    let model = StoredModel::open(&test.dir().join("l"), Choice::Only).unwrap();
    assert_eq!(model.tags(), ["one", "two"]);
}

#[test]
fn a_model_in_an_index_has_the_tags_of_the_index() {
    let test = variants();
    let directory = test.dir().join("layout");
    let opened = || {
        let variant = vec![("quantization".to_owned(), "Q8_0".to_owned())];
        StoredModel::open_variant(&directory, Choice::Tag("all".to_owned()), variant).unwrap()
    };
    assert_eq!(opened().tags(), ["q8"], "it has one of its own");
    let index = directory.join("index.json");
    let mut listed: serde_json::Value = serde_json::from_slice(&fs_err::read(&index).unwrap()).unwrap();
    let entries = listed["manifests"].as_array_mut().unwrap();
    entries.retain(|entry| entry["annotations"]["org.opencontainers.image.ref.name"] == "all");
    fs_err::write(index, listed.to_string()).unwrap();
    let model = opened();
    assert_eq!(model.tags(), ["all"]);
    let by_digest = StoredModel::open(&directory, Choice::Digest(model.id())).unwrap();
    assert!(by_digest.tags().is_empty());
}
