//! `diff`: how one artifact differs from another, wherever they lie and whoever made them.

mod foreign;
mod report;

use std::os::unix::fs::PermissionsExt;

use snapbox::str;

use crate::harness::Test;

const MODELFILE: &str = "NAME tiny\nVERSION 1\nLICENSE MIT\nANNOTATION a.b old\n\
    MODEL model.gguf\nCONFIG config.json\nCODE run.py\nDOC README.md\n";

/// The model `m`, built into the layout `old`.
fn old() -> Test {
    Test::new()
        .file("m/Modelfile", MODELFILE)
        .file("m/model.gguf", "weights")
        .file("m/config.json", "{}")
        .file("m/run.py", "print()")
        .file("m/README.md", "read me")
        .args(["build", "m", "-q", "-o", "old", "-t", "tiny:v1"])
        .run()
        .then()
}

/// Builds `m` as it is now into the layout `new`, and compares.
fn compared(test: Test, args: &[&str]) -> Test {
    let build = ["build", "m", "-q", "-o", "new"];
    let test = test.args(build.iter().chain(args)).run().then();
    test.args(["diff", "old", "new"]).stderr("")
}

#[test]
fn the_same_artifact_in_other_places() {
    let mut test = old()
        .args(["build", "m", "-q", "-o", "other", "-o", "other.tar", "-t", "tiny:v2"])
        .run()
        .then();
    for (from, to) in [
        ("old", "old"),
        ("old", "other"),
        ("oci:old:v1", "oci:other:v2"),
        ("old", "other.tar"),
        ("oci-archive:other.tar:v2", "./old"),
    ] {
        test = test
            .args(["diff", from, to, "--exit-code"])
            .stdout(str![[r#"
the same artifact: sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4

"#]])
            .stderr("")
            .run()
            .then();
    }
}

#[test]
fn one_file_has_another_size() {
    compared(old().file("m/model.gguf", "more weights"), &[])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:ad8eb8096b227c297a85938783851bd9880ddd526f376ad63eae44c5a9437399  new
  weight     model.gguf: size 7 B → 12 B
3 layers the same, 1 changed: size 23 B → 28 B, 12 B of it new

"#]])
        .run();
}

#[test]
fn one_file_has_other_content() {
    compared(old().file("m/model.gguf", "weighty"), &[])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:ccd63dfcbeeeab35364ae4f28aae2944cdeb122df829b535c5d22dae8aee06ad  new
  weight     model.gguf: content changed
3 layers the same, 1 changed: size 23 B, 7 B of it new

"#]])
        .run();
}

#[test]
fn a_layer_is_added() {
    let test = old().file("m/Modelfile", format!("{MODELFILE}DOC LICENSE\n"));
    compared(test.file("m/LICENSE", "free"), &[])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:c10f82bd64fd95c3866b5792c8dcc7ecaf028b67cb36fef99d6ad35cc1059960  new
  doc        LICENSE: new, 4 B
4 layers the same, 1 added: size 23 B → 27 B, 4 B of it new

"#]])
        .run();
}

#[test]
fn a_layer_is_removed() {
    let test = old().file("m/Modelfile", MODELFILE.replace("CODE run.py\n", ""));
    compared(test, &[])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:618c9c2da1ac7b0821ddb96b95fb78ad4ccc983b85adf43e73bc08b22a4b2f53  new
  code       run.py: gone, 7 B
3 layers the same, 1 removed: size 23 B → 16 B

"#]])
        .run();
}

#[test]
fn a_layer_is_renamed() {
    let test = old().file("m/Modelfile", MODELFILE.replace("run.py", "src/start.py"));
    compared(test.file("m/src/start.py", "print()"), &[])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:cccb7c2abacc7d2d372d0809a686af4c3fb3fc319118557e04babcc4dbb622ea  new
  code       src/start.py: renamed from `run.py`
3 layers the same, 1 changed: size 23 B

"#]])
        .run();
}

#[test]
fn a_file_is_for_something_else() {
    let test = old().file("m/Modelfile", MODELFILE.replace("DOC README.md", "DATASET README.md"));
    compared(test, &[])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:2f9e4406b85df416e6a45ae68976f93d6ebdfe069a49872132acef9d4b0fbc39  new
  dataset    README.md: doc → dataset
3 layers the same, 1 changed: size 23 B

"#]])
        .run();
}

#[test]
fn the_time_alone_is_another_one() {
    compared(old(), &["--created", "2026-01-31T12:00:00Z"])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:374151514937af3a781905b4931fcf6c3b0600236518b0c2c844a6b6c6eb21ac  new
  created: `2026-01-31T12:00:00Z` is new
  4 layers: time 1970-01-01T00:00:00Z → 2026-01-31T12:00:00Z, nothing else
0 layers the same, 4 changed: size 23 B

"#]])
        .run();
}

#[test]
fn a_time_beside_something_else() {
    compared(
        old().file("m/run.py", "print(1)"),
        &["--created", "2026-01-31T12:00:00Z"],
    )
    .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:1be1504420a49abb473bb52234da5aed2a660033b862477273ad89c1120e83e9  new
  created: `2026-01-31T12:00:00Z` is new
  3 layers: time 1970-01-01T00:00:00Z → 2026-01-31T12:00:00Z, nothing else
  code       run.py: size 7 B → 8 B, time 1970-01-01T00:00:00Z → 2026-01-31T12:00:00Z
0 layers the same, 4 changed: size 23 B → 24 B, 8 B of it new

"#]])
    .run();
}

#[test]
fn what_is_stated_is_something_else() {
    let modelfile = MODELFILE
        .replace("VERSION 1", "VERSION 2\nFAMILY llama\nCAPABILITY tools")
        .replace("LICENSE MIT\n", "");
    let test = old().file("m/Modelfile", format!("{modelfile}LANGUAGE en\nLANGUAGE fr\n"));
    compared(test, &[])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:b8490db898d6661b884c764f73004acf4774cbebffdf48cba0b84c90766353b0  new
  version: `1` is now `2`
  family: `llama` is new
  license: `MIT` is gone
  language: `en, fr` is new
  capability: `tools` is new
4 layers the same: size 23 B

"#]])
        .run();
}

#[test]
fn annotations_are_others() {
    let test = old().file("m/Modelfile", MODELFILE.replace("a.b old", "a.b new"));
    compared(test, &["--annotation", "c.d=e"])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:6a31d013117b49a99701bfcd2e3c6f9a05b6466be05c974b7693411acbfe1641  new
  annotation a.b: `old` is now `new`
  annotation c.d: `e` is new
4 layers the same: size 23 B

"#]])
        .run();
}

#[test]
fn in_tars_content_is_not_told_from_headers() {
    compared(old(), &["--tar"])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:7d37fffbd8926d5d9d01ea48b3968546980a5dd7135c0a498f022b69a5eea62d  new
  weight     model.gguf: raw → tar, content not compared
  config     config.json: raw → tar, content not compared
  code       run.py: raw → tar, content not compared
  doc        README.md: raw → tar, content not compared
0 layers the same, 4 changed: size 23 B → 8.19 kB, 8.19 kB of it new

"#]])
        .run();
    let test = old().args(["build", "m", "-q", "--tar", "-o", "tar"]).run().then();
    let test = test.file("m/model.gguf", "weighty").file("m/run.py", "print(1)");
    let test = test.args(["build", "m", "-q", "--tar", "-o", "new"]).run().then();
    test.args(["diff", "tar", "new"])
        .stdout(str![[r#"
old  sha256:7d37fffbd8926d5d9d01ea48b3968546980a5dd7135c0a498f022b69a5eea62d  tar
new  sha256:9ed044f3709dd94de9b7a4881772930e7744405a8703f22d3dd2c423460defb7  new
  weight     model.gguf: content or tar header changed
  code       run.py: size 7 B → 8 B
2 layers the same, 2 changed: size 8.19 kB, 4.10 kB of it new

"#]])
        .run();
}

#[test]
fn a_file_can_be_executed() {
    let test = old();
    fs_err::set_permissions(test.dir().join("m/run.py"), PermissionsExt::from_mode(0o755)).unwrap();
    compared(test, &[])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:0546a627b1151ea20f354dc3b590c730db8dafa2ef9bb0f74b114d04b357475e  new
  code       run.py: executable now
3 layers the same, 1 changed: size 23 B

"#]])
        .run();
}

#[test]
fn the_other_dialect() {
    compared(old(), &["--spec", "docker"])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:dcc677b9065bd2e9fb70ed4a164cada8313379b85d2db4c02c05964bde6a89ce  new
  format of the artifact: `modelpack` is now `docker`
  not compared, only one of the two formats has them: name, version, license
4 layers the same: size 23 B

"#]])
        .run();
    let test = old().file("m/Modelfile", format!("{MODELFILE}FAMILY llama\n"));
    compared(test, &["--spec", "docker"])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  old
new  sha256:dfe2b7e20421b4a81b573582238388982eae4048a8a650b5e92150862cab942a  new
  format of the artifact: `modelpack` is now `docker`
  family: `llama` is new
  not compared, only one of the two formats has them: name, version, license
4 layers the same: size 23 B

"#]])
        .run();
}

#[test]
fn two_tags_in_one_layout() {
    let test = old().file("m/model.gguf", "more weights");
    let test = test
        .args(["build", "m", "-q", "-o", "old", "-t", "tiny:v2"])
        .run()
        .then();
    let test = test
        .args(["diff", "oci:old:v1", "oci:old:v2"])
        .stdout(str![[r#"
old  sha256:0cd2ccfd1d42450d88db2a7deadbf95078543783cd5584a21475ecf0556b65b4  oci:old:v1
new  sha256:ad8eb8096b227c297a85938783851bd9880ddd526f376ad63eae44c5a9437399  oci:old:v2
  weight     model.gguf: size 7 B → 12 B
3 layers the same, 1 changed: size 23 B → 28 B, 12 B of it new

"#]])
        .stderr("")
        .run()
        .then();
    test.args(["diff", "old", "old"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `old` holds several artifacts: `v1`, `v2`
  = help: choose one by its tag, as in `oci:DIR:TAG` or `oci-archive:FILE:TAG`, or by its digest, as in `DIR@sha256:…`; `--all` is for all variants of one index

"#]])
        .run();
}

#[test]
fn exit_code_tells_whether_they_differ() {
    let mut test = compared(old().file("m/model.gguf", "more weights"), &[]).run().then();
    for (args, status) in [
        (&["diff", "old", "new"][..], 0),
        (&["diff", "old", "new", "--exit-code"], 1),
        (&["diff", "old", "new", "--exit-code", "--format", "json"], 1),
        (&["diff", "old", "new", "--exit-code", "--no-exit-code"], 0),
        (&["diff", "--exit-code", "new", "new"], 0),
    ] {
        test = test.args(args).status(status).stderr("").run().then();
    }
}
