//! What goes wrong every time: a push ends within its limits, by one error, and no tag is there.

use super::{CHUNK, Line, SIZE};
use crate::servers::registry::Options;

#[test]
fn who_brings_nothing_forward_is_given_up() {
    let silent = "[HOST] did not answer for [TIME]: sending `weights.bin`";
    // Of the large layer at most so much is sent, in two attempts.
    for (rule, said, most) in [
        (
            "* * always delay=60000",
            "[HOST] did not answer for [TIME]: looking for",
            0,
        ),
        ("POST */uploads/ always delay=60000", silent, 0),
        ("PATCH */uploads/* always stall-up=0:60000", silent, 0),
        (
            "PATCH */uploads/* skip=1 always stall-up=100000:60000",
            silent,
            CHUNK + 200_000,
        ),
        ("PUT */uploads/* always delay=60000", silent, SIZE),
        (
            "PUT */manifests/* always delay=60000",
            "[HOST] did not answer for [TIME]: storing the manifest",
            SIZE,
        ),
        (
            "POST */uploads/ always status=429",
            "[HOST] refused: sending `weights.bin`: status 429",
            0,
        ),
        (
            "PATCH */uploads/* always status=503",
            "[HOST] refused: sending `weights.bin`: status 503",
            2 * CHUNK,
        ),
        (
            "PATCH */uploads/* skip=1 always status=500",
            "[HOST] refused: sending `weights.bin`: status 500",
            3 * CHUNK,
        ),
        (
            "PUT */uploads/* always status=408",
            "[HOST] refused: sending `weights.bin`: status 408",
            SIZE,
        ),
        (
            "PUT */manifests/* always status=504:1",
            "[HOST] refused: storing the manifest `some/model:v1`: status 504",
            SIZE,
        ),
        (
            "PATCH */uploads/* always cut-up=0",
            "[HOST] cannot be reached: sending `weights.bin`: client error",
            0,
        ),
    ] {
        let line = Line::in_chunks(Options::default());
        line.spoil(&[rule]);
        let limits = ["--retries", "1", "--timeout", "500ms", "--progress", "none", "-j1"];
        let output = line.push().args(limits).status(5).stdout("").run();
        let text = output.stderr.replace(&line.proxy.address(), "[HOST]");
        let text = crate::harness::redact_times(&text)
            .replace("README.md", "weights.bin")
            .replace("error: `weights.bin`: ", "error: ");
        assert!(text.starts_with(&format!("error: {said}")), "{rule}\n{text}");
        assert_eq!(text.matches("\nerror:").count(), 0, "{rule}\n{text}");
        assert_eq!(line.registry.tag("some/model", "v1"), None, "{rule}");
        line.assert_sent(0, most);
        // It is good for another attempt.
        line.spoil(&[]);
        line.push().run();
        line.assert_arrived();
    }
}

#[test]
fn limits_are_settings_too() {
    let line = Line::new(Options::default());
    line.spoil(&["* * always status=503"]);
    let asked = |test: crate::harness::Test| {
        line.proxy.record.clear();
        test.args(["-j1", "--progress", "none"]).status(5).run();
        line.proxy.record.count("*")
    };
    assert_eq!(asked(line.push().env("MODELBUILD_RETRIES", "0")), 1);
    line.set("retries = 1\ntimeout = \"20s\"\n");
    assert_eq!(asked(line.push()), 2);
    assert_eq!(asked(line.push().args(["--retries=0"])), 1);
    let to = format!("docker://{}", line.model());
    let build = || line.built.then().args(["build", "model", "-o", &to]);
    assert_eq!(asked(build()), 2);
    assert_eq!(asked(build().file("model/modelbuild.toml", "retries = 0\n")), 1);
}
