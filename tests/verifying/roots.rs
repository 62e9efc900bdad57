//! `--repair` of what no digest names: `oci-layout` and `index.json`.

use std::os::unix::fs::PermissionsExt;

use snapbox::str;

use crate::harness::Output;
use crate::layout::contents;
use crate::servers::registry::{Options, Registry};
use crate::tiny::{blob, json, tiny};

const ROOTS: [&str; 2] = ["oci-layout", "index.json"];

/// `out` with two artifacts, the same in `whole` and in `whole.tar`, where there is a third one.
fn places() -> Output {
    let build = ["build", "-q", "-o", "out", "-o", "whole", "-t"];
    let one = tiny().args(build).args(["a/tiny:v1"]).run();
    let two = one
        .then()
        .file("README.md", "# another\n")
        .args(build)
        .args(["b/tiny:v2"]);
    let three = two.run().then().file("README.md", "# a third\n");
    let third = three.args(["build", "-q", "-o", "whole", "-t", "third"]).run();
    third.then().args(["copy", "-q", "oci:whole:v2", "v2.tar"]).run()
}

/// Repairs `out` from `source`, quietly; whether it is what it was.
#[track_caller]
fn repairs(output: &Output, source: &str) {
    let repair = ["verify", "-q", "out", "--repair", source];
    output.then().args(repair).stdout("").stderr("").run();
}

