//! A blob that the registry finds to be another one is read once more, which may end early.

use rustix::process::Signal;

use super::Line;
use crate::harness::{Output, Test, sha256};
use crate::running::Running;
use crate::servers::proxy::Proxy;
use crate::servers::registry::Options;
use crate::tiny::tiny;

/// A registry to copy from, by a proxy, and one to copy to, whose blobs arrive spoilt.
struct Copy {
    built: Output,
    from: Line,
    to: Line,
}

impl Copy {
    fn new() -> Self {
        let (from, to) = (Line::new(Options::default()), Line::new(Options::default()));
        let built = tiny().file("Modelfile", "NAME one\nMODEL m.gguf\n");
        let built = built.args(["build", "-q", "-o", "one"]).run();
        built.then().args(["push", "one", &from.model()]).run();
        to.spoil(&["PUT */uploads/* flip-up=3"]);
        Self { built, from, to }
    }

    /// The second time that the layer is asked for, `fault` happens.
    fn spoil(&self, fault: &str) {
        let layer = sha256(b"weights\n");
        self.from
            .spoil(&[&format!("GET */blobs/{layer} skip=1 always {fault}")]);
    }

    fn test(&self) -> Test {
        let [from, to] = [&self.from, &self.to].map(|line| format!("docker://{}", line.model()));
        self.built.then().args(["copy", &from, &to, "-j1", "--retries=1"])
    }

    /// Checks that the last thing that `proxy` heard of was the layer, which it refused.
    #[track_caller]
    fn check(proxy: &Proxy) {
        let asked = proxy.record.lines();
        let last = asked.lines().last().unwrap_or_default();
        assert!(last.starts_with("PUT ") && last.ends_with(" 400"), "{asked}");
        assert_eq!(proxy.record.count("PUT"), 1, "{asked}");
    }
}

#[test]
fn by_a_signal() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let copy = Copy::new();
        copy.spoil("status=503:100");
        let mut running = Running::piped(&copy.test());
        running.until(|said| said.contains("status 503; again in").then_some(()));
        running.signal(signal);
        let (code, said) = running.end();
        assert_eq!(code, Some(130), "{signal:?}: {said}");
        let errors: Vec<_> = said.lines().filter(|line| line.contains("error")).collect();
        assert_eq!(errors, ["error: interrupted"], "{signal:?}: {said}");
        let help = "error: interrupted\n  = help: the same command goes on where this one ended\n";
        assert!(said.ends_with(help), "{signal:?}: {said}");
        Copy::check(&copy.to.proxy);
    }
}

/// Then nobody knows whose fault it was, and what the registry said is what is known.
#[test]
fn by_what_it_is_read_from() {
    let copy = Copy::new();
    copy.spoil("status=404");
    let failed = copy.test().status(5).run();
    assert!(failed.stderr.contains("DIGEST_INVALID"), "{}", failed.stderr);
    Copy::check(&copy.to.proxy);
}
