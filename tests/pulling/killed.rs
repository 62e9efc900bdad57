//! A pull that is killed at any moment: nothing half-finished is to be seen, and the next one goes on.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use super::{Line, WEIGHTS, check_begun};
use crate::chance::chance;
use crate::registry::Registry;
use crate::servers::proxy::{Fault, Gate, Proxy, Rule, Way};

/// Bytes at the end of the artifact that may have passed before it is seen that others have.
const LAST: u64 = 256 << 10;

/// Pulls, and kills it when so many bytes of blobs have passed, of which more are to come: they stand still by then, or go
/// on.
fn kill(line: &Line, moment: u64, is_moving: bool) {
    let gate = Arc::new(Gate::after(moment));
    let fault = Fault::Gate(Way::Down, Arc::clone(&gate));
    let slow = Fault::Rate(Way::Down, 20_000_000);
    let rule = Rule::new("GET", "*/blobs/*").always();
    line.proxy.change([rule.fault(fault).fault(slow)]);
    let mut command = line.pull().args(["-q"]).command();
    let mut pull = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !gate.is_reached() && pull.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(1));
    }
    if is_moving {
        gate.open();
    }
    drop(pull.kill());
    assert_eq!(pull.wait().unwrap().signal(), Some(9), "{}", line.proxy.record.lines());
    gate.open();
    line.proxy.change([]);
}

/// Kills so many pulls at random moments. After each, what was there is not fetched again.
fn at_any_moment(line: &Line, rounds: u32) {
    let out = line.built.dir().join("out");
    let size = |path: &Path| fs_err::metadata(path).map_or(0, |metadata| metadata.len());
    let mut went_on = 0;
    let mut chance = chance();
    for round in 0..rounds {
        drop(fs_err::remove_dir_all(&out));
        kill(line, chance.u64(1..WEIGHTS - LAST), round % 2 == 0);
        let blob = line.partial().with_file_name(line.weights.replace("sha256:", ""));
        let held = size(&line.partial()).max(size(&blob));
        if out.join("oci-layout").exists() {
            assert_eq!(check_begun(&out), Vec::<String>::new());
        }
        line.proxy.record.clear();
        line.pull().args(["-q"]).run();
        line.check();
        assert_eq!(line.fetched().0, WEIGHTS - held, "what was there is not fetched again");
        went_on += u32::from((1..WEIGHTS).contains(&held));
    }
    // But for those in which not enough had come to be written down.
    assert!(went_on >= rounds / 5 * 4, "only {went_on} had something to go on with");
}

#[test]
fn from_a_registry() {
    at_any_moment(&Line::new(), 50);
}

#[test]
fn from_docker_registry() {
    let Some(registry) = Registry::start() else { return };
    let line = Line::new();
    let to = format!("docker://{}/a/tiny:v1", registry.address());
    line.built.then().args(["copy", "-q", "pushed", &to]).run();
    let proxy = Proxy::start(registry.address(), []);
    at_any_moment(&Line { proxy, ..line }, 10);
}
