//! A small registry that keeps to the OCI distribution specification 1.1, or breaks it where [`Options`] says so.
//!
//! What goes in is a directory and [`Options`], what comes out is a server on loopback as long as the value lives, with a
//! [`Record`] of all that it was asked. It promises to keep every byte that a client may count on, and to count each that
//! came. Blobs are files: memory does not grow with them, and a registry on the directory of another goes on with it.

mod blobs;
mod listings;
mod manifests;
mod options;
mod route;
mod signer;
mod storage;
mod token;
mod uploads;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

pub use options::{Access, Feature, Instead, Options, Ranges, Sessions, Uploads};
pub use route::Route;
pub use signer::{ISSUER, SERVICE, Signer};
pub use token::TokenService;

use self::route::is_digest;
use self::storage::Storage;
use self::token::{Closed, is_basic};
use self::uploads::{Begun, Upload};
use super::http::{Body, Listener, Reply, Request, Service, serve};
use super::record::{Entry, Record};

/// A running registry.
pub struct Registry {
    listener: Listener,
    pub record: Arc<Record>,
    inside: Arc<Inside>,
    /// Its files, unless they are somebody's.
    _root: Option<TempDir>,
}

struct Inside {
    storage: Storage,
    options: Mutex<Options>,
    begun: Begun,
}

impl Registry {
    /// One with an empty directory of its own.
    pub fn start(options: Options) -> Self {
        let root = TempDir::with_prefix("modelbuild-registry-").unwrap();
        let registry = Self::start_in(root.path(), 0, options);
        Self {
            _root: Some(root),
            ..registry
        }
    }

    /// One on the directory of an earlier one, and on its port if it is not 0: a registry that was down.
    pub fn start_in(root: &Path, port: u16, options: Options) -> Self {
        let record = Arc::<Record>::default();
        let inside = Arc::new(Inside {
            storage: Storage::new(root),
            options: Mutex::new(options),
            begun: Begun::default(),
        });
        Self {
            listener: serve(port, Arc::clone(&record), Arc::clone(&inside)),
            record,
            inside,
            _root: None,
        }
    }

    /// `127.0.0.1:PORT`; plain http.
    pub fn address(&self) -> String {
        self.listener.address()
    }

    pub fn port(&self) -> u16 {
        self.listener.port()
    }

    /// Behaves otherwise from the next request on.
    pub fn change(&self, change: impl FnOnce(&mut Options)) {
        change(&mut self.inside.options.lock().unwrap());
    }

    /// Forgets every upload that was begun.
    pub fn lose_uploads(&self) {
        uploads::lose_all(&self.inside.storage);
    }

    /// Cuts every upload that was begun back to so many bytes.
    pub fn truncate_uploads(&self, to: u64) {
        for file in self.inside.storage.uploads() {
            uploads::truncate(&file, to);
        }
    }

    /// How many uploads were begun and neither ended nor lost.
    pub fn open_uploads(&self) -> usize {
        self.inside.storage.uploads().len()
    }

    /// The file of a blob or manifest, to look at or to spoil.
    pub fn content(&self, digest: &str) -> PathBuf {
        self.inside.storage.content(digest)
    }

    /// Holds the only artifact of a layout under a tag, every blob as it is: what no client would have brought.
    pub fn hold(&self, name: &str, tag: &str, layout: &Path) {
        let storage = &self.inside.storage;
        for blob in fs_err::read_dir(layout.join("blobs/sha256")).unwrap() {
            let blob = blob.unwrap();
            let digest = format!("sha256:{}", blob.file_name().to_str().unwrap());
            fs_err::copy(blob.path(), storage.content(&digest)).unwrap();
            storage.link(name, &digest);
        }
        let index = fs_err::read(layout.join("index.json")).unwrap();
        let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
        let entry = &index["manifests"][0];
        let (digest, media_type) = (entry["digest"].as_str().unwrap(), entry["mediaType"].as_str().unwrap());
        let bytes = fs_err::read(storage.content(digest)).unwrap();
        storage.put_manifest(name, digest, media_type, &bytes);
        storage.set_tag(name, tag, digest);
    }

    /// Lets a repository lose a blob.
    pub fn lose_blob(&self, name: &str, digest: &str) {
        self.inside.storage.unlink(name, digest).unwrap();
    }

    /// Whether a repository has a blob.
    pub fn has_blob(&self, name: &str, digest: &str) -> bool {
        self.inside.storage.has_blob(name, digest)
    }

