//! What is wrong with a login, and that nothing is written down then.

use snapbox::{assert_data_eq, str};

use super::{DOCKER, PASSWORD, login, registry, run};
use crate::harness::Test;
use crate::logout::with_program;
use crate::servers::proxy::Proxy;
use crate::servers::registry::{Access, Options, Registry, TokenService};

#[test]
fn what_a_registry_does_not_believe_is_not_written_down() {
    let registry = registry();
    let (output, shown) = run(login(Test::new(), &registry.address(), "other").status(5));
    assert_data_eq!(
        shown,
        str![[r#"

error: 127.0.0.1:PORT does not know this user with this password
  = help: some registries take a token in place of the password, and no other

"#]]
    );
    assert!(!output.dir().join(DOCKER).exists());
    drop(registry);
    let (output, shown) = run(login(Test::new(), "no-such-registry.invalid", PASSWORD).status(5));
    assert!(shown.contains("no-such-registry.invalid cannot be reached"), "{shown}");
    assert!(!output.dir().join(DOCKER).exists());
}

#[test]
fn a_password_is_no_argument() {
    for arguments in [
        &["--password", PASSWORD][..],
        &["--password=hunter2"],
        &["-p", PASSWORD],
        &["-phunter2"],
        &["--password-stdin=hunter2"],
    ] {
        let test = Test::new().args(["login", "ghcr.io", "--username", "user"]);
        let output = test.args(arguments).status(2).stdout("").run();
        assert!(output.stderr.starts_with("error: "), "{}", output.stderr);
        assert!(output.stderr.contains("--password-stdin"), "{}", output.stderr);
    }
    Test::new()
        .args(["login", "-u", "user", "-p", PASSWORD, "ghcr.io"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: a password is not taken as an argument, where everybody on the machine can see it: leave it out to be asked, or pipe it in, as in 'pass show registry | modelbuild login HOST --username USER --password-stdin'

Usage: modelbuild login [OPTIONS] <HOST>

For more information, try '--help'.

"#]])
        .run();
}

#[test]
fn what_is_missing_is_asked_for_only_where_there_is_a_terminal() {
    let (_, shown) = run(Test::new().args(["login", "ghcr.io"]).status(2));
    assert_data_eq!(
        shown,
        str![[r#"

error: there is no terminal to ask for the user name on
  = help: give `--username USER`, and pipe the password in with `--password-stdin`

"#]]
    );
    let (_, shown) = run(Test::new().args(["login", "ghcr.io", "--username", "user"]).status(2));
    assert_data_eq!(
        shown,
        str![[r#"

error: there is no terminal to ask for the password on
  = help: give `--username USER`, and pipe the password in with `--password-stdin`

"#]]
    );
    let (_, shown) = run(Test::new()
        .args(["login", "ghcr.io", "--password-stdin"])
        .stdin(PASSWORD)
        .status(2));
    assert_data_eq!(
        shown,
        str![[r#"

error: `--password-stdin` does not say whose password it is
  = help: give `--username USER`, too

"#]]
    );
}

#[test]
fn standard_input_holds_a_password() {
    let large = vec![b'x'; (64 << 10) + 1];
    for (stdin, expected) in [
        (&b""[..], "error: there is no password on standard input\n"),
        (b"\r\n", "error: there is no password on standard input\n"),
        (b"hunter2\xff", "error: the password on standard input is no text\n"),
        (
            large.as_slice(),
            "error: what stands on standard input is larger than the 65536 bytes that a password may have\n",
        ),
    ] {
        let test = Test::new().args(["login", "ghcr.io", "--username", "user", "--password-stdin"]);
        let output = test.stdin(stdin).status(2).stdout("").run();
        assert!(output.stderr.starts_with(expected), "{}", output.stderr);
    }
}

#[test]
fn options_that_make_no_sense_alone_are_refused() {
    let test = login(Test::new(), "ghcr.io", PASSWORD);
    let (_, shown) = run(test.args(["--client-key", "key.pem"]).status(2));
    assert_data_eq!(
        shown,
        str![[r#"

error: `--client-key` is a key without a certificate
  = help: give `--client-cert FILE`, too

"#]]
    );
    let test = Test::new().args(["login", "ghcr.io", "--username", "a:b", "--password-stdin"]);
    let (_, shown) = run(test.stdin(PASSWORD).status(2));
    assert_data_eq!(
        shown,
        str![[r#"

error: `a:b` is no user name
  = help: give one that is not empty and has no `:`, which ends it where it is sent

"#]]
    );
    let test = login(Test::new(), "ghcr.io", PASSWORD);
    let (_, shown) = run(test.args(["--ca-file", "missing.pem"]).status(3));
    assert_data_eq!(
        shown,
        str![[r#"

error: cannot use `missing.pem`: it does not exist
  = help: name a file that begins as PEM does, `-----BEGIN …`

"#]]
    );
}

#[test]
fn a_program_that_fails_to_keep_it_is_named() {
    let registry = registry();
    let test = with_program(r#"{"credsStore": "fake"}"#).file("locked", "");
    let (output, shown) = run(login(test, &registry.address(), PASSWORD).status(1));
    assert_data_eq!(
        shown,
        str![[r#"

error: `docker-credential-fake` failed to store the credentials for `127.0.0.1:PORT`: the keychain is locked
  = help: `[HOME]/.docker/config.json` names it in `credHelpers` or `credsStore`: make it work, or take it out there

"#]]
    );
    let config = fs_err::read_to_string(output.dir().join(DOCKER)).unwrap();
    assert_eq!(config, r#"{"credsStore": "fake"}"#);
}

/// A password is for the registry that it was given for, whomever that sends us to.
#[test]
fn a_token_server_of_somebody_else_sees_no_password() {
    let tokens = TokenService::start("user", PASSWORD);
    let registry = Registry::start(Options {
        access: Access::Bearer {
            realm: tokens.realm().replace("127.0.0.1", "localhost"),
            tokens: tokens.tokens.clone(),
        },
        ..Options::default()
    });
    let (output, shown) = run(login(Test::new(), &registry.address(), PASSWORD).status(5));
    assert_data_eq!(
        shown,
        str![[r#"

error: 127.0.0.1:PORT asks for its password to be sent to localhost:PORT, which is another site
  = help: if that is right, write `token-server = "localhost:PORT"` into a table `[registry."127.0.0.1:PORT"]` of your own settings (docs/registries.md)

"#]]
    );
    assert!(!output.dir().join(DOCKER).exists());
}

/// One that is not there has not looked at the password.
#[test]
fn a_token_server_that_knows_nothing_is_no_wrong_password() {
    let tokens = TokenService::start("user", PASSWORD);
    let realm = tokens.realm();
    let address = realm.split('/').nth(2).unwrap();
    let proxy = Proxy::start(address, ["GET * always status=404".parse().unwrap()]);
    let registry = Registry::start(Options {
        access: Access::Bearer {
            realm: realm.replace(address, &proxy.address()),
            tokens: tokens.tokens.clone(),
        },
        ..Options::default()
    });
    let (output, shown) = run(login(Test::new(), &registry.address(), PASSWORD).status(5));
    assert_data_eq!(
        shown,
        str![[r#"

error: 127.0.0.1:PORT gives no token for 127.0.0.1:PORT: status 404
  = help: that says nothing of the password: whoever runs 127.0.0.1:PORT names 127.0.0.1:PORT as its token server

"#]]
    );
    assert!(!output.dir().join(DOCKER).exists());
}
