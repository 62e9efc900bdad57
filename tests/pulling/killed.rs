//! A pull that is killed at any moment: nothing half-finished is to be seen, and the next one goes on.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::{Line, WEIGHTS, check_begun};
use crate::chance::chance;
use crate::harness::clean;
use crate::servers::proxy::Rule;

/// How many moments it is killed at.
const MOMENTS: u32 = 50;

#[test]
fn at_any_moment() {
    let line = Line::new();
    // Fast enough to be quick, slow enough to be hit.
    line.proxy
        .change(["GET */blobs/* always rate-down=20000000".parse::<Rule>().unwrap()]);
    let dir = line.built.dir();
    let out = dir.join("out");
    let pull = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
        clean(&mut command, dir.parent().unwrap());
        command.args(["pull", "-q", &line.remote(), "-o", "out", "--no-sync"]);
        command.current_dir(&dir).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let begin = Instant::now();
    assert!(pull().status().unwrap().success());
    let mut whole = begin.elapsed();
    let (mut killed, mut went_on) = (0, 0);
    let mut chance = chance();
    for _ in 0..MOMENTS {
        fs_err::remove_dir_all(&out).unwrap();
        let mut child = pull().spawn().unwrap();
        let until = whole.mul_f64(chance.f64());
        std::thread::sleep(until);
        child.kill().unwrap();
        if child.wait().unwrap().code().is_none() {
            killed += 1;
        } else {
            // A whole one takes less time than that.
            whole = until;
        }
        let blob = line.partial().with_file_name(line.weights.replace("sha256:", ""));
        let size = |path: &Path| fs_err::metadata(path).map_or(0, |metadata| metadata.len());
        let held = size(&line.partial()).max(size(&blob));
        if out.join("oci-layout").exists() {
            check_begun(&out);
        }
        line.proxy.record.clear();
        assert!(pull().status().unwrap().success());
        line.check();
        assert_eq!(line.fetched().0, WEIGHTS - held, "what was there is not fetched again");
        went_on += u32::from((1..WEIGHTS).contains(&held));
    }
    assert!(killed > MOMENTS / 4, "only {killed} were killed before their end");
    assert!(went_on > MOMENTS / 10, "only {went_on} had something to go on with");
}
