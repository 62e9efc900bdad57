use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cache::Cache;
use crate::store::{ArchiveFile, ArchiveStream, Destination, Durability, Layout, Link, Name, Target};

/// Where an artifact goes, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The place.
    pub target: Target,
    /// The names it has there, beside a tag that the target itself gives.
    pub names: Vec<Name>,
    /// Whether to wait for the disk.
    pub durability: Durability,
    /// Whether a layout's blobs may be links.
    pub link: Link,
}

impl Output {
    /// The destination for the engine; `stdout` is used where the target is standard output, `cache` where it is a tar
    /// in a file.
    #[must_use]
    pub fn destination(
        &self,
        stdout: impl FnOnce() -> Box<dyn Write + Send>,
        cache: Option<&Arc<Cache>>,
    ) -> Box<dyn Destination> {
        // A tag is one entry; the name with the whole reference says more.
        let names = |tag: &Option<Name>| {
            let mut names: Vec<Name> = Vec::new();
            for name in self.names.iter().chain(tag) {
                if names.iter().all(|earlier| earlier.tag() != name.tag()) {
                    names.push(name.clone());
                }
            }
            names
        };
        match &self.target {
            Target::Layout(path, tag) => Box::new(Layout::new(path.clone(), names(tag), self.durability, self.link)),
            Target::Archive(path, tag) => {
                let archive = ArchiveFile::new(path.clone(), names(tag), self.durability);
                Box::new(archive.remembered_by(cache.cloned()))
            }
            Target::Stdout => Box::new(ArchiveStream::new("standard output".to_owned(), names(&None), stdout())),
        }
    }

    /// The path it writes to, which must not be packed.
    #[must_use]
    pub const fn path(&self) -> Option<&PathBuf> {
        self.target.path()
    }
}

/// Where the layout goes when nobody says: `dist/NAME` in the context. Characters that would make it another path, or
/// that a shell or `oci:DIR:TAG` would take for something else, become `-`.
#[must_use]
pub fn default_layout(context: &Path, name: &str) -> PathBuf {
    let safe = |character: char| {
        if character.is_alphanumeric() || "._-+".contains(character) {
            character
        } else {
            '-'
        }
    };
    let name: String = name.trim_start_matches('.').chars().map(safe).collect();
    // `dist/NAME`, not `./dist/NAME`, where the context is the working directory.
    let context = if context == Path::new(".") {
        Path::new("")
    } else {
        context
    };
    context.join("dist").join(if name.is_empty() { "model" } else { &name })
}
