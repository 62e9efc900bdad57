//! What a person sees while a build goes on, and what a log and a machine get.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::harness::Test;
use crate::running::Running;
use crate::tiny::tiny;

/// A file of 64 GiB, all hole: no machine hashes it before a test has seen what it wants to see.
const SIZE: u64 = 64 << 30;

fn large() -> Test {
    let test = Test::new().file("Modelfile", "NAME large\nFORMAT gguf\nMODEL m.gguf\n");
    let file = fs_err::File::create(test.dir().join("m.gguf")).unwrap();
    file.set_len(SIZE).unwrap();
    test.args(["-n"])
}

/// The number in `1.23 GB`.
fn bytes(text: &str) -> f64 {
    let (number, unit) = text.split_once(' ').unwrap();
    let exponent = ["B", "kB", "MB", "GB", "TB"].iter().position(|name| *name == unit);
    number.parse::<f64>().unwrap() * 1000_f64.powi(exponent.unwrap().try_into().unwrap())
}

/// The seconds in `12 s`, in `1:02` and in `1:02:03`.
fn seconds(text: &str) -> f64 {
    let text = text.strip_suffix(" s").unwrap_or(text);
    text.split(':')
        .fold(0.0, |sum, part| 60.0 * sum + part.parse::<f64>().unwrap())
}

/// Compares numbers that were rounded to three digits.
#[track_caller]
fn assert_near(actual: f64, expected: f64, line: &str) {
    assert!(
        (actual - expected).abs() <= 1.0 + expected * 0.02,
        "{actual} {expected}: {line:?}"
    );
}

/// Checks ` 12 %  8.25 GB of 68.7 GB  1.81 GB/s  33 s left`, what each of its numbers is and that they fit together.
#[track_caller]
fn assert_progress(line: &str) {
    let parts: Vec<_> = line.trim().split("  ").collect();
    let [percent, amount, rate, left] = parts[..] else {
        panic!("{line:?}")
    };
    let (done, total) = amount.split_once(" of ").unwrap();
    let rate = bytes(rate.strip_suffix("/s").unwrap());
    let left = seconds(left.strip_suffix(" left").unwrap());
    let percent: f64 = percent.strip_suffix(" %").unwrap().parse().unwrap();
    assert_eq!(total, "68.7 GB");
    let (done, total) = (bytes(done), bytes(total));
    assert!(0.0 < done && done < total && rate > 0.0, "{line:?}");
    assert_near(percent, 100.0 * done / total, line);
    assert_near(left, (total - done) / rate, line);
}

/// Interrupts the build and gives all that it said.
fn interrupt(build: Running) -> String {
    build.signal(Signal::INT);
    let (code, said) = build.end();
    assert_eq!(code, Some(130), "{said:?}");
    said
}

/// The last line about the whole that has all numbers, without its bar.
fn bar(said: &str) -> Option<String> {
    let (line, _) = said.rsplit_once(" left ")?;
    // Behind what moves the cursor: `ESC [ 2 K`, `ESC [ 1 A`.
    let (_, line) = line.rsplit_once("\u{1b}[")?;
    let line = line.get(2..)?.trim_start_matches(['━', '╸', ' ']);
    Some(format!("{line} left"))
}

#[test]
fn a_bar_shows_bytes_rate_and_time_left_and_goes_away() {
    let mut build = Running::on_terminal(&large().args(["--color", "never"]));
    assert_progress(&build.until(bar));
    build.until(|said| said.contains("  m.gguf  ").then_some(()));
    let said = interrupt(build);
    assert!(!said.contains(" 0 s left"), "{said:?}");
    let (_, after) = said.rsplit_once("\u{1b}[1A").unwrap();
    assert_eq!(after, "error: interrupted\n");
}

#[test]
fn a_bar_that_ends_leaves_one_line() {
    let test = tiny().file("m.gguf", vec![1; 64 << 20]).args(["-n"]);
    let (code, said) = Running::on_terminal(&test).end();
    let (bar, after) = said.split_once("hashed `tiny` in ").unwrap();
    assert_eq!(code, Some(0));
    assert!(bar.contains("of 67.1 MB") && bar.contains("\u{1b}[2K"), "{said:?}");
    assert_eq!(after.lines().count(), 1, "{said:?}");
}

