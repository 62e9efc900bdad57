//! How registries are spoken to, and as whom, said by options, in the environment and in files: to every command that
//! speaks to one.

use snapbox::str;

use crate::authorized::{SECRET, basic, check_said, check_secrets};
use crate::harness::{Output, Test};
use crate::layout::check;
use crate::registry;
use crate::servers::registry::{Options, Registry};
use crate::tiny::tiny;

/// The user's file of settings, as seen from the working directory.
const USER: &str = "../home/config_home/modelbuild/modelbuild.toml";

/// docker-registry over TLS, a name for it that is no loopback one to us, so that TLS is spoken without a word, and the
/// artifact in the layout `pushed`.
fn over_tls(known_clients: bool) -> Option<(registry::Registry, String, Output)> {
    let registry = registry::Registry::start_with(&registry::Settings {
        tls: true,
        known_clients,
        ..registry::Settings::default()
    })?;
    let built = tiny().args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"]).run();
    let host = registry.address().replace("127.0.0.1", "127.1");
    Some((registry, host, built))
}

/// Runs that speak to `host`, one for each command that does; those after the first ones read what it left.
fn commands(built: &Output, host: &str) -> Vec<Test> {
    let (name, remote) = (format!("{host}/a/tiny:v1"), format!("docker://{host}/a/tiny:v1"));
    let derived = built.then().file("derived/Modelfile", format!("FROM {remote}\n"));
    drop(derived);
    [
        vec!["build", "-q", "--push", "-t", &name],
        vec!["push", "pushed", &name],
        vec!["pull", &name, "-o", "out"],
        vec!["copy", &remote, "out.tar"],
        vec!["inspect", &remote],
        vec!["ls", &remote],
        vec!["diff", &remote, "pushed"],
        vec!["plan", "derived"],
        vec!["build", "derived", "-q", "-o", "derived.tar"],
    ]
    .iter()
    .map(|args| built.then().args(args))
    .collect()
}

