//! A push that ends within the first chunk of an upload, and the same command again: what came of that chunk counts.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use snapbox::{IntoData, str};

use super::kept::notes;
use super::{CHUNK, Line};
use crate::harness::Test;
use crate::servers::registry::{Options, Sessions};
use crate::serving::noise;

/// Bytes in the first chunk: more than the system sends on when the process has died.
const FIRST: u64 = 32 << 20;

/// A line, and a layer of a chunk and a bit.
struct Large {
    line: Line,
    layer: Vec<u8>,
    digest: String,
}

impl Large {
    fn new(sessions: Sessions) -> Self {
        let line = Line::new(Options {
            sessions,
            ..Options::default()
        });
        let host = line.proxy.address();
        line.set(&format!("[registry.\"{host}\"]\nchunk-size = {FIRST}\n"));
        let layer = noise(u32::try_from(FIRST + CHUNK).unwrap());
        let test = line.built.then().file("one/Modelfile", "NAME one\nMODEL *.bin\n");
        let test = test.file("one/large.bin", &layer);
        let built = test.args(["build", "one", "-q", "-o", "one.layout"]).run();
        let digest = built.text().to_owned();
        Self { line, layer, digest }
    }

    fn push(&self) -> Test {
        let test = self.line.built.then().cached();
        test.args(["push", "one.layout", &self.line.model()])
    }

    /// Kills a push when a part of the first chunk has come.
    fn kill(&self) {
        self.line.spoil(&["PATCH */uploads/* always rate-up=10000000"]);
        let mut command = self.push().command();
        let mut push = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while self.line.registry.record.received() < CHUNK && push.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(1));
        }
        push.kill().unwrap();
        assert_eq!(push.wait().unwrap().signal(), Some(9));
        self.line.spoil(&[]);
    }

    /// The same push again, which completes.
    #[track_caller]
    fn completes(&self, said: impl IntoData) {
        let mut output = self.push().run();
        if let Some((before, rest)) = output.stderr.split_once("goes on at ")
            && let Some((_, rest)) = rest.split_once(" MB")
        {
            // How much of the chunk had come is chance.
            output.stderr = format!("{before}goes on at [CHANCE] MB{rest}");
        }
        self.line.assert_said(&output, said);
        let tag = self.line.registry.tag("some/model", "v1");
        assert_eq!(tag.as_ref(), Some(&self.digest));
        assert_eq!(notes(&self.line), Vec::<PathBuf>::new());
        let (sent, whole) = (self.line.sent_of(&self.layer).0, self.layer.len() as u64);
        assert!((whole..whole + FIRST).contains(&sent), "{sent}");
    }
}

#[test]
fn what_came_of_it_is_not_sent_again() {
    let large = Large::new(Sessions::Keep);
    large.kill();
    large.completes(str![[r#"
[HOST]: sending `large.bin`: goes on at [CHANCE] MB
pushed `one.layout` to `[HOST]/some/model:v1` in [TIME]: 1 layer, 34.6 MB; 1 written

"#]]);
}

#[test]
fn where_it_is_lost_that_is_said() {
    for sessions in [Sessions::DropBroken, Sessions::Truncate(0)] {
        let large = Large::new(sessions);
        large.kill();
        large.completes(str![[r#"
[HOST]: sending `large.bin`: begins anew, for the registry has nothing of what an earlier run began to send
pushed `one.layout` to `[HOST]/some/model:v1` in [TIME]: 1 layer, 34.6 MB; 1 written

"#]]);
    }
}

/// Of two that were killed so, the last one counts; and where it began in place of one that had got further, that one,
/// unless the registry knows nothing of it any more.
#[test]
fn the_note_is_of_what_is_worth_most() {
    let line = Line::in_chunks(Options::default());
    let session = || {
        let note: serde_json::Value = serde_json::from_slice(&fs_err::read(&notes(&line)[0]).unwrap()).unwrap();
        (note["location"].clone(), note["offset"].as_u64())
    };
    let fail = |rules: &[&str]| {
        line.spoil(rules);
        let failed = line.push().args(["-j1", "--retries=0"]).status(5).run();
        let anew = failed.stderr.split("begins anew, for the registry ").nth(1);
        let anew = anew.map(|rest| rest.lines().next().unwrap_or_default().to_owned());
        (session(), anew)
    };
    let (first, _) = fail(&["PATCH */uploads/* always status=503"]);
    let (second, _) = fail(&["PATCH */uploads/* always status=503"]);
    assert_eq!((first.1, second.1), (Some(0), Some(0)));
    assert_ne!(first.0, second.0);
    let (far, _) = fail(&["PATCH */uploads/* skip=1 always status=503"]);
    assert_eq!(far.1, Some(CHUNK));
    let silent = [
        "GET */uploads/* always status=503",
        "PATCH */uploads/* always status=503",
    ];
    let unsaid = "does not say what it has of what an earlier run sent".to_owned();
    assert_eq!(fail(&silent), (far.clone(), Some(unsaid)));
    let lost = [
        "GET */uploads/* always status=404",
        "PATCH */uploads/* always status=503",
    ];
    let (third, anew) = fail(&lost);
    assert_eq!((third.1, anew), (Some(0), Some("has lost 1.05 MB".to_owned())));
    assert_ne!(third.0, far.0);
    // Said once.
    let (_, anew) = fail(&lost);
    assert_eq!(
        anew,
        Some("has nothing of what an earlier run began to send".to_owned())
    );
    let (far, _) = fail(&["PATCH */uploads/* skip=1 always status=503"]);
    assert_eq!(far.1, Some(CHUNK));
    line.spoil(&[]);
    let output = line.push().run();
    assert!(output.stderr.contains("goes on at 1.05 MB"), "{}", output.stderr);
    line.assert_arrived();
    assert_eq!(notes(&line), Vec::<PathBuf>::new());
}
