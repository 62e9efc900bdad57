//! Which files are asked, and what is wrong with them.

use std::os::unix::fs::PermissionsExt;

use super::{Home, auths};

/// An entry for `ghcr.io` with this user and password, both one letter.
fn entry(auth: &str) -> String {
    format!(r#"{{"auths": {{"ghcr.io": {{"auth": "{auth}"}}}}}}"#)
}

#[test]
fn podmans_files_are_asked_before_dockers() {
    let home = Home::docker(&entry("YTph"));
    assert_eq!(home.find("ghcr.io", "x"), "a:a");
    let home = home.file(".config/containers/auth.json", &entry("Yjpi"));
    assert_eq!(home.find("ghcr.io", "x"), "b:b");
    let home = home.file("run/containers/auth.json", &entry("Yzpj"));
    assert_eq!(home.find("ghcr.io", "x"), "c:c");
    // What they do not know, the later ones may.
    let home = home.file("run/containers/auth.json", &auths("quay.io"));
    assert_eq!(home.find("ghcr.io", "x"), "b:b");
}

#[test]
fn the_environment_names_files() {
    let home = Home::docker(&entry("YTph")).file("elsewhere/config.json", &entry("Yjpi"));
    let credentials = home.credentials(&[("DOCKER_CONFIG", &home.path("elsewhere"))]);
    assert_eq!(home.shown(&credentials, "ghcr.io", "x"), "b:b");
    // No other file is asked then, as for podman and skopeo.
    let home = home.file("mine.json", &auths("quay.io"));
    let credentials = home.credentials(&[("REGISTRY_AUTH_FILE", &home.path("mine.json"))]);
    assert_eq!(home.shown(&credentials, "quay.io", "x"), "user:pass");
    assert_eq!(home.shown(&credentials, "ghcr.io", "x"), "nobody");
    for nothing in ["/dev/null", "/nonexistent/auth.json"] {
        let credentials = home.credentials(&[("REGISTRY_AUTH_FILE", nothing.as_ref())]);
        assert_eq!(home.shown(&credentials, "ghcr.io", "x"), "nobody");
    }
}

#[test]
fn a_file_that_says_nothing_is_none() {
    for text in [
        "",
        "\n",
        "{}",
        r#"{"auths": null}"#,
        r#"{"auths": {}, "HttpHeaders": {"a": "b"}}"#,
    ] {
        assert_eq!(Home::docker(text).find("ghcr.io", "x"), "nobody", "{text}");
    }
}

#[test]
fn a_broken_file_is_an_error_with_a_line_and_without_what_stands_there() {
    for (text, expected) in [
        ("{\n\"auths\": {", "`[HOME]/.docker/config.json` line 2: not JSON"),
        (
            "\n[]",
            "`[HOME]/.docker/config.json` line 2: not what docker and podman write there",
        ),
        (
            "{\"auths\":\n\"hunter2\"}",
            "`[HOME]/.docker/config.json` line 2: not what docker and podman write there",
        ),
        (
            "{\"auths\": {\n\n\"ghcr.io\": {\n\"auth\": [\"hunter2\"]}}}",
            "`[HOME]/.docker/config.json` line 4: not what docker and podman write there",
        ),
        (
            "{\"auths\": {\n\"ghcr.io\": {\"auth\": \"hunter2!\"}}}",
            "`[HOME]/.docker/config.json` line 2: the entry `ghcr.io` has an `auth` that is not base64",
        ),
        // user-hunter2
        (
            "{\"auths\": {\n\"ghcr.io\": {\"auth\": \"dXNlci1odW50ZXIy\"}}}",
            "`[HOME]/.docker/config.json` line 2: the entry `ghcr.io` has an `auth` without a `:` between user and password",
        ),
        (
            "{\"credsStore\": 7}",
            "`[HOME]/.docker/config.json` line 1: not what docker and podman write there",
        ),
    ] {
        let shown = Home::docker(text).find("ghcr.io", "x");
        assert_eq!(shown, expected, "{text}");
        assert!(!shown.contains("hunter2"));
    }
}

/// One that is broken for somebody else is no reason to refuse all others.
#[test]
fn entries_that_nobody_asks_for_are_not_looked_at() {
    let home = Home::docker(r#"{"auths": {"quay.io": 7, "ghcr.io": {"auth": "YTph"}}}"#);
    assert_eq!(home.find("ghcr.io", "x"), "a:a");
}

#[test]
fn what_is_no_file_of_text_is_an_error() {
    let home = Home::new().file(".docker/config.json/x", "");
    assert_eq!(
        home.find("ghcr.io", "x"),
        "cannot read the credentials in `[HOME]/.docker/config.json`: it is no file"
    );
    let home = Home::docker("");
    fs_err::write(home.path(".docker/config.json"), b"{}\n\xff").unwrap();
    assert_eq!(
        home.find("ghcr.io", "x"),
        "`[HOME]/.docker/config.json` line 2: not UTF-8"
    );
    let home = Home::docker(&" ".repeat((4 << 20) + 1));
    assert_eq!(
        home.find("ghcr.io", "x"),
        "cannot read the credentials in `[HOME]/.docker/config.json`: it is larger than 4194304 bytes"
    );
}

/// Whoever else may read or write it is not ours to judge.
#[test]
fn a_file_that_others_can_write_is_read() {
    let home = Home::docker(&entry("YTph"));
    fs_err::set_permissions(home.path(".docker/config.json"), PermissionsExt::from_mode(0o666)).unwrap();
    assert_eq!(home.find("ghcr.io", "x"), "a:a");
}
