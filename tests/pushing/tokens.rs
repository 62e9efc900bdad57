//! Tokens that end before the push does.

use super::{CHUNK, Line, SIZE};
use crate::servers::registry::{Access, Options, TokenService};
use crate::serving::noise;

#[test]
fn a_token_that_ends_in_the_middle_is_replaced() {
    let service = TokenService::start("bob", "hunter2");
    let line = Line::in_chunks(Options {
        access: Access::Bearer {
            realm: service.realm(),
            tokens: service.tokens.clone(),
        },
        ..Options::default()
    });
    let login = r#"{"auths": {"HOST": {"username": "bob", "password": "hunter2"}}}"#;
    let login = login.replace("HOST", &line.proxy.address());
    drop(line.built.then().file("../home/.docker/config.json", login));
    // One layer, so that nobody else uses up its tokens.
    let built = line.built.then().file("one/Modelfile", "NAME one\nMODEL weights.bin\n");
    let built = built.file("one/weights.bin", noise(3_000_000));
    let built = built.args(["build", "one", "-q", "-o", "one.layout"]).run();
    for requests in [1, 2, 3, 5] {
        service.tokens.live(60, requests);
        line.forget();
        let to = format!("{}/some/model{requests}:v1", line.proxy.address());
        let push = line.built.then().args(["push", "one.layout", &to, "-j1"]);
        push.run();
        let name = format!("some/model{requests}");
        assert_eq!(line.registry.tag(&name, "v1").as_deref(), Some(built.text()));
        // Who does not know that a token has ended sends a chunk for nothing.
        let mut refused = line.proxy.record.of("PATCH");
        refused.retain(|entry| entry.status() == 401);
        line.assert_sent(SIZE, CHUNK * refused.len() as u64);
    }
}

/// Each of several at a time may find its token used up, and the next one that somebody else got.
#[test]
fn tokens_are_replaced_for_all_that_go_at_the_same_time() {
    let service = TokenService::start("bob", "hunter2");
    let line = Line::new(Options {
        access: Access::Bearer {
            realm: service.realm(),
            tokens: service.tokens.clone(),
        },
        ..Options::default()
    });
    let mut built = line.built.then().file("many/Modelfile", "NAME many\nMODEL *.bin\n");
    for index in 0..12 {
        built = built.file(format!("many/{index}.bin"), noise(100_000 + index));
    }
    let built = built.args(["build", "many", "-q", "-o", "many.layout"]).run();
    // Three requests a layer: however they fall, none of them can be the one that finds three tokens used up.
    service.tokens.live(60, 15);
    let to = format!("{}/some/many:v1", line.proxy.address());
    let push = line.built.then().args(["push", "many.layout", &to, "-j8"]);
    push.args(["--username=bob", "--password-stdin"]).stdin("hunter2").run();
    assert_eq!(line.registry.tag("some/many", "v1").as_deref(), Some(built.text()));
}