    /// What a tag stands for.
    pub fn tag(&self, name: &str, tag: &str) -> Option<String> {
        self.inside.storage.tag(name, tag)
    }
}

impl Service for Inside {
    fn answer(&self, request: &Request, body: &mut Body<'_>, _: &Entry) -> Option<Reply> {
        let options = self.options.lock().unwrap().clone();
        if let Some(reply) = options.instead.answer(request) {
            return Some(reply);
        }
        let Some(route) = Route::of(request.path()) else {
            return Some(Reply::error(404, "NAME_INVALID", "there is no such place"));
        };
        let reading = matches!(request.method.as_str(), "GET" | "HEAD");
        let action = if reading { "pull" } else { "push" };
        let refusal = refuse(&options.access, request, route.name().unwrap_or_default(), action);
        if refusal.is_some() {
            return refusal;
        }
        if options.without.contains(&Feature::Writing) && !reading {
            return Some(Reply::error(405, "UNSUPPORTED", "the registry is in read-only mode"));
        }
        self.act(&options, &route, request, body)
    }
}

impl Inside {
    fn act(&self, options: &Options, route: &Route<'_>, request: &Request, body: &mut Body<'_>) -> Option<Reply> {
        let storage = &self.storage;
        let upload = |name| Upload {
            storage,
            options,
            begun: &self.begun,
            name,
            request,
        };
        Some(match (request.method.as_str(), *route) {
            ("GET" | "HEAD", Route::Version) => {
                Reply::json(200, &serde_json::json!({})).header("Docker-Distribution-API-Version", "registry/2.0")
            }
            (_, Route::Blob { digest, .. } | Route::Referrers { digest, .. }) if !is_digest(digest) => {
                Reply::error(400, "DIGEST_INVALID", "the digest is malformed")
            }
            ("GET" | "HEAD", Route::Blob { name, digest }) => blobs::get(storage, options, name, digest, request),
            ("DELETE", Route::Blob { name, digest }) => blobs::delete(storage, name, digest),
            ("POST", Route::Uploads { name }) => return upload(name).begin(body),
            ("GET", Route::Upload { name, id }) => return upload(name).status(id),
            ("PATCH", Route::Upload { name, id }) => return upload(name).append(id, body),
            ("PUT", Route::Upload { name, id }) => return upload(name).finish(id, body),
            ("DELETE", Route::Upload { name, id }) => upload(name).cancel(id),
            ("GET" | "HEAD", Route::Manifest { name, reference }) => manifests::get(storage, name, reference, request),
            ("PUT", Route::Manifest { name, reference }) => {
                return manifests::put(storage, options, name, reference, request, body);
            }
            ("DELETE", Route::Manifest { name, reference }) => manifests::delete(storage, name, reference),
            ("GET", Route::Tags { name }) => listings::tags(storage, name, request),
            ("GET", Route::Referrers { .. }) if options.without.contains(&Feature::Referrers) => {
                Reply::new(404).bytes("404 page not found\n")
            }
            ("GET", Route::Referrers { name, digest }) => listings::referrers(storage, name, digest, request),
            _ => Reply::error(405, "UNSUPPORTED", "the operation is unsupported"),
        })
    }
}

/// 401 to whoever may not, and where to get what is needed.
fn refuse(access: &Access, request: &Request, name: &str, action: &str) -> Option<Reply> {
    let given = request.headers.get("Authorization");
    let challenge = match access {
        Access::Open => return None,
        Access::Basic { user, password } if is_basic(given, user, password) => return None,
        Access::Basic { .. } => "Basic realm=\"registry\"".to_owned(),
        Access::Bearer { realm, tokens } => {
            let token = given.and_then(|given| given.strip_prefix("Bearer "));
            let closed = match token.map(|token| tokens.redeem(token, name, action)) {
                Some(Ok(())) => return None,
                Some(Err(closed)) => Some(closed),
                None => None,
            };
            let scope = match (name, action) {
                ("", _) => String::new(),
                (_, "push") => format!(",scope=\"repository:{name}:pull,push\""),
                _ => format!(",scope=\"repository:{name}:{action}\""),
            };
            let error = match closed {
                Some(Closed::Invalid) => ",error=\"invalid_token\"",
                Some(Closed::Scope) => ",error=\"insufficient_scope\"",
                None => "",
            };
            format!("Bearer realm=\"{realm}\",service=\"registry\"{scope}{error}")
        }
    };
    Some(Reply::error(401, "UNAUTHORIZED", "authentication required").header("WWW-Authenticate", challenge))
}
