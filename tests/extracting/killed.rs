//! Killed at any moment: what is to be seen under its name is the old file or the new one, and the next run tidies up.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{CONFIG, packed, raw, tar};
use crate::foreign::annotated;
use crate::harness::{Test, clean};
use crate::layout::contents;
use crate::servers::proxy::{Proxy, Rule};
use crate::servers::registry::{Options, Registry};
use crate::serving::noise;

/// How many moments it is killed at, if enough of them are in the middle of something; else up to five times as many.
const MOMENTS: u32 = 15;

#[test]
fn from_a_layout() {
    at_any_moment("extract NAME out", 300);
}

#[test]
fn into_a_bundle() {
    at_any_moment("extract --bundle NAME out", 300);
}

#[test]
fn from_a_registry() {
    at_any_moment("pull HOST/a/NAME:v1 --extract out", 100);
}

#[test]
fn from_a_registry_into_a_bundle() {
    at_any_moment("pull HOST/a/NAME:v1 --extract out --bundle", 100);
}

/// A layout of a large file, `small` ones, and some in a tar; in each of them is `mark`.
fn build(test: &Test, mark: &str, small: u32) {
    let marked = |path: String| (format!("{path} {mark}"), path);
    let plain: Vec<_> = (0..small)
        .map(|index| marked(format!("d{}/f{index}", index % 10)))
        .collect();
    let inside: Vec<_> = (0..50).map(|index| marked(format!("t/{index}"))).collect();
    let entries: Vec<_> = inside
        .iter()
        .map(|(bytes, path)| (tar::EntryType::Regular, path.as_str(), bytes.as_bytes()))
        .collect();
    let large = [b"GGUF", mark.as_bytes(), &noise(4_000_000)].concat();
    let mut layers = vec![raw("w.gguf", large), packed(tar(&entries))];
    layers.extend(plain.iter().map(|(bytes, path)| raw(path, bytes)));
    let layers: Vec<_> = layers
        .iter()
        .map(|(media_type, path, bytes)| (*media_type, json!({"org.cncf.model.filepath": path}), bytes))
        .collect();
    let config = |_: &[String]| json!({"descriptor": {"name": mark}, "config": {}, "modelfs": {}}).to_string();
    annotated(test, mark, CONFIG, config, &layers);
}

/// What has to be there before the process is killed.
enum Moment {
    After(Duration),
    /// So many unfinished files.
    Staged(usize),
    /// Another file in this one's place than this inode.
    Shown(u64),
}

impl Moment {
    /// Waits for it, or for the end.
    fn wait(&self, child: &mut Child, out: &Path, weights: &Path) {
        let begin = Instant::now();
        let is_now = || match self {
            Self::After(time) => begin.elapsed() >= *time,
            Self::Staged(count) => {
                let staged = fs_err::read_dir(out.join(".modelbuild-extract"));
                staged.is_ok_and(|staged| staged.count() >= *count)
            }
            Self::Shown(inode) => fs_err::metadata(weights).unwrap().ino() != *inode,
        };
        while !is_now() && child.try_wait().unwrap().is_none() {}
    }
}

/// Kills the extraction of one artifact into the directory where another one is, time and again. `NAME` in `way` stands
/// for the artifact, `HOST` for a registry.
fn at_any_moment(way: &str, small: u32) {
    let test = Test::new();
    let dir = test.dir();
    let out = dir.join("out");
    let names = ["old", "new"];
    let registry = Registry::start(Options::default());
    for name in names {
        build(&test, name, small);
        registry.hold(&format!("a/{name}"), "v1", &dir.join(name));
    }
    // Fast enough to be quick, slow enough to be hit.
    let slow: Rule = "GET */blobs/* always rate-down=40000000".parse().unwrap();
    let proxy = Proxy::start(&registry.address(), [slow]);
    let way = way.replace("HOST", &proxy.address());
    let extract = |which: usize| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
        clean(&mut command, dir.parent().unwrap());
        command.args(way.replace("NAME", names[which]).split(' '));
        command.args(["-q", "--no-sync"]).current_dir(&dir).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let mut whole = Duration::ZERO;
    let expected = [0, 1].map(|which| {
        let begin = Instant::now();
        assert!(extract(which).status().unwrap().success());
        whole = begin.elapsed();
        contents(&out)
    });
    let weights = out.join(if way.contains("--bundle") {
        "model/w.gguf"
    } else {
        "w.gguf"
    });
    let (mut moving, mut showing) = (0, 0);
    for round in 0..5 * MOMENTS {
        let which = usize::try_from(round % 2).unwrap();
        let moment = match round % 3 {
            0 => Moment::After(whole * (round % MOMENTS) / MOMENTS),
            1 => Moment::Staged(usize::try_from(1 + round * 7 % small).unwrap()),
            _ => Moment::Shown(fs_err::metadata(&weights).unwrap().ino()),
        };
        let mut child = extract(which).spawn().unwrap();
        moment.wait(&mut child, &out, &weights);
        child.kill().unwrap();
        let is_killed = child.wait().unwrap().code().is_none();
        let found = contents(&out);
        let is_staging = |path: &str| path.starts_with(".modelbuild-extract");
        let is_of = |files: &BTreeMap<String, String>, path: &String| files.get(path) == found.get(path);
        let shown: Vec<_> = found.keys().filter(|path| !is_staging(path)).collect();
        // None is missing either, for each was there before.
        assert_eq!(shown, expected[0].keys().collect::<Vec<_>>(), "round {round}");
        let [old, new] = [0, 1].map(|which: usize| {
            let these = &expected[which];
            shown
                .iter()
                .filter(|path| is_of(these, path) && !is_of(&expected[1 - which], path))
                .count()
        });
        let both = shown
            .iter()
            .filter(|path| expected.iter().all(|files| is_of(files, path)))
            .count();
        assert_eq!(old + new + both, shown.len(), "round {round}: neither old nor new");
        let is_begun = found.keys().any(|path| is_staging(path));
        moving += u32::from(is_killed && is_begun && (old == 0 || new == 0));
        showing += u32::from(is_killed && old > 0 && new > 0);
        assert!(extract(which).status().unwrap().success());
        assert_eq!(contents(&out), expected[which], "round {round}");
        if round >= MOMENTS && moving >= 5 && showing >= 2 {
            return;
        }
    }
    panic!("killed {moving} times while files came, and {showing} times while they got their places");
}
