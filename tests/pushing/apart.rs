//! Transfers at the same time that one switch stops: what ends one of them is nothing to the other.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use modelbuild::artifact::{Artifact, Descriptor};
use modelbuild::digest::Digest;
use modelbuild::registry::credentials::Credentials;
use modelbuild::registry::{Client, Settings, Unwatched};
use modelbuild::store::stored::find;
use modelbuild::store::{
    Blob, Bytes, Cancel, Choice, Error, Location, Options, Reference, Remote, Silent, Source, transfer,
};

use super::Line;
use crate::servers::registry;

const TWO: Options = Options {
    jobs: NonZeroUsize::MIN.saturating_add(1),
};

/// Two blobs: one that cannot be opened, and one over which the transfer cannot end before somebody says so.
struct Failing {
    blobs: [Blob; 2],
    both: Barrier,
    failed: Sender<()>,
    end: Mutex<Receiver<()>>,
}

impl Source for Failing {
    fn blobs(&self) -> &[Blob] {
        &self.blobs
    }

    /// So that both are taken on at the same time.
    fn is_remote(&self) -> bool {
        true
    }

    fn open(&self, index: usize, stop: &Cancel) -> Result<Bytes, Error> {
        self.both.wait();
        if index == 1 {
            // Once the other one has failed, and is known to have.
            while !stop.is_cancelled() {
                thread::yield_now();
            }
            self.failed.send(()).unwrap();
            self.end.lock().unwrap().recv().unwrap();
        }
        Err(Error::reading(io::Error::other(format!("blob {index} is gone"))))
    }

    fn assemble(&self, _: &[Digest]) -> Result<Artifact, Error> {
        let nothing = Descriptor::of("", &[]);
        Ok(Artifact {
            descriptor: nothing,
            manifest: Vec::new(),
            documents: Vec::new(),
            layers: Vec::new(),
            annotations: BTreeMap::new(),
        })
    }
}

#[test]
fn one_that_fails_stops_no_other() {
    let line = Line::new(registry::Options::default());
    // Longer than it takes to look whether to stop.
    line.spoil(&["HEAD */blobs/* delay=500"]);
    let cancel = Cancel::default();
    let client = Client::new(
        Settings::default(),
        Credentials::none(),
        Arc::new(Unwatched),
        cancel.clone(),
    );
    let from = Reference {
        location: Location::Layout(line.built.dir().join("layout")),
        choice: Choice::Only,
        variant: Vec::new(),
    };
    let found = find(&from, &client).unwrap();
    let repository = client.repository(&line.proxy.address(), "some/model").unwrap();
    let (failed, has_failed) = channel();
    let (end, wait) = channel();
    let blob = |name: &str| Blob {
        name: name.to_owned(),
        size: 7,
        digest: None,
    };
    let failing = Failing {
        blobs: [blob("first"), blob("second")],
        both: Barrier::new(2),
        failed,
        end: Mutex::new(wait),
    };
    let error = thread::scope(|scope| {
        let failing = scope.spawn(|| transfer(&failing, &mut [], TWO, &Silent, &cancel).unwrap_err());
        has_failed.recv().unwrap();
        let to = Remote::new(repository, vec!["v1".to_owned()]);
        let moved = transfer(&found, &mut [Box::new(to)], TWO, &Silent, &cancel);
        end.send(()).unwrap();
        moved.unwrap();
        failing.join().unwrap()
    });
    assert!(error.to_string().contains("blob 0 is gone"), "{error}");
    assert!(!cancel.is_cancelled());
    line.assert_arrived();
}

/// Nobody waits for a registry over what has failed already.
#[test]
fn a_failure_ends_its_own_waiting() {
    let line = Line::new(registry::Options::default());
    line.spoil(&[
        "PUT */uploads/* times=1 delay=60000",
        "POST */uploads/* skip=1 always status=403",
    ]);
    let output = line.push().args(["-j2", "--timeout=60s"]).status(5).run();
    assert!(output.stderr.contains("status 403"), "{}", output.stderr);
    assert_eq!(line.registry.record.count("PUT"), 0, "{}", line.proxy.record.lines());
}