#[test]
fn an_authority_of_ones_own() {
    let Some((registry, host, built)) = over_tls(false) else {
        return;
    };
    let authority = registry.authority();
    for test in commands(&built, &host) {
        let refused = test.status(5).run();
        let said = refused.stderr.replace(&host, "HOST");
        assert!(said.contains("invalid peer certificate: UnknownIssuer"), "{said}");
        assert!(said.contains("`--ca-file FILE`"), "{said}");
    }
    for test in commands(&built, &host) {
        test.args(["--ca-file".as_ref(), authority.as_os_str()]).run();
    }
    check(&built.dir().join("out"));
    for test in commands(&built, &host) {
        test.env("MODELBUILD_CA_FILE", authority).run();
    }
    for test in commands(&built, &host) {
        test.args(["--insecure"]).run();
    }
    // In place of the system's, not beside them.
    built
        .then()
        .env("SSL_CERT_FILE", authority)
        .args(["inspect", &format!("docker://{host}/a/tiny:v1")])
        .run();
    let settings = format!("ca-file = \"{}\"\n", authority.display());
    for test in commands(&built, &host) {
        test.file(USER, &settings).run();
    }
    // Whom to believe is not for a checkout to say.
    built
        .then()
        .file(USER, "")
        .file("modelbuild.toml", "ca-file = \"ca.pem\"\n")
        .args(["plan"])
        .status(3)
        .stderr(str![[r#"
error: `ca-file` is not for a project to decide
 --> modelbuild.toml:1:1
  |
1 | ca-file = "ca.pem"
  | ^^^^^^^
  |
  = help: give `--ca-file`, set `MODELBUILD_CA_FILE`, or write it into your own file


"#]])
        .run();
}

/// On this machine plain HTTP is taken for granted only where nobody speaks of certificates.
#[test]
fn options_of_tls_for_a_registry_without_it() {
    let plain = Registry::start(Options::default());
    let remote = format!("docker://{}/a/tiny", plain.address());
    let refused = Test::new()
        .args(["ls", &remote, "--insecure", "--retries", "0"])
        .status(5)
        .run();
    let help = "seems to speak plain HTTP, as is taken for granted on this machine unless a certificate is spoken of";
    assert!(refused.stderr.contains(help), "{}", refused.stderr);
}

/// As in slim containers, which have no authorities: they are needed by nobody who speaks plain HTTP.
#[test]
fn a_machine_without_authorities() {
    let without = |test: Test| {
        let test = test.file("none.pem", "").env("SSL_CERT_FILE", "none.pem");
        test.env("SSL_CERT_DIR", "none")
    };
    let plain = Registry::start(Options::default());
    let built = tiny().args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"]).run();
    without(built.then())
        .args(["push", "pushed", &format!("{}/a/tiny:v1", plain.address())])
        .run();
    let Some((registry, host, _)) = over_tls(false) else {
        return;
    };
    let list = || without(built.then()).args(["ls", &format!("docker://{host}/a/tiny")]);
    let refused = list().status(5).run();
    check_said(
        &refused,
        &host,
        str![[r#"
error: HOST cannot be reached: listing the tags of a/tiny: client error (Connect): unexpected error: this machine has no certificates of authorities (package `ca-certificates`)
  = help: give the authority that signed its certificate with `--ca-file FILE`, or trust HOST blindly with `--insecure`

"#]],
    );
    built
        .then()
        .args(["push", "pushed", &format!("{host}/a/tiny:v1"), "--ca-file"])
        .args([registry.authority()])
        .run();
    list()
        .args(["--ca-file".as_ref(), registry.authority().as_os_str()])
        .run();
}

#[test]
fn a_certificate_of_the_client() {
    let Some((registry, host, built)) = over_tls(true) else {
        return;
    };
    let known = registry.known();
    let trusting = || {
        let test = built.then().args(["push", "pushed", &format!("{host}/a/tiny:v1")]);
        test.args(["--ca-file".as_ref(), registry.authority().as_os_str()])
    };
    let nobody = trusting().args(["-j1"]).status(5).run();
    let said = nobody.stderr.replace(&host, "HOST");
    // Not after five more attempts; the connection may be closed before its alert is heard.
    assert!(said.matches("again in").count() < 3, "{said}");
    assert!(said.contains("received fatal alert: "), "{said}");
    let help = "  = help: HOST may want a certificate of yours, or another one: give it with `--client-cert FILE`\n";
    assert!(said.ends_with(help), "{said}");
    let certificate = ["--client-cert".as_ref(), known.certificate.as_os_str()];
    let key = ["--client-key".as_ref(), known.key.as_os_str()];
    trusting().args(certificate).args(key).run();
    let both = [known.certificate, known.key.clone()].map(|path| fs_err::read_to_string(path).unwrap());
    trusting()
        .file("both.pem", both.concat())
        .args(["--client-cert", "both.pem"])
        .run();
    let alone = trusting().args(key).status(2).run();
    check_said(
        &alone,
        &host,
        str![[r#"
error: `--client-key` is a key without a certificate
  = help: give `--client-cert FILE`, too

"#]],
    );
}

/// As the guides to docker's registry have it made.
#[test]
fn a_certificate_that_vouches_for_itself() {
    let Some((mut registry, host, built)) = over_tls(false) else {
        return;
    };
    let dir = registry.known().key.parent().unwrap().to_owned();
    let mut restart_as = |names: &str| {
        let own = registry::Certificate::by_itself(&dir, names).unwrap();
        registry.restart();
        own.certificate
    };
    let push = |authority: &std::path::Path| {
        let test = built
            .then()
            .args(["push", "-j1", "pushed", &format!("{host}/a/tiny:v1")]);
        test.args(["--ca-file".as_ref(), authority.as_os_str()])
    };
    let own = restart_as("DNS:localhost,IP:127.0.0.1");
    push(&own).run();
    push(&dir.join("authority.crt")).status(5).run();
    // One of another name than the one that was meant is somebody else's.
    let refused = push(&restart_as("DNS:other.example")).status(5).run();
    check_said(
        &refused,
        &host,
        str![[r#"
error: `m.gguf`: HOST cannot be reached: looking for sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: client error (Connect): invalid peer certificate: certificate not valid for name "127.0.0.1"; certificate is only valid for DnsName("other.example")
  = help: its certificate is another host's: check the name and the network, or name HOST as the certificate does

"#]],
    );
}

#[test]
fn files_that_hold_no_certificate() {
    let built = tiny()
        .file("none.pem", "none\n")
        .args(["build", "-q", "-o", "pushed"])
        .run();
    for (file, expected) in [
        (
            "missing.pem",
            str![[r#"
error: cannot use `missing.pem`: it does not exist
  = help: name a file that begins as PEM does, `-----BEGIN …`

"#]],
        ),
        (
            "none.pem",
            str![[r#"
error: cannot use `none.pem`: there is no certificate in it (PEM)
  = help: name a file that begins as PEM does, `-----BEGIN …`

"#]],
        ),
    ] {
        let args = ["push", "pushed", "registry.example/a/tiny:v1", "--ca-file", file];
        built.then().args(args).status(3).stderr(expected).run();
    }
    let args = [
        "inspect",
        "docker://registry.example/a/tiny:v1",
        "--client-cert",
        "none.pem",
    ];
    built
        .then()
        .args(args)
        .status(3)
        .stderr(str![[r#"
error: cannot use `none.pem`: there is no certificate with its key in it (PEM)
  = help: name a file that begins as PEM does, `-----BEGIN …`

"#]])
        .run();
}

/// What `openssl x509 -req` makes where nobody asks for an extension.
#[test]
fn a_certificate_of_version_1_is_said_to_be_one() {
    const OLD: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBFTCBvQIUXhYBIPdhnEnTOmklE7fGRa6uAMkwCgYIKoZIzj0EAwIwDTELMAkG\n\
A1UEAwwCbWUwIBcNMjYxMTI5MDkxNzE0WhgPMjEyNjExMDUwOTE3MTRaMA0xCzAJ\n\
BgNVBAMMAm1lMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEgYL+HPo1PO8koGz\n\
hsLvVS68ZhkRZEtwMkmRkHSRaOCt7TcxMZbKZvJySN1at/NDIpvf1b3pYnK1E8RU\n\
M77sPjAKBggqhkjOPQQDAgNHADBEAiArUJfWSFSU5PcU9FU9B+lLJ2HZ1uiuHZ62\n\
Td2d2zSTjwIgBerVF0vdOFhEmKRaZHaidgyyTA5V8Pb2S6rcYY/9WzM=\n\
-----END CERTIFICATE-----\n\
-----BEGIN PRIVATE KEY-----\n\
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtVBzuMWtwcZWXrLV\n\
1maATU2DteK0Y44EqtmF/CUcZ2+hRANCAAQSBgv4c+jU87ySgbOGwu9VLrxmGRFk\n\
S3AySZGQdJFo4K3tNzExlspm8nJI3Vq380Mim9/VvelicrUTxFQzvuw+\n\
-----END PRIVATE KEY-----\n\
";
    let args = [
        "inspect",
        "docker://registry.example/a/tiny:v1",
        "--client-cert",
        "old.pem",
    ];
    let test = Test::new().file("old.pem", OLD).args(args).status(3);
    test.stderr(str![[r#"
error: cannot use `old.pem`: invalid peer certificate: Other(OtherError(UnsupportedCertVersion))
  = help: the certificate is of X.509 version 1, and version 3 is wanted: `openssl x509 -req` makes one with `-extfile FILE`

"#]])
    .run();
}

#[test]
fn a_user_and_a_password_for_one_command() {
    let registry = Registry::start(Options {
        access: basic(),
        ..Options::default()
    });
    let host = registry.address();
    let built = tiny().args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"]).run();
    for test in commands(&built, &host) {
        let output = test.args(["--username=bob", "--password-stdin"]).stdin(SECRET).run();
        check_secrets(&output);
    }
    for test in commands(&built, &host) {
        let test = test
            .env("MODELBUILD_USERNAME", "bob")
            .env("MODELBUILD_PASSWORD_STDIN", "1");
        check_secrets(&test.stdin(format!("{SECRET}\n")).run());
    }
    let both = [
        "build",
        "-f",
        "-",
        "--push",
        "-t",
        &format!("{host}/a/b"),
        "--username=bob",
        "--password-stdin",
    ];
    built
        .then()
        .args(both)
        .status(2)
        .stderr(str![[r#"
error: Modelfile and password cannot both come from standard input
  = help: write the Modelfile to a file, or log in before with `modelbuild login`

"#]])
        .run();
    // What needs no registry needs no password.
    built
        .then()
        .env("MODELBUILD_USERNAME", "bob")
        .args(["build", "-q", "-o", "other"])
        .run();
    // Whom a Modelfile builds from is shown nothing that is for another registry.
    let other = Registry::start(Options {
        access: basic(),
        ..Options::default()
    });
    let from = format!("FROM docker://{}/a/tiny:v1\n", other.address());
    let to = format!("{host}/a/derived:v1");
    let args = [
        "build",
        "strange",
        "--push",
        "-t",
        &to,
        "--username=bob",
        "--password-stdin",
    ];
    let strange = built.then().file("strange/Modelfile", from).args(args).stdin(SECRET);
    strange.status(5).run();
    assert_eq!(other.record.schemes(), Vec::<String>::new());
}
