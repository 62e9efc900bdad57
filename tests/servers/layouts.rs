//! Layouts in a directory as the repositories of a registry, each by its name, to be read as fast as a client can: nothing
//! is hashed, and the system sends the files by itself.

use std::path::{Path, PathBuf};

use fs_err::File;
use serde_json::Value;

use super::http::{Reply, Request};
use super::registry::Route;

/// The layouts that are in a directory.
pub struct Layouts(PathBuf);

impl Layouts {
    pub fn new(dir: &Path) -> Self {
        Self(dir.to_owned())
    }

    /// The answer to GET and HEAD of a blob or a manifest; `None` where no layout has it.
    pub fn get(&self, request: &Request) -> Option<Reply> {
        let (name, digest, media_type) = match Route::of(request.path())? {
            Route::Blob { name, digest } => (name, digest.to_owned(), "application/octet-stream".to_owned()),
            Route::Manifest { name, reference } => {
                let entry = self.entry(name, reference)?;
                let text = |key: &str| entry[key].as_str().map(str::to_owned);
                (name, text("digest")?, text("mediaType")?)
            }
            _ => return None,
        };
        let file = File::open(self.0.join(name).join("blobs").join(digest.replace(':', "/"))).ok()?;
        let length = file.metadata().ok()?.len();
        let reply = Reply::new(200)
            .header("Content-Type", media_type)
            .header("Docker-Content-Digest", digest);
        Some(reply.file(file, length))
    }

    /// What a layout's index says of a tag or a digest.
    fn entry(&self, name: &str, reference: &str) -> Option<Value> {
        let index = fs_err::read(self.0.join(name).join("index.json")).ok()?;
        let mut index: Value = serde_json::from_slice(&index).ok()?;
        let entries = index["manifests"].as_array_mut()?.drain(..);
        entries.into_iter().find(|entry| {
            let tag = &entry["annotations"]["org.opencontainers.image.ref.name"];
            entry["digest"] == reference || tag == reference
        })
    }
}
