//! Who we are at a registry: what is shown to whom, what is said to somebody who may not, and that no secret gets out.

mod behind;
mod elsewhere;
mod waiting;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use snapbox::str;

use crate::harness::{Output, Test};
use crate::layout::check;
use crate::registry;
use crate::servers::proxy::Proxy;
use crate::servers::registry::{Access, Options, Registry, TokenService};
use crate::serving::noise;
use crate::tiny::{assert_same_text, tiny};

/// The user `bob`'s password, as nothing may say it.
pub const SECRET: &str = "hunter2-of-bob";

/// Docker's file, as seen from the working directory.
pub const DOCKER: &str = "../home/.docker/config.json";

pub fn entry(user: &str, password: &str) -> Value {
    json!({"auth": BASE64_STANDARD.encode(format!("{user}:{password}"))})
}

/// Docker's file with an entry for a host.
pub fn auths(host: &str, entry: &Value) -> String {
    json!({"auths": {host: entry}}).to_string()
}

pub fn basic() -> Access {
    Access::Basic {
        user: "bob".to_owned(),
        password: SECRET.to_owned(),
    }
}

pub fn bearer(tokens: &TokenService) -> Access {
    Access::Bearer {
        realm: tokens.realm(),
        tokens: Arc::clone(&tokens.tokens),
    }
}

/// The tests' own registry with the artifact `a/tiny:v1`, which was put there before it had any `access`.
fn guarded(access: Access) -> (Registry, Output) {
    let registry = Registry::start(Options::default());
    let built = tiny()
        .file("m.gguf", noise(3 << 20))
        .args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"])
        .run();
    let remote = format!("{}/a/tiny:v1", registry.address());
    built.then().args(["push", "-q", "pushed", &remote]).run();
    registry.change(|options| options.access = access);
    registry.record.clear();
    (registry, built)
}

/// A pull of `a/tiny:v1` with a cache, as users have one.
fn pull(built: &Output, host: &str) -> Test {
    built
        .then()
        .args(["pull", &format!("{host}/a/tiny:v1"), "-o", "out"])
        .cached()
}

/// Checks that nothing the run said or wrote has a secret in it.
#[track_caller]
pub fn check_secrets(output: &Output) {
    let said = [output.stderr.clone().into_bytes(), output.stdout.clone()];
    let root = output.dir().parent().unwrap().to_owned();
    let written = walkdir::WalkDir::new(&root)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| {
            entry.file_type().is_file()
                && entry.path().strip_prefix(&root).unwrap() != Path::new("home/.docker/config.json")
        })
        .map(|entry| fs_err::read(entry.path()).unwrap());
    let encoded = BASE64_STANDARD.encode(format!("bob:{SECRET}"));
    for text in said.into_iter().chain(written) {
        // Not `token-server`, which is a setting.
        let tokens = (1..=9).map(|number| format!("token-{number}"));
        let secrets = [SECRET.to_owned(), encoded.clone(), "refresh-bob".to_owned()];
        for secret in secrets.into_iter().chain(tokens) {
            let is_there = text.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "{secret} in {}", text.escape_ascii());
        }
    }
}

#[track_caller]
pub fn check_said(output: &Output, host: &str, expected: impl snapbox::IntoData) {
    let said = output.stderr.replace(host, "HOST");
    assert_same_text(crate::harness::redact_times(&said), expected);
    check_secrets(output);
}

/// As root's podman leaves its directory in `/run/containers`.
#[test]
fn a_directory_that_nobody_else_may_enter_says_nothing() {
    if !crate::mount::is_root() {
        return;
    }
    let (registry, built) = guarded(basic());
    let host = registry.address();
    // Nobody but its owner may enter it.
    let locked = tempfile::tempdir().unwrap();
    let test = built
        .then()
        .args(["ls", &format!("docker://{host}/a/tiny")])
        .file(DOCKER, auths(&host, &entry("bob", SECRET)))
        .env("XDG_RUNTIME_DIR", locked.path())
        .by_nobody();
    check_secrets(&test.run());
}

