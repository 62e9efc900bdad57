//! `--output` in all spellings.

use snapbox::str;

use crate::harness::{Test, snapshot};
use crate::tiny::{assert_same_text, json, tiny};

#[track_caller]
fn is_layout(test: Test, output: &str, path: &str, tag: Option<&str>) {
    let built = test.args(["-q", "-o", output]).run();
    let index = json(built.dir().join(path).join("index.json"));
    let entry = &index["manifests"][0];
    assert_eq!(entry["digest"], built.text());
    assert_eq!(entry["annotations"]["org.opencontainers.image.ref.name"].as_str(), tag);
}

#[test]
fn a_directory_is_a_layout_however_it_is_spelt() {
    is_layout(tiny(), "out", "out", None);
    is_layout(tiny(), "a/b/out/", "a/b/out", None);
    is_layout(tiny(), "oci:out", "out", None);
    is_layout(tiny(), "oci:out:v1.0-x", "out", Some("v1.0-x"));
    is_layout(tiny(), "type=oci,tar=false,dest=out", "out", None);
    is_layout(tiny(), "dest=out,type=oci,tar=0", "out", None);
    is_layout(tiny().args(["-t", "tiny:v2"]), "out", "out", Some("v2"));
}

#[track_caller]
fn is_archive(test: Test, output: &str, path: &str, tag: Option<&str>) {
    let built = test.args(["-q", "-o", output]).run();
    let file = fs_err::File::open(built.dir().join(path)).unwrap();
    let mut archive = tar::Archive::new(file);
    let member = archive
        .entries()
        .unwrap()
        .map(Result::unwrap)
        .find(|entry| entry.path().unwrap().ends_with("index.json"));
    let index: serde_json::Value = serde_json::from_reader(member.unwrap()).unwrap();
    let entry = &index["manifests"][0];
    assert_eq!(entry["digest"], built.text());
    assert_eq!(entry["annotations"]["org.opencontainers.image.ref.name"].as_str(), tag);
}

#[test]
fn a_tarball_is_one_however_it_is_spelt() {
    is_archive(tiny(), "x.tar", "x.tar", None);
    is_archive(tiny(), "a/b/X.TAR", "a/b/X.TAR", None);
    is_archive(tiny(), "oci-archive:x", "x", None);
    is_archive(tiny(), "oci-archive:x.tar:v1", "x.tar", Some("v1"));
    is_archive(tiny(), "type=oci,dest=x", "x", None);
    is_archive(tiny(), "type=oci,dest=x.tar,tar=true", "x.tar", None);
}

