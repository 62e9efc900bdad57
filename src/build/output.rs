use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cache::Cache;
use crate::modelfile::escape;
use crate::registry::{Client, Uploads};
use crate::store::{
    Address, ArchiveFile, ArchiveStream, Destination, Durability, Error, Layout, Link, Name, Remote, Target,
};

/// The tag in a registry where none is given.
const LATEST: &str = "latest";

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
    /// Whether a layout or a tarball keeps what a transfer that fails has brought, to go on with it.
    pub resumable: bool,
    /// Whether earlier models without a tag stay in a layout: what is built again takes their place, what is moved there
    /// does not.
    pub adding: bool,
    /// Repositories from which a registry may take blobs over, as somebody has said.
    pub mount_from: Vec<String>,
    /// Those of the same registry that are given the same.
    pub beside: Vec<String>,
}

/// What destinations are made with.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// How registries are spoken to.
    pub client: &'a Client,
    /// What knows which tarballs are ours.
    pub cache: Option<&'a Arc<Cache>>,
    /// Uploads to go on with.
    pub uploads: Option<&'a Uploads>,
}

impl Output {
    /// The destination for the engine; `stdout` is used where the target is standard output.
    ///
    /// # Errors
    /// The registry's host is none, or a certificate for it cannot be used.
    pub fn destination(
        &self,
        stdout: impl FnOnce() -> Box<dyn Write + Send>,
        means: Means<'_>,
    ) -> Result<Box<dyn Destination>, Error> {
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
        Ok(match &self.target {
            Target::Layout(path, tag) => {
                let layout = Layout::new(path.clone(), names(tag), self.durability, self.link);
                let layout = if self.adding { layout.adding() } else { layout };
                Box::new(if self.resumable { layout.resumable() } else { layout })
            }
            Target::Archive(path, tag) => {
                let archive = ArchiveFile::new(path.clone(), names(tag), self.durability);
                let archive = if self.resumable { archive.resumable() } else { archive };
                Box::new(archive.remembered_by(means.cache.cloned()))
            }
            Target::Stdout => Box::new(ArchiveStream::new("standard output".to_owned(), names(&None), stdout())),
            Target::Registry(address) => {
                let repository = means.client.repository(&address.host, &address.repository)?;
                let remote = Remote::new(repository, self.tags());
                let remote = remote.mounting_from(self.mount_from.clone(), self.beside.clone());
                Box::new(remote.resuming(means.uploads.cloned()))
            }
        })
    }

    /// The repository and its first tag there, where it is in a registry: `latest` where nobody chose one.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        let Target::Registry(address) = &self.target else {
            return None;
        };
        let mut address = address.clone();
        let first = || self.names.first().map_or(LATEST, Name::tag).to_owned();
        address.tag = address.tag.or_else(|| Some(first()));
        Some(address)
    }

    /// The same with each of its tags there, the first one first; none where it is in no registry.
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        let Target::Registry(address) = &self.target else {
            return Vec::new();
        };
        let of_tag = |tag: String| Address {
            tag: Some(tag),
            ..address.clone()
        };
        self.tags().into_iter().map(of_tag).collect()
    }

    /// The tags that it has there, the one that the target gives first; in a registry it has one, be it `latest`.
    #[must_use]
    pub fn tags(&self) -> Vec<String> {
        let (own, otherwise) = match &self.target {
            Target::Layout(_, tag) | Target::Archive(_, tag) => (tag.as_ref().map(Name::tag), None),
            Target::Stdout => (None, None),
            Target::Registry(address) => (address.tag.as_deref(), Some(LATEST)),
        };
        let mut seen = HashSet::new();
        let tags = own.into_iter().chain(self.names.iter().map(Name::tag));
        let mut tags: Vec<_> = tags.filter(|tag| seen.insert(*tag)).collect();
        if tags.is_empty() {
            tags.extend(otherwise);
        }
        tags.into_iter().map(str::to_owned).collect()
    }

    /// What people are shown of it: a path, a repository, or `-`; where it was named with a tag, with all of its tags.
    #[must_use]
    pub fn shown(&self) -> String {
        let (named, tag) = match &self.target {
            Target::Layout(path, None) | Target::Archive(path, None) => return escape(&path.display().to_string()),
            Target::Stdout => return "-".to_owned(),
            Target::Layout(path, Some(tag)) => (format!("oci:{}:{}", path.display(), tag.tag()), Some(tag.tag())),
            Target::Archive(path, Some(tag)) => {
                (format!("oci-archive:{}:{}", path.display(), tag.tag()), Some(tag.tag()))
            }
            Target::Registry(address) => {
                let named = self.address().map(|address| address.to_string());
                let first = address.tag.as_deref().or_else(|| self.names.first().map(Name::tag));
                (named.unwrap_or_default(), first)
            }
        };
        let mut seen = HashSet::from([tag]);
        let others = self.names.iter().map(Name::tag).filter(|name| seen.insert(Some(name)));
        others.fold(escape(&named), |shown, other| format!("{shown}, :{other}"))
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