#[test]
fn a_password_that_is_missing_wrong_or_right() {
    let (registry, built) = guarded(basic());
    let host = registry.address();
    let none = pull(&built, &host).status(5).run();
    check_said(
        &none,
        &host,
        str![[r#"
error: HOST denied access: fetching the manifest `a/tiny:v1`: status 401: authentication required
  = help: log in with `modelbuild login HOST`

"#]],
    );
    let wrong = pull(&built, &host)
        .file(DOCKER, auths(&host, &entry("bob", "wrong")))
        .status(5)
        .run();
    check_said(
        &wrong,
        &host,
        str![[r#"
error: HOST denied access: fetching the manifest `a/tiny:v1`: status 401: authentication required
  = help: the user name or the password for HOST is wrong, or does not allow it: `modelbuild login HOST` tells which; else check the repository's name

"#]],
    );
    // Nobody is asked again and again: accounts are locked for that.
    assert_eq!(registry.record.count("*"), 3);
    let right = pull(&built, &host)
        .file(DOCKER, auths(&host, &entry("bob", SECRET)))
        .run();
    check_secrets(&right);
    check(&built.dir().join("out"));
    // Once asked for, it is shown unasked.
    let refused = registry
        .record
        .entries()
        .iter()
        .filter(|entry| entry.status() == 401)
        .count();
    assert_eq!(refused, 4);
    // And not for another registry.
    let other = Registry::start(Options {
        access: basic(),
        ..Options::default()
    });
    pull(&built, &other.address()).status(5).run();
    assert_eq!(other.record.schemes(), Vec::<String>::new());
}

#[test]
fn docker_registry_with_a_password() {
    let settings = registry::Settings {
        access: registry::Access::Basic {
            user: "bob".to_owned(),
            password: SECRET.to_owned(),
        },
        ..registry::Settings::default()
    };
    let Some(registry) = registry::Registry::start_with(&settings) else {
        return;
    };
    let built = tiny().args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"]).run();
    let (host, remote) = (registry.address(), format!("{}/a/tiny:v1", registry.address()));
    let none = built.then().args(["push", "pushed", &remote]).status(5).run();
    check_said(
        &none,
        host,
        str![[r#"
error: `[..]`: HOST denied access: looking for sha256:[..]: status 401
  = help: log in with `modelbuild login HOST`

"#]],
    );
    let with = |args: &[&str]| {
        let file = auths(host, &entry("bob", SECRET));
        check_secrets(&built.then().cached().file(DOCKER, file).args(args).run());
    };
    with(&["push", "pushed", &remote]);
    with(&["pull", &remote, "-o", "out"]);
    check(&built.dir().join("out"));
}

#[test]
fn tokens_for_somebody_and_for_nobody() {
    let tokens = TokenService::start("bob", SECRET);
    let (registry, built) = guarded(bearer(&tokens));
    let host = registry.address();
    check_secrets(&pull(&built, &host).run());
    // One token for all.
    assert_eq!((tokens.record.count("*"), tokens.record.schemes()), (1, vec![]));
    assert_eq!(registry.record.schemes(), ["Bearer"]);
    fs_err::remove_dir_all(built.dir().join("out")).unwrap();
    check_secrets(
        &pull(&built, &host)
            .file(DOCKER, auths(&host, &entry("bob", SECRET)))
            .run(),
    );
    assert_eq!(tokens.record.schemes(), ["Basic"]);
    assert_eq!(
        registry.record.schemes(),
        ["Bearer"],
        "the password is the token service's"
    );
    let wrong = pull(&built, &host)
        .file(DOCKER, auths(&host, &entry("bob", "wrong")))
        .status(5)
        .run();
    check_said(
        &wrong,
        &host,
        str![[r#"
error: [..] gives no token for HOST: status 401: incorrect username or password
  = help: the user name or the password for HOST is wrong, or does not allow it: `modelbuild login HOST` tells which; else check the repository's name

"#]],
    );
}

/// Whoever is given a token has not said who they are yet.
#[test]
fn a_token_for_nobody_that_does_not_do_is_a_reason_to_log_in() {
    let tokens = TokenService::start("bob", SECRET);
    let (registry, built) = guarded(bearer(&tokens));
    let host = registry.address();
    let push = ["push", "pushed", &format!("{host}/b/tiny:v1")];
    let failed = built.then().args(push).status(5).run();
    check_said(
        &failed,
        &host,
        str![[r#"
error: HOST denied access: sending `[..]`: status 401: authentication required
  = help: log in with `modelbuild login HOST`

"#]],
    );
}

#[test]
fn a_token_that_ends_in_the_middle_of_a_download() {
    let tokens = TokenService::start("bob", SECRET);
    let (registry, built) = guarded(bearer(&tokens));
    // Manifest, config and the three layers are one request each: another token is needed for each second one.
    tokens.tokens.live(60, 2);
    let proxy = Proxy::start(&registry.address(), []);
    proxy.change(["GET */blobs/* always cut-down=1200000".parse().unwrap()]);
    let host = proxy.address();
    let login = auths(&host, &entry("bob", SECRET));
    check_secrets(&pull(&built, &host).file(DOCKER, login).args(["-j", "1"]).run());
    check(&built.dir().join("out"));
    assert!(tokens.record.count("*") > 2, "{}", registry.record.lines());
    let mut fetched = proxy.record.of("GET");
    fetched.retain(|entry| entry.status() < 300);
    let fetched: u64 = fetched.iter().map(|entry| entry.sent()).sum();
    let files = walkdir::WalkDir::new(built.dir().join("out/blobs"))
        .into_iter()
        .map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file());
    let size: u64 = files.map(|entry| entry.metadata().unwrap().len()).sum();
    assert_eq!(fetched, size, "no byte twice");
}

/// Tokens that have ended when they are given out, by a clock that is wrong: each is used once.
#[test]
fn tokens_that_live_no_time() {
    let tokens = TokenService::start("bob", SECRET);
    let (registry, built) = guarded(bearer(&tokens));
    tokens.tokens.live(1, u64::MAX);
    pull(&built, &registry.address()).run();
    check(&built.dir().join("out"));
}

#[test]
fn a_password_is_not_shown_to_another_site() {
    let tokens = TokenService::start("bob", SECRET);
    let (registry, built) = guarded(bearer(&tokens));
    // The token service is at 127.0.0.1.
    let host = format!("localhost:{}", registry.port());
    let login = auths(&host, &entry("bob", SECRET));
    // What everybody may do is done as nobody.
    check_secrets(&pull(&built, &host).file(DOCKER, &login).run());
    assert_eq!(tokens.record.schemes(), Vec::<String>::new());
    let remote = format!("{host}/b/tiny:v1");
    let failed = built
        .then()
        .file(DOCKER, &login)
        .args(["push", "pushed", &remote])
        .status(5)
        .run();
    let realm = tokens
        .realm()
        .trim_start_matches("http://")
        .trim_end_matches("/token")
        .to_owned();
    check_said(
        &failed,
        &realm,
        str![[r#"
error: [..]localhost:[..] asks for its password to be sent to HOST, which is another site
  = help: if that is right, write `token-server = "HOST"` into a table `[registry."localhost:[..]"]` of your own settings (docs/registries.md)

"#]],
    );
    assert_eq!(tokens.record.schemes(), Vec::<String>::new());
    assert_eq!(registry.record.schemes(), ["Bearer"]);
    // Nor is what is known of that site itself: the registry would be shown the token.
    let others = json!({"auths": {&host: entry("bob", "other"), &realm: entry("bob", SECRET)}}).to_string();
    let push = || built.then().args(["push", "-q", "pushed", &remote]);
    push().file(DOCKER, &others).status(5).run();
    assert_eq!(tokens.record.schemes(), Vec::<String>::new());
    // By the user's own word it is.
    let settings = format!("[registry.\"{host}\"]\ntoken-server = \"{realm}\"\n");
    push()
        .file(DOCKER, &login)
        .file("../home/config_home/modelbuild/modelbuild.toml", settings)
        .run();
    assert_eq!(tokens.record.schemes(), ["Basic"]);
}

#[test]
fn identity_tokens_are_exchanged() {
    let tokens = TokenService::start("bob", SECRET);
    let (registry, built) = guarded(bearer(&tokens));
    let host = registry.address();
    let login = auths(&host, &json!({"identitytoken": "refresh-bob"}));
    let remote = format!("{host}/b/tiny:v1");
    let pushed = built
        .then()
        .cached()
        .file(DOCKER, login)
        .args(["push", "pushed", &remote])
        .run();
    check_secrets(&pushed);
    assert_eq!((tokens.record.count("POST"), tokens.record.count("GET")), (1, 0));
    assert_eq!(tokens.record.schemes(), Vec::<String>::new());
}

/// A token that is there already is shown as it is, and not exchanged.
#[test]
fn access_tokens_are_shown_as_they_are() {
    let tokens = TokenService::start("bob", SECRET);
    let (registry, built) = guarded(bearer(&tokens));
    let host = registry.address();
    pull(&built, &host).args(["-q"]).run();
    tokens.record.clear();
    // The one that was given out.
    let login = auths(&host, &json!({"registrytoken": "token-1"}));
    check_secrets(&pull(&built, &host).file(DOCKER, login).run());
    assert_eq!(tokens.record.count("*"), 0);
}

#[test]
fn other_files_and_programs_know_who_we_are() {
    let (registry, built) = guarded(basic());
    let host = registry.address();
    let login = auths(&host, &entry("bob", SECRET));
    let within = |path: &str| built.dir().join(path);
    let again = || drop(fs_err::remove_dir_all(within("out")));
    pull(&built, &host)
        .file("docker/config.json", &login)
        .env("DOCKER_CONFIG", within("docker"))
        .run();
    again();
    pull(&built, &host)
        .file("auth.json", &login)
        .env("REGISTRY_AUTH_FILE", within("auth.json"))
        .run();
    again();
    // An entry for what is below a path, as podman writes it.
    let scoped = auths(&format!("{host}/a"), &entry("bob", SECRET));
    pull(&built, &host)
        .file("auth.json", &scoped)
        .env("REGISTRY_AUTH_FILE", within("auth.json"))
        .run();
    again();
    let answer = json!({"Username": "bob", "Secret": SECRET});
    let with = pull(&built, &host).file(
        "bin/draft",
        format!("#!/bin/sh\nread -r server\n[ $server = {host} ] && echo '{answer}'\n"),
    );
    let bin = within("bin");
    fs_err::set_permissions(bin.join("draft"), PermissionsExt::from_mode(0o755)).unwrap();
    // By another process, as for `logout`: a file that a fork has open for writing cannot be run.
    let copied = Command::new("cp")
        .arg("draft")
        .arg("docker-credential-known")
        .current_dir(&bin)
        .status();
    assert!(copied.unwrap().success());
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path))).unwrap();
    with.file(DOCKER, json!({"credHelpers": {host: "known"}}).to_string())
        .env("PATH", path)
        .run();
    check(&within("out"));
}

#[test]
fn plain_http_is_for_this_machine_alone() {
    let Some(registry) = registry::Registry::start() else {
        return;
    };
    let built = tiny().args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"]).run();
    let address = registry.address().to_owned();
    built
        .then()
        .args(["push", "-q", "pushed", &format!("{address}/a/tiny:v1")])
        .run();
    // What `127.1` is, nobody but the resolver knows.
    let host = address.replace("127.0.0.1", "127.1");
    let refused = pull(&built, &host).status(5).run();
    check_said(
        &refused,
        &host,
        str![[r#"
error: HOST cannot be reached: fetching the manifest `a/tiny:v1`: client error (Connect): received corrupt message of type InvalidContentType
  = help: if HOST speaks plain HTTP, say so with `--plain-http`, or of it alone by `plain-http = true` in a table `[registry."HOST"]` (docs/registries.md)

"#]],
    );
    for host in [address.clone(), address.replace("127.0.0.1", "localhost")] {
        pull(&built, &host).run();
    }
    let settings = format!("[registry.\"{host}\"]\nplain-http = true\n");
    let user = "../home/config_home/modelbuild/modelbuild.toml";
    pull(&built, &host).file(user, settings).run();
}
