//! Which entry of a file counts for which repository.

use super::{Home, auths, basic};

#[test]
fn a_key_is_a_host_with_its_port_and_no_part_of_one() {
    for (key, host, found) in [
        ("ghcr.io", "ghcr.io", true),
        ("GHCR.io", "ghcr.io", true),
        ("https://ghcr.io", "ghcr.io", true),
        ("https://ghcr.io/v2/", "ghcr.io", true),
        ("localhost:5000", "localhost:5000", true),
        ("localhost:5000", "localhost", false),
        ("localhost", "localhost:5000", false),
        ("localhost:500", "localhost:5000", false),
        ("ghcr.io", "ghcr.io.example", false),
        ("ghcr.io", "notghcr.io", false),
        ("https://index.docker.io/v1/", "docker.io", true),
        ("https://index.docker.io/v1/", "index.docker.io", true),
        ("docker.io", "registry-1.docker.io", true),
        ("docker.io", "docker.io.example", false),
    ] {
        let home = Home::docker(&auths(key));
        let expected = if found { "user:pass" } else { "nobody" };
        assert_eq!(home.find(host, "library/llama"), expected, "{key} for {host}");
    }
}

#[test]
fn the_longest_path_counts_most() {
    // a:a, b:b, c:c
    let home = Home::new().file(
        ".config/containers/auth.json",
        r#"{"auths": {
            "quay.io": {"auth": "YTph"},
            "quay.io/team": {"auth": "Yjpi"},
            "quay.io/team/llama": {"auth": "Yzpj"},
            "quay.io/empty": {}
        }}"#,
    );
    for (repository, expected) in [
        ("other/llama", "a:a"),
        ("teams", "a:a"),
        ("team/tiny", "b:b"),
        ("team/llama", "c:c"),
        ("team/llama/q4", "c:c"),
        ("team/llama2", "b:b"),
        ("empty/llama", "a:a"),
        ("", "a:a"),
    ] {
        assert_eq!(home.find("quay.io", repository), expected, "{repository}");
    }
    assert_eq!(home.find("docker.io", "team/llama"), "nobody");
}

#[test]
fn entries_have_many_forms() {
    for (entry, expected) in [
        (r#"{"auth": "dXNlcjpwYXNz"}"#, "user:pass"),
        (r#"{"auth": "dXNlcjpwYTpzcw"}"#, "user:pa:ss"),
        (r#"{"auth": "PHRva2VuPjpwYXNz"}"#, "identity pass"),
        (r#"{"auth": "dXNlcjo=", "identitytoken": "t"}"#, "identity t"),
        (r#"{"registrytoken": "t", "auth": "dXNlcjpwYXNz"}"#, "access t"),
        (r#"{"username": "user", "password": "pass"}"#, "user:pass"),
        (r#"{"email": "x@example.com"}"#, "nobody"),
        ("{}", "nobody"),
        ("null", "nobody"),
    ] {
        let home = Home::docker(&format!(r#"{{"auths": {{"ghcr.io": {entry}}}}}"#));
        assert_eq!(home.find("ghcr.io", "a"), expected, "{entry}");
    }
}

#[test]
fn what_the_command_line_gives_counts_most_and_for_its_host_alone() {
    let home = Home::docker(&auths("ghcr.io"));
    let credentials = home.credentials(&[]).with("GHCR.io", basic("me", "mine"));
    assert_eq!(home.shown(&credentials, "ghcr.io", "a"), "me:mine");
    assert_eq!(home.shown(&credentials, "quay.io", "a"), "nobody");
}

/// A token in a file is renewed by others while a long transfer runs.
#[test]
fn files_are_read_anew() {
    let home = Home::docker(&auths("ghcr.io"));
    let credentials = home.credentials(&[]);
    assert_eq!(home.shown(&credentials, "ghcr.io", "a"), "user:pass");
    let home = home.file(".docker/config.json", r#"{"auths": {"ghcr.io": {"auth": "YTph"}}}"#);
    assert_eq!(home.shown(&credentials, "ghcr.io", "a"), "a:a");
}
