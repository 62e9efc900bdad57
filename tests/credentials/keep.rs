//! Writing logins down, and taking them out again.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::thread;

use snapbox::{assert_data_eq, str};

use super::{Home, auths, basic};

const DOCKER: &str = ".docker/config.json";

fn keep(home: &Home, host: &str) -> String {
    let kept = home.credentials(&[]).keep(host, &basic("user", "pass")).unwrap();
    kept.path
        .strip_prefix(home.path(""))
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_first_login_makes_dockers_file_for_the_user_alone() {
    let home = Home::new();
    assert_eq!(keep(&home, "ghcr.io"), DOCKER);
    assert_data_eq!(
        home.text(DOCKER),
        str![[r#"
{
	"auths": {
		"ghcr.io": {
			"auth": "dXNlcjpwYXNz"
		}
	}
}

"#]]
    );
    for (path, mode) in [(".docker", 0o700), (DOCKER, 0o600)] {
        let metadata = fs_err::metadata(home.path(path)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{path}");
    }
    assert_eq!(home.find("ghcr.io", "x"), "user:pass");
}

#[test]
fn everything_else_stays_as_it_stands() {
    let home = Home::docker(
        "{\n\t\"zebra\": 1e2,\n\t\"auths\": {\n\t\t\"quay.io\": {\n\t\t\t\"auth\": \"YTph\",\n\t\t\t\"x\": [1, 2]\n\t\t},\n\t\t\"ghcr.io\": {\n\t\t\t\"auth\": \"YTph\"\n\t\t},\n\t\t\"a.example\": {}\n\t},\n\t\"HttpHeaders\": {\n\t\t\"b\": \"\\u00e9\",\n\t\t\"a\": 12345678901234567890123\n\t}\n}\n",
    );
    let before = home.text(DOCKER);
    keep(&home, "ghcr.io");
    let after = home.text(DOCKER);
    assert_eq!(
        after,
        before.replacen(
            "\"ghcr.io\": {\n\t\t\t\"auth\": \"YTph\"",
            "\"ghcr.io\": {\n\t\t\t\"auth\": \"dXNlcjpwYXNz\"",
            1
        )
    );
    let removed = home.credentials(&[]).remove("ghcr.io").unwrap();
    assert_eq!(removed.len(), 1);
    assert_eq!(
        home.text(DOCKER),
        before.replacen("\n\t\t\"ghcr.io\": {\n\t\t\t\"auth\": \"YTph\"\n\t\t},", "", 1)
    );
}

#[test]
fn a_login_goes_where_the_tools_that_are_used_find_it() {
    // Podman's, where it is the only one; docker's, where there are both; where the host is known already, above all.
    let home = Home::new().file(".config/containers/auth.json", &auths("quay.io"));
    assert_eq!(keep(&home, "ghcr.io"), ".config/containers/auth.json");
    let home = home.file(DOCKER, "{}");
    assert_eq!(keep(&home, "ghcr.io"), ".config/containers/auth.json");
    assert_eq!(keep(&home, "docker.io"), DOCKER);
    let home = home.file("mine.json", "");
    let credentials = home.credentials(&[("REGISTRY_AUTH_FILE", &home.path("mine.json"))]);
    credentials.keep("ghcr.io", &basic("user", "pass")).unwrap();
    assert_eq!(home.shown(&credentials, "ghcr.io", "x"), "user:pass");
    assert!(home.text("mine.json").contains("ghcr.io"));
}

#[test]
fn docker_hub_has_the_key_that_all_tools_know() {
    let home = Home::new();
    keep(&home, "docker.io");
    assert!(home.text(DOCKER).contains("\"https://index.docker.io/v1/\""));
    let home = Home::docker(&auths("docker.io"));
    keep(&home, "index.docker.io");
    assert_eq!(home.text(DOCKER).matches("docker.io").count(), 1);
}

#[test]
fn a_broken_file_is_left_alone() {
    let home = Home::docker("{\"auths\": 7}");
    let error = home
        .credentials(&[])
        .keep("ghcr.io", &basic("user", "hunter2"))
        .unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("line 1: not what docker and podman write there"),
        "{error}"
    );
    home.credentials(&[]).remove("ghcr.io").unwrap_err();
    assert_eq!(home.text(DOCKER), "{\"auths\": 7}");
}

/// Who keeps settings in a repository of their own links to them.
#[test]
fn a_symlink_stays_one() {
    let home = Home::new().file("settings/docker.json", "{}").file(".docker/x", "");
    symlink("../settings/docker.json", home.path(DOCKER)).unwrap();
    keep(&home, "ghcr.io");
    assert!(home.path(DOCKER).is_symlink());
    assert!(home.text("settings/docker.json").contains("ghcr.io"));
}

#[test]
fn a_logout_takes_out_every_spelling_in_every_file_and_nothing_else() {
    let home = Home::docker(
        r#"{"auths": {"https://ghcr.io": {}, "ghcr.io": {"auth": "YTph"}, "ghcr.io/team": {"auth": "Yjpi"}}}"#,
    )
    .file("run/containers/auth.json", &auths("ghcr.io"));
    let removed = home.credentials(&[]).remove("ghcr.io").unwrap();
    assert_eq!(removed.len(), 2);
    assert_eq!(home.find("ghcr.io", "x"), "nobody");
    assert_eq!(home.find("ghcr.io", "team/x"), "b:b");
    assert_eq!(home.credentials(&[]).remove("ghcr.io").unwrap(), []);
    assert_eq!(home.credentials(&[]).remove_all().unwrap().len(), 1);
    assert_eq!(home.find("ghcr.io", "team/x"), "nobody");
}

#[test]
fn a_logout_makes_no_files() {
    let home = Home::new();
    assert_eq!(home.credentials(&[]).remove("ghcr.io").unwrap(), []);
    assert_eq!(fs_err::read_dir(home.path("")).unwrap().count(), 0);
}

#[test]
fn logins_at_once_do_not_undo_each_other() {
    let home = Home::new();
    thread::scope(|scope| {
        for host in 0..8 {
            let home = &home;
            scope.spawn(move || keep(home, &format!("host{host}.example")));
        }
    });
    for host in 0..8 {
        assert_eq!(home.find(&format!("host{host}.example"), "x"), "user:pass");
    }
}
