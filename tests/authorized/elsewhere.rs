//! Registries that name others, and send us to them: what is one's own stays where it belongs.

use serde_json::json;
use snapbox::str;

use super::{DOCKER, SECRET, auths, basic, check_said, check_secrets, entry, pull};
use crate::harness::Output;
use crate::logout::{with_path, with_program};
use crate::registry;
use crate::servers::http::Reply;
use crate::servers::registry::{Access, Instead, Options, Registry, TokenService};
use crate::serving::noise;
use crate::tiny::tiny;

/// A registry whose every answer is 401 with that challenge, but for `/token`, which leads to `to`.
fn sends_on(challenge: &str, status: u16, to: &str) -> Registry {
    let registry = Registry::start(Options::default());
    let challenge = challenge.replace("SELF", &registry.address());
    let to = to.to_owned();
    registry.change(|options| {
        options.instead = Instead::of(move |request| {
            Some(if request.path() == "/token" {
                Reply::new(status).header("Location", to.clone())
            } else {
                Reply::error(401, "UNAUTHORIZED", "who are you?").header("WWW-Authenticate", challenge.clone())
            })
        });
    });
    registry
}

#[test]
fn what_is_for_a_token_server_is_not_sent_on_by_it() {
    let other = TokenService::start("bob", SECRET);
    let built = tiny().args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"]).run();
    for (login, status) in [
        (json!({"identitytoken": "refresh-bob"}), 307),
        (json!({"identitytoken": "refresh-bob"}), 308),
        (entry("bob", SECRET), 302),
    ] {
        let registry = sends_on(
            "Bearer realm=\"http://SELF/token\",service=\"s\"",
            status,
            &other.realm(),
        );
        let host = registry.address();
        let failed = pull(&built, &host).file(DOCKER, auths(&host, &login)).status(5).run();
        check_said(
            &failed,
            &host,
            str![[r#"
error: HOST does not answer as a registry does: asking for a token: it redirects to another host, which is not told who we are
  = help: check that HOST is a registry, and that nothing before it changes its answers

"#]],
        );
        assert_eq!(other.record.lines(), "");
    }
}

/// It would get the token: nobody asks for one by a name that is kept for the other.
#[test]
fn a_registry_gets_no_token_of_another_one() {
    let tokens = TokenService::start("bob", SECRET);
    let realm = tokens.realm().replace("127.0.0.1", "localhost");
    let challenge = format!("Bearer realm=\"{realm}\",service=\"victim\",scope=\"repository:bobs/private:pull,push\"");
    let registry = sends_on(&challenge, 404, "");
    let host = registry.address();
    let victim = realm
        .trim_start_matches("http://")
        .trim_end_matches("/token")
        .to_owned();
    let built = tiny().args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"]).run();
    let known = auths(&victim, &entry("bob", SECRET));
    check_secrets(&pull(&built, &host).file(DOCKER, &known).status(5).run());
    let login = ["login", &host, "--username=u", "--password-stdin"];
    let login = || built.then().file(DOCKER, &known).args(login).stdin("p\n");
    let failed = login().status(5).stdout("").run();
    check_said(
        &failed,
        &host,
        str![[r#"
error: HOST asks for its password to be sent to localhost:[..], which is another site
  = help: if that is right, write `token-server = "localhost:[..]"` into a table `[registry."HOST"]` of your own settings (docs/registries.md)

"#]],
    );
    assert_eq!(tokens.record.schemes(), Vec::<String>::new());
    let asked: Vec<_> = tokens
        .record
        .entries()
        .iter()
        .map(|entry| entry.target.clone())
        .collect();
    assert!(
        !asked.is_empty() && asked.iter().all(|target| !target.contains("private")),
        "{asked:?}"
    );
}

/// Whoever lets everybody in has not said that it knows the password.
#[test]
fn a_login_that_nobody_has_checked_says_so() {
    let registry = Registry::start(Options::default());
    let login = ["login", &registry.address(), "--username=bob", "--password-stdin"];
    let output = tiny().args(login).stdin(format!("{SECRET}\n")).run();
    let home = output.dir().with_file_name("home").display().to_string();
    let said = output
        .text()
        .replace(&registry.address(), "HOST")
        .replace(&home, "[HOME]");
    snapbox::assert_data_eq!(
        said,
        str![
            "HOST lets everybody in and has not seen the password of bob, which may be wrong: written to [HOME]/.docker/config.json"
        ]
    );
}

/// An answer of the registry at `host` that leads to the same place of `other`, for each blob.
fn leads_to(other: &str) -> Instead {
    let other = other.to_owned();
    Instead::of(move |request| {
        let leads = request.method == "GET" && request.path().contains("/blobs/");
        leads.then(|| Reply::new(307).header("Location", format!("https://{other}{}", request.target)))
    })
}

/// The artifact at a docker-registry over TLS, and a plain registry that has the manifest and sends on for the blobs.
fn store(known_clients: bool) -> Option<(registry::Registry, Registry, Output)> {
    let store = registry::Registry::start_with(&registry::Settings {
        tls: true,
        known_clients,
        ..registry::Settings::default()
    })?;
    let built = tiny().args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"]).run();
    let known = store.known();
    let both = [known.certificate, known.key].map(|path| fs_err::read_to_string(path).unwrap());
    let before = Registry::start(Options::default());
    let push = |host: &str| {
        built
            .then()
            .args(["push", "-q", "pushed", &format!("{host}/a/tiny:v1")])
    };
    push(&before.address()).run();
    push(store.address())
        .file("both.pem", both.concat())
        .args(["--client-cert=both.pem", "--ca-file"])
        .args([store.authority()])
        .run();
    before.change(|options| options.instead = leads_to(store.address()));
    Some((store, before, built))
}

#[test]
fn whom_to_trust_at_a_registry_says_nothing_of_where_it_sends_us() {
    let Some((store, before, built)) = store(false) else {
        return;
    };
    let told = |args: &[&str]| pull(&built, &before.address()).args(["--plain-http"]).args(args);
    for args in [&["--insecure"][..], &["--ca-file", store.authority().to_str().unwrap()]] {
        let failed = told(args).status(5).run();
        check_said(
            &failed,
            store.address(),
            str![[r#"
error: HOST cannot be reached: fetching sha256:[..], for which 127.0.0.1:[..] sends us there: client error (Connect): invalid peer certificate: UnknownIssuer
  = help: what is trusted at the registry is not trusted there: name the authority that signed its certificate by `ca-file` in a table `[registry."HOST"]` of your own settings (docs/registries.md)

"#]],
        );
    }
    let trusted = format!(
        "[registry.\"{}\"]\nca-file = \"{}\"\n",
        store.address(),
        store.authority().display()
    );
    told(&[])
        .file("../home/config_home/modelbuild/modelbuild.toml", trusted)
        .run();
}

#[test]
fn a_certificate_of_ours_is_shown_to_the_registry_alone() {
    let Some((store, before, built)) = store(true) else {
        return;
    };
    let trusted = format!(
        "[registry.\"{}\"]\nca-file = \"{}\"\n",
        store.address(),
        store.authority().display()
    );
    let failed = pull(&built, &before.address())
        .args(["--plain-http", "--client-cert=both.pem", "--retries=0"])
        .file("../home/config_home/modelbuild/modelbuild.toml", trusted)
        .status(5)
        .run();
    assert!(failed.stderr.contains("received fatal alert: "), "{}", failed.stderr);
}

/// A program may have somebody type a passphrase, and takes its time anyway.
#[test]
fn a_program_is_asked_once() {
    let registry = Registry::start(Options {
        access: basic(),
        ..Options::default()
    });
    let host = registry.address();
    let config = json!({"credHelpers": {&host: "fake"}}).to_string();
    let answer = json!({"Username": "bob", "Secret": SECRET}).to_string();
    let model = with_program(&config)
        .file("Modelfile", "NAME x\nMODEL *.bin\n")
        .file(host.replace(':', "_"), &answer);
    let model = (0..9).fold(model, |model, n| model.file(format!("{n}.bin"), noise(300_000 + n)));
    let pushed = model
        .args(["build", "-q", "--push", "-t", &format!("{host}/a/x:v1")])
        .run();
    let asked = fs_err::read_to_string(pushed.dir().join("log")).unwrap();
    assert_eq!(asked, format!("get {host}\n"));
    // What it says now counts where what it said before is refused.
    registry.change(|options| {
        options.access = Access::Basic {
            user: "bob".to_owned(),
            password: "another".to_owned(),
        };
    });
    let failed = pushed
        .then()
        .args(["pull", "-q", &format!("{host}/a/x:v1"), "-o", "out"]);
    failed.env("PATH", with_path(&pushed.dir())).status(5).run();
    let asked = fs_err::read_to_string(pushed.dir().join("log")).unwrap();
    assert_eq!(asked, format!("get {host}\n").repeat(3));
}