#[test]
fn whatever_happened_to_them_they_come_back() {
    let output = places();
    let out = output.dir().join("out");
    let before = contents(&out);
    for roots in [&ROOTS[..1], &ROOTS[1..], &ROOTS[..]] {
        for text in [None, Some(""), Some("{"), Some("[]"), Some(r#"{"schemaVersion":1}"#)] {
            for root in roots {
                match text {
                    Some(text) => fs_err::write(out.join(root), text).unwrap(),
                    None => fs_err::remove_file(out.join(root)).unwrap(),
                }
            }
            output.then().args(["verify", "-q", "out"]).status(4).run();
            repairs(&output, "whole");
            assert_eq!(contents(&out), before, "{roots:?} {text:?}");
        }
    }
}

#[test]
fn blobs_go_on_being_repaired_and_what_is_done_is_said() {
    let output = places();
    let out = output.dir().join("out");
    let before = contents(&out);
    let entry = json(out.join("index.json"))["manifests"][0].clone();
    for root in ROOTS {
        fs_err::remove_file(out.join(root)).unwrap();
    }
    fs_err::write(blob(&out, &entry), "{}").unwrap();
    output
        .then()
        .args(["verify", "out", "--repair", "whole", "--progress", "none"])
        .stdout(str![[r#"
repaired: oci-layout
repaired: index.json
repaired: manifest sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6
out: 2 artifacts, 8 blobs, 4.01 kB: all is well

"#]])
        .stderr("")
        .run();
    assert_eq!(contents(&out), before);
}

/// A place that has less gives less; what it names and is not here is not fetched.
#[test]
fn only_what_is_here_is_named_again() {
    let output = places();
    let out = output.dir().join("out");
    for (source, status, stdout, listed) in [
        (
            "v2.tar",
            0,
            str![[r#"
note: sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6: has 1672 bytes, and nothing refers to it [orphan]
note: sha256:69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160: has 319 bytes, and nothing refers to it [orphan]
note: sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88: has 7 bytes, and nothing refers to it [orphan]
repaired: index.json
out: 1 artifact, 8 blobs, 4.01 kB: 3 notes

"#]],
            "\nv2    sha256:ad850d2b1941 ",
        ),
        (
            "oci:whole:v1",
            0,
            str![[r#"
note: sha256:ad850d2b19410a83c51f0d27fae5f97d479173cf81c30877f5dc417b7c1da595: has 1674 bytes, and nothing refers to it [orphan]
note: sha256:babfba45f4cea8f249d30b35d94df1d604efaec71aba0089519c44544edfa8ed: has 10 bytes, and nothing refers to it [orphan]
note: sha256:ce8fb8f4ea98e05d095d3b57b6d109b6a42f43151cbdabc04917b0307bffc879: has 319 bytes, and nothing refers to it [orphan]
repaired: index.json
out: 1 artifact, 8 blobs, 4.01 kB: 3 notes

"#]],
            "\nv1    sha256:208656d4672a ",
        ),
        (
            "oci:whole:third",
            4,
            str![[r#"
damage: index.json: is missing [layout-index]
not repaired: index.json: no place that was asked names anything that lies here
out: 0 artifacts, 0 blobs, 0 B: 1 damaged

"#]],
            "error: `out` is damaged: index.json is missing\n",
        ),
    ] {
        fs_err::remove_file(out.join("index.json")).unwrap();
        let repair = ["verify", "out", "--repair", source, "--progress", "none"];
        let repaired = output
            .then()
            .args(repair)
            .status(status)
            .stdout(stdout)
            .stderr("")
            .run();
        let ls = repaired.then().args(["ls", "out"]).status(status).run();
        let said = format!("{}{}", String::from_utf8_lossy(&ls.stdout), ls.stderr);
        assert!(said.contains(listed), "{said}");
    }
}

/// A layout of another version is one that we know nothing of, and no advice that leads nowhere is given.
#[test]
fn a_marker_of_another_version_stays() {
    let output = places();
    let marker = output.dir().join("out/oci-layout");
    let other = r#"{"imageLayoutVersion":"2.0.0"}"#;
    fs_err::write(&marker, other).unwrap();
    output
        .then()
        .args(["verify", "out"])
        .status(4)
        .stdout(str![[r#"
damage: oci-layout: has the version `2.0.0`, not `1.0.0` [layout-version]
out: 2 artifacts, 8 blobs, 4.01 kB: 1 damaged

"#]])
        .run();
    let repair = ["verify", "out", "--repair", "whole", "--progress", "none"];
    output
        .then()
        .args(repair)
        .status(4)
        .stdout(str![[r#"
damage: oci-layout: has the version `2.0.0`, not `1.0.0` [layout-version]
not repaired: oci-layout: only a layout of the version `1.0.0` is
out: 2 artifacts, 8 blobs, 4.01 kB: 1 damaged

"#]])
        .stderr("")
        .run();
    let report = output.then().args(repair).args(["--format", "json"]).status(4).run();
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(
        report["places"][0]["unrepaired"],
        serde_json::json!([{
            "subject": {"name": "oci-layout", "digest": null, "artifact": null},
            "asked": [],
            "why": "only a layout of the version `1.0.0` is",
        }])
    );
    assert_eq!(fs_err::read_to_string(&marker).unwrap(), other);
}

/// What other commands say of a layout that lost what no digest names leads to what mends it.
#[test]
fn whoever_meets_it_is_told_what_mends_it() {
    let output = places();
    let out = output.dir().join("out");
    for (root, text, said) in [
        (
            "oci-layout",
            None,
            str![[r#"
error: `out` is damaged: oci-layout is missing
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            "index.json",
            None,
            str![[r#"
error: `out` is damaged: index.json is missing
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            "index.json",
            Some("{"),
            str![[r#"
error: `out` is damaged: index.json is not an image index: EOF while parsing an object at line 1 column 1
  = help: `modelbuild verify out --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]],
        ),
    ] {
        match text {
            Some(text) => fs_err::write(out.join(root), text).unwrap(),
            None => fs_err::remove_file(out.join(root)).unwrap(),
        }
        for command in [
            &["ls", "out"][..],
            &["inspect", "oci:out:v1"],
            &["extract", "oci:out:v1", "x"],
        ] {
            output.then().args(command).status(4).stderr(said.clone()).run();
        }
        repairs(&output, "whole");
    }
}

#[test]
fn a_registry_says_what_its_tag_is() {
    let registry = Registry::start(Options::default());
    let remote = format!("docker://{}/a/tiny", registry.address());
    let output = places();
    let output = output
        .then()
        .args(["push", "-q", "oci:whole:v2", &format!("{}:v2", &remote[9..])])
        .run();
    let out = output.dir().join("out");
    fs_err::remove_file(out.join("index.json")).unwrap();
    // Nothing has the tag `latest`, which is no hindrance for blobs.
    output
        .then()
        .args(["verify", "-q", "out", "--repair", &remote])
        .status(4)
        .run();
    repairs(&output, &format!("{remote}:v2"));
    let index = json(out.join("index.json"));
    let annotations = &index["manifests"][0]["annotations"];
    assert_eq!(index["manifests"].as_array().unwrap().len(), 1);
    assert_eq!(annotations["org.opencontainers.image.ref.name"], "v2");
    assert_eq!(annotations["io.containerd.image.name"], format!("{}:v2", &remote[9..]));
}

/// What we may not read may be whole, and names what no other place does.
#[test]
fn what_may_not_be_read_is_not_put_back() {
    if !crate::mount::is_root() {
        return;
    }
    for root in ROOTS {
        let output = places();
        let path = output.dir().join("out").join(root);
        let before = fs_err::read(&path).unwrap();
        for args in [&["verify", "out"][..], &["verify", "out", "--repair", "whole"]] {
            let test = output.then().by_nobody();
            fs_err::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
            let stderr = format!(
                "error: cannot read: failed to open file `out/{root}`: Permission denied (os error 13)\n  = help: make it readable for the user who runs this\n"
            );
            test.args(args).status(3).stdout("").stderr(stderr).run();
            assert_eq!(fs_err::read(&path).unwrap(), before);
        }
    }
}

/// Nobody writes to it, and nobody waits for that.
#[test]
fn a_pipe_in_their_place_is_no_file() {
    for (root, status, expected) in [
        ("oci-layout", 3, "its `oci-layout` is not a file"),
        ("index.json", 4, "damage: index.json: is not a file"),
    ] {
        let output = places();
        let path = output.dir().join("out").join(root);
        fs_err::remove_file(&path).unwrap();
        let (pipe, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::from_raw_mode(0o600));
        rustix::fs::mknodat(rustix::fs::CWD, &path, pipe, mode, 0).unwrap();
        let verified = output.then().args(["verify", "out"]).status(status).run();
        let said = format!("{}{}", verified.text(), verified.stderr);
        assert!(said.contains(expected), "{said}");
    }
}
