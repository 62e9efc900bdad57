//! What refers to an artifact, by lists that registries keep, that clients keep, and in layouts.

use serde_json::{Value, json};
use snapbox::str;

use super::Family;
use crate::harness::sha256;
use crate::registry;
use crate::servers::registry::{Feature, Options};
use crate::serving::Curl;
use crate::tiny::assert_same_text;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A registry that keeps no list, as docker-registry.
fn without_list() -> Options {
    Options {
        without: vec![Feature::Referrers],
        ..Options::default()
    }
}

impl Family {
    /// Puts a signature of `subject` into the layout; its digest.
    pub fn sign(&self, subject: &str, by: &str) -> String {
        let blobs = self.last.dir().join("layout/blobs/sha256");
        let layer = format!("signed by {by}\n");
        for content in ["{}", &layer] {
            let digest = sha256(content.as_bytes());
            fs_err::write(blobs.join(&digest[7..]), content).unwrap();
        }
        let size = fs_err::metadata(blobs.join(&subject[7..])).unwrap().len();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/x.signature",
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": sha256(b"{}"), "size": 2},
            "layers": [{"mediaType": "text/plain", "digest": sha256(layer.as_bytes()), "size": layer.len()}],
            "subject": {"mediaType": MANIFEST, "digest": subject, "size": size},
            "annotations": {"by": by},
        });
        self.add(&manifest, Some(json!({})))
    }

    /// What the registry's tag that stands in for a list has; null where there is none.
    fn kept(&self, subject: &str) -> Value {
        let tag = self.registry.tag("some/model", &subject.replace(':', "-"));
        tag.map_or(Value::Null, |digest| crate::tiny::json(self.registry.content(&digest)))
    }
}

fn digests(list: &Value) -> Vec<&str> {
    let entries = list["manifests"].as_array().unwrap().iter();
    entries.map(|entry| entry["digest"].as_str().unwrap()).collect()
}

/// There and back again: into the registry, to a layout and a tarball, and from those to another tag.
#[track_caller]
fn go_around(family: &Family) {
    let model = family.digest("q4");
    let signed = family.sign(&model, "Ada");
    let countersigned = family.sign(&signed, "Grace");
    family.sign(&family.digest("q8"), "somebody else");
    let remote = family.remote();
    let push = ["push", "oci:layout:q4", &remote, "--referrers"];
    let pushed = family.run(&push);
    assert_eq!(pushed.text(), model);
    let up_to_date = family.says(&push);
    assert!(up_to_date.contains("is up to date"), "{up_to_date}");

    let pull = ["pull", &remote, "--referrers", "-o", "pulled", "--no-weights"];
    family.run(&pull);
    let expected = [
        (Some("v1".to_owned()), model.clone()),
        (None, signed.clone()),
        (None, countersigned.clone()),
    ];
    assert_eq!(family.entries("pulled"), expected);
    assert!(family.blobs("pulled").contains(&sha256(b"signed by Grace\n")));
    // The whole of it, then nothing more; without the option they stay.
    let whole = ["pull", &remote, "--referrers", "-o", "pulled"];
    family.run(&whole);
    assert!(family.says(&whole).contains("is up to date"));
    family.run(&["pull", &remote, "-o", "pulled"]);
    assert_eq!(family.entries("pulled"), expected);

    let from = format!("docker://{remote}");
    family.run(&["copy", "--referrers", &from, "one.tar"]);
    family.run(&["copy", "--referrers", "pulled", "two.tar"]);
    let read = |name: &str| fs_err::read(family.last.dir().join(name)).unwrap();
    assert!(read("one.tar") == read("two.tar"));
    family.run(&["copy", "--referrers", "two.tar", "back"]);
    assert_eq!(family.entries("back"), expected);
    assert_eq!(family.blobs("back"), family.blobs("pulled"));

    // Nobody asked for them.
    family.run(&["copy", "pulled", "alone"]);
    assert_eq!(family.entries("alone"), [(Some("v1".to_owned()), model)]);
    family.run(&["pull", &remote, "-o", "bare"]);
    assert_eq!(family.entries("bare").len(), 1);
}

