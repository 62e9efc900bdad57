//! skopeo reads what we write, and we what skopeo writes; docker-registry believes both.

use super::{DOCKER, PASSWORD, login, run};
use crate::harness::Test;
use crate::oracle::oracle;
use crate::registry::{Access, Registry, Settings};

fn registry(tls: bool) -> Option<Registry> {
    Registry::start_with(&Settings {
        access: Access::Basic {
            user: "user".to_owned(),
            password: PASSWORD.to_owned(),
        },
        tls,
        ..Settings::default()
    })
}

#[test]
fn skopeo_finds_what_was_written_down() {
    let Some(registry) = registry(false) else { return };
    let Some(skopeo) = oracle("skopeo") else { return };
    let (output, _) = run(login(Test::new(), registry.address(), PASSWORD));
    let authfile = output.dir().join(DOCKER);
    let user = skopeo.approve(
        &output.dir(),
        [
            "login".as_ref(),
            "--get-login".as_ref(),
            "--authfile".as_ref(),
            authfile.as_os_str(),
            registry.address().as_ref(),
        ],
    );
    assert_eq!(user, b"user\n");
}

#[test]
fn a_login_of_skopeos_can_be_taken_out() {
    let Some(registry) = registry(false) else { return };
    let Some(skopeo) = oracle("skopeo") else { return };
    let test = Test::new();
    skopeo.approve(
        &test.dir(),
        [
            "login",
            "--tls-verify=false",
            "--authfile",
            "auth.json",
            "--username",
            "user",
            "--password",
            PASSWORD,
            registry.address(),
        ],
    );
    let test = test
        .env("REGISTRY_AUTH_FILE", "auth.json")
        .args(["logout", registry.address()]);
    let (output, shown) = run(test);
    assert!(
        shown.starts_with("logged out of 127.0.0.1:PORT: removed from auth.json"),
        "{shown}"
    );
    let left = skopeo.ask(
        &output.dir(),
        ["login", "--get-login", "--authfile", "auth.json", registry.address()],
    );
    assert!(!left.success);
}

#[test]
fn a_registry_with_an_authority_of_its_own_is_believed_once_that_is_named() {
    let Some(registry) = registry(true) else { return };
    let authority = registry.authority().display().to_string();
    let (output, shown) = run(login(Test::new(), registry.address(), PASSWORD).args(["--ca-file", &authority]));
    assert!(shown.starts_with("logged in to 127.0.0.1:PORT as user"), "{shown}");
    // The same from the user's settings.
    let settings = format!("[registry.\"{}\"]\nca-file = \"{authority}\"\n", registry.address());
    let test = output
        .then()
        .file("../home/config_home/modelbuild/modelbuild.toml", settings);
    run(login(test, registry.address(), PASSWORD));
    let named = Test::new()
        .env("SSL_CERT_FILE", &authority)
        .file("../home/config_home/modelbuild/modelbuild.toml", tls(&registry));
    run(login(named, registry.address(), PASSWORD));
    let (_, shown) = run(login(Test::new(), registry.address(), PASSWORD).args(["--insecure"]));
    assert!(shown.starts_with("logged in to 127.0.0.1:PORT as user"), "{shown}");
}

/// Settings for loopback with TLS, which is spoken there only where something about it is said.
fn tls(registry: &Registry) -> String {
    format!("[registry.\"{}\"]\nplain-http = false\n", registry.address())
}
