//! Each artifact of another tool through everything that is done with one, as a transcript in `NAME.txt`.

use std::fmt::Write as _;
use std::path::Path;

use modelbuild::artifact::Dialect;
use snapbox::Data;

use super::tools::{Row, rows};
use crate::harness::{Output, Test, tree};
use crate::layout::{check, check_tar};
use crate::tiny::assert_same_text;

/// What was typed and what came of it.
struct Tour {
    last: Output,
    text: String,
}

impl Tour {
    /// Begins with the artifact in the layout `l`.
    fn new(row: &Row) -> Self {
        let last = row.write(Test::new(), "l").args(["--version"]).run();
        let text = String::new();
        Self { last, text }
    }

    /// Types a command, which may fail.
    fn step(&mut self, line: &str) {
        let mut command = self.last.then().args(line.split(' ')).command();
        let output = command.output().unwrap();
        let (stdout, stderr) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        writeln!(self.text, "$ modelbuild {line}").unwrap();
        let said = format!("{stdout}{stderr}");
        let dir = self.last.dir();
        self.text += &crate::harness::redact_times(&said.replace(dir.to_str().unwrap(), "[DIR]"));
        if let Some(status) = output.status.code().filter(|status| *status != 0) {
            writeln!(self.text, "[exit code {status}]").unwrap();
        }
        self.text.push('\n');
    }

    /// Converts it to a dialect, looks at it there, and goes back, if all goes well.
    fn convert(&mut self, row: &Row, spec: &str) {
        self.step(&format!("convert --spec {spec} oci:l:v1 -t {spec}"));
        let there = check(&self.last.dir().join("l"));
        if there.tagged(spec).is_none_or(|digest| digest == row.digest()) {
            return;
        }
        self.step(&format!("verify oci:l:{spec}"));
        self.step(&format!("inspect oci:l:{spec}"));
        self.step(&format!("convert -q --spec original oci:l:{spec} -t back"));
        let back = check(&self.last.dir().join("l"));
        assert_eq!(back.tagged("back"), Some(&*row.digest()), "{}", row.name);
        assert_eq!(back.blobs, there.blobs, "{}", row.name);
    }

    /// Types a command that writes a directory, if all goes well.
    fn step_into(&mut self, line: &str, dir: &str) {
        self.step(line);
        let written = self.last.dir().join(dir);
        if written.exists() {
            self.text.pop();
            writeln!(self.text, "{}", tree(&written)).unwrap();
        }
    }
}

fn transcript(row: &Row) -> String {
    let mut tour = Tour::new(row);
    tour.step("ls l");
    tour.step("inspect l");
    tour.step("verify l");
    tour.step_into("extract -q l files", "files");
    tour.step_into("extract -q --no-weights l told", "told");
    tour.step_into("extract -q --bundle l bundle", "bundle");
    tour.step("copy l copy.tar");
    tour.step("verify -q copy.tar");
    for spec in ["docker", "modelpack"] {
        tour.convert(row, spec);
    }
    let dir = tour.last.dir();
    let copy = check_tar(&dir.join("copy.tar"));
    assert_eq!(copy.tagged("v1"), Some(&*row.digest()));
    assert!(copy.blobs.is_subset(&check(&dir.join("l")).blobs));
    tour.text
}

#[test]
fn every_tool_has_its_transcript() {
    for row in rows() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/foreign/{}.txt", row.name));
        assert_same_text(transcript(&row), Data::read_from(&path, None));
    }
}

/// A dialect that is read is one that somebody writes.
#[test]
fn every_dialect_has_a_row() {
    let shown: Vec<_> = rows().iter().map(transcript).collect();
    for dialect in Dialect::ALL {
        let line = format!("spec          {}\n", dialect.name());
        assert!(shown.iter().any(|text| text.contains(&line)), "{}", dialect.name());
    }
}
