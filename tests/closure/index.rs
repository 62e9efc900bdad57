//! An index with all that is in it, nested ones too.

use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::Family;
use crate::oracle::oracle;
use crate::servers::registry::Options;
use crate::tiny::assert_same_text;

#[test]
fn an_index_goes_up_and_comes_back_as_it_is() {
    let family = Family::new(Options::default());
    let (all, remote) = (family.digest("all"), family.remote());
    let push = ["push", "oci:layout:all", &remote, "--all"];
    assert_same_text(
        family.says(&push),
        str![[r#"
pushed `oci:layout:all` to `HOST/some/model:v1` in [TIME]: 2 manifests, 1 layer, 7 B; 1 written

"#]],
    );
    // Its manifests by their digests, before it; it alone has a name.
    let puts = family.registry.record.of("PUT");
    let names: Vec<_> = puts
        .iter()
        .filter_map(|put| put.path().split_once("/manifests/"))
        .collect();
    let names: Vec<_> = names.into_iter().map(|(_, name)| name.to_owned()).collect();
    assert_eq!(names, [family.digest("q4"), family.digest("q8"), "v1".to_owned()]);
    assert_eq!(family.registry.tag("some/model", "v1"), Some(all.clone()));

    family.registry.record.clear();
    assert_same_text(
        family.says(&push),
        str![[r#"
`HOST/some/model:v1` is up to date with `oci:layout:all`: 2 manifests, 1 layer, 7 B

"#]],
    );
    assert_eq!(family.registry.record.count("*"), family.registry.record.count("HEAD"));

    let from = format!("docker://{remote}");
    let pull = ["pull", &remote, "--all", "-o", "pulled"];
    assert_same_text(
        family.says(&pull),
        str![[r#"
pulled `HOST/some/model:v1` to `pulled` in [TIME]: 2 manifests, 1 layer, 7 B; 1 written

"#]],
    );
    assert_eq!(family.blobs("pulled"), family.blobs("layout"));
    assert_eq!(family.entries("pulled"), [(Some("v1".to_owned()), all.clone())]);
    family.registry.record.clear();
    assert_same_text(
        family.says(&pull),
        str![[r#"
`pulled` is up to date with `HOST/some/model:v1`: 2 manifests, 1 layer, 7 B

"#]],
    );
    assert_same_text(
        family.registry.record.lines(),
        str![[r#"
GET /v2/some/model/manifests/v1 → 200

"#]],
    );

    // Tarballs are the same wherever they come from, and by way of a pipe.
    family.run(&["copy", "--all", &from, "one.tar"]);
    family.run(&["copy", "--all", "pulled", "two.tar"]);
    let piped = family.then().args(["copy", "--all", "one.tar", "-"]).run();
    let read = |name: &str| fs_err::read(family.last.dir().join(name)).unwrap();
    assert!(read("one.tar") == read("two.tar"));
    assert!(read("one.tar") == piped.stdout);
    family.run(&["copy", "--all", "one.tar", "back"]);
    assert_eq!(family.blobs("back"), family.blobs("layout"));
    let again = family.run(&["push", "--all", "two.tar", &format!("{remote}-tar")]);
    assert_eq!(again.text(), all);
    assert_eq!(family.registry.tag("some/model", "v1-tar"), Some(all));
}

#[test]
fn an_index_within_an_index_comes_along() {
    let family = Family::new(Options::default());
    let inner = family.digest("all");
    let size = |digest: &str| {
        let path = family.last.dir().join("layout/blobs").join(digest.replace(':', "/"));
        fs_err::metadata(path).unwrap().len()
    };
    let index = "application/vnd.oci.image.index.v1+json";
    let mut outer = inner.clone();
    for step in 0..4 {
        let document = json!({
            "schemaVersion": 2, "mediaType": index, "annotations": {"step": step.to_string()},
            "manifests": [
                {"mediaType": index, "digest": outer, "size": size(&outer)},
                {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": family.digest("q8"),
                    "size": size(&family.digest("q8")), "platform": {"os": "linux", "architecture": "amd64"}},
            ],
        });
        let tag = format!("step{step}");
        outer = family.add(
            &document,
            Some(json!({"annotations": {"org.opencontainers.image.ref.name": tag}})),
        );
    }
    family.run(&["push", "--all", "oci:layout:step1", &family.remote()]);
    family.run(&["pull", "--all", &family.remote(), "-o", "pulled"]);
    let blobs = family.blobs("pulled");
    assert!(blobs.contains(&inner) && blobs.contains(&family.digest("step0")));
    assert!(!blobs.contains(&family.digest("step2")));
    family
        .then()
        .args(["push", "--all", "oci:layout:step3", &family.remote()])
        .status(3)
        .stderr(str![[r#"
error: `layout`: it has indexes within indexes over more than 4 steps

"#]])
        .run();
}

/// Whoever wants one of the artifacts in it is told the same.
#[test]
fn an_index_too_deep_is_told_from_one_artifact() {
    let family = Family::new(Options::default());
    let size = |digest: &str| {
        let path = family.last.dir().join("layout/blobs").join(digest.replace(':', "/"));
        fs_err::metadata(path).unwrap().len()
    };
    let index = "application/vnd.oci.image.index.v1+json";
    let mut inner = (family.digest("q8"), "application/vnd.oci.image.manifest.v1+json");
    for step in 0..5 {
        let entry = json!({"mediaType": inner.1, "digest": inner.0, "size": size(&inner.0)});
        let document = json!({"schemaVersion": 2, "mediaType": index, "manifests": [entry]});
        let tag = json!({"annotations": {"org.opencontainers.image.ref.name": format!("deep{step}")}});
        inner = (family.add(&document, Some(tag)), index);
    }
    for args in [
        &["inspect", "oci:layout:deep4"][..],
        &["extract", "oci:layout:deep4", "out"],
        &["copy", "oci:layout:deep4", "other"],
        &["diff", "oci:layout:q8", "oci:layout:deep4"],
        &["convert", "--spec", "docker", "oci:layout:deep4", "-t", "x"],
        &["copy", "--all", "oci:layout:deep4", "other"],
    ] {
        let refused = family.then().args(args).status(3).stdout("").run();
        assert_eq!(
            refused.stderr, "error: `layout`: it has indexes within indexes over more than 4 steps\n",
            "{args:?}"
        );
    }
    // One step less is none too many.
    family.then().args(["inspect", "oci:layout:deep3"]).run();
}

/// Four indexes, each of which lists the next one as often as it can; the reference of the first.
fn listed_often(family: &Family) -> String {
    let mut inner = family.digest("q4");
    for step in 0..4 {
        let path = family.last.dir().join("layout/blobs").join(inner.replace(':', "/"));
        let entry = json!({"mediaType": "application/vnd.oci.image.index.v1+json", "digest": inner,
            "size": fs_err::metadata(path).unwrap().len()});
        let index = json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": vec![entry; 2000],
        });
        let tag = json!({"annotations": {"org.opencontainers.image.ref.name": format!("step{step}")}});
        inner = family.add(&index, Some(tag));
    }
    "oci:layout:step3".to_owned()
}

#[test]
fn what_is_looked_for_in_indexes_is_looked_for_once_in_each() {
    let family = Family::new(Options::default());
    listed_often(&family);
    let gone = format!("layout@sha256:{}", "0".repeat(64));
    family.then().args(["inspect", &gone]).status(3).run();
}

#[test]
fn indexes_that_are_too_much_are_not_all_looked_through() {
    let family = Family::new(Options::default());
    for step in 0..5 {
        let index = json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [],
            "pad": " ".repeat(14 << 20),
        });
        let tag = json!({"annotations": {"org.opencontainers.image.ref.name": format!("step{step}")}});
        let mut index = index;
        index["annotations"] = json!({"step": step.to_string()});
        family.add(&index, Some(tag));
    }
    let gone = format!("layout@sha256:{}", "0".repeat(64));
    family
        .then()
        .args(["inspect", &gone])
        .status(3)
        .stderr(str![[r#"
error: `layout`: its indexes have more than 67108864 bytes

"#]])
        .run();
}

#[test]
fn where_a_part_is_missing_nothing_is_moved() {
    let family = Family::new(Options::default());
    let missing = family.digest("q4").replace(':', "/");
    fs_err::remove_file(family.last.dir().join("layout/blobs").join(missing)).unwrap();
    family
        .then()
        .args(["push", "--all", "oci:layout:all", &family.remote()])
        .status(4)
        .stderr(str![[r#"
error: `layout` is damaged: the manifest sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1 is missing
  = help: `modelbuild verify layout --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]])
        .run();
    assert_eq!(family.registry.record.count("*"), 0);
}

#[test]
fn a_manifest_that_cannot_be_checked_is_not_left_out() {
    let family = Family::new(Options::default());
    let index = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 2,
            "digest": format!("sha512:{}", "0".repeat(128))}],
    });
    family.add(
        &index,
        Some(json!({"annotations": {"org.opencontainers.image.ref.name": "odd"}})),
    );
    family
        .then()
        .args(["copy", "--all", "oci:layout:odd", "out"])
        .status(3)
        .stderr(str![[r#"
error: `layout`: the manifest cannot be read: `sha512:000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000` is not a digest: expected `sha256:` and 64 lower-case hexadecimal characters at line 1 column 161

"#]])
        .run();
    assert!(!family.last.dir().join("out").exists());
}

#[test]
fn one_of_an_index_is_chosen_wherever_it_is() {
    let family = Family::new(Options::default());
    let remote = family.remote();
    family.run(&["push", "oci:layout:all", &remote, "--all"]);
    family.run(&["copy", "oci:layout:all", "all.tar", "--all"]);
    let refused = family.then().args(["pull", &remote, "-o", "none"]).status(3).run();
    assert_same_text(
        refused.stderr.replace(&family.registry.address(), "HOST"),
        str![[r#"
error: `HOST/some/model:v1` is an index of artifacts, of which several are meant: sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1 (`quantization=Q4_K_M`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`quantization=Q8_0`)
  = help: choose one by its digest, as in `PLACE@sha256:…`; commands take `--variant KEY=VALUE`, too; `push`, `pull` and `copy` move all of them with `--all`

"#]],
    );
    for variant in ["Q4_K_M", "Q8_0"] {
        let variant = format!("quantization={variant}");
        let digest = family.digest(if variant.ends_with("Q8_0") { "q8" } else { "q4" });
        let out = format!("out-{variant}");
        let pulled = family.run(&["pull", &remote, "--variant", &variant, "-o", &out]);
        assert_eq!(pulled.text(), digest);
        let copied = family.run(&["copy", "all.tar", "--variant", &variant, &format!("{out}-too")]);
        assert_eq!(copied.text(), digest);
        let pushed = family.run(&["push", "all.tar", "--variant", &variant, &remote.replace(":v1", ":one")]);
        assert_eq!(pushed.text(), digest);
        assert_eq!(family.registry.tag("some/model", "one"), Some(digest));
    }
}

/// An index whose entries are `all`, another index, and `q8`; it gets the tag.
fn around(family: &Family, all: &str, tag: &str) -> String {
    let index = "application/vnd.oci.image.index.v1+json";
    let entry = |media_type: &str, digest: &str| {
        let path = family.last.dir().join("layout/blobs").join(digest.replace(':', "/"));
        let media_type = format!("application/vnd.oci.image.{media_type}.v1+json");
        json!({"mediaType": media_type, "digest": digest, "size": fs_err::metadata(path).unwrap().len()})
    };
    let mut inner = entry("index", all);
    inner["annotations"] = json!({"set": tag});
    let mut beside = entry("manifest", &family.digest("q8"));
    beside["platform"] = json!({"os": "linux", "architecture": "amd64"});
    let document = json!({"schemaVersion": 2, "mediaType": index, "manifests": [inner, beside]});
    family.add(
        &document,
        Some(json!({"annotations": {"org.opencontainers.image.ref.name": tag}})),
    )
}

#[test]
fn one_of_an_index_within_an_index_is_chosen() {
    let family = Family::new(Options::default());
    around(&family, &family.digest("all"), "outer");
    family.run(&["push", "oci:layout:outer", &family.remote(), "--all"]);
    family.run(&["copy", "oci:layout:outer", "outer.tar", "--all"]);
    let remote = format!("docker://{}", family.remote());
    for place in ["oci:layout:outer", "outer.tar", &remote] {
        let chosen = |variant: &[&str]| {
            let out = format!("{}-{}", place.len(), variant.join("-").replace('/', "-"));
            let variant = variant.iter().flat_map(|mark| ["--variant", mark]);
            let copied = family.then().args(["copy", "-q", place, &out]).args(variant).run();
            copied.text().to_owned()
        };
        assert_eq!(chosen(&["quantization=Q4_K_M"]), family.digest("q4"));
        assert_eq!(chosen(&["quantization=Q8_0", "set=outer"]), family.digest("q8"));
        assert_eq!(chosen(&["platform=linux/amd64"]), family.digest("q8"));
    }
    let refused = |variant: &str, status, stderr| {
        let inspect = ["inspect", "oci:layout:outer", "--manifest", "--variant", variant];
        family.then().args(inspect).status(status).stderr(stderr).run();
    };
    refused(
        "set=outer",
        3,
        str![[r#"
error: `layout` is an index of artifacts, of which several are meant: sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1 (`quantization=Q4_K_M`, `set=outer`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`quantization=Q8_0`, `set=outer`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`platform=linux/amd64`)
  = help: choose one by its digest, as in `PLACE@sha256:…`; commands take `--variant KEY=VALUE`, too; `push`, `pull` and `copy` move all of them with `--all`

"#]],
    );
    refused(
        "set=inner",
        3,
        str![[r#"
error: `layout` is an index of artifacts, of which none is meant: sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1 (`quantization=Q4_K_M`, `set=outer`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`quantization=Q8_0`, `set=outer`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`platform=linux/amd64`)
  = help: choose one by its digest, as in `PLACE@sha256:…`; commands take `--variant KEY=VALUE`, too; `push`, `pull` and `copy` move all of them with `--all`

"#]],
    );
    // What is wrong with the inner index is told to whoever may mean what it lists.
    fs_err::remove_file(
        family
            .last
            .dir()
            .join("layout/blobs")
            .join(family.digest("all").replace(':', "/")),
    )
    .unwrap();
    family.run(&["copy", "oci:layout:outer", "whole", "--variant", "platform=linux/amd64"]);
    let damaged = str![[r#"
error: `layout` is damaged: the manifest sha256:89ba5b2877048e0ca995b2f48fbab74aa32ec29fd6fcb5d1179ae781fe6f7ff7 is missing
  = help: `modelbuild verify layout --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]];
    refused("quantization=Q4_K_M", 4, damaged.clone());
    refused("set=outer", 4, damaged);
}

#[test]
fn indexes_are_looked_into_as_deep_as_they_may_be() {
    let family = Family::new(Options::default());
    let mut outer = family.digest("all");
    for step in 0..4 {
        outer = around(&family, &outer, &format!("step{step}"));
    }
    let choose = |tag: &str| {
        let args = ["inspect", tag, "--manifest", "--variant", "quantization=Q4_K_M"];
        family.then().args(args)
    };
    choose("oci:layout:step2").run();
    choose("oci:layout:step3")
        .status(3)
        .stderr(str![[r#"
error: `layout` is an index of artifacts, of which none is meant: sha256:89ba5b2877048e0ca995b2f48fbab74aa32ec29fd6fcb5d1179ae781fe6f7ff7 (`set=step0`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`platform=linux/amd64`, `set=step1`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`platform=linux/amd64`, `set=step2`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`platform=linux/amd64`, `set=step3`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`platform=linux/amd64`)
  = help: choose one by its digest, as in `PLACE@sha256:…`; commands take `--variant KEY=VALUE`, too; `push`, `pull` and `copy` move all of them with `--all`

"#]])
        .run();
}

#[test]
fn what_is_chosen_in_indexes_is_not_sought_for_ever() {
    let family = Family::new(Options::default());
    let steps = listed_often(&family);
    family
        .then()
        .args(["inspect", &steps, "--manifest", "--variant", "quantization=Q2"])
        .status(3)
        .stderr(str![[r#"
error: `layout`: its indexes have more than 67108864 bytes, each counted as often as it is named

"#]])
        .run();
}

#[test]
fn skopeo_reads_an_index_that_was_pushed_and_we_the_one_that_it_copied() {
    let Some(skopeo) = oracle("skopeo") else { return };
    let family = Family::new(Options::default());
    family.run(&["push", "oci:layout:all", &family.remote(), "--all"]);
    let (from, to) = (
        format!("docker://{}", family.remote()),
        format!("docker://{}-too", family.remote()),
    );
    let args = [
        "copy",
        "--all",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        &from,
        &to,
    ];
    skopeo.approve(&family.last.dir(), args);
    assert_eq!(family.registry.tag("some/model", "v1-too"), Some(family.digest("all")));
    skopeo.approve(
        &family.last.dir(),
        ["copy", "--all", "--src-tls-verify=false", &from, "oci:theirs:v1"],
    );
    let copied = family.run(&["copy", "--all", "theirs", "ours"]);
    assert_data_eq!(copied.text(), family.digest("all"));
    assert_eq!(family.blobs("ours"), family.blobs("layout"));
}
