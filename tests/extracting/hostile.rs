//! Artifacts that mean harm, and directories that were prepared for it: one clear error, nothing written outside, and
//! nothing to be seen inside, in whatever way they are extracted.

mod blobs;
mod bombs;
mod compressed;
mod paths;
mod tars;
mod traps;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Layer, artifact, raw};
use crate::harness::{Test, tree};
use crate::layout::contents;
use crate::oracle::oracle;
use crate::servers::registry::{Options, Registry};

/// The ways of an artifact into the directory `out`; `HOST` stands for a registry's.
const WAYS: [&str; 7] = [
    "extract artifact out",
    "extract artifact.tar out",
    "extract docker://HOST/a/x:v1 out",
    "pull HOST/a/x:v1 --extract out",
    "extract --bundle artifact out",
    "extract --bundle artifact.tar out",
    "pull HOST/a/x:v1 --extract out --bundle",
];

/// What a run ended with: its exit code; the error, or the tree of the files that it wrote.
type Outcome = (i32, String);

/// Takes an artifact of these layers every way, beside a directory `victim`. `prepare` gets the working directory, with
/// the artifact as the layout `artifact`, and the directory that its files go to. What comes of it is the same each time.
fn attempt(layers: &[Layer<'_>], prepare: impl Fn(&Path, &Path), args: &[&str]) -> Outcome {
    let mut outcomes = by_each_way(|test| artifact(test, "artifact", &with_weights(layers)), prepare, args);
    let (_, first) = outcomes.pop().unwrap();
    for (way, outcome) in outcomes {
        assert_eq!(outcome, first, "{way}");
    }
    first
}

/// One that has to fail because of its layers.
fn refused(layers: &[Layer<'_>]) -> String {
    let (code, said) = attempt(layers, |_, _| {}, &[]);
    assert_eq!(code, 4, "{said}");
    said + "\n"
}

/// The files that come of layers which do no harm.
fn taken(layers: &[Layer<'_>], prepare: impl Fn(&Path, &Path)) -> String {
    let (code, files) = attempt(layers, prepare, &[]);
    assert_eq!(code, 0, "{files}");
    files
}

/// Without weights there is no bundle.
fn with_weights<'a>(layers: &[Layer<'a>]) -> Vec<Layer<'a>> {
    std::iter::once(raw("w.gguf", "GGUF"))
        .chain(layers.iter().cloned())
        .collect()
}

/// Takes the artifact that `make` puts into the layout `artifact` in each of [`WAYS`].
fn by_each_way(make: impl Fn(&Test), prepare: impl Fn(&Path, &Path), args: &[&str]) -> Vec<(&'static str, Outcome)> {
    WAYS.map(|way| (way, by_way(way, &make, &prepare, args))).into()
}

fn by_way(way: &str, make: impl Fn(&Test), prepare: impl Fn(&Path, &Path), args: &[&str]) -> Outcome {
    let files = if way.contains("--bundle") { "out/model" } else { "out" };
    let test = Test::new()
        .file("victim/file", "mine\n")
        .file(format!("{files}/mine"), "mine, too\n");
    let dir = test.dir();
    make(&test);
    prepare(&dir, &dir.join(files));
    let mut tar = tar::Builder::new(fs_err::File::create(dir.join("artifact.tar")).unwrap());
    tar.append_dir_all("", dir.join("artifact")).unwrap();
    tar.finish().unwrap();
    let registry = Registry::start(Options::default());
    registry.hold("a/x", "v1", &dir.join("artifact"));
    let kept = test.keep();
    // Not the times: a staging directory came and went.
    let all = |below: &Path| (tree(below), contents(below));
    let victim = dir.join("victim");
    let before = (all(kept.path()), all(&victim));
    let host = registry.address();
    let way = way.replace("HOST", &host);
    let output = test.args(way.split(' ')).args(args).command().output().unwrap();
    let code = output.status.code().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(all(&victim), before.1, "{way} changed the victim");
    if code == 0 {
        return (0, tree(&dir.join(files)));
    }
    assert_eq!(all(kept.path()), before.0, "{way} left something: {stderr}");
    assert_eq!(output.stdout, b"", "{way}");
    let errors: Vec<_> = stderr.lines().filter_map(|line| line.strip_prefix("error: ")).collect();
    let [said] = *errors else { panic!("{way}: {stderr}") };
    // A bundle has the same files a directory deeper.
    let said = said.replace("out/model/", "out/").replace("`model/", "`");
    (code, said.replace(&host, "HOST"))
}

/// What `program` makes of a tar that `feed` writes.
fn squeezed(program: &str, feed: impl FnOnce(&mut dyn std::io::Write) + Send + 'static) -> Option<Vec<u8>> {
    oracle(program)?;
    let mut child = Command::new(program)
        .arg("-c")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = std::io::BufWriter::new(child.stdin.take().unwrap());
    let feeding = std::thread::spawn(move || {
        feed(&mut stdin);
        stdin.flush().unwrap();
    });
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    Some(output.stdout)
}
