//! What a registry gets to know beside what it asks for: nothing of this machine and of its user.

use super::Line;
use crate::servers::registry::{Access, Options};

/// All fields that a request may carry, in small letters.
const ALLOWED: [&str; 11] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-range",
    "content-type",
    "host",
    "range",
    "transfer-encoding",
    "user-agent",
];

#[test]
fn a_request_says_nothing_of_this_machine_or_its_user() {
    const NAME: &str = "name-of-somebody";
    let line = Line::in_chunks(Options {
        access: Access::Basic {
            user: "bob".to_owned(),
            password: "hunter2".to_owned(),
        },
        ..Options::default()
    });
    let login = r#"{"auths": {"HOST": {"username": "bob", "password": "hunter2"}}}"#;
    let login = login.replace("HOST", &line.proxy.address());
    drop(line.built.then().file("../home/.docker/config.json", login));
    line.spoil(&["PATCH */uploads/* skip=1 cut-up=1000", "GET */blobs/* cut-down=1000"]);
    let (model, remote) = (line.model(), format!("docker://{}", line.model()));
    let other = format!("docker://{}/other/model:v1", line.proxy.address());
    let runs: [&[&str]; 6] = [
        &["push", "layout", &model],
        &["pull", &model, "-o", "back"],
        &["copy", &remote, &other],
        &["build", "model", "--push", "-t", &model],
        &["inspect", &remote],
        &["ls", &remote],
    ];
    for args in runs {
        let mut run = line.built.then().args(args);
        for variable in ["USER", "LOGNAME", "USERNAME", "HOSTNAME", "EMAIL"] {
            run = run.env(variable, NAME);
        }
        run.run();
    }
    let machine = fs_err::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let agent = concat!("modelbuild/", env!("CARGO_PKG_VERSION"));
    let home = line.built.dir().parent().unwrap().display().to_string();
    assert!(line.proxy.record.count("*") > 20, "{}", line.proxy.record.lines());
    for entry in line.proxy.record.entries() {
        let what = format!("{} {}", entry.method, entry.target);
        assert_eq!(entry.headers.get("User-Agent"), Some(agent), "{what}");
        for (name, value) in entry.headers.iter() {
            assert!(ALLOWED.contains(&&*name.to_lowercase()), "{what}: {name}: {value}");
            for secret in [NAME, &home] {
                assert!(
                    !value.contains(secret) && !what.contains(secret),
                    "{what}: {name}: {value}"
                );
            }
            // One that is called `localhost` is called so by everybody.
            let is_it = value.split(['/', ':', ' ']).any(|word| word == machine.trim());
            assert!(name.eq_ignore_ascii_case("host") || !is_it, "{what}: {name}: {value}");
        }
    }
}
