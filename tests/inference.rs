//! The end of the way: a model that was built, pushed and pulled is run, and answers as it did before.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::examples::fetched;
use crate::harness::{Test, clean, snapshot};
use crate::oracle::oracle;
use crate::registry::Registry;

/// What the detector of the example says of a made-up sound, all of its digits.
const SAY: &str = "\
import numpy, detect
time = numpy.arange(detect.RATE) / detect.RATE
sound = numpy.sin(2 * numpy.pi * (120 + 400 * time) * time) * (numpy.sin(30 * time) > 0)
print(*(number.hex() for number in detect.probabilities(sound.astype(numpy.float32))), sep='\\n')
";

#[test]
fn a_model_that_went_through_a_registry_runs_and_answers_the_same() {
    let (Some(example), Some(registry), Some(python)) = (
        fetched("silero-vad-onnx", "silero_vad.onnx"),
        Registry::start(),
        oracle("python3"),
    ) else {
        return;
    };
    let name = format!("{}/vad:v1", registry.address());
    let built = Test::new()
        .args([
            "build".as_ref(),
            example.as_os_str(),
            "--tag".as_ref(),
            name.as_ref(),
            "--push".as_ref(),
        ])
        .run();
    let pulled = built.then().args(["pull", &name, "--extract", "model"]).run();
    let model = pulled.dir().join("model");

    let answers = |model: &Path| {
        let model: PathBuf = model.to_owned();
        // `-B`: nothing is written beside the model.
        String::from_utf8(python.approve(&model, ["-B", "-c", SAY])).unwrap()
    };
    let expected = answers(&example);
    // 32 ms each.
    assert_eq!(expected.lines().count(), 32, "{expected}");
    assert_eq!(answers(&model), expected);
    let again = pulled.then().args(["pull", &name, "--extract", "model"]).run();
    assert_eq!(snapshot(&again.dir().join("model")), snapshot(&model));
}

/// What the chat model of the example says, by the engine that most people run GGUF files with. One thread and no
/// sampling: the same words each time.
const CHAT: &str = "\
import sys, xllamacpp as engine
params = engine.CommonParams()
params.model.path, params.n_ctx, params.cpuparams.n_threads = sys.argv[1], 256, 1
server = engine.Server(params)
asked = {'prompt': 'The capital of France is', 'max_tokens': 8, 'temperature': 0, 'seed': 1}
print(server.handle_completions(asked)['choices'][0]['text'])
asked = {'messages': [{'role': 'user', 'content': 'Say hello.'}], 'max_tokens': 16, 'temperature': 0, 'seed': 1}
print(server.handle_chat_completions(asked)['choices'][0]['message']['content'])
";

/// As an engine's command line has it: `--model \"$(modelbuild pull --quiet --extract DIR --bundle REF)\"`.
#[test]
fn a_chat_model_runs_by_the_path_that_a_bundle_prints() {
    let file = "smollm2-135m-instruct-q4_1.gguf";
    let (Some(example), Some(registry), Some(python)) =
        (fetched("smollm2-gguf", file), Registry::start(), oracle("python3"))
    else {
        return;
    };
    let name = format!("{}/chat:v1", registry.address());
    let answer = |model: &Path| {
        let args = ["-c".as_ref(), CHAT.as_ref(), model.as_os_str()];
        String::from_utf8(python.approve(&example, args)).unwrap()
    };
    let expected = answer(&example.join(file));
    // A model that was not understood says anything.
    assert!(expected.starts_with(" Paris"), "{expected}");
    for spec in ["modelpack", "docker"] {
        let place = example.to_str().unwrap();
        let built = Test::new()
            .args(["build", place, "--spec", spec, "--tag", &name, "--push"])
            .run();
        let pull = ["pull", "--quiet", &name, "--extract", "bundle", "--bundle"];
        let pulled = built.then().args(pull).run();
        assert_eq!(answer(Path::new(pulled.text())), expected, "{spec}");
    }
    // Where there is no network, it is carried there.
    let reference = format!("docker://{name}");
    let carried = Test::new().args(["copy", "-q", &reference, "carried.tar"]).run();
    let extract = ["extract", "--quiet", "carried.tar", "bundle", "--bundle"];
    let extracted = carried.then().args(extract).run();
    assert_eq!(answer(Path::new(extracted.text())), expected);
}

/// The lines of the documents that start an engine, with other names for the places in them.
fn documented() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts: Vec<_> = ["README.md", "docs/extract.md"]
        .iter()
        .map(|name| fs_err::read_to_string(root.join(name)).unwrap())
        .collect();
    texts.push(Test::new().args(["extract", "--help"]).run().text().to_owned());
    let mut lines = Vec::new();
    for (text, [from, to]) in texts
        .iter()
        .zip([["FROM", "DIR"], ["REFERENCE", "DIR"], ["dist/llama", "run"]])
    {
        let (_, line) = text.split_once("llama-server ").unwrap();
        let (line, _) = line.split_once(")\"").unwrap();
        let places = format!(" {from} {to}");
        let line = line.strip_suffix(&places).expect(line);
        lines.push(format!("llama-server {line} \"$SOURCE\" bundle)\""));
    }
    lines
}

/// By a shell, as it stands in the documents: what `llama-server` is told loads in the engine, which answers.
#[test]
fn an_engine_starts_by_the_line_that_the_documents_have() {
    let file = "smollm2-135m-instruct-q4_1.gguf";
    let (Some(example), Some(python)) = (fetched("smollm2-gguf", file), oracle("python3")) else {
        return;
    };
    let expected = python.approve(&example, ["-c".as_ref(), CHAT.as_ref(), example.join(file).as_os_str()]);
    let place = example.to_str().unwrap();
    let built = Test::new()
        .file("chat.py", CHAT)
        .args(["build", place, "-q", "-o", "model of mine", "-o", "model.tar"])
        .run();
    let dir = built.dir();
    let mut server = String::from("#!/bin/sh\n[ $# -eq 2 ] && [ \"$1\" = --model ] || exit 2\n");
    let interpreter = python.command();
    let interpreter = interpreter.get_program().to_str().unwrap();
    writeln!(
        server,
        "exec '{interpreter}' '{}' \"$2\"",
        dir.join("chat.py").display()
    )
    .unwrap();
    let server_path = dir.join("bin/llama-server");
    fs_err::create_dir(dir.join("bin")).unwrap();
    fs_err::write(&server_path, server).unwrap();
    fs_err::set_permissions(&server_path, PermissionsExt::from_mode(0o755)).unwrap();
    let programs = [
        dir.join("bin"),
        Path::new(env!("CARGO_BIN_EXE_modelbuild")).parent().unwrap().into(),
    ];
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(programs.into_iter().chain(std::env::split_paths(&path))).unwrap();
    for (line, source) in documented()
        .iter()
        .zip(["model of mine", "model.tar", "oci:model of mine"])
    {
        let mut shell = Command::new("sh");
        clean(&mut shell, dir.parent().unwrap());
        shell
            .args(["-c", line])
            .current_dir(&dir)
            .env("PATH", &path)
            .env("SOURCE", source);
        let answer = shell.output().unwrap();
        assert!(
            answer.status.success(),
            "{line}\n{}",
            String::from_utf8_lossy(&answer.stderr)
        );
        assert_eq!(
            String::from_utf8_lossy(&answer.stdout),
            String::from_utf8_lossy(&expected),
            "{line}"
        );
        fs_err::remove_dir_all(dir.join("bundle")).unwrap();
    }
}
