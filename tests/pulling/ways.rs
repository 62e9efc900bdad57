//! From where to where, all of it or a part, and what is asked of the registry for it.

use snapbox::str;

use super::{Line, WEIGHTS, blobs};
use crate::harness::{Test, tree};
use crate::layout::check;
use crate::servers::registry::{Options, Registry};
use crate::serving::noise;
use crate::tiny::{assert_same_text, json};

#[test]
fn a_pulled_layout_has_the_bytes_that_were_pushed() {
    let line = Line::new();
    let pulled = line.pull().run();
    line.check();
    let digest = line.registry.tag("a/tiny", "v1").unwrap();
    assert_eq!(pulled.text(), format!("{digest}  out"));
    let out = line.built.dir().join("out");
    assert_eq!(check(&out).manifests, [(digest.clone(), Some("v1".to_owned()))]);

    // Again: what it stands for is asked, and nothing fetched.
    line.proxy.record.clear();
    let before = tree(&out);
    let again = line.pull().run();
    assert_same_text(
        line.said(&again.stderr),
        str![[r#"
`out` is up to date with `HOST/a/tiny:v1`: 3 layers, 5.24 MB

"#]],
    );
    assert_same_text(
        line.proxy.record.lines(),
        str![[r#"
GET /v2/a/tiny/manifests/v1 → 200

"#]],
    );
    assert_eq!(tree(&out), before);

    // By its digest it has no tag.
    let by_digest = format!("{}/a/tiny@{digest}", line.proxy.address());
    line.built
        .then()
        .args(["pull", "-q", &by_digest, "-o", "nameless"])
        .run();
    assert_eq!(check(&line.built.dir().join("nameless")).manifests, [(digest, None)]);
}

#[test]
fn a_pulled_tarball_is_the_one_that_is_built() {
    let line = Line::new();
    let remote = line.remote();
    line.built
        .then()
        .args(["build", "-q", "-o", "built.tar", "-t", &remote])
        .run();
    for target in ["pulled.tar", "oci-archive:named.file", "type=oci,dest=typed"] {
        line.built.then().args(["pull", "-q", &remote, "-o", target]).run();
    }
    let output = line.built.then().args(["pull", "-q", &remote, "-o", "-"]).run();
    let dir = line.built.dir();
    let built = fs_err::read(dir.join("built.tar")).unwrap();
    for file in ["pulled.tar", "named.file", "typed"] {
        assert!(fs_err::read(dir.join(file)).unwrap() == built, "{file}");
    }
    assert!(output.stdout == built);
    // A copy of a copy, by the way of a layout.
    line.pull().run();
    line.built.then().args(["copy", "-q", "out", "copied.tar"]).run();
    line.built.then().args(["copy", "-q", "copied.tar", "copied"]).run();
    assert_eq!(blobs(&dir.join("copied")), blobs(&dir.join("pushed")));
    crate::layout::check_tar(&dir.join("copied.tar"));
}

#[test]
fn where_nobody_says_it_goes_to_the_repositorys_last_name() {
    let line = Line::new();
    line.built.then().args(["pull", "-q", &line.remote()]).run();
    let dir = line.built.dir();
    assert_eq!(blobs(&dir.join("tiny")), blobs(&dir.join("pushed")));
}

#[test]
fn a_part_of_it() {
    let line = Line::new();
    let pulled = line.pull().args(["--no-weights"]).run();
    assert_same_text(
        line.said(&pulled.stderr),
        str![[r#"
pulled `HOST/a/tiny:v1` to `out` in [TIME]: 2 of 3 layers, 10 B; 2 written
note: 1 of 3 layers was left out, which the manifest names all the same
  = help: the same command without `--include`, `--exclude` and `--no-weights` brings the rest

"#]],
    );
    let out = line.built.dir().join("out");
    assert!(!blobs(&out).contains_key(&line.weights.replace(':', "/")));
    assert_eq!(blobs(&out).len(), blobs(&line.built.dir().join("pushed")).len() - 1);
    assert_eq!(line.fetched(), (0, 0));
    // The rest, and no more.
    let rest = line.pull().run();
    assert_same_text(
        line.said(&rest.stderr),
        str![[r#"
pulled `HOST/a/tiny:v1` to `out` in [TIME]: 3 layers, 5.24 MB; 1 written, 2 there already

"#]],
    );
    line.check();
    assert_eq!(line.fetched(), (WEIGHTS, 1));
}

/// One `prune` later it would be gone.
#[test]
fn what_loses_its_name_in_a_layout_is_told() {
    let line = Line::new();
    let (dir, remote) = (line.built.dir(), line.remote());
    fs_err::write(dir.join("Other"), "NAME other\nMODEL m.gguf\n").unwrap();
    line.built
        .then()
        .args(["build", "-q", ".", "-f", "Other", "-o", "out", "-t", "x:v1"])
        .run();
    line.built
        .then()
        .args(["build", "-q", ".", "-f", "Other", "-o", "nameless"])
        .run();
    let pulled = line.pull().run();
    assert_same_text(
        line.said(&pulled.stderr),
        str![[r#"
pulled `HOST/a/tiny:v1` to `out` in [TIME]: 3 layers, 5.24 MB; 2 written, 1 there already
note: in `out` the tag `v1` was taken from sha256:409e403b85f115746395bf9da24fb20c2d4ea077ce02a3d8aa1c56a61d909928
  = help: unless it has another tag, it is no longer listed, and the next `prune` removes what only it has; to keep both, give it another tag first with `modelbuild tag`, or this one another

"#]],
    );
    let nameless = format!("{remote}@{}", line.registry.tag("a/tiny", "v1").unwrap()).replace(":v1@", "@");
    let copy = [
        "copy",
        &format!("docker://{nameless}"),
        "nameless",
        "--format",
        "json",
        "--progress",
        "none",
    ];
    let copied = line.built.then().args(copy).run();
    assert_same_text(
        copied.text().to_owned(),
        str![[r#"
{
  "digest": "sha256:88ef2565ff57ebb4ea01050a1499080a4cc4464aa0c294f5ee8e13addc3bd86c",
  "documents": 2,
  "leftOut": 0,
  "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "outputs": [
    {
      "bytes": 10,
      "mounted": 0,
      "path": "nameless",
      "present": 1,
      "reference": null,
      "references": [],
      "replaced": [],
      "tags": [],
      "type": "layout",
      "written": 2
    }
  ],
  "referrers": 0,
  "size": 1684,
  "version": 1
}
"#]],
    );
}

#[test]
fn a_part_of_it_by_pattern() {
    let line = Line::new();
    for (patterns, fetched) in [
        (&["--include", "*.json"][..], 1),
        (&["--include", "*.json", "--include", "README.md"], 2),
        (&["--include", "*", "--no-weights"], 2),
        (&["--include", "m.*"], 1),
    ] {
        let pulled = line.pull().args(["--format", "json"]).args(patterns).run();
        let result: serde_json::Value = serde_json::from_slice(&pulled.stdout).unwrap();
        assert_eq!(result["outputs"][0]["written"], fetched, "{patterns:?}");
        assert_eq!(result["leftOut"], 3 - fetched, "{patterns:?}");
        fs_err::remove_dir_all(line.built.dir().join("out")).unwrap();
    }
    let nothing = line
        .pull()
        .args(["--include", "nothing", "--include", "*.jsn"])
        .status(3)
        .stdout("")
        .run();
    assert_same_text(
        line.said(&nothing.stderr),
        str![[r#"
error: no layer of `HOST/a/tiny:v1` matches `nothing` or `*.jsn`
  = help: it has `m.gguf`, `config.json`, `README.md`; `modelbuild inspect` lists the paths of its layers

"#]],
    );
    assert!(!line.built.dir().join("out").exists());
    let some = ["--include", "nothing", "--include", "*.json", "--include", "*.jsn"];
    let some = line.pull().args(some).run();
    assert_same_text(
        line.said(&some.stderr),
        str![[r#"
warning: no layer of `HOST/a/tiny:v1` matches `nothing` or `*.jsn`
  = help: it has `m.gguf`, `config.json`, `README.md`; `modelbuild inspect` lists the paths of its layers
pulled `HOST/a/tiny:v1` to `out` in [TIME]: 1 of 3 layers, 3 B; 1 written
note: 2 of 3 layers were left out, which the manifest names all the same
  = help: the same command without `--include`, `--exclude` and `--no-weights` brings the rest

"#]],
    );
    fs_err::remove_dir_all(line.built.dir().join("out")).unwrap();
    let nothing = line
        .pull()
        .args([
            "--include",
            "*.json",
            "--include",
            "*.gguf",
            "--no-weights",
            "--exclude",
            "/config*",
        ])
        .status(3)
        .stdout("")
        .run();
    assert_same_text(
        line.said(&nothing.stderr),
        str![[r#"
error: no layer of `HOST/a/tiny:v1` is left by `--include *.json`, `--include *.gguf`, `--exclude /config*`, `--no-weights`
  = help: it has `m.gguf`, `config.json`, `README.md`; `modelbuild inspect` lists the paths of its layers

"#]],
    );
    assert!(!line.built.dir().join("out").exists());
    line.pull()
        .args(["--include", "[a"])
        .status(2)
        .stderr(str![[r#"
error: `--include [a`: error parsing glob '[a': unclosed character class; missing ']'
  = help: a pattern is a path with `*`, `**`, `?`, `[a-z]` and `{a,b}`, as in `*.json`

"#]])
        .run();
    let elsewhere = format!("docker://{}/b/tiny:v1", line.registry.address());
    line.built
        .then()
        .args(["copy", "pushed", &elsewhere, "--no-weights"])
        .status(2)
        .stderr(str![[r#"
error: a registry takes no artifact without all of its layers
  = help: leave out `--include` and `--no-weights`, or write to a layout or a tarball

"#]])
        .run();
}

/// What a sparse layout lacks cannot be copied from it, which is said and not guessed at.
#[test]
fn a_layout_that_lacks_layers_is_no_source_of_them() {
    let line = Line::new();
    line.pull().args(["-q", "--no-weights"]).run();
    let copied = line.built.then().args(["copy", "out", "whole"]).status(4).run();
    assert_same_text(
        line.said(&copied.stderr),
        str![[r#"
error: `out` lacks the blob of `m.gguf`
  = help: if only a part was pulled, the same `pull` without `--include`, `--exclude` and `--no-weights` brings the rest; else a layout is mended with `modelbuild verify LAYOUT --repair SOURCE`, or built or copied to another directory; a tarball is built or copied again

"#]],
    );
    assert!(!line.built.dir().join("whole").exists());
    line.built
        .then()
        .args(["copy", "-q", "out", "part", "--no-weights"])
        .run();
    assert_eq!(
        blobs(&line.built.dir().join("part")),
        blobs(&line.built.dir().join("out"))
    );
}

#[test]
fn within_a_registry_nothing_goes_through_our_hands() {
    let line = Line::new();
    let to = |name: &str| format!("docker://{}/{name}", line.proxy.address());
    line.built
        .then()
        .args(["copy", "-q", &to("a/tiny:v1"), &to("b/other:v2")])
        .run();
    assert_eq!(line.registry.tag("b/other", "v2"), line.registry.tag("a/tiny", "v1"));
    assert_eq!(line.fetched(), (0, 0));
    let puts = line.proxy.record.of("PUT");
    assert_eq!(
        puts.len(),
        2,
        "the config and the manifest: {}",
        line.proxy.record.lines()
    );
    assert_eq!(line.proxy.record.count("PATCH"), 0);
}

#[test]
fn between_registries_it_flows() {
    let line = Line::new();
    let other = Registry::start(Options::default());
    let from = format!("docker://{}", line.remote());
    let to = format!("docker://{}/c/tiny:v1", other.address());
    // It breaks on the way: what was sent before is not sent again, nor fetched.
    line.spoil(&["cut-down=3000000"]);
    line.built.then().args(["copy", "-q", &from, &to]).run();
    assert_eq!(other.tag("c/tiny", "v1"), line.registry.tag("a/tiny", "v1"));
    assert_eq!(line.fetched(), (WEIGHTS, 2));
    assert_eq!(
        other.record.received_of(&noise(u32::try_from(WEIGHTS).unwrap())).0,
        WEIGHTS
    );
    // And from there to a tarball, and from that to a third repository.
    line.built.then().args(["copy", "-q", &to, "there.tar"]).run();
    let third = format!("docker://{}/d/tiny:v1", other.address());
    line.built.then().args(["copy", "-q", "there.tar", &third]).run();
    assert_eq!(other.tag("d/tiny", "v1"), line.registry.tag("a/tiny", "v1"));
}

#[test]
fn into_a_layout_that_has_others() {
    let line = Line::new();
    let dir = line.built.dir();
    line.built
        .then()
        .args(["build", "-q", "-o", "out", "-t", "mine:old"])
        .run();
    line.pull().run();
    let layout = check(&dir.join("out"));
    assert_eq!(layout.manifests.len(), 2);
    assert_eq!(layout.tagged("v1"), layout.tagged("old"));
    let index = json(dir.join("out/index.json"));
    assert!(index.to_string().contains(&line.remote()), "{index}");
}

#[test]
fn what_is_in_the_way_is_not_touched() {
    let line = Line::new();
    let occupied = line
        .built
        .then()
        .file("out/mine", "mine")
        .args(["pull", &line.remote(), "-o", "out"]);
    let failed = occupied.status(1).run();
    assert_same_text(
        line.said(&failed.stderr),
        str![[r#"
error: `out` exists and is not an OCI layout (it has no file `oci-layout`); it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
    );
    assert_eq!(line.fetched(), (0, 0));
}

/// What would do nothing, or what nobody can mean, is not taken in silence.
#[test]
fn options_that_say_nothing_are_refused() {
    for args in [
        &["-o", "out", "--max-unpacked", "1"][..],
        &["-o", "out", "--bundle"],
        &["--max-unpacked", "1"],
        &["--include", ""],
        &["--exclude", ""],
    ] {
        let refused = Test::new()
            .args(["pull", "127.0.0.1:1/a/tiny:v1"])
            .args(args)
            .status(2)
            .run();
        assert!(refused.stderr.starts_with("error: "), "{args:?}: {}", refused.stderr);
    }
}