#[test]
fn standard_output_takes_a_tarball_and_the_result_goes_aside() {
    for output in ["-", "type=oci", "type=oci,dest=-"] {
        let built = tiny()
            .args(["-o", output])
            .stderr(str![[r#"
built `tiny` in [TIME]: 3 layers, 18 B; 3 written
sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6  -

"#]])
            .run();
        let mut archive = tar::Archive::new(built.stdout.as_slice());
        let first = archive.entries().unwrap().next().unwrap().unwrap();
        assert_eq!(first.path().unwrap().to_str(), Some("oci-layout"), "{output}");
    }
}

#[test]
fn several_outputs_are_written_in_one_run() {
    let built = tiny()
        .args(["-o", "one", "-o", "two.tar", "-o", "oci:one:v1", "-t", "tiny:v2"])
        .stdout(str![[r#"
sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6  one
sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6  two.tar

"#]])
        .stderr(str![[r#"
built `tiny` in [TIME]: 3 layers, 18 B; `one`: 3 written; `two.tar`: 3 written

"#]])
        .run();
    let index = json(built.dir().join("one/index.json"));
    assert_eq!(index["manifests"].as_array().unwrap().len(), 2);
}

/// A directory of such a name would be made, and nobody would see that nothing went to the registry.
#[test]
fn a_registry_without_its_transport_is_no_directory() {
    let refused = |output: &str| Test::new().args(["-o", output]).status(2).stdout("");
    refused("registry.example/team/tiny").stderr(str![[r#"
error: invalid value 'registry.example/team/tiny' for '--output <OUTPUT>': write `docker://registry.example/team/tiny`, or `./registry.example/team/tiny` for a path of that name

For more information, try '--help'.

"#]]).run();
    refused("10.0.0.5/team/tiny").stderr(str![[r#"
error: invalid value '10.0.0.5/team/tiny' for '--output <OUTPUT>': write `docker://10.0.0.5/team/tiny`, or `./10.0.0.5/team/tiny` for a path of that name

For more information, try '--help'.

"#]]).run();
    refused("docker://registry.example/tiny@sha256:123").stderr(str![[r#"
error: invalid value 'docker://registry.example/tiny@sha256:123' for '--output <OUTPUT>': a digest is `sha256:` and 64 hexadecimal digits in lower case

For more information, try '--help'.

"#]]).run();
}

#[test]
fn an_output_that_is_none_is_refused_with_the_reason() {
    let refused = |output: &str| Test::new().args(["-o", output]).status(2).stdout("");
    refused("x.tar.gz").stderr(str![[r#"
error: invalid value 'x.tar.gz' for '--output <OUTPUT>': a layout tar is never compressed: weights do not shrink, and oras and Docker Model Runner refuse it; use a name ending in `.tar`

For more information, try '--help'.

"#]]).run();
    refused("docker://example.org/Tiny:v1").stderr(str![[r#"
error: invalid value 'docker://example.org/Tiny:v1' for '--output <OUTPUT>': expected `HOST/REPOSITORY[:TAG]` or `HOST/REPOSITORY@sha256:…`, the repository in lower case

For more information, try '--help'.

"#]]).run();
    let tag = "a tag is up to 128 letters, digits, `_`, `.` and `-`, the first of them no `.` or `-`";
    let long = format!("docker://example.org/tiny:{}", "v".repeat(129));
    for (output, why) in [
        (
            "docker://localhost:99999/tiny:v1",
            "`localhost:99999` is no host; expected `HOST` or `HOST:PORT`",
        ),
        ("docker://example.org/tiny:", tag),
        ("docker://example.org/tiny:-v1", tag),
        (&long, tag),
    ] {
        let said = format!(
            "error: invalid value '{output}' for '--output <OUTPUT>': {why}\n\nFor more information, try '--help'.\n"
        );
        refused(output).stderr(said).run();
    }
    refused("")
        .stderr(str![[r#"
error: invalid value '' for '--output <OUTPUT>': expected a directory, a file ending in `.tar`, or `-`

For more information, try '--help'.

"#]])
        .run();
    refused("oci:")
        .stderr(str![[r#"
error: invalid value 'oci:' for '--output <OUTPUT>': the path is missing

For more information, try '--help'.

"#]])
        .run();
    refused("oci:out:a+b")
        .stderr(str![[r#"
error: invalid value 'oci:out:a+b' for '--output <OUTPUT>': `a+b` is not a tag

For more information, try '--help'.

"#]])
        .run();
    refused("out:v1")
        .stderr(str![[r#"
error: invalid value 'out:v1' for '--output <OUTPUT>': write `oci:out:v1`, or `./out:v1` for a path of that name

For more information, try '--help'.

"#]])
        .run();
    refused("out.tar:v1").stderr(str![[r#"
error: invalid value 'out.tar:v1' for '--output <OUTPUT>': write `oci-archive:out.tar:v1`, or `./out.tar:v1` for a path of that name

For more information, try '--help'.

"#]]).run();
    refused("localhost:5000/tiny").stderr(str![[r#"
error: invalid value 'localhost:5000/tiny' for '--output <OUTPUT>': write `docker://localhost:5000/tiny`, or `./localhost:5000/tiny` for a path of that name

For more information, try '--help'.

"#]]).run();
    refused("registry.example/tiny:v1").stderr(str![[r#"
error: invalid value 'registry.example/tiny:v1' for '--output <OUTPUT>': write `docker://registry.example/tiny:v1`, or `./registry.example/tiny:v1` for a path of that name

For more information, try '--help'.

"#]]).run();
    refused("dokcer://registry.example/tiny:v1").stderr(str![[r#"
error: invalid value 'dokcer://registry.example/tiny:v1' for '--output <OUTPUT>': write `docker://registry.example/tiny:v1`

For more information, try '--help'.

"#]]).run();
    refused("oic:out:v1")
        .stderr(str![[r#"
error: invalid value 'oic:out:v1' for '--output <OUTPUT>': write `oci:out:v1`, or `./oic:out:v1` for a path of that name

For more information, try '--help'.

"#]])
        .run();
    refused("type=image,dest=x").stderr(str![[r#"
error: invalid value 'type=image,dest=x' for '--output <OUTPUT>': the output type `image` is not supported; use `type=oci`

For more information, try '--help'.

"#]]).run();
    refused("type=oci,tar=maybe")
        .stderr(str![[r#"
error: invalid value 'type=oci,tar=maybe' for '--output <OUTPUT>': `tar` takes `true` or `false`, not `maybe`

For more information, try '--help'.

"#]])
        .run();
    refused("type=oci,tar=false")
        .stderr(str![[r#"
error: invalid value 'type=oci,tar=false' for '--output <OUTPUT>': a layout directory needs `dest=DIR`

For more information, try '--help'.

"#]])
        .run();
    refused("type=oci,compression=zstd").stderr(str![[r#"
error: invalid value 'type=oci,compression=zstd' for '--output <OUTPUT>': unknown key `compression`; expected `type`, `dest` or `tar`

For more information, try '--help'.

"#]]).run();
}

/// As `./out:v1`, too, which is a path whatever is in it.
#[test]
fn what_was_named_with_a_tag_is_told_with_it() {
    tiny()
        .args([
            "-o",
            "oci:out:v1",
            "-o",
            "oci:out:v2",
            "-o",
            "oci-archive:tiny.tar:v1",
            "-o",
            "./out:v1",
        ])
        .args(["-t", "tiny:v2", "--progress", "none"])
        .stdout(str![[r#"
sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6  oci:out:v1, :v2
sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6  oci-archive:tiny.tar:v1, :v2
sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6  ./out:v1

"#]])
        .stderr("")
        .run();
}

#[test]
fn one_tarball_is_not_written_twice() {
    let test = tiny();
    let (dir, before) = (test.dir(), snapshot(&test.dir()));
    let answer = test
        .args(["-o", "x.tar", "-o", "oci-archive:x.tar:v1"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: the output `x.tar` is given twice
  = help: give it once, or write each to a place of its own; `-t` gives an artifact several names

"#]])
        .run();
    answer
        .then()
        .args(["-o", "-", "-o", "-"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: the output `-` is given twice
  = help: give it once

"#]])
        .run();
    assert_eq!(snapshot(&dir), before);
}

#[test]
fn the_context_is_not_written_over() {
    tiny()
        .args(["-o", "."])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: the output `.` holds the context `.`
  = help: write to a directory inside of the context, or to one beside it

"#]])
        .run();
    tiny()
        .args(["-o", "m.gguf"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `m.gguf` is an output of this build
 --> Modelfile:3:7
  |
3 | MODEL m.gguf
  |       ^^^^^^
  |
  = help: outputs are never packed: write the output elsewhere, or take the line out


"#]])
        .run();
}

#[test]
fn a_directory_that_is_no_layout_stays_as_it_is() {
    let test = tiny().file("out/mine", "");
    let (dir, before) = (test.dir(), snapshot(&test.dir()));
    let _failed = test
        .args(["-o", "out"])
        .status(1)
        .stdout("")
        .stderr(str![[r#"
error: `out` exists and is not an OCI layout (it has no file `oci-layout`); it was not touched
  = help: choose another place with `-o`, or remove it first

"#]])
        .run();
    assert_eq!(snapshot(&dir), before);
}

/// The tag is not in the tar for Docker Model Runner, so it has to be told.
#[test]
fn a_docker_tarball_comes_with_the_calls_that_load_it() {
    let docker = || tiny().args(["--spec", "docker"]);
    docker()
        .args([
            "-o",
            "x.tar",
            "-o",
            "out",
            "-t",
            "tiny:v1",
            "-t",
            "example.org:5000/team/tiny",
        ])
        .stderr(str![[r#"
note: Docker Model Runner loads `x.tar` and names it with these calls
  = help: curl -X POST -T x.tar http://localhost:12434/models/load
  = help: curl -X POST 'http://localhost:12434/models/sha256:14325fd7820b4d6a5dafa2f05a1dd94f85ed3b0cc627d86be54c428bb04cff88/tag?repo=tiny&tag=v1'
  = help: curl -X POST 'http://localhost:12434/models/sha256:14325fd7820b4d6a5dafa2f05a1dd94f85ed3b0cc627d86be54c428bb04cff88/tag?repo=example.org:5000/team/tiny&tag=latest'
built `tiny` in [TIME]: 3 layers, 18 B; `x.tar`: 3 written; `out`: 3 written

"#]])
        .run();
    docker()
        .args(["-o", "it's [1].tar", "-o", "oci-archive:y.tar:v2"])
        .stderr(str![[r#"
note: Docker Model Runner loads `it's [1].tar` and names it with these calls
  = help: curl -X POST -T 'it'\''s [1].tar' --globoff http://localhost:12434/models/load
  = help: curl -X POST 'http://localhost:12434/models/sha256:14325fd7820b4d6a5dafa2f05a1dd94f85ed3b0cc627d86be54c428bb04cff88/tag?repo=REPOSITORY&tag=TAG'
note: Docker Model Runner loads `y.tar` and names it with these calls
  = help: curl -X POST -T y.tar http://localhost:12434/models/load
  = help: curl -X POST 'http://localhost:12434/models/sha256:14325fd7820b4d6a5dafa2f05a1dd94f85ed3b0cc627d86be54c428bb04cff88/tag?repo=REPOSITORY&tag=v2'
built `tiny` in [TIME]: 3 layers, 18 B; `it's [1].tar`: 3 written; `oci-archive:y.tar:v2`: 3 written

"#]])
        .run();
    let built = docker().args(["-o", "x.tar", "-t", "tiny", "--progress", "json"]).run();
    let note = built.stderr.lines().find(|line| line.contains("curl")).unwrap();
    assert_same_text(
        note.to_owned(),
        str![[
            r#"{"event":"note","help":["curl -X POST -T x.tar http://localhost:12434/models/load","curl -X POST 'http://localhost:12434/models/sha256:14325fd7820b4d6a5dafa2f05a1dd94f85ed3b0cc627d86be54c428bb04cff88/tag?repo=tiny&tag=latest'"],"message":"Docker Model Runner loads `x.tar` and names it with these calls"}"#
        ]],
    );
    docker().args(["-q", "-o", "x.tar"]).stderr("").run();
    for test in [
        docker().args(["-o", "out"]),
        docker().args(["-o", "x.tar", "-n"]),
        tiny().args(["-o", "x.tar"]),
    ] {
        let built = test.run();
        assert!(!built.stderr.contains("curl"), "{}", built.stderr);
    }
}
