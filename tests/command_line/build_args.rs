//! `--build-arg`: what the arguments of a Modelfile are given.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use snapbox::str;

use crate::harness::Test;
use crate::tiny::{blob, json, manifest, paths, tiny};

const MODELFILE: &str = "ARG version=1\nARG weights\nNAME tiny\nVERSION ${version}\nMODEL ${weights}\n";

fn with_args() -> Test {
    tiny().file("Modelfile", MODELFILE)
}

/// The version that a build has, and its files.
fn built(test: Test) -> (String, Vec<String>) {
    let built = test.args(["-q", "-o", "out"]).stderr("").run();
    let layout = built.dir().join("out");
    let config = json(blob(&layout, &manifest(&layout)["config"]));
    let version = config["descriptor"]["version"].as_str().unwrap();
    (version.to_owned(), paths(&layout))
}

#[test]
fn values_come_from_the_option_the_environment_or_the_default() {
    let files = || vec!["m.gguf".to_owned()];
    let args = |args: &[&str]| with_args().args(["--build-arg", "weights=*.gguf"]).args(args);
    assert_eq!(built(args(&[])), ("1".to_owned(), files()));
    assert_eq!(
        built(args(&["--build-arg=version=a=b c"])),
        ("a=b c".to_owned(), files())
    );
    assert_eq!(
        built(args(&["--build-arg", "version=2", "--build-arg", "version=3"])),
        ("3".to_owned(), files())
    );
    // A variable that nobody asks for is not looked at.
    let environment = |more: &[&str]| args(more).env("version", "4");
    assert_eq!(built(environment(&[])), ("1".to_owned(), files()));
    assert_eq!(
        built(environment(&["--build-arg", "version"])),
        ("4".to_owned(), files())
    );
    assert_eq!(
        built(environment(&["--build-arg", "version", "--build-arg", "version=5"])),
        ("5".to_owned(), files())
    );
    assert_eq!(
        built(environment(&["--build-arg", "version=5", "--build-arg", "version"])),
        ("4".to_owned(), files())
    );
    // Not set, it is as if the option was not there.
    assert_eq!(built(args(&["--build-arg", "version"])), ("1".to_owned(), files()));
    assert_eq!(
        built(args(&["--build-arg", "version=6", "--build-arg", "version"])),
        ("6".to_owned(), files())
    );
}

#[test]
fn an_argument_without_a_value_is_an_error() {
    with_args()
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: the argument `weights` has no value
 --> Modelfile:2:5
  |
2 | ARG weights
  |     ^^^^^^^ no default, and no `--build-arg`
  |
  = help: give it one, as in `--build-arg weights=value`, or a default, as in `ARG weights=value`


"#]])
        .run();
    with_args()
        .args(["--build-arg", "weights"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: the argument `weights` has no value
 --> Modelfile:2:5
  |
2 | ARG weights
  |     ^^^^^^^ no default, and no variable of this name in the environment
  |
  = help: give it one, as in `--build-arg weights=value`, or a default, as in `ARG weights=value`


"#]])
        .run();
}

#[test]
fn a_name_that_no_arg_declares_is_a_warning() {
    let mistyped = || with_args().args(["-n", "--build-arg", "weights=m.gguf", "--build-arg", "verison=2"]);
    mistyped()
        .stderr(str![[r#"
warning: no `ARG` takes `--build-arg verison`
 --> Modelfile:5:17
  |
5 | MODEL ${weights}
  |                 ^ none is declared up to here
  |
  = help: did you mean `--build-arg version`?

hashed `tiny` in [TIME]: 1 layer, 8 B

"#]])
        .run();
    mistyped()
        .args(["--strict"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
warning: no `ARG` takes `--build-arg verison`
 --> Modelfile:5:17
  |
5 | MODEL ${weights}
  |                 ^ none is declared up to here
  |
  = help: did you mean `--build-arg version`?

error: there are warnings, and `--strict` makes them errors

"#]])
        .run();
    // Everything else may be right.
    tiny().args(["-q", "-n", "--build-arg", "x="]).stderr("").run();
}

#[test]
fn what_goes_wrong_with_a_value_names_its_source() {
    with_args()
        .args(["--build-arg", "weights=n.gguf"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `n.gguf` does not exist
 --> Modelfile:5:7
  |
5 | MODEL ${weights}
  |       ^^^^^^^^^^
  |
  = help: did you mean `m.gguf`?
  = help: `${weights}` is `n.gguf`, from `--build-arg`


"#]])
        .run();
    with_args()
        .args(["--progress", "json", "--build-arg", "weights"])
        .env("weights", "../m.gguf/[")
        .status(3)
        .stdout("")
        .stderr(str![[r#"
{"also":[],"column":7,"event":"error","file":"Modelfile","help":["add the `]`, or write `\\[` if it belongs to a file's name","`${weights}` is `../m.gguf/[`, from the environment, as `--build-arg` asks for"],"label":"`[` is not closed","line":5,"message":"cannot use `../m.gguf/[` as a path"}

"#]])
        .run();
    tiny()
        .file("Modelfile", "ARG weights=*.txt\nMODEL ${weights}\n")
        .args(["--progress", "json"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
{"also":[{"column":5,"label":"`${weights}` is `*.txt` by default","line":1}],"column":7,"event":"error","file":"Modelfile","help":[],"label":"","line":2,"message":"no file matches `*.txt`"}

"#]])
        .run();
}

#[test]
fn what_cannot_be_a_value_is_refused() {
    let refused = |arg: &str| with_args().args(["--build-arg", arg]).status(2).stdout("");
    refused("my-name=1").stderr(str![[r#"
error: invalid value 'my-name=1' for '--build-arg <NAME[=VALUE]>': expected NAME=VALUE or NAME, where a name is made of letters, digits and `_`, no digit first

For more information, try '--help'.

"#]]).run();
    refused("=1").run();
    refused("").run();
    refused("1x").run();
    refused("a=\n")
        .stderr(str![[r#"
error: invalid value 'a=
' for '--build-arg <NAME[=VALUE]>': the value holds a line break or another control character

For more information, try '--help'.

"#]])
        .run();
    refused("a=\u{85}").run();
    with_args()
        .args([OsStr::new("--build-arg"), OsStr::from_bytes(b"a=\xff")])
        .status(2)
        .stdout("")
        .run();
    let from_environment = |value: &[u8]| {
        with_args()
            .args(["--build-arg", "version"])
            .env("version", OsStr::from_bytes(value))
            .status(2)
            .stdout("")
    };
    from_environment(b"\xff")
        .stderr(str![[r#"
error: `--build-arg version` takes the variable `version` of the environment: the value is not UTF-8
  = help: correct it, or give the value as in `--build-arg version=value`

"#]])
        .run();
    from_environment(b"a\nb").stderr(str![[r#"
error: `--build-arg version` takes the variable `version` of the environment: the value holds a line break or another control character
  = help: correct it, or give the value as in `--build-arg version=value`

"#]]).run();
}