#[test]
fn by_the_registrys_own_list() {
    let family = Family::new(Options::default());
    go_around(&family);
    assert_eq!(family.kept(&family.digest("q4")), Value::Null);
}

#[test]
fn by_the_list_that_clients_keep() {
    let family = Family::new(without_list());
    go_around(&family);
    let model = family.digest("q4");
    let list = family.kept(&model);
    let [entry] = list["manifests"].as_array().unwrap().as_slice() else {
        panic!("{list}")
    };
    assert_eq!(entry["artifactType"], "application/x.signature");
    assert_eq!(entry["annotations"], json!({"by": "Ada"}));
    assert_eq!(list["mediaType"], "application/vnd.oci.image.index.v1+json");

    // A second signature: what others wrote there stays. A lost list is written again.
    let second = family.sign(&model, "Linus");
    let push = ["push", "oci:layout:q4", &family.remote(), "--referrers"];
    family.run(&push);
    let list = family.kept(&model);
    assert_eq!(digests(&list), [entry["digest"].as_str().unwrap(), second.as_str()]);
    assert_eq!(list["manifests"][0], *entry);
}

#[test]
fn docker_registry_has_them_under_the_tag() {
    let Some(registry) = registry::Registry::start() else {
        return;
    };
    let Some(curl) = Curl::of(registry.address()) else {
        return;
    };
    let family = Family::new(Options::default());
    let model = family.digest("q4");
    let signed = family.sign(&model, "Ada");
    let remote = format!("{}/some/model:v1", registry.address());
    family.run(&["push", "oci:layout:q4", &remote, "--referrers"]);
    let path = format!("/v2/some/model/manifests/{}", model.replace(':', "-"));
    let accept = ["--header", "Accept: application/vnd.oci.image.index.v1+json"];
    let got = curl.ask("GET", &path, &accept);
    let list: Value = serde_json::from_slice(&got.body).unwrap();
    assert_eq!(digests(&list), [signed.as_str()]);
    family.run(&["pull", &remote, "--referrers", "-o", "pulled"]);
    assert_eq!(
        family.entries("pulled"),
        [(Some("v1".to_owned()), model), (None, signed)]
    );
}

#[test]
fn a_list_that_was_not_written_is_written_the_next_time() {
    let family = Family::new(without_list());
    let model = family.digest("q4");
    let signed = family.sign(&model, "Ada");
    let remote = family.remote();
    let push = ["push", "oci:layout:q4", &remote, "--referrers"];
    family.run(&push);
    let curl = Curl::of(&family.registry.address());
    let Some(curl) = curl else { return };
    let tag = format!("/v2/some/model/manifests/{}", model.replace(':', "-"));
    assert_eq!(curl.ask("DELETE", &tag, &[]).status, 202);
    family.run(&push);
    assert_eq!(digests(&family.kept(&model)), [signed.as_str()]);
}

