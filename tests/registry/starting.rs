//! docker-registry as it is set up for the tests: curl and skopeo tell whether each setting does what it should.

use super::{Access, Certificate, Registry, Settings};
use crate::oracle::oracle;
use crate::servers::proxy::Proxy;
use crate::servers::registry::{Signer, TokenService};
use crate::serving::{Curl, noise};

#[test]
fn it_goes_on_after_being_killed() {
    let Some(mut registry) = Registry::start_with(&Settings {
        relative_urls: true,
        ..Settings::default()
    }) else {
        return;
    };
    let Some(curl) = Curl::of(registry.address()) else {
        return;
    };
    let (content, path) = (noise(1000), curl.begin("a"));
    let answer = curl.send(
        "PATCH",
        &path,
        &content,
        &["--header", "Content-Type: application/octet-stream"],
    );
    assert_eq!((answer.status, answer.header("Range")), (202, Some("0-999")));
    let next = answer.header("Location").unwrap().to_owned();
    registry.kill();
    assert_eq!(curl.get(&next).status, 0);
    registry.restart();
    assert_eq!(curl.get(&next).header("Range"), Some("0-999"));
    let digest = crate::harness::sha256(&content);
    assert_eq!(curl.ask("PUT", &format!("{next}&digest={digest}"), &[]).status, 201);
    let blob = format!("/v2/a/blobs/{digest}");
    assert_eq!(curl.get(&blob).body, content);
    fs_err::write(registry.content(&digest), noise(999)).unwrap();
    assert_eq!(curl.get(&blob).body, noise(999));
    assert_eq!(
        registry.requests(),
        format!(
            "POST /v2/a/blobs/uploads/ → 202\n\
             PATCH /v2/a/blobs/uploads/[ID] → 202\n\
             GET /v2/a/blobs/uploads/[ID] → 204\n\
             PUT /v2/a/blobs/uploads/[ID] → 201\n\
             GET {blob} → 200\n\
             GET {blob} → 200\n"
        )
    );
}

/// What the tests' own registry does by [`crate::servers::registry::Sessions::DropBroken`].
#[test]
fn it_forgets_an_upload_that_broke_off() {
    let Some(registry) = Registry::start() else { return };
    let rule = "PATCH */blobs/uploads/* cut-up=100000".parse().unwrap();
    let proxy = Proxy::start(registry.address(), [rule]);
    let Some(curl) = Curl::of(&proxy.address()) else { return };
    // It calls itself what it was called: the proxy.
    let begun = curl.ask("POST", "/v2/a/blobs/uploads/", &[]);
    let location = begun.header("Location").unwrap();
    let path = location.strip_prefix(&format!("http://{}", proxy.address())).unwrap();
    let fields = [
        "--header",
        "Expect:",
        "--header",
        "Content-Type: application/octet-stream",
    ];
    let cut = curl.send("PATCH", path, &noise(300_000), &fields);
    assert_eq!(cut.status, 0);
    // As soon as it has noticed.
    let gone = (0..100).map(|_| curl.get(path)).find(|got| got.status != 204).unwrap();
    assert_eq!((gone.status, gone.code().as_str()), (404, "BLOB_UPLOAD_INVALID"));
}

#[test]
fn it_takes_passwords_and_changes_nothing_if_told() {
    let access = Access::Basic {
        user: "bob".to_owned(),
        password: "hunter2".to_owned(),
    };
    let Some(registry) = Registry::start_with(&Settings {
        access,
        read_only: true,
        ..Settings::default()
    }) else {
        return;
    };
    let Some(curl) = Curl::of(registry.address()) else {
        return;
    };
    assert_eq!(curl.get("/v2/").status, 401);
    let known = ["--user", "bob:hunter2"];
    assert_eq!(curl.ask("GET", "/v2/", &known).status, 200);
    assert_eq!(curl.ask("POST", "/v2/a/blobs/uploads/", &known).status, 405);
}

#[test]
fn it_is_known_by_its_certificate() {
    let Some(registry) = Registry::start_with(&Settings {
        tls: true,
        ..Settings::default()
    }) else {
        return;
    };
    let Some(curl) = oracle("curl") else { return };
    let dir = tempfile::TempDir::new().unwrap();
    let url = format!("https://{}/v2/", registry.address());
    assert!(!curl.ask(dir.path(), ["--silent", "--fail", &url]).success);
    let authority = registry.authority().to_str().unwrap();
    curl.approve(dir.path(), ["--silent", "--fail", "--cacert", authority, &url]);
}

#[test]
fn it_takes_tokens_of_a_service_that_it_trusts() {
    let dir = tempfile::TempDir::new().unwrap();
    let (Some(skopeo), Some(certificate)) = (oracle("skopeo"), Certificate::authority(dir.path(), "tokens")) else {
        return;
    };
    let signer = Signer::new(&certificate.key, &certificate.certificate);
    let tokens = TokenService::signing("bob", "hunter2", signer);
    let access = Access::Token {
        realm: tokens.realm(),
        certificate: certificate.certificate,
    };
    let Some(registry) = Registry::start_with(&Settings {
        access,
        ..Settings::default()
    }) else {
        return;
    };
    let built = crate::serving::layout();
    let remote = format!("docker://{}/a/b:v1", registry.address());
    let push = [
        "--insecure-policy",
        "copy",
        "--dest-tls-verify=false",
        "oci:layout:v1",
        &remote,
    ];
    let bob = [&push[..], &["--dest-creds", "bob:hunter2"]].concat();
    assert!(!skopeo.ask(&built.dir(), push).success);
    skopeo.approve(&built.dir(), &bob);
    assert_eq!(tokens.record.schemes(), ["Basic"]);
    // Two minutes ago: it takes tokens for one minute after their end.
    tokens.tokens.live(-120, u64::MAX);
    assert!(!skopeo.ask(&built.dir(), &bob).success);
}
