//! What a server was asked, in order, for tests to compare with what they expect.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::http::{Headers, Received, Request};

/// One request, written down as it begins; the counts go on while it runs.
#[derive(Debug)]
pub struct Entry {
    pub method: String,
    pub target: String,
    pub headers: Headers,
    /// When its head had come.
    pub at: Instant,
    /// 0 as long as there is no answer, and for good if there never was one.
    pub status: AtomicU16,
    /// The request's body, without framing, as far as it came: what was refused or broke off too.
    pub received: Received,
    /// Bytes of the answer's body.
    pub sent: AtomicU64,
}

impl Entry {
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub fn status(&self) -> u16 {
        self.status.load(Ordering::Relaxed)
    }

    pub fn received(&self) -> u64 {
        self.received.count()
    }

    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether its body is a part of the blob that is `content`.
    fn brought(&self, content: &[u8]) -> bool {
        let range = self.headers.get("Content-Range");
        let start = range.and_then(|range| range.trim_start_matches("bytes ").split('-').next()?.parse().ok());
        self.received.is_part_of(content, start)
    }

    /// `Basic` or `Bearer`, if it carried credentials.
    pub fn scheme(&self) -> Option<&str> {
        self.headers.get("Authorization")?.split(' ').next()
    }
}

/// All requests to a server.
#[derive(Debug, Default)]
pub struct Record(Mutex<Vec<Arc<Entry>>>);

impl Record {
    pub fn add(&self, request: &Request) -> Arc<Entry> {
        let entry = Arc::new(Entry {
            method: request.method.clone(),
            target: request.target.clone(),
            headers: request.headers.clone(),
            at: Instant::now(),
            status: AtomicU16::new(0),
            received: Received::default(),
            sent: AtomicU64::new(0),
        });
        self.0.lock().unwrap().push(Arc::clone(&entry));
        entry
    }

    /// All so far, in the order in which their heads came.
    pub fn entries(&self) -> Vec<Arc<Entry>> {
        self.0.lock().unwrap().clone()
    }

    /// Those of one method; `*` for all.
    pub fn of(&self, method: &str) -> Vec<Arc<Entry>> {
        let mut entries = self.entries();
        entries.retain(|entry| method == "*" || entry.method == method);
        entries
    }

    /// How many of one method; `*` for all.
    pub fn count(&self, method: &str) -> usize {
        self.of(method).len()
    }

    /// A line for each request, `METHOD path → status`, where `[ID]` stands for the name of an upload and `-` for the
    /// status of one that got no answer.
    pub fn lines(&self) -> String {
        let mut lines = String::new();
        for entry in self.entries() {
            let path = without_upload(entry.path());
            let status = match entry.status() {
                0 => "-".to_owned(),
                status => status.to_string(),
            };
            writeln!(lines, "{} {path} → {status}", entry.method).unwrap();
        }
        lines
    }

    /// The schemes of the credentials that arrived, each once, sorted.
    pub fn schemes(&self) -> Vec<String> {
        let mut schemes: Vec<_> = self
            .entries()
            .iter()
            .filter_map(|entry| entry.scheme().map(str::to_owned))
            .collect();
        schemes.sort();
        schemes.dedup();
        schemes
    }

    /// Bytes of all bodies that came in.
    pub fn received(&self) -> u64 {
        self.entries().iter().map(|entry| entry.received()).sum()
    }

    /// Bytes of the blob that is `content` that came in over all attempts, refused and broken ones too, and in how many
    /// requests.
    pub fn received_of(&self, content: &[u8]) -> (u64, usize) {
        let mut entries = self.entries();
        entries.retain(|entry| entry.brought(content));
        (entries.iter().map(|entry| entry.received()).sum(), entries.len())
    }

    /// Bytes of all bodies that went out.
    pub fn sent(&self) -> u64 {
        self.entries().iter().map(|entry| entry.sent()).sum()
    }

    /// Forgets what was, so that a test looks at what its next step asks.
    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

/// The path with `[ID]` for the name of an upload, which is another one each time.
pub fn without_upload(path: &str) -> String {
    match path.split_once("/blobs/uploads/") {
        Some((before, id)) if !id.is_empty() => format!("{before}/blobs/uploads/[ID]"),
        _ => path.to_owned(),
    }
}