#[test]
fn with_an_index_also_those_of_its_artifacts() {
    let family = Family::new(Options::default());
    let (all, one) = (family.digest("all"), family.digest("q8"));
    let signed = [family.sign(&all, "Ada"), family.sign(&one, "Grace")];
    family.run(&["push", "oci:layout:all", &family.remote(), "--all", "--referrers"]);
    let pull = ["pull", &family.remote(), "--all", "--referrers", "-o", "pulled"];
    assert_same_text(
        family.says(&pull),
        str![[r#"
pulled `HOST/some/model:v1` to `pulled` in [TIME]: 2 manifests, 2 referrers, 3 layers, 37 B; 3 written

"#]],
    );
    let mut entries = family.entries("pulled");
    assert_eq!(entries.remove(0), (Some("v1".to_owned()), all));
    let mut found: Vec<_> = entries.into_iter().map(|(_, digest)| digest).collect();
    found.sort();
    let mut expected = signed.to_vec();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn what_a_list_says_is_looked_at() {
    let family = Family::new(without_list());
    let Some(curl) = Curl::of(&family.registry.address()) else {
        return;
    };
    let model = family.digest("q4");
    let signed = family.sign(&model, "Ada");
    let gone = family.sign(&model, "nobody");
    let other = family.sign(&family.digest("q8"), "Grace");
    let remote = family.remote();
    family.run(&["push", "oci:layout:q4", &remote, "--referrers"]);
    family.run(&["push", &format!("layout@{other}"), &remote.replace(":v1", ":other")]);
    // One that refers to something else, one that is gone.
    let entry = |digest: &str| {
        let path = family.last.dir().join("layout/blobs").join(digest.replace(':', "/"));
        json!({"mediaType": MANIFEST, "digest": digest, "size": fs_err::metadata(path).unwrap().len()})
    };
    let list = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [entry(&other), entry(&gone), entry(&signed)]});
    let put = curl.put_manifest("some/model", &model.replace(':', "-"), &list);
    assert_eq!(put.status, 201);
    let path = format!("/v2/some/model/manifests/{gone}");
    assert_eq!(curl.ask("DELETE", &path, &[]).status, 202);
    family.run(&["pull", &remote, "--referrers", "-o", "pulled"]);
    assert_eq!(
        family.entries("pulled"),
        [(Some("v1".to_owned()), model), (None, signed)]
    );
}

/// A copy of all tags brings the list along, and not what it names.
#[test]
fn what_a_list_in_a_layout_says_is_looked_at() {
    let family = Family::new(Options::default());
    let model = family.digest("q4");
    let signed = family.sign(&model, "Ada");
    let other = family.sign(&family.digest("q8"), "Grace");
    let size = |digest: &str| {
        let path = family.last.dir().join("layout/blobs").join(digest.replace(':', "/"));
        fs_err::metadata(path).unwrap().len()
    };
    let entry = |digest: &str, size: u64| json!({"mediaType": MANIFEST, "digest": digest, "size": size});
    let listed = [
        entry(&sha256(b"gone"), 4),
        entry(&other, size(&other)),
        entry(&signed, size(&signed)),
    ];
    let list = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": listed});
    let tag = model.replace(':', "-");
    family.add(
        &list,
        Some(json!({"annotations": {"org.opencontainers.image.ref.name": tag}})),
    );
    family.run(&["copy", "oci:layout:q4", "out", "--referrers"]);
    assert_eq!(family.entries("out"), [(Some("q4".to_owned()), model), (None, signed)]);
}

#[test]
fn a_list_of_what_is_not_so_is_not_followed_to_its_end() {
    let family = Family::new(without_list());
    let Some(curl) = Curl::of(&family.registry.address()) else {
        return;
    };
    let model = family.digest("q4");
    let remote = family.remote();
    family.run(&["push", "oci:layout:q4", &remote]);
    let other = family.sign(&family.digest("q8"), "Grace");
    family.run(&["push", &format!("layout@{other}"), &remote.replace(":v1", ":other")]);
    let path = family.last.dir().join("layout/blobs").join(other.replace(':', "/"));
    let entry = json!({"mediaType": MANIFEST, "digest": other, "size": fs_err::metadata(path).unwrap().len()});
    let list = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": vec![entry; 1100]});
    let put = curl.put_manifest("some/model", &model.replace(':', "-"), &list);
    assert_eq!(put.status, 201);
    let pull = family
        .then()
        .args(["pull", &remote, "--referrers", "-o", "pulled"])
        .status(3)
        .run();
    assert_same_text(
        pull.stderr.replace(&family.registry.address(), "HOST"),
        str![[r#"
error: `HOST/some/model:v1`: more than 1000 manifests are said to refer to it

"#]],
    );
    assert!(!family.last.dir().join("pulled").exists());
}

#[test]
fn those_that_refer_to_each_other_for_ever_are_too_much() {
    let family = Family::new(Options::default());
    let mut last = family.digest("q4");
    for step in 0..5 {
        last = family.sign(&last, &step.to_string());
    }
    family
        .then()
        .args(["copy", "oci:layout:q4", "out", "--referrers"])
        .status(3)
        .stderr(str![[r#"
error: `layout`: manifests refer to each other over more than 4 steps

"#]])
        .run();
    assert!(!family.last.dir().join("out").exists());
}
