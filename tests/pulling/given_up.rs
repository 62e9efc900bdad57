//! What goes wrong every time: a pull ends within its limits, by one error, and nothing of the artifact is to be seen.

use super::{Line, WEIGHTS};

/// The most that is fetched of the weights, and how often they are asked for at most.
struct Row {
    fault: &'static str,
    said: &'static str,
    fetched: u64,
    requests: usize,
}

#[test]
fn who_brings_nothing_forward_is_given_up() {
    let row = |fault, said, fetched, requests| Row {
        fault,
        said,
        fetched,
        requests,
    };
    let broken = "HOST cannot be reached: fetching `m.gguf`: error reading a body from connection: end of file before message length reached";
    for Row {
        fault,
        said,
        fetched,
        requests,
    } in [
        row(
            "stall-down=0:60000",
            "HOST did not answer for 0.5 s: fetching `m.gguf`",
            0,
            2,
        ),
        row(
            "stall-down=500000:60000",
            "HOST did not answer for 0.5 s: fetching `m.gguf`",
            1_000_000,
            2,
        ),
        row("delay=60000", "HOST did not answer for 0.5 s: fetching `m.gguf`", 0, 2),
        row("cut-down=500000", broken, 1_000_000, 2),
        // The same bytes again and again are no progress, however many.
        row("ignore-range cut-down=2000000", broken, 4_000_000, 2),
        row("status=408", "HOST refused: fetching `m.gguf`: status 408", 0, 2),
        row("status=429", "HOST refused: fetching `m.gguf`: status 429", 0, 2),
        row("status=500", "HOST refused: fetching `m.gguf`: status 500", 0, 2),
        row("status=503:1", "HOST refused: fetching `m.gguf`: status 503", 0, 2),
        row("status=400", "HOST refused: fetching `m.gguf`: status 400", 0, 1),
    ] {
        let line = Line::new();
        line.spoil(&[&format!("always {fault}")]);
        let limits = ["--retries", "1", "--timeout", "500ms", "--progress", "none"];
        let failed = line.pull().args(limits).status(5).stdout("").run();
        let first = line.said(&failed.stderr.replace("0.5 s", "0.5_s"));
        let first = first.lines().next().unwrap().replace("0.5_s", "0.5 s");
        assert_eq!(first, format!("error: {said}"), "{fault}");
        assert_eq!(
            failed.stderr.matches("error").count(),
            1 + said.matches("error").count()
        );
        let (all, count) = line.fetched();
        assert!(all <= fetched && count == requests, "{fault}: {all} in {count}");
        line.check_unpublished();
        // What there is of it is no waste.
        line.proxy.change([]);
        line.pull().run();
        line.check();
        assert!(line.fetched().0 <= fetched + WEIGHTS, "{fault}");
    }
}

#[test]
fn who_cannot_be_asked_for_the_manifest_is_given_up() {
    let line = Line::new();
    for (fault, said) in [
        ("delay=60000", "HOST did not answer for 0.5 s: fetching the manifest"),
        (
            "stall-down=10:60000",
            "HOST did not answer for 0.5 s: fetching the manifest",
        ),
        (
            "status=502",
            "HOST refused: fetching the manifest `a/tiny:v1`: status 502",
        ),
    ] {
        line.proxy
            .change([format!("GET */manifests/* always {fault}").parse().unwrap()]);
        line.proxy.record.clear();
        let limits = ["--retries", "2", "--timeout", "500ms", "--progress", "none"];
        let failed = line.pull().args(limits).status(5).stdout("").run();
        let text = failed.stderr.replace(&line.proxy.address(), "HOST");
        assert!(text.starts_with(&format!("error: {said}")), "{fault}: {text}");
        assert_eq!(line.proxy.record.count("GET"), 3, "{fault}");
        line.check_unpublished();
    }
}

/// Each byte comes in time, and all of them never do.
#[test]
fn a_manifest_that_trickles_is_given_up() {
    let line = Line::new();
    line.proxy
        .change(["GET */manifests/* always rate-down=100".parse().unwrap()]);
    let limits = ["--timeout", "500ms", "--progress", "none"];
    let failed = line.pull().args(limits).status(5).stdout("").run();
    let text = failed.stderr.replace(&line.proxy.address(), "HOST");
    let said = "error: HOST does not answer as a registry does: fetching the manifest";
    assert!(
        text.starts_with(said) && text.contains("its answer took longer than 5 s"),
        "{text}"
    );
    assert_eq!(line.proxy.record.count("GET"), 1);
    line.check_unpublished();
}
