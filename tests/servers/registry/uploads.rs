//! Uploads: POST, PATCH, status, PUT and DELETE (distribution specification 1.1, section "Pushing blobs").

use std::collections::HashMap;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use fs_err::{File, OpenOptions};

use super::options::{Feature, Options, Sessions, Uploads};
use super::route::{is_digest, is_name};
use super::storage::{Storage, digest};
use crate::servers::http::{Body, Reply, Request};

/// What is known of uploads beside their files.
#[derive(Default)]
pub struct Begun {
    next: AtomicU64,
    /// Held by the request that writes: whoever asks for the status of a broken upload waits until its end was noticed.
    busy: Mutex<HashMap<String, Arc<Mutex<()>>>>,
}

impl Begun {
    fn lock(&self, id: &str) -> Arc<Mutex<()>> {
        Arc::clone(self.busy.lock().unwrap().entry(id.to_owned()).or_default())
    }

    /// A name that no upload of an earlier registry on the same directory has either.
    fn name(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let time = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
        format!("{time:x}-{number}")
    }
}

/// One request to the uploads of a repository.
pub struct Upload<'a> {
    pub storage: &'a Storage,
    pub options: &'a Options,
    pub begun: &'a Begun,
    pub name: &'a str,
    pub request: &'a Request,
}

impl Upload<'_> {
    /// POST: mounts a blob of another repository, takes one whole, or begins an upload.
    pub fn begin(&self, body: &mut Body<'_>) -> Option<Reply> {
        if let (Some(digest), Some(from)) = (self.request.query("mount"), self.request.query("from"))
            && !self.options.without.contains(&Feature::Mount)
            && is_digest(&digest)
            && is_name(&from)
            && self.storage.has_blob(&from, &digest)
        {
            self.storage.link(self.name, &digest);
            return Some(self.created(&digest));
        }
        let id = self.begun.name();
        File::create(self.storage.upload(self.name, &id)).unwrap();
        if self.request.query("digest").is_some() && !self.options.without.contains(&Feature::SinglePost) {
            return self.finish(&id, body);
        }
        let mut reply = self.progress(202, &id);
        if let Some(smallest) = self.options.smallest_chunk {
            reply = reply.header("OCI-Chunk-Min-Length", smallest.to_string());
        }
        Some(reply)
    }

    /// GET: how far it is.
    pub fn status(&self, id: &str) -> Option<Reply> {
        if self.options.without.contains(&Feature::UploadStatus) {
            return Some(Reply::error(400, "NAME_INVALID", "cannot parse hash"));
        }
        let lock = self.begun.lock(id);
        let _held = lock.lock();
        self.file(id)
            .is_err()
            .then(unknown)
            .or_else(|| Some(self.progress(204, id)))
    }

    /// PATCH: appends a chunk, or all of a stream.
    pub fn append(&self, id: &str, body: &mut Body<'_>) -> Option<Reply> {
        let lock = self.begun.lock(id);
        let _held = lock.lock();
        let Ok(file) = self.file(id) else {
            return Some(unknown());
        };
        let limit = match self.options.uploads {
            Uploads::OnePut => return Some(Reply::error(400, "UNSUPPORTED", "chunked upload is not supported")),
            Uploads::ChunksUpTo(limit) => limit,
            Uploads::Any | Uploads::CreatedEarly => u64::MAX,
        };
        if let Some(refusal) = self.refuse(&file, body) {
            return Some(refusal);
        }
        let refusal = Reply::error(416, "RANGE_INVALID", "the chunk is too long");
        if body.length().is_some_and(|length| length > limit) {
            return Some(refusal);
        }
        let before = length(&file);
        let count = self.take(&file, body, limit)?;
        if count > limit {
            truncate(&file, before);
            return Some(refusal);
        }
        let early = self.options.uploads == Uploads::CreatedEarly;
        Some(self.progress(if early { 201 } else { 202 }, id))
    }

    /// PUT, and POST with everything: takes the rest, if any, and compares with the digest.
    pub fn finish(&self, id: &str, body: &mut Body<'_>) -> Option<Reply> {
        let lock = self.begun.lock(id);
        let _held = lock.lock();
        let Ok(file) = self.file(id) else {
            return Some(unknown());
        };
        let wanted = self.request.query("digest").unwrap_or_default();
        if !is_digest(&wanted) {
            return Some(Reply::error(
                400,
                "DIGEST_INVALID",
                "the digest is missing or malformed",
            ));
        }
        if let Some(refusal) = self.refuse(&file, body) {
            return Some(refusal);
        }
        self.take(&file, body, u64::MAX)?;
        let Ok(content) = File::open(&file) else {
            return Some(unknown());
        };
        let found = digest(content).unwrap();
        if found != wanted {
            fs_err::remove_file(&file).unwrap();
            let message = format!("provided digest did not match uploaded content: {found}");
            return Some(Reply::error(400, "DIGEST_INVALID", &message));
        }
        self.storage.keep(self.name, &wanted, &file);
        Some(self.created(&wanted))
    }

    /// DELETE
    pub fn cancel(&self, id: &str) -> Reply {
        match self.file(id) {
            Ok(file) => {
                fs_err::remove_file(file).unwrap();
                Reply::new(204)
            }
            Err(()) => unknown(),
        }
    }

    /// Appends what comes; `None` after a body that broke, with what the options say done to what is there.
    fn take(&self, file: &Path, body: &mut Body<'_>, limit: u64) -> Option<u64> {
        if let Ok(count) = append_to(file, body, limit) {
            return Some(count);
        }
        match self.options.sessions {
            Sessions::Keep => {}
            // Another upload that broke may have taken it along.
            Sessions::DropBroken => drop(fs_err::remove_file(file)),
            Sessions::LoseAll => lose_all(self.storage),
            Sessions::Truncate(length) => truncate(file, length),
        }
        None
    }

    /// What speaks against going on: another place than where it stands, or too much for one layer.
    fn refuse(&self, file: &Path, body: &Body<'_>) -> Option<Reply> {
        let there = length(file);
        if let Some(range) = self.request.headers.get("Content-Range") {
            let begin = range.trim_start_matches("bytes ").split('-').next();
            if begin.and_then(|begin| begin.parse().ok()) != Some(there) {
                let message = format!("the upload stands at {there}");
                return Some(Reply::error(416, "RANGE_INVALID", &message).header("Range", range_of(there)));
            }
        }
        let (largest, message) = self.options.largest_layer.as_ref()?;
        let total = there + body.length().unwrap_or(0);
        (total > *largest).then(|| Reply::error(413, "SIZE_INVALID", message))
    }

    fn file(&self, id: &str) -> Result<std::path::PathBuf, ()> {
        let known = id.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        let file = self.storage.upload(self.name, id);
        if known && file.is_file() { Ok(file) } else { Err(()) }
    }

    /// Where to go on, and how far it is.
    fn progress(&self, status: u16, id: &str) -> Reply {
        let there = length(&self.storage.upload(self.name, id));
        let location = self.location(&format!("/v2/{}/blobs/uploads/{id}", self.name));
        Reply::new(status)
            .header("Location", location)
            .header("Range", range_of(there))
            .header("Docker-Upload-UUID", id)
    }

    fn created(&self, digest: &str) -> Reply {
        let location = self.location(&format!("/v2/{}/blobs/{digest}", self.name));
        Reply::new(201)
            .header("Location", location)
            .header("Docker-Content-Digest", digest)
    }

    fn location(&self, path: &str) -> String {
        let host = self.request.headers.get("Host").unwrap_or_default();
        if self.options.absolute_locations {
            format!("http://{host}{path}")
        } else {
            path.to_owned()
        }
    }
}

