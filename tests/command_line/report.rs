//! Standard output, and docs/output.md, which describes it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;

use snapbox::str;

use crate::harness::{Test, clean, redact_times, tree};
use crate::tiny::tiny;

#[test]
fn the_json_document_is_whole() {
    tiny()
        .file("Modelfile", "NAME tiny\nPRECISION q7\nMODEL m.gguf\nDOC README.md\n")
        .args(["--format", "json", "-o", "out", "-o", "x.tar", "-t", "tiny:v1"])
        .stdout(str![[r#"
{
  "config": {
    "digest": "sha256:bc524df1ce5362eef7b73ece472891fa1946e2e6ac41117e167b5157898fc48e",
    "mediaType": "application/vnd.cncf.model.config.v1+json",
    "size": 262
  },
  "digest": "sha256:9569aa7cda5df1502cab3a091973e9cd0006b8b4790e829524f76a1098565e96",
  "layers": [
    {
      "digest": "sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0",
      "kind": "weight",
      "mediaType": "application/vnd.cncf.model.weight.v1.raw",
      "path": "m.gguf",
      "size": 8
    },
    {
      "digest": "sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88",
      "kind": "doc",
      "mediaType": "application/vnd.cncf.model.doc.v1.raw",
      "path": "README.md",
      "size": 7
    }
  ],
  "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "name": "tiny",
  "names": [
    "docker.io/library/tiny:v1"
  ],
  "outputs": [
    {
      "bytes": 15,
      "linked": 0,
      "mounted": 0,
      "path": "out",
      "present": 0,
      "reference": null,
      "references": [],
      "replaced": [],
      "tags": [
        "v1"
      ],
      "type": "layout",
      "written": 2
    },
    {
      "bytes": 15,
      "linked": 0,
      "mounted": 0,
      "path": "x.tar",
      "present": 0,
      "reference": null,
      "references": [],
      "replaced": [],
      "tags": [
        "v1"
      ],
      "type": "archive",
      "written": 2
    }
  ],
  "size": 1205,
  "spec": "modelpack",
  "upToDate": false,
  "version": 1,
  "warnings": [
    "`q7` is not a precision of the vocabulary"
  ]
}

"#]])
        .run();
}

#[test]
fn the_json_document_of_a_dry_run_has_no_outputs() {
    let dry = tiny().args(["--format", "json", "-n"]).run();
    let document: serde_json::Value = serde_json::from_slice(&dry.stdout).unwrap();
    assert_eq!(document["outputs"], serde_json::json!([]));
    assert_eq!(document["digest"], dry.then().args(["-q"]).run().text());
}

#[test]
fn quiet_and_json_exclude_each_other() {
    tiny()
        .args(["-q", "--format", "json"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: the argument '--quiet' cannot be used with '--format <FORMAT>'

Usage: modelbuild [OPTIONS] [CONTEXT]
       modelbuild <COMMAND>

For more information, try '--help'.

"#]])
        .run();
}

/// What differs from run to run.
fn redact(text: &str) -> String {
    let seconds = |line: &str| match line.split_once("\"seconds\":") {
        Some((before, after)) => format!(
            "{before}\"seconds\":[TIME]{}",
            after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
        ),
        None => line.to_owned(),
    };
    redact_times(text).lines().map(|line| seconds(line) + "\n").collect()
}

/// Types every block of a console in a document as it stands, one after the other in one directory.
fn type_examples(document: &str, expected: usize) {
    let document = fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(document)).unwrap();
    let test = Test::new();
    let program = Path::new(env!("CARGO_BIN_EXE_modelbuild")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(program.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    )
    .unwrap();
    let mut blocks = 0;
    for block in document.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap().strip_prefix("$ ").unwrap();
        // A shell asks for the rest of what it cannot run yet by `> `.
        let block = block.replace("\n> ", "\0");
        let (typed, shown) = block.split_once('\n').unwrap();
        let typed = typed.replace('\0', "\n");
        let mut command = Command::new("sh");
        command.args(["-c", &typed]).current_dir(test.dir());
        clean(&mut command, test.dir().parent().unwrap());
        let answer = command.env("PATH", &path).output().unwrap();
        let seen = String::from_utf8(answer.stdout).unwrap();
        assert_eq!(
            redact(&seen),
            redact(shown),
            "{typed}\n{}",
            String::from_utf8_lossy(&answer.stderr)
        );
        blocks += 1;
    }
    assert_eq!(blocks, expected);
}

#[test]
fn the_examples_of_the_output_are_true() {
    type_examples("output.md", 23);
}

#[test]
fn the_examples_of_the_configuration_are_true() {
    type_examples("configuration.md", 4);
}

#[test]
fn the_examples_of_the_cache_are_true() {
    type_examples("cache.md", 1);
}

/// What turns the direction of text, or hides in it, makes one name look like another.
#[test]
fn no_name_moves_or_turns_what_a_terminal_shows() {
    const MARKS: &str = "\u{61c}\u{200b}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}\u{feff}";
    let marked = |name: &str| format!("{name}{MARKS}x");
    let (context, weights, output) = (marked("c"), marked("m"), marked("o"));
    let test = |modelfile: &str, status: i32| {
        let built = Test::new()
            .file(Path::new(&context).join("Modelfile"), modelfile)
            .file(Path::new(&context).join(&weights), "same")
            .file(Path::new(&context).join(format!("{weights}.jinja")), "same")
            .args([&context, "-o", &output])
            .status(status)
            .run();
        let again = built.then().args([&context, "-n"]).status(status).run();
        let shown = [
            &built.stdout,
            &again.stdout,
            built.stderr.as_bytes(),
            again.stderr.as_bytes(),
        ]
        .concat();
        let shown = String::from_utf8(shown).unwrap();
        assert!(!shown.contains(|character| MARKS.contains(character)), "{shown}");
        assert!(shown.contains("\\u{202e}"), "{shown}");
    };
    test(
        &format!("NAME {output}\nMODEL {weights}\nCONFIG *.jinja\nFORMAT {weights}\n"),
        0,
    );
    test(
        &format!("MODEL m*\nMMPROJ {weights}\n{weights} x\nDOC {output}\nINPUT {output}\nNAME\n"),
        3,
    );
    test("MODEL none\n", 3);
}

/// A script would look elsewhere.
#[test]
fn json_names_no_path_that_is_not_utf_8() {
    let odd = OsStr::from_bytes(b"x\xff");
    let built = tiny().args(["-q", "-o", "out"]).run();
    fs_err::create_dir(built.dir().join(odd)).unwrap();
    for file in ["Modelfile", "m.gguf", "config.json", "README.md"] {
        fs_err::copy(built.dir().join(file), built.dir().join(odd).join(file)).unwrap();
    }
    let before = tree(&built.dir());
    let refused = |args: &[&OsStr]| {
        let run = built.then().args(args).args(["--format", "json"]);
        let refused = run.status(2).stdout("").run();
        assert_eq!(tree(&built.dir()), before);
        refused.stderr
    };
    assert_eq!(
        refused(&[odd]),
        "error: the path `x\u{fffd}/dist/tiny` is not UTF-8, and JSON can name no such path\n  \
         = help: name another one, or leave out `--format json`\n"
    );
    let to = Path::new(odd).join("to");
    for way in [&["extract", "out"][..], &["extract", "--bundle", "out"]] {
        let mut args: Vec<_> = way.iter().map(OsStr::new).collect();
        args.push(to.as_os_str());
        let said = refused(&args);
        assert!(said.contains("x\u{fffd}/to` is not UTF-8"), "{said}");
    }
    // Where nothing is named, it is no matter.
    let shown = built.then().args([odd]).args(["-n", "--format", "json"]).run();
    assert!(shown.text().contains("\"outputs\": []"), "{}", shown.text());
    built.then().args([odd]).args(["-q"]).run();
}
