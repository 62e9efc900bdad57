use snapbox::str;

use super::{entries, models};
use crate::closure::Family;
use crate::harness::snapshot;
use crate::layout::check;
use crate::servers::registry::Options;
use crate::tiny::{blob, json};

#[test]
fn a_tag_goes_and_the_blobs_stay() {
    let output = models();
    let blobs = check(&output.dir().join("models")).blobs;
    let output = output
        .then()
        .args(["rm", "oci:models:v1"])
        .stdout(str![[r#"
sha256:b7714ab52043c12081308f588cfff600217c04cb71c8533b7ac94c1c14900c06  v1

"#]])
        .stderr(str![[r#"
note: the blobs in `models` stay
  = help: `modelbuild prune models` removes those that nothing leads to

"#]])
        .run();
    let after = check(&output.dir().join("models"));
    assert_eq!(after.blobs, blobs);
    assert_eq!(after.tagged("v1"), None);
    assert!(after.tagged("v2").is_some());
}

#[test]
fn a_digest_takes_all_of_its_tags_along_and_prune_its_blobs() {
    let output = models();
    let output = output.then().args(["tag", "oci:models:v1", "stable"]).run();
    let digest = &output.text()[..71];
    let output = output
        .then()
        .args(["rm", "--prune", "--format", "json", &format!("models@{digest}")])
        .stdout(str![[r#"
{
  "layouts": [
    {
      "path": "models",
      "pruned": {
        "bytes": 1456,
        "kept": 4,
        "removed": [
          {
            "digest": "sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
            "size": 3
          },
          {
            "digest": "sha256:b7714ab52043c12081308f588cfff600217c04cb71c8533b7ac94c1c14900c06",
            "size": 1211
          },
          {
            "digest": "sha256:f6de5424484605124ce0da4367bdfe322ecc064a1f9898fd195b36721a83f02a",
            "size": 242
          }
        ],
        "resumable": 0,
        "unfinished": 0
      },
      "referrers": [],
      "removed": [
        {
          "digest": "sha256:b7714ab52043c12081308f588cfff600217c04cb71c8533b7ac94c1c14900c06",
          "tag": "v1"
        },
        {
          "digest": "sha256:b7714ab52043c12081308f588cfff600217c04cb71c8533b7ac94c1c14900c06",
          "tag": "stable"
        }
      ]
    }
  ],
  "version": 1
}

"#]])
        .stderr("")
        .run();
    let after = check(&output.dir().join("models"));
    assert_eq!(after.manifests.len(), 1);
    // Manifest, config and two layers of the other one.
    assert_eq!(after.blobs.len(), 4);
    let output = output
        .then()
        .args(["rm", "--prune", "oci:models:v2"])
        .stdout(str![[r#"
sha256:e475a8044525c6712a38d5d8bd8a56a863c3fa02edffdac5b043636812b03497  v2
4 blobs removed (8.46 kB), 0 kept

"#]])
        .run();
    assert!(check(&output.dir().join("models")).blobs.is_empty());
}

/// What was done is said, whatever failed beside it.
#[test]
fn one_layout_is_no_reason_to_be_silent_about_another() {
    let output = models().then().args(["rm", "oci:models:v1", "oci:nowhere:v1"]);
    let output = output
        .status(3)
        .stdout(str![[r#"
sha256:b7714ab52043c12081308f588cfff600217c04cb71c8533b7ac94c1c14900c06  v1

"#]])
        .stderr(str![[r#"
note: the blobs in `models` stay
  = help: `modelbuild prune models` removes those that nothing leads to
error: there is nothing at `nowhere`
  = help: name an artifact in a layout directory, as `oci:DIR:TAG` or `DIR@sha256:…`

"#]])
        .run();
    assert_eq!(check(&output.dir().join("models")).tagged("v1"), None);
    let args = [
        "rm",
        "--format",
        "json",
        "oci:nowhere:v1",
        "oci:models:v2",
        "oci:nobody:v1",
    ];
    output
        .then()
        .args(args)
        .status(3)
        .stdout(str![[r#"
{
  "layouts": [
    {
      "path": "models",
      "pruned": null,
      "referrers": [],
      "removed": [
        {
          "digest": "sha256:e475a8044525c6712a38d5d8bd8a56a863c3fa02edffdac5b043636812b03497",
          "tag": "v2"
        }
      ]
    }
  ],
  "version": 1
}

"#]])
        .stderr(str![[r#"
note: the blobs in `models` stay
  = help: `modelbuild prune models` removes those that nothing leads to
error: there is nothing at `nowhere`
  = help: name an artifact in a layout directory, as `oci:DIR:TAG` or `DIR@sha256:…`
error: there is nothing at `nobody`
  = help: name an artifact in a layout directory, as `oci:DIR:TAG` or `DIR@sha256:…`

"#]])
        .run();
}

/// The artifact is gone even where its blobs cannot be.
#[test]
fn what_cannot_be_pruned_was_removed_all_the_same() {
    let output = models();
    let layout = output.dir().join("models");
    let index = json(layout.join("index.json"));
    let other = index["manifests"].as_array().unwrap().iter();
    let mut other = other.filter(|entry| entry["annotations"]["org.opencontainers.image.ref.name"] == "v2");
    fs_err::write(blob(&layout, other.next().unwrap()), "damaged").unwrap();
    let output = output.then().args(["rm", "--prune", "oci:models:v1"]);
    output.status(4).stdout(str![[r#"
sha256:b7714ab52043c12081308f588cfff600217c04cb71c8533b7ac94c1c14900c06  v1

"#]]).stderr(str![[r#"
error: the layout `models` is damaged: entry `v2` (sha256:e475a8044525c6712a38d5d8bd8a56a863c3fa02edffdac5b043636812b03497) of index.json: the manifest has 7 bytes instead of 1211; it was not touched
  = help: bring back what is wrong, as `modelbuild verify LAYOUT --repair SOURCE` does with blobs, or remove the entry that leads there with `modelbuild rm`

"#]]).run();
}

#[test]
fn all_that_is_named_is_there_or_nothing_goes() {
    let output = models();
    let before = snapshot(&output.dir());
    for (reference, status, stderr) in [
        (
            "oci:models:v9",
            3,
            str![[r#"
error: `models` holds no `v9`, but `v1`, `v2`
  = help: choose one by its tag, as in `oci:DIR:TAG`, or by its digest, as in `DIR@sha256:…`

"#]],
        ),
        (
            "models",
            2,
            str![[r#"
error: `models` does not say which artifact
  = help: name one by its tag, as `oci:models:TAG`, or by its digest, as `models@sha256:…`; `modelbuild ls models` lists them

"#]],
        ),
        (
            "models:v1",
            3,
            str![[r#"
error: there is nothing at `models:v1`
  = help: write `oci:models:v1` for the artifact of that tag in `models`

"#]],
        ),
        (
            "v1.tar:v1",
            2,
            str![[r#"
error: `v1.tar:v1` is a tarball, from which nothing is removed in place
  = help: copy the artifacts that are to stay to a layout (`modelbuild copy`), or remove the file

"#]],
        ),
        (
            "v1.tar",
            2,
            str![[r#"
error: `v1.tar` is a tarball, from which nothing is removed in place
  = help: copy the artifacts that are to stay to a layout (`modelbuild copy`), or remove the file

"#]],
        ),
        (
            "docker://registry.example/m:v1",
            2,
            str![[r#"
error: `docker://registry.example/m:v1` is in a registry, from which nothing is removed here
  = help: many registries refuse it, and others remove all tags of the artifact with one of them: use the registry's own tools

"#]],
        ),
    ] {
        output
            .then()
            .args(["rm", "oci:models:v1", reference])
            .status(status)
            .stdout("")
            .stderr(stderr)
            .run();
    }
    assert_eq!(snapshot(&output.dir()), before);
}

#[test]
fn an_entry_that_leads_to_nothing_can_go() {
    let output = models();
    let index = crate::tiny::json(output.dir().join("models/index.json"));
    let manifest = index["manifests"][0]["digest"].as_str().unwrap().replace(':', "/");
    fs_err::remove_file(output.dir().join("models/blobs").join(manifest)).unwrap();
    let output = output.then().args(["rm", "oci:models:v1", "--prune"]).run();
    assert_eq!(entries(&output).lines().count(), 1);
    assert_eq!(check(&output.dir().join("models")).blobs.len(), 4);
}

#[test]
fn what_refers_to_an_artifact_goes_with_the_last_of_its_tags() {
    let family = Family::new(Options::default());
    let model = family.digest("q4");
    let signed = family.sign(&model, "Ada");
    family.sign(&signed, "Grace");
    let other = family.sign(&family.digest("q8"), "somebody else");
    let tags = |family: &Family| family.entries("layout").len();
    let all = tags(&family);
    // The index lists it still.
    family.then().args(["rm", "oci:layout:q4"]).run();
    assert_eq!(tags(&family), all - 1);
    // It is all that led to `q4`.
    family.then().args(["rm", "oci:layout:all"]).run();
    assert_eq!(tags(&family), all - 4);
    assert!(family.entries("layout").contains(&(None, other)));
    family.then().args(["prune", "layout"]).run();
    assert!(!family.blobs("layout").contains(&model));
    assert!(!family.blobs("layout").contains(&signed));
    assert!(family.blobs("layout").contains(&family.digest("q8")));
}