/// Appends a body to a file, at most `limit` bytes of it; returns how many. What came before it broke is in the file.
fn append_to(file: &Path, body: &mut Body<'_>, limit: u64) -> io::Result<u64> {
    let mut file = OpenOptions::new().append(true).open(file)?;
    let mut length = 0;
    let mut piece = vec![0; 64 << 10];
    loop {
        match body.read(&mut piece)? {
            0 => return Ok(length),
            _ if length >= limit => return Ok(limit + 1),
            count => {
                file.write_all(&piece[..count])?;
                length += count as u64;
            }
        }
    }
}

/// Forgets every upload that was begun.
pub fn lose_all(storage: &Storage) {
    for file in storage.uploads() {
        // One that ends at the same time is gone already.
        drop(fs_err::remove_file(file));
    }
}

/// Cuts an upload back; one that is shorter stays as it is.
pub fn truncate(file: &Path, to: u64) {
    if length(file) > to {
        OpenOptions::new().write(true).open(file).unwrap().set_len(to).unwrap();
    }
}

fn length(file: &Path) -> u64 {
    fs_err::metadata(file).map_or(0, |metadata| metadata.len())
}

/// As docker-registry and zot write it: nothing and one byte look the same.
fn range_of(length: u64) -> String {
    format!("0-{}", length.saturating_sub(1))
}

fn unknown() -> Reply {
    Reply::error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
}
