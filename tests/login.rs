//! Keeping who somebody is at a registry, once that has believed it.

mod oracles;
mod terminal;
mod wrong;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use snapbox::{assert_data_eq, str};

use crate::harness::{Output, Test};
use crate::logout::with_program;
use crate::servers::registry::{Access, Options, Registry, TokenService};

/// Docker's file, as seen from the working directory.
const DOCKER: &str = "../home/.docker/config.json";

/// Nothing that is printed may hold it.
const PASSWORD: &str = "hunter2";

/// A registry that knows `user` only.
fn registry() -> Registry {
    Registry::start(Options {
        access: Access::Basic {
            user: "user".to_owned(),
            password: PASSWORD.to_owned(),
        },
        ..Options::default()
    })
}

/// A login as `user`, with `password` on standard input.
fn login(test: Test, host: &str, password: &str) -> Test {
    let test = test.args(["login", host, "--username", "user", "--password-stdin"]);
    test.stdin(format!("{password}\n"))
}

/// A run that lets nobody see the password. Ports become `PORT`.
#[track_caller]
fn run(test: Test) -> (Output, String) {
    let output = test.run();
    let shown = format!("{}{}", output.text(), output.stderr);
    assert!(
        !shown.contains(PASSWORD) && !shown.contains("dXNlcjpodW50ZXIy"),
        "{shown}"
    );
    let home = output.dir().with_file_name("home").display().to_string();
    let shown = format!("{}\n{}", output.text(), output.stderr).replace(&home, "[HOME]");
    (output, without_ports(&shown))
}

/// `PORT` for every port of this machine.
fn without_ports(text: &str) -> String {
    ["127.0.0.1:", "localhost:"].iter().fold(text.to_owned(), |text, host| {
        let mut parts = text.split(host);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| {
            text + host + "PORT" + part.trim_start_matches(|c: char| c.is_ascii_digit())
        })
    })
}

fn text(dir: &Path, path: &str) -> String {
    fs_err::read_to_string(dir.join(path)).unwrap()
}

#[test]
fn what_a_registry_believes_is_written_down_for_the_user_alone() {
    let registry = registry();
    let (output, shown) = run(login(Test::new(), &registry.address(), PASSWORD));
    assert_data_eq!(
        shown,
        str![[r#"
logged in to 127.0.0.1:PORT as user: written to [HOME]/.docker/config.json
note: the password is not encrypted there
  = help: name a program that keeps it in `credsStore` of that file (docs/registries.md)

"#]]
    );
    assert_data_eq!(
        without_ports(&text(&output.dir(), DOCKER)),
        str![[r#"
{
	"auths": {
		"127.0.0.1:PORT": {
			"auth": "dXNlcjpodW50ZXIy"
		}
	}
}

"#]]
    );
    let metadata = fs_err::metadata(output.dir().join(DOCKER)).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    // A URL is the same registry, and a second login the same entry.
    let (output, _) = run(login(
        output.then(),
        &format!("http://{}/", registry.address()),
        PASSWORD,
    ));
    assert_eq!(text(&output.dir(), DOCKER).matches("auth\"").count(), 1);
    let (_, shown) = run(output.then().args(["logout", &registry.address()]));
    assert_data_eq!(
        shown,
        str![[r#"
logged out of 127.0.0.1:PORT: removed from [HOME]/.docker/config.json

"#]]
    );
}

#[test]
fn a_registry_with_a_token_server_is_asked_there() {
    let tokens = TokenService::start("user", PASSWORD);
    let registry = Registry::start(Options {
        access: Access::Bearer {
            realm: tokens.realm(),
            tokens: tokens.tokens.clone(),
        },
        ..Options::default()
    });
    let (_, shown) = run(login(Test::new(), &registry.address(), PASSWORD));
    assert_data_eq!(
        shown,
        str![[r#"
logged in to 127.0.0.1:PORT as user: written to [HOME]/.docker/config.json
note: the password is not encrypted there
  = help: name a program that keeps it in `credsStore` of that file (docs/registries.md)

"#]]
    );
    let (output, shown) = run(login(Test::new(), &registry.address(), "other").status(5));
    assert_data_eq!(
        shown,
        str![[r#"

error: 127.0.0.1:PORT does not know this user with this password
  = help: some registries take a token in place of the password, and no other

"#]]
    );
    assert!(!output.dir().join(DOCKER).exists());
}

#[test]
fn a_program_keeps_the_password_where_one_is_named() {
    let registry = registry();
    let (output, shown) = run(login(
        with_program(r#"{"credsStore": "fake"}"#),
        &registry.address(),
        PASSWORD,
    ));
    assert_data_eq!(
        shown,
        str![[r#"
logged in to 127.0.0.1:PORT as user: kept by `docker-credential-fake`, named in [HOME]/.docker/config.json

"#]]
    );
    assert_data_eq!(
        without_ports(&text(&output.dir(), DOCKER)),
        str![[r#"
{
	"credsStore": "fake",
	"auths": {
		"127.0.0.1:PORT": {}
	}
}

"#]]
    );
    assert_data_eq!(
        without_ports(&text(&output.dir(), "log")),
        str![[r#"
store 127.0.0.1:PORT

"#]]
    );
}

/// The tests' registry is no proxy, but it sees that it is taken for one.
#[test]
fn a_proxy_is_used_but_for_hosts_that_need_none() {
    let registry = registry();
    let proxied = |host| {
        let test = login(Test::new(), host, PASSWORD).args(["--plain-http"]);
        test.env("HTTP_PROXY", format!("http://{}", registry.address()))
    };
    run(proxied("registry.invalid")
        .env("NO_PROXY", "registry.invalid")
        .status(5));
    assert_eq!(registry.record.lines(), "");
    run(proxied("registry.invalid").status(5));
    assert_eq!(registry.record.count("GET"), 1);
    // No proxy can reach what listens on this machine alone.
    run(login(
        Test::new().env("HTTP_PROXY", "http://127.0.0.1:1"),
        &registry.address(),
        PASSWORD,
    ));
}
