//! When make and ninja build, and when they do not.

use std::io::Read as _;
use std::process::{Command, Stdio};

use super::{Action, Builder, let_time_pass, model};
use crate::harness::{Test, clean};

/// Builds after each action once, and not a second time.
#[track_caller]
fn builds_once_after(builder: &Builder, test: Test, target: &str, actions: &[(&str, Action)]) {
    let dir = test.dir();
    assert!(builder.builds(&dir, target), "first, by {:?}", builder.kind);
    assert!(!builder.builds(&dir, target), "without a change, by {:?}", builder.kind);
    let mut test = test;
    for (what, action) in actions {
        let_time_pass(&dir.join(target));
        test = action(test);
        assert!(builder.builds(&dir, target), "{what}, by {:?}", builder.kind);
        assert!(!builder.builds(&dir, target), "after {what}, by {:?}", builder.kind);
    }
}

/// Removes a file or what is below a directory.
fn remove(test: Test, path: &str) -> Test {
    let path = test.dir().join(path);
    fs_err::remove_file(&path)
        .or_else(|_| fs_err::remove_dir_all(&path))
        .unwrap();
    test
}

#[test]
fn whatever_decides_the_result_is_followed() {
    for builder in Builder::all() {
        let test = model();
        builder.describe(&test.dir(), "out.tar", "m -q -o out.tar");
        builds_once_after(
            &builder,
            test,
            "out.tar",
            &[
                ("a change to a file", &|test| test.file("m/a.gguf", "other weights")),
                ("a file that a pattern matches", &|test| test.file("m/code/b.py", "")),
                ("a directory that a pattern enters", &|test| {
                    test.file("m/code/deep/er/c.py", "")
                }),
                ("a change to the file in it", &|test| {
                    test.file("m/code/deep/er/c.py", "pass")
                }),
                ("its removal", &|test| remove(test, "m/code/deep")),
                ("a removed file", &|test| remove(test, "m/code/b.py")),
                ("a change to the Modelfile", &|test| {
                    test.file("m/Modelfile", "NAME n\nFORMAT gguf\nMODEL *.gguf\nCODE **/*.py\n")
                }),
                ("an ignore file", &|test| test.file("m/.modelignore", "z.py\n")),
                ("a file that it excludes", &|test| test.file("m/code/z.py", "")),
                ("a change to the ignore file", &|test| test.file("m/.modelignore", "\n")),
                ("a symlink", &|test| test.symlink("code/z.py", "m/link.py")),
                ("where it leads to", &|test| {
                    remove(test, "m/link.py").symlink("code/a.py", "m/link.py")
                }),
                ("an older file in the place of another", &|test| {
                    let old = test.dir().join("old");
                    fs_err::write(&old, "old").unwrap();
                    let file = fs_err::OpenOptions::new().write(true).open(&old).unwrap();
                    file.file().set_modified(std::time::UNIX_EPOCH).unwrap();
                    fs_err::rename(old, test.dir().join("m/a.gguf")).unwrap();
                    test
                }),
            ],
        );
    }
}

/// An output is put in a directory that was listed, which makes it newer than what was written before.
#[test]
fn outputs_in_the_models_directory_are_not_built_for_ever() {
    for builder in Builder::all() {
        for (targets, args) in [
            ("m/out.tar", "m -q -o m/out.tar"),
            ("m/code/layout/index.json", "m -q -o m/code/layout"),
            ("m/dist/m/index.json m/meta.json", "m -q --metadata-file m/meta.json"),
            ("new/index.json m/iid", "m -q -o new --iidfile m/iid"),
        ] {
            let test = model();
            builder.describe(&test.dir(), targets, args);
            let target = targets.split(' ').next_back().unwrap();
            let change: Action = &|test| test.file("m/code/b.py", "");
            builds_once_after(&builder, test, target, &[("a new file", change)]);
        }
    }
}

/// What changes between the plan and the end is in none of the outputs, so none may be newer than it.
#[test]
fn what_changes_during_the_build_makes_the_outputs_old() {
    let test = model().file("m/a.gguf", vec![0; 4 << 20]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
    command
        .args([
            "m",
            "--progress=none",
            "-o",
            "-",
            "--iidfile",
            "iid",
            "--depfile",
            "out.d",
        ])
        .current_dir(test.dir())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    clean(&mut command, test.keep().path());
    let mut child = command.spawn().unwrap();
    // The tar does not fit into the pipe: from its first byte on until its last is taken, the build goes on.
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    let test = test.file("m/code/b.py", "");
    std::io::copy(&mut stdout, &mut std::io::sink()).unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert!(
        stderr.starts_with("warning: an input changed during the build\n"),
        "{stderr}"
    );
    let modified = |path: &str| fs_err::metadata(test.dir().join(path)).unwrap().modified().unwrap();
    assert!(modified("iid") < modified("m/code/b.py"));
}

#[test]
fn the_base_is_followed() {
    for builder in Builder::all() {
        let test = model()
            .file("b/Modelfile", "NAME b\nFORMAT gguf\nMODEL a.gguf\n")
            .file("b/a.gguf", "weights")
            .file("m/Modelfile", "FROM ../base.tar\nNAME m\nCODE **/*.py\n");
        let base = test.args(["b", "-q", "-o", "base.tar"]).run();
        let test = base.then();
        builder.describe(&test.dir(), "out.tar", "m -q -o out.tar");
        let change: Action = &|test| {
            let test = test.file("b/a.gguf", "other weights");
            test.args(["b", "-q", "-o", "base.tar"]).run().then()
        };
        builds_once_after(&builder, test, "out.tar", &[("another base", change)]);
    }
}