#[test]
fn a_bar_has_no_colours_to_take_away() {
    let mut build = Running::on_terminal(&large().env("NO_COLOR", "1"));
    build.until(bar);
    let said = interrupt(build);
    assert!(!coloured(&said), "{said:?}");
}

/// A terminal that cannot move its cursor, as Emacs' shell.
#[test]
fn a_dumb_terminal_gets_lines() {
    let (code, said) = Running::on_terminal(&tiny().env("TERM", "dumb")).end();
    assert_eq!(code, Some(0));
    assert!(
        said.starts_with("built `tiny`") && said.lines().count() == 1,
        "{said:?}"
    );
}

#[test]
fn a_log_gets_a_line_every_five_seconds() {
    let begin = Instant::now();
    let mut build = Running::piped(&large().args(["--progress", "plain"]));
    // It need not do anything in that time: what counts is the clock.
    sleep(Duration::from_millis(500));
    build.signal(Signal::STOP);
    sleep(Duration::from_secs(5));
    build.signal(Signal::CONT);
    build.until(|said| said.contains('\n').then_some(()));
    assert!(begin.elapsed() >= Duration::from_secs(5));
    let said = interrupt(build);
    let (line, after) = said.split_once('\n').unwrap();
    assert_progress(line);
    assert_eq!(after, "error: interrupted\n");
}

#[test]
fn a_machine_gets_the_numbers_twice_a_second() {
    let begin = Instant::now();
    let mut build = Running::piped(&large().args(["--progress", "json"]));
    let line = build.until(|said| {
        let line = said.lines().find(|line| line.contains("\"progress\""))?;
        said.contains(&format!("{line}\n")).then(|| line.to_owned())
    });
    assert!(begin.elapsed() >= Duration::from_millis(500));
    interrupt(build);
    let event: Value = serde_json::from_str(&line).unwrap();
    let members: Vec<_> = event.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["done", "event", "layers", "rate", "secondsLeft", "total"]);
    #[allow(clippy::cast_precision_loss, reason = "compared to three digits")]
    let [done, rate, left, total] =
        ["done", "rate", "secondsLeft", "total"].map(|key| event[key].as_u64().unwrap() as f64);
    assert_eq!(event["total"], SIZE);
    assert!(0.0 < done && done < total && rate > 0.0, "{line}");
    assert_near(left, (total - done) / rate, &line);
}

fn coloured(said: &str) -> bool {
    // `ESC [ 1 m` and the like; a bar moves the cursor by others.
    said.split("\u{1b}[").skip(1).any(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
            .starts_with('m')
    })
}

/// What stands on the terminal after a Modelfile with an error, a directory that is not there, and wrong usage.
fn failures(set: impl Fn(Test) -> Test) -> [String; 3] {
    let wrong = || Test::new().file("Modelfile", "MODLE m.gguf\n");
    [wrong(), wrong().args(["nowhere"]), wrong().args(["--no-such-option"])].map(|test| {
        let (code, said) = Running::on_terminal(&set(test)).end();
        assert!(matches!(code, Some(2 | 3)) && said.contains("error"), "{said:?}");
        said
    })
}

#[test]
fn errors_are_coloured_on_a_terminal_that_is_not_told_otherwise() {
    for said in failures(|test| test) {
        assert!(coloured(&said), "{said:?}");
    }
    // Empty is not set (no-color.org).
    for said in failures(|test| test.env("NO_COLOR", "")) {
        assert!(coloured(&said), "{said:?}");
    }
}

#[test]
fn errors_have_no_colours_where_they_are_not_wanted() {
    for said in failures(|test| test.env("NO_COLOR", "1")) {
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
    for said in failures(|test| test.env("TERM", "dumb")) {
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
    for never in [&["--color", "never"][..], &["--color=never"]] {
        for said in failures(|test| test.args(never)) {
            assert!(!said.contains('\u{1b}'), "{said:?}");
        }
    }
}
