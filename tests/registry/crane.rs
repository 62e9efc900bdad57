//! A second registry that somebody else wrote, unlike the first: it answers 204 to a chunk, knows no status of an upload
//! and no mount, and takes only ranges with an end.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::oracle::denied;
use crate::pulling::blobs;
use crate::servers::proxy::Proxy;
use crate::serving::noise;
use crate::tiny::tiny;

/// Where `tests/oracles/install.sh` puts it, where this machine's archive has it.
const CRANE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/oracles/bin/crane");

struct Crane {
    child: Child,
    address: String,
    /// Its home and its log, for as long as it runs.
    root: TempDir,
}

impl Crane {
    fn start() -> Option<Self> {
        if !Path::new(CRANE).is_file() {
            denied("crane is not in target/oracles: the archive of this machine has none");
            return None;
        }
        let root = TempDir::with_prefix("modelbuild-crane-").unwrap();
        let log = root.path().join("log");
        let output = fs_err::File::create(&log).unwrap().into_parts().0;
        let mut child = Command::new(CRANE)
            .args(["registry", "serve", "--address", "127.0.0.1:0"])
            .env_clear()
            .env("HOME", root.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        let begin = Instant::now();
        loop {
            let text = fs_err::read_to_string(&log).unwrap();
            let port = text.lines().find_map(|line| line.split_once("serving on port "));
            if let Some((_, port)) = port.filter(|_| text.ends_with('\n')) {
                let address = format!("127.0.0.1:{}", port.trim());
                return Some(Self { child, address, root });
            }
            if child.try_wait().unwrap().is_some() || begin.elapsed() > Duration::from_secs(30) {
                drop(child.kill());
                panic!("crane does not listen:\n{text}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Crane {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(fs_err::remove_dir_all(self.root.path()));
    }
}

#[test]
fn a_second_registry_takes_chunks_and_gives_back_what_it_got() {
    let Some(crane) = Crane::start() else { return };
    let proxy = Proxy::start(&crane.address, []);
    let host = proxy.address();
    let built = tiny()
        .file("m.gguf", noise(3 << 20))
        .args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"])
        .run();
    let settings = format!("[registry.\"{host}\"]\nchunk-size = \"1MiB\"\n");
    let run = |args: &[&str]| {
        let test = built.then().file("settings.toml", &settings);
        test.env("MODELBUILD_CONFIG", "settings.toml").args(args).run()
    };
    let remote = format!("{host}/a/tiny:v1");
    run(&["push", "-q", "pushed", &remote]);
    assert_eq!(proxy.record.count("PATCH"), 3, "{}", proxy.record.lines());
    proxy.record.clear();
    run(&["push", "-q", "pushed", &remote]);
    assert_eq!(
        proxy.record.count("HEAD"),
        proxy.record.of("*").len(),
        "{}",
        proxy.record.lines()
    );

    // One chunk breaks: what it had of the upload cannot be asked for.
    proxy.change(["PATCH */uploads/* skip=1 cut-up=500000".parse().unwrap()]);
    let other = format!("{host}/b/tiny:v1");
    run(&["push", "-q", "pushed", &other]);

    // A download breaks, and goes on by a range.
    proxy.change(["GET */blobs/* cut-down=2000000".parse().unwrap()]);
    run(&["pull", "-q", &other, "-o", "pulled", "--no-sync"]);
    let dir = built.dir();
    assert_eq!(blobs(&dir.join("pulled")), blobs(&dir.join("pushed")));
}
