//! Who may do what: skopeo logs in as it does anywhere, curl sees how.

use std::sync::Arc;

use super::{Curl, copy, layout};
use crate::oracle::oracle;
use crate::servers::registry::{Access, Options, Registry, TokenService};

fn with(access: Access) -> Registry {
    Registry::start(Options {
        access,
        ..Options::default()
    })
}

fn bearer(tokens: &TokenService) -> Registry {
    with(Access::Bearer {
        realm: tokens.realm(),
        tokens: Arc::clone(&tokens.tokens),
    })
}

#[test]
fn basic_lets_one_user_in() {
    let registry = with(Access::Basic {
        user: "bob".to_owned(),
        password: "hunter2".to_owned(),
    });
    let Some(curl) = Curl::of(&registry.address()) else {
        return;
    };
    let refused = curl.get("/v2/");
    assert_eq!((refused.status, refused.code().as_str()), (401, "UNAUTHORIZED"));
    assert_eq!(refused.header("WWW-Authenticate"), Some("Basic realm=\"registry\""));
    assert!(registry.record.schemes().is_empty());
    assert_eq!(curl.ask("GET", "/v2/", &["--user", "bob:hunter2"]).status, 200);
    assert_eq!(curl.ask("GET", "/v2/", &["--user", "bob:hunter3"]).status, 401);
    assert_eq!(registry.record.schemes(), ["Basic"]);
}

#[test]
fn skopeo_pushes_with_tokens_and_pulls_without_a_name() {
    let Some(skopeo) = oracle("skopeo") else { return };
    let built = layout();
    let dir = built.dir();
    let tokens = TokenService::start("bob", "hunter2");
    let registry = bearer(&tokens);
    let remote = format!("docker://{}/a/b:v1", registry.address());
    let push = [
        "--insecure-policy",
        "copy",
        "--dest-tls-verify=false",
        "oci:layout:v1",
        &remote,
    ];
    assert!(!skopeo.ask(&dir, push).success);
    skopeo.approve(&dir, [&push[..], &["--dest-creds", "bob:hunter2"]].concat());
    assert_eq!(registry.tag("a/b", "v1").as_deref(), Some(built.text()));
    copy(&skopeo, &dir, &remote, "oci:back:v1");
    // The password went to the token service and nowhere else.
    assert_eq!(tokens.record.schemes(), ["Basic"]);
    assert_eq!(registry.record.schemes(), ["Bearer"]);
}

#[test]
fn tokens_end_and_are_had_again() {
    let tokens = TokenService::start("bob", "hunter2");
    let registry = bearer(&tokens);
    let (Some(curl), Some(service)) = (
        Curl::of(&registry.address()),
        Curl::of(tokens.realm().trim_start_matches("http://").trim_end_matches("/token")),
    ) else {
        return;
    };
    let challenge = |got: &super::Got| got.header("WWW-Authenticate").unwrap().to_owned();
    let asked = curl.ask("POST", "/v2/a/blobs/uploads/", &[]);
    let expected = format!(
        "Bearer realm=\"{}\",service=\"registry\",scope=\"repository:a:pull,push\"",
        tokens.realm()
    );
    assert_eq!((asked.status, challenge(&asked)), (401, expected));

    let begin = |token: &str| {
        let field = format!("Authorization: Bearer {token}");
        curl.ask("POST", "/v2/a/blobs/uploads/", &["--header", &field])
    };
    let scope = "/token?service=registry&scope=repository:a:pull,push";
    let had = |got: super::Got, name: &str| got.json()[name].as_str().unwrap().to_owned();
    let anonymous = had(service.get(scope), "token");
    assert!(challenge(&begin(&anonymous)).ends_with("error=\"insufficient_scope\""));
    assert_eq!(service.ask("GET", scope, &["--user", "bob:no"]).status, 401);

    tokens.tokens.live(60, 2);
    let token = had(service.ask("GET", scope, &["--user", "bob:hunter2"]), "token");
    assert_eq!((begin(&token).status, begin(&token).status), (202, 202));
    assert!(challenge(&begin(&token)).ends_with("error=\"invalid_token\""));

    let form = |text: &str| service.send("POST", "/token", text.as_bytes(), &[]);
    let answer = form(
        "grant_type=password&service=registry&client_id=x&scope=repository%3Aa%3Apull%2Cpush&username=bob&password=hunter2",
    );
    let refresh = had(answer, "refresh_token");
    let answer = form(&format!(
        "grant_type=refresh_token&scope=repository:a:push&refresh_token={refresh}"
    ));
    let token = had(answer, "access_token");
    assert_eq!(begin(&token).status, 202);
    tokens.tokens.expire();
    assert_eq!(begin(&token).status, 401);
    assert_eq!(form("grant_type=refresh_token&refresh_token=no").status, 401);
}
