//! `--progress`, `--color` and `--quiet`: standard error.

use serde_json::Value;
use snapbox::str;

use crate::harness::{Output, Test};
use crate::tiny::{assert_same_text, tiny};

/// A Modelfile that is built with a note and two warnings, and one that is not.
const NOTED: &str = "NAME x\nPRECISION bf16,q7\nMODEL m.gguf\n";
const WRONG: &str = "NAME x\nMODLE m.gguf\nMODEL none.gguf\n";

fn with(modelfile: &str) -> Test {
    tiny().file("Modelfile", modelfile)
}

/// Standard error as JSON lines; what differs from run to run is 0.
fn events(output: &Output) -> Vec<Value> {
    let parse = |line: &str| -> Value {
        let mut value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        if let Some(seconds) = value.get_mut("seconds") {
            assert!(seconds.as_f64().unwrap() > 0.0);
            *seconds = 0.into();
        }
        value
    };
    output.stderr.lines().map(parse).collect()
}

fn lines(events: &[Value]) -> String {
    let lines: Vec<_> = events.iter().map(Value::to_string).collect();
    lines.join("\n") + "\n"
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

#[test]
fn plain_progress_of_a_quick_build_is_its_summary() {
    tiny()
        .args(["--progress", "plain"])
        .stderr(str![[r#"
built `tiny` in [TIME]: 3 layers, 18 B; 3 written

"#]])
        .run();
    tiny()
        .args(["--progress", "tty"])
        .stderr(str![[r#"
built `tiny` in [TIME]: 3 layers, 18 B; 3 written

"#]])
        .run();
}

#[test]
fn no_progress_is_silence() {
    tiny().args(["--progress", "none"]).stderr("").run();
    with(NOTED)
        .args(["--progress", "none"])
        .stderr(str![[r#"
warning: `q7` is not a precision of the vocabulary
 --> Modelfile:2:11
  |
2 | PRECISION bf16,q7
  |           ^^^^^^^ kept as it stands
  |
  = help: a quantization has a keyword of its own: `QUANTIZATION q7`

note: `bf16,q7` is taken as `bfloat16,q7`
 --> Modelfile:2:11
  |
2 | PRECISION bf16,q7
  |           ^^^^^^^


"#]])
        .run();
}

#[test]
fn json_progress_says_what_happens_in_its_order() {
    let built = tiny()
        .file("Modelfile", "NAME tiny\nFORMAT gguf\nMODEL m.gguf\n")
        .args(["--progress", "json", "-j", "1", "-o", "out"])
        .run();
    assert_same_text(
        lines(&events(&built)),
        str![[r#"
{"blobs":1,"bytes":8,"event":"begin"}
{"event":"started","path":"m.gguf","size":8}
{"digest":"sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0","event":"hashed","path":"m.gguf","size":8}
{"event":"stored","outcome":"written","output":"out","path":"m.gguf","size":8}
{"event":"publishing"}
{"digest":"sha256:74c4fcc4640afd3b161ce92ecab469120c01eeba13f98ed49eb462fa9dee9860","event":"done","seconds":0,"upToDate":false}

"#]],
    );
}

#[test]
fn json_progress_tells_every_file_of_every_output() {
    let built = tiny().args(["--progress", "json", "-o", "out", "-o", "x.tar"]).run();
    let events = events(&built);
    let kinds = kinds(&events);
    assert_eq!(kinds.first(), Some(&"begin"));
    assert_eq!(kinds[kinds.len() - 2..], ["publishing", "done"]);
    for path in ["m.gguf", "config.json", "README.md"] {
        let mine: Vec<_> = events.iter().filter(|event| event["path"] == path).collect();
        let order: Vec<_> = mine.iter().map(|event| event["event"].as_str().unwrap()).collect();
        assert_eq!(order, ["started", "hashed", "stored", "stored"], "{path}");
        let mut outputs: Vec<_> = mine[2..]
            .iter()
            .map(|event| event["output"].as_str().unwrap())
            .collect();
        outputs.sort_unstable();
        assert_eq!(outputs, ["out", "x.tar"]);
    }
}

#[test]
fn json_progress_has_the_warnings() {
    let built = with(NOTED).args(["--progress", "json", "-n"]).run();
    let events = events(&built);
    let said = |event: &Value| event.get("message").is_some();
    let said: Vec<_> = events.into_iter().filter(said).collect();
    assert_same_text(
        lines(&said),
        str![[r#"
{"also":[],"column":11,"event":"warning","file":"Modelfile","help":["a quantization has a keyword of its own: `QUANTIZATION q7`"],"label":"kept as it stands","line":2,"message":"`q7` is not a precision of the vocabulary"}
{"also":[],"column":11,"event":"note","file":"Modelfile","help":[],"label":"","line":2,"message":"`bf16,q7` is taken as `bfloat16,q7`"}

"#]],
    );
}

#[test]
fn json_progress_has_the_errors() {
    let failed = with(WRONG)
        .args(["--progress", "json"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
{"also":[],"column":1,"event":"error","file":"Modelfile","help":["did you mean `MODEL`?"],"label":"not a keyword","line":2,"message":"unknown keyword `MODLE`"}
{"also":[],"column":7,"event":"error","file":"Modelfile","help":[],"label":"","line":3,"message":"`none.gguf` does not exist"}

"#]])
        .run();
    assert_eq!(kinds(&events(&failed)), ["error", "error"]);
    let failed = Test::new()
        .args(["nodir", "--progress", "json"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
{"event":"error","help":["name the directory that holds the files to pack"],"message":"the context directory `nodir` does not exist"}

"#]])
        .run();
    assert_eq!(kinds(&events(&failed)), ["error"]);
}

#[test]
fn quiet_prints_one_line_whatever_there_is_to_say() {
    for progress in ["auto", "plain", "tty", "json", "none"] {
        let built = with(NOTED).args(["-q", "--progress", progress]).stderr("").run();
        let text = String::from_utf8(built.stdout).unwrap();
        assert!(
            text.len() == 72 && text.starts_with("sha256:") && text.ends_with('\n'),
            "{text}"
        );
    }
}

#[test]
fn quiet_does_not_hide_errors() {
    with(WRONG)
        .args(["-q"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: unknown keyword `MODLE`
 --> Modelfile:2:1
  |
2 | MODLE m.gguf
  | ^^^^^ not a keyword
  |
  = help: did you mean `MODEL`?

error: `none.gguf` does not exist
 --> Modelfile:3:7
  |
3 | MODEL none.gguf
  |       ^^^^^^^^^


"#]])
        .run();
}

#[test]
fn strict_fails_on_every_warning_and_publishes_nothing() {
    let failed = with(NOTED)
        .args(["--strict", "-q"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
warning: `q7` is not a precision of the vocabulary
 --> Modelfile:2:11
  |
2 | PRECISION bf16,q7
  |           ^^^^^^^ kept as it stands
  |
  = help: a quantization has a keyword of its own: `QUANTIZATION q7`

error: there are warnings, and `--strict` makes them errors

"#]])
        .run();
    assert!(!failed.dir().join("dist").exists());
    // One that comes up only when the digests are known, before the first byte of a tar goes where it cannot be taken
    // back.
    let same = tiny()
        .file("Modelfile", "NAME x\nFORMAT gguf\nMODEL m.gguf n.gguf\n")
        .file("n.gguf", "weights\n");
    let failed = same
        .args(["--strict", "--spec", "docker", "-o", "-", "-o", "out"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
warning: 2 files have the same bytes: `m.gguf`, `n.gguf`
  = help: Docker Model Runner's pull fails on equal layers; for it, keep one of the files
error: there are warnings, and `--strict` makes them errors

"#]])
        .run();
    assert!(!failed.dir().join("out").exists());
    // A note is none.
    with("NAME x\nFORMAT gguf\nPRECISION bf16\nMODEL m.gguf\n")
        .args(["--strict", "-q"])
        .run();
    // What only Docker Model Runner minds is one, unless the artifact is for it.
    failed
        .then()
        .args(["--strict", "-o", "out"])
        .stderr(str![[r#"
note: 2 files have the same bytes: `m.gguf`, `n.gguf`
  = help: Docker Model Runner's pull fails on equal layers; for it, keep one of the files
built `x` in [TIME]: 2 layers, 16 B; 1 written, 1 there already

"#]])
        .run();
}

#[test]
fn colours_are_used_on_demand_only() {
    let coloured = |test: Test| test.args(["-n"]).run().stderr.contains('\u{1b}');
    assert!(!coloured(with(NOTED)));
    assert!(!coloured(with(NOTED).args(["--color", "never"])));
    assert!(coloured(with(NOTED).args(["--color", "always"])));
    // What is typed for this run beats what is set for all.
    assert!(coloured(with(NOTED).args(["--color", "always"]).env("NO_COLOR", "1")));
    let failed = with(WRONG).args(["--color", "always"]).status(3).run();
    assert!(failed.stderr.contains('\u{1b}'));
    let usage = tiny().args(["--outptu", "x", "--color", "always"]).status(2).run();
    assert!(usage.stderr.contains('\u{1b}'));
}
