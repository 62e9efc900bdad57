//! Killed at any moment: what is to be seen under its name is the old file or the new one, and the next run tidies up.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{artifact, packed, raw, tar};
use crate::harness::{Test, clean};
use crate::layout::contents;
use crate::serving::noise;

/// How many moments it is killed at.
const MOMENTS: u32 = 30;

#[test]
fn at_any_moment() {
    let test = Test::new();
    let (old, new) = (noise(8_000_000), noise(8_000_001));
    let small: Vec<_> = (0..200).map(|index| format!("d{}/f{index}", index % 10)).collect();
    let build = |name: &str, large: &[u8], mark: &str| {
        let mut layers = vec![raw("w.gguf", large)];
        layers.extend(small.iter().map(|path| raw(path, format!("{path} {mark}"))));
        let entries: Vec<_> = (0..50)
            .map(|index| (format!("t/{index}"), format!("{index} {mark}")))
            .collect();
        let entries: Vec<_> = entries
            .iter()
            .map(|(path, bytes)| (tar::EntryType::Regular, path.as_str(), bytes.as_bytes()))
            .collect();
        layers.push(packed(tar(&entries)));
        artifact(&test, name, &layers);
    };
    build("old", &old, "old");
    build("new", &new, "new");
    let dir = test.dir();
    let extract = |name: &str, to: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
        clean(&mut command, dir.parent().unwrap());
        command.args(["extract", "-q", name, to, "--no-sync"]);
        command.current_dir(&dir).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let mut whole = Duration::ZERO;
    for name in ["old", "new"] {
        let begin = Instant::now();
        assert!(extract(name, &format!("{name}-files")).status().unwrap().success());
        whole = begin.elapsed();
    }
    let expected = ["old", "new"].map(|name| contents(&dir.join(format!("{name}-files"))));
    let mut killed = 0;
    for moment in 0..MOMENTS {
        let name = ["new", "old"][usize::try_from(moment % 2).unwrap()];
        let mut child = extract(name, "out").spawn().unwrap();
        std::thread::sleep(whole * moment / MOMENTS);
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        let found = if dir.join("out").exists() {
            contents(&dir.join("out"))
        } else {
            continue;
        };
        for (path, digest) in found {
            let is_known = expected.iter().any(|files| files.get(&path) == Some(&digest));
            assert!(
                is_known || path.starts_with(".modelbuild-extract"),
                "{path} at {moment}"
            );
        }
        if moment % 5 == 4 {
            assert!(extract(name, "out").status().unwrap().success());
            assert_eq!(contents(&dir.join("out")), expected[usize::from(name == "new")]);
        }
    }
    assert!(killed > MOMENTS / 4, "only {killed} were killed before their end");
    assert!(extract("new", "out").status().unwrap().success());
    assert_eq!(contents(&dir.join("out")), expected[1]);
}
