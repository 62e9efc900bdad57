//! Which directory and which Modelfile are built.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use snapbox::str;

use crate::harness::{Test, snapshot};
use crate::tiny::{paths, tiny};

const DIGEST: &str = "sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6";

#[test]
fn without_arguments_the_working_directory_is_built() {
    tiny()
        .stdout(str![[r#"
sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6  dist/tiny

"#]])
        .stderr(str![[r#"
built `tiny` in [TIME]: 3 layers, 18 B; 3 written

"#]])
        .run();
}

#[test]
fn a_dot_and_the_command_mean_the_same() {
    let plain = tiny().args(["-q"]).run();
    assert_eq!(plain.text(), DIGEST);
    for args in [&["-q", "."][..], &["build", "-q"], &["build", ".", "-q"]] {
        assert_eq!(plain.then().args(args).run().text(), DIGEST, "{args:?}");
    }
    assert!(plain.dir().join("dist/tiny/index.json").is_file());
}

#[test]
fn the_default_output_and_the_modelfile_lie_in_the_context() {
    Test::new()
        .file("a/model/Modelfile", "NAME x\nFORMAT gguf\nMODEL m.gguf\n")
        .file("a/model/m.gguf", "1")
        .args(["build", "a/model"])
        .stdout(str![[r#"
sha256:061c6d28cc8ac92a69b96e26cef0d31464d33f5b1033df925e49f9139c10567b  a/model/dist/x

"#]])
        .stderr(str![[r#"
built `x` in [TIME]: 1 layer, 1 B; 1 written

"#]])
        .run();
}

#[test]
fn a_named_modelfile_is_relative_to_the_working_directory() {
    let built = tiny().file("other", "NAME x\nFORMAT gguf\nMODEL only.gguf\n");
    let built = built
        .file("model/only.gguf", "1")
        .file("model/other", "not a Modelfile")
        .args(["-f", "other", "model", "-o", "out"])
        .run();
    assert_eq!(paths(&built.dir().join("out")), ["only.gguf"]);
}

#[test]
fn standard_input_may_be_the_modelfile() {
    let built = tiny()
        .stdin("NAME x\nFORMAT gguf\nMODEL m.gguf\n")
        .args(["-f", "-", "-o", "out"])
        .run();
    assert_eq!(paths(&built.dir().join("out")), ["m.gguf"]);
}

#[test]
fn errors_about_standard_input_say_so() {
    tiny()
        .stdin("MODEL m.gguf\nTITEL x\n")
        .args(["-f", "-"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: unknown keyword `TITEL`
 --> <stdin>:2:1
  |
2 | TITEL x
  | ^^^^^ not a keyword
  |
  = help: did you mean `TITLE`?


"#]])
        .run();
}

#[test]
fn a_missing_modelfile_is_told_from_a_missing_context() {
    Test::new()
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: there is no Modelfile at `Modelfile`
  = help: write one that names the model's files, such as `MODEL *.gguf`, or name another file with `-f`

"#]])
        .run();
    Test::new()
        .args(["nodir"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: the context directory `nodir` does not exist
  = help: name the directory that holds the files to pack

"#]])
        .run();
    tiny()
        .args(["-f", "nofile"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: there is no Modelfile at `nofile`
  = help: write one that names the model's files, such as `MODEL *.gguf`, or name another file with `-f`

"#]])
        .run();
}

#[test]
fn a_mistyped_command_is_recognised() {
    Test::new()
        .args(["biuld"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: the context directory `biuld` does not exist
  = help: did you mean the command `build`?

"#]])
        .run();
    // With something behind it, it cannot be a context.
    let mistyped = |args: &[&str]| Test::new().args(args).status(2).stdout("");
    mistyped(&["insepct", "out"])
        .stderr(str![[r#"
error: unrecognized command 'insepct': did you mean 'inspect'?

Usage: modelbuild [OPTIONS] [CONTEXT]
       modelbuild <COMMAND>

For more information, try '--help'.

"#]])
        .run();
    mistyped(&["biuld", "m", "-o", "out"])
        .stderr(str![[r#"
error: unrecognized command 'biuld': did you mean 'build'?

Usage: modelbuild [OPTIONS] [CONTEXT]
       modelbuild <COMMAND>

For more information, try '--help'.

"#]])
        .run();
    mistyped(&["verfy", "out", "--repair", "x"])
        .stderr(str![[r#"
error: unrecognized command 'verfy': did you mean 'verify'?

Usage: modelbuild [OPTIONS] [CONTEXT]
       modelbuild <COMMAND>

For more information, try '--help'.

"#]])
        .run();
    mistyped(&["models", "out"])
        .stderr(str![[r#"
error: unrecognized command 'models', and there is no such directory to build from

Usage: modelbuild [OPTIONS] [CONTEXT]
       modelbuild <COMMAND>

For more information, try '--help'.

"#]])
        .run();
    // What only looks like one is a directory.
    tiny()
        .file("biuld/Modelfile", "FORMAT gguf\nMODEL m.gguf\n")
        .file("biuld/m.gguf", "")
        .args(["biuld", "-q"])
        .run();
}

#[test]
fn a_context_that_is_a_file_is_refused() {
    tiny()
        .args(["m.gguf"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: the context `m.gguf` is not a directory
  = help: name the directory that holds the files to pack; a Modelfile is named with `-f`

"#]])
        .run();
}

#[test]
fn a_directory_is_no_modelfile() {
    tiny()
        .file("sub/x", "")
        .args(["-f", "sub"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `sub` is a directory, not a Modelfile
  = help: name the file in it; a context directory is given without `-f`

"#]])
        .run();
}

#[test]
fn a_context_that_is_not_unicode_is_built() {
    let name = OsStr::from_bytes(b"m\xff");
    let built = Test::new()
        .file(name, "")
        .file("model/Modelfile", "FORMAT gguf\nNAME x\nMODEL m.gguf\n")
        .file("model/m.gguf", "1");
    let dir = built.dir();
    fs_err::remove_file(dir.join(name)).unwrap();
    fs_err::rename(dir.join("model"), dir.join(name)).unwrap();
    let built = built.args([name]).run();
    assert!(built.text().ends_with("  m\u{fffd}/dist/x"), "{}", built.text());
    assert!(dir.join(name).join("dist/x/index.json").is_file());
}

#[test]
fn a_dry_run_writes_nothing_and_finds_the_same_digest() {
    let test = tiny();
    let dir = test.dir();
    let before = snapshot(&dir);
    let files = [
        "--metadata-file",
        "meta.json",
        "--iidfile",
        "iid",
        "-o",
        "out",
        "-o",
        "x.tar",
    ];
    let dry = test
        .args(["-n"])
        .args(files)
        .stdout(str![[r#"
weight         8 B  sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0  m.gguf
config         3 B  sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356  config.json
doc            7 B  sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88  README.md
sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6  (dry run, nothing written)

"#]])
        .stderr(str![[r#"
hashed `tiny` in [TIME]: 3 layers, 18 B

"#]])
        .run();
    assert_eq!(snapshot(&dir), before);
    let digest = dry.then().args(["--dry-run", "-q"]).run().text().to_owned();
    assert_eq!(snapshot(&dir), before);
    assert_eq!(digest, dry.then().args(["-q"]).args(files).run().text());
    assert_ne!(snapshot(&dir), before);
}

#[test]
fn a_dry_run_leaves_out_what_the_build_leaves_out() {
    let built = tiny()
        .file(
            "Modelfile",
            "NAME x\nFORMAT gguf\nMODEL *.gguf\nDOC {README.md,out/**}\n",
        )
        .args(["-q", "-o", "out"])
        .run();
    let again = built.then().args(["-q", "-n", "-o", "out"]).run();
    assert_eq!(again.text(), built.text());
}

#[test]
fn paths_of_a_modelfile_elsewhere_are_told_to_be_the_contexts() {
    let test = || Test::new().file("model/m.gguf", "1").file("sub/Modelfile", "MODEL x\n");
    let failed = |args: &[&str]| test().args(args).status(3).stdout("").run().stderr;
    let last = |shown: String| shown.trim_end().lines().last().unwrap_or_default().trim().to_owned();
    assert_eq!(
        last(failed(&["model", "-f", "sub/Modelfile"])),
        "= help: paths are relative to the context, `model`"
    );
    assert_eq!(
        last(failed(&["-f", "sub/Modelfile"])),
        "= help: paths are relative to the context, which is the working directory"
    );
    let plain = failed(&["sub"]);
    assert!(!plain.contains("relative"), "{plain}");
    let stdin = |context: &str| {
        let test = test().stdin("MODEL x\n").args(["-f", "-", context]);
        test.status(3).stdout("").run().stderr
    };
    assert!(!stdin(".").contains("relative"));
    assert_eq!(
        last(stdin("model")),
        "= help: paths are relative to the context, `model`"
    );
}
