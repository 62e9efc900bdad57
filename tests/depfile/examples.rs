//! The examples for make and ninja: nothing is done twice.

use std::path::Path;

use super::{Action, Builder, Kind, let_time_pass};
use crate::cache::rest;
use crate::harness::Test;
use crate::layout;
use crate::watch::Watch;

fn copy(test: Test, example: &str) -> Test {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example);
    fs_err::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .fold(test, |test, entry| {
            test.file(
                Path::new(example).join(entry.file_name()),
                fs_err::read(entry.path()).unwrap(),
            )
        })
}

#[test]
fn what_the_examples_build_is_built_when_something_has_changed() {
    for builder in Builder::all().filter(|builder| builder.kind != Kind::PlainNinja) {
        let example = if builder.kind == Kind::Make { "make" } else { "ninja" };
        let mut test = copy(copy(Test::new(), "linear"), example);
        let dir = test.dir().join(example);
        let (layout, archive) = (dir.join("build/layout"), dir.join("build/linear.tar"));
        let blobs = || fs_err::read_dir(layout.join("blobs/sha256")).unwrap().count();
        let build = || {
            let layout = builder.builds(&dir, "build/layout/index.json");
            let archive = builder.builds(&dir, "build/linear.tar");
            assert_eq!(layout, archive, "by {:?}", builder.kind);
            layout
        };
        assert!(build());
        assert!(!build(), "without a change, by {:?}", builder.kind);

        // Three layers, config and manifest.
        assert_eq!(blobs(), 5);
        let actions: [(&str, Action, usize); 4] = [
            // That layer, another config and another manifest.
            ("a changed file", &|test| test.file("linear/config.json", "{}\n"), 3),
            (
                "an added file",
                &|test| test.file("linear/serve.py", "import predict\n"),
                3,
            ),
            (
                "a removed file",
                &|test| {
                    fs_err::remove_file(test.dir().join("linear/serve.py")).unwrap();
                    test
                },
                // As it was before.
                0,
            ),
            (
                "a file that no pattern matches",
                &|test| test.file("linear/notes.txt", ""),
                0,
            ),
        ];
        for (what, action, new) in actions {
            let before = blobs();
            let_time_pass(&archive);
            test = action(test);
            assert!(build(), "{what}, by {:?}", builder.kind);
            assert_eq!(blobs(), before + new, "{what}, by {:?}", builder.kind);
            assert!(!build(), "after {what}, by {:?}", builder.kind);
        }
        layout::check(&layout);
    }
}

/// With the cache of digests, which knows the files when they have been at rest.
#[test]
fn one_changed_file_is_all_that_is_read_and_written() {
    for builder in Builder::all().filter(|builder| builder.kind != Kind::PlainNinja) {
        let example = if builder.kind == Kind::Make { "make" } else { "ninja" };
        let test = copy(copy(Test::new(), "linear"), example);
        rest();
        let dir = test.dir().join(example);
        let build = || {
            let mut command = builder.command(&dir);
            command
                .env("XDG_CACHE_HOME", test.dir().join("cache"))
                .env("MODELBUILD", "modelbuild build --format json");
            let output = command.arg("build/layout/index.json").output().unwrap();
            assert!(output.status.success(), "{:?}", builder.kind);
            String::from_utf8(output.stdout).unwrap()
        };
        build();
        let_time_pass(&dir.join("build/layout/index.json"));
        fs_err::write(test.dir().join("linear/config.json"), "{}\n").unwrap();
        let watch = Watch::new([test.dir().join("linear")]);
        let said = build();
        let opened = watch.opened();
        let read: Vec<_> = ["config.json", "model.safetensors", "predict.py"]
            .into_iter()
            .filter(|name| opened.contains(*name))
            .collect();
        assert_eq!(read, ["config.json"], "by {:?}", builder.kind);
        // ninja's rule says nothing that could be read by a machine.
        if builder.kind == Kind::Make {
            let result: serde_json::Value = serde_json::from_str(&said[said.find('{').unwrap()..]).unwrap();
            let output = &result["outputs"][0];
            assert_eq!((&output["written"], &output["present"]), (&1.into(), &2.into()));
        }
    }
}

/// Without a dependency file make knows of nothing that could have changed.
#[test]
fn a_lost_dependency_file_is_written_again() {
    let Some(builder) = Builder::all().find(|builder| builder.kind == Kind::Make) else {
        return;
    };
    let test = copy(copy(Test::new(), "linear"), "make");
    let dir = test.dir().join("make");
    assert!(builder.builds(&dir, "archive"));
    fs_err::remove_file(dir.join("build/linear.d")).unwrap();
    assert!(builder.builds(&dir, "archive"));
    assert!(!builder.builds(&dir, "archive"));
}

/// What docs/make.md shows works as it stands there.
#[test]
fn what_the_manual_shows_can_be_copied() {
    let Some(builder) = Builder::all().find(|builder| builder.kind == Kind::Make) else {
        return;
    };
    let manual = fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/make.md")).unwrap();
    let (_, behind) = manual.split_once("```make\n").unwrap();
    let (makefile, _) = behind.split_once("```").unwrap();
    let test = Test::new()
        .file("Makefile", makefile)
        .file("model/Modelfile", "NAME m\nFORMAT gguf\nMODEL *.gguf\n")
        .file("model/a.gguf", "weights");
    let dir = test.dir();
    assert!(builder.builds(&dir, "build/model.tar"));
    assert!(!builder.builds(&dir, "build/model.tar"));
    let_time_pass(&dir.join("build/model.tar"));
    let test = test.file("model/b.gguf", "weights");
    assert!(builder.builds(&test.dir(), "build/model.tar"));
}
