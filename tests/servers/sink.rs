//! A registry that takes every upload and keeps nothing of it: what a client sends as fast as it can is counted and
//! dropped, and what it fetches comes from layouts that are there already. For benches, since real registries hash at
//! 0.3 GB/s and would be all that is measured.

use std::collections::{HashMap, HashSet};
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::http::{Body, Listener, Reply, Request, Service, serve};
use super::layouts::Layouts;
use super::record::{Entry, Record};

/// A running sink. It has what was put into it as far as HEAD tells, so that a second push finds everything there.
pub struct Sink {
    listener: Listener,
    pub record: Arc<Record>,
}

#[derive(Default)]
struct Inside {
    next: AtomicU64,
    /// Bytes of each upload so far.
    lengths: Mutex<HashMap<String, u64>>,
    /// Paths of blobs and manifests.
    there: Mutex<HashSet<String>>,
    /// What can be fetched.
    layouts: Option<Layouts>,
}

impl Sink {
    pub fn start() -> Self {
        Self::with(None)
    }

    /// One that has the layouts in `dir` as its repositories, which can be fetched.
    pub fn giving(dir: &Path) -> Self {
        Self::with(Some(Layouts::new(dir)))
    }

    fn with(layouts: Option<Layouts>) -> Self {
        let record = Arc::<Record>::default();
        let inside = Inside {
            layouts,
            ..Inside::default()
        };
        let listener = serve(0, Arc::clone(&record), Arc::new(inside));
        Self { listener, record }
    }

    /// `127.0.0.1:PORT`; plain http.
    pub fn address(&self) -> String {
        self.listener.address()
    }
}

impl Service for Inside {
    fn answer(&self, request: &Request, body: &mut Body<'_>, _: &Entry) -> Option<Reply> {
        let path = request.path();
        let count = drain(body)?;
        Some(match (request.method.as_str(), path.split_once("/blobs/uploads")) {
            ("POST", Some((before, _))) => {
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                Reply::new(202).header("Location", format!("{before}/blobs/uploads/{number}"))
            }
            ("GET", Some(_)) => {
                let length = self.lengths.lock().unwrap().get(path).copied().unwrap_or_default();
                Reply::new(204)
                    .header("Location", path)
                    .header("Range", format!("0-{}", length.saturating_sub(1)))
            }
            ("PATCH", Some(_)) => {
                let mut lengths = self.lengths.lock().unwrap();
                let length = lengths.entry(path.to_owned()).or_default();
                *length += count;
                Reply::new(202)
                    .header("Location", path)
                    .header("Range", format!("0-{}", length.saturating_sub(1)))
            }
            ("PUT", Some((before, _))) => {
                self.lengths.lock().unwrap().remove(path);
                let digest = request.query("digest").unwrap_or_default();
                let blob = format!("{before}/blobs/{digest}");
                self.there.lock().unwrap().insert(blob.clone());
                Reply::new(201)
                    .header("Location", blob)
                    .header("Docker-Content-Digest", digest)
            }
            ("PUT", None) => {
                self.there.lock().unwrap().insert(path.to_owned());
                Reply::new(201).header("Location", path)
            }
            ("GET", None) if path == "/v2/" => Reply::new(200),
            ("HEAD", None) if self.there.lock().unwrap().contains(path) => Reply::new(200),
            ("GET" | "HEAD", None) if let Some(reply) = self.layouts.as_ref().and_then(|all| all.get(request)) => reply,
            _ => Reply::error(404, "NAME_UNKNOWN", "nothing is kept here"),
        })
    }
}

fn drain(body: &mut Body<'_>) -> Option<u64> {
    let mut piece = vec![0; 256 << 10];
    let mut count = 0;
    loop {
        match body.read(&mut piece).ok()? {
            0 => return Some(count),
            length => count += length as u64,
        }
    }
}
