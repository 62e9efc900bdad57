//! Writing down who somebody is, where docker and podman would, and taking it out again.

use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use fs_err::File;
use rustix::fs::FlockOperation;

use super::document::Document;
use super::entry::encode;
use super::members::{Member, Members};
use super::program::Program;
use super::scope::{Scope, key};
use super::{Credentials, CredentialsError, Login, kept};
use crate::files::{Durability, lock, replace_private};
use crate::registry::host::canonical;

/// Where a login is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The file.
    pub path: PathBuf,
    /// The program that the file leaves it to; without one the file has it, for all who can read that.
    pub program: Option<String>,
}

/// What was taken out, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The registry.
    pub host: String,
    /// From where.
    pub from: Kept,
}

impl Credentials {
    /// Writes down who one is at `host`: where that was known already, or in the file that `docker login` would take,
    /// unless there are only podman's. If the file names a program for it, that one gets it.
    ///
    /// # Errors
    /// A file cannot be read, understood or written, or a program fails; the file is as it was.
    pub fn keep(&self, host: &str, login: &Login) -> Result<Kept, CredentialsError> {
        let host = canonical(host);
        let (username, secret) = login.pair().ok_or(CredentialsError::Passing)?;
        let path = self.place_for(&host)?;
        let held = Held::take(&path)?;
        let document = Document::read(&held.path)?;
        let fields = document.fields()?;
        let program = fields
            .program(&host)
            .map(|name| Program::new(name, &path))
            .transpose()?;
        let entry = if let Some(program) = &program {
            program.store(key(&host), username, secret)?;
            Members::default()
        } else {
            Members(vec![("auth".to_owned(), Member::String(encode(username, secret)))])
        };
        held.edit(&document, |auths| {
            let place = auths.0.iter().position(|(key, _)| Scope::of(key).is_all_of(&host));
            let name = match place.and_then(|place| auths.0.get(place)) {
                Some((name, _)) => name.clone(),
                None => key(&host).to_owned(),
            };
            auths.0.retain(|(key, _)| !Scope::of(key).is_all_of(&host));
            let place = place.unwrap_or(auths.0.len());
            auths.0.insert(place, (name, Member::Object(entry)));
        })?;
        Ok(Kept {
            path,
            program: program.map(|program| program.name),
        })
    }

    /// Takes out who one is at `host`, wherever it is written down. What is written for a part of the host's
    /// repositories stays.
    ///
    /// # Errors
    /// As for [`Self::keep`]; what was taken out before is gone.
    pub fn remove(&self, host: &str) -> Result<Vec<Removed>, CredentialsError> {
        let host = canonical(host);
        let mut removed = Vec::new();
        for path in &self.places.files {
            remove_from(path, Some(&host), &mut removed)?;
        }
        Ok(removed)
    }

    /// Takes out all that the files say, for parts of a host's repositories, too.
    ///
    /// # Errors
    /// As for [`Self::remove`].
    pub fn remove_all(&self) -> Result<Vec<Removed>, CredentialsError> {
        let mut removed = Vec::new();
        for path in &self.places.files {
            remove_from(path, None, &mut removed)?;
        }
        Ok(removed)
    }

    fn place_for(&self, host: &str) -> Result<PathBuf, CredentialsError> {
        let mut first = None;
        for path in &self.places.files {
            let document = Document::read(path)?;
            let fields = document.fields()?;
            let mut entries = fields.auths.iter().flatten();
            if fields.helper(host).is_some() || entries.any(|(key, _)| Scope::of(key).is_all_of(host)) {
                return Ok(path.clone());
            }
            if first.is_none() && !document.is_empty() {
                first = Some(path.clone());
            }
        }
        let docker = self.places.docker.clone();
        match docker {
            Some(docker) if docker.exists() => Ok(docker),
            docker => first
                .or(docker)
                .or_else(|| self.places.files.first().cloned())
                .ok_or(CredentialsError::Nowhere),
        }
    }
}

/// Takes out of the file at `path` what it says of the host `only`, or all that it says.
fn remove_from(path: &Path, only: Option<&str>, removed: &mut Vec<Removed>) -> Result<(), CredentialsError> {
    if Document::read(path)?.is_empty() {
        return Ok(());
    }
    let held = Held::take(path)?;
    let document = Document::read(&held.path)?;
    let fields = document.fields()?;
    for host in only.map_or_else(|| fields.hosts(), |host| vec![host.to_owned()]) {
        let mut program = None;
        if let Some((name, _)) = kept(&document, &fields, &host)? {
            let keeper = Program::new(fields.program(&host).unwrap_or_default(), path)?;
            keeper.erase(name)?;
            program = Some(keeper.name);
        }
        let in_scope = |key: &str| {
            let scope = Scope::of(key);
            scope.host == host && (only.is_none() || scope.path.is_empty())
        };
        let is_written = fields.auths.iter().flatten().any(|(key, _)| in_scope(key));
        if is_written {
            // One at a time: where a later program fails, what is gone is gone from the file too.
            let document = Document::read(&held.path)?;
            held.edit(&document, |auths| auths.0.retain(|(key, _)| !in_scope(key)))?;
        }
        if is_written || program.is_some() {
            removed.push(Removed {
                host,
                from: Kept {
                    path: path.to_owned(),
                    program,
                },
            });
        }
    }
    Ok(())
}

/// A file that nobody else of us changes meanwhile: two logins at once would each undo the other's.
struct Held {
    /// Behind symlinks, which people who keep their settings elsewhere want to keep.
    path: PathBuf,
    _directory: File,
}

impl Held {
    fn take(path: &Path) -> Result<Self, CredentialsError> {
        let unwritable = |cause: io::Error| CredentialsError::Unwritable {
            path: path.to_owned(),
            cause: cause.into(),
        };
        let path = fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let hold = || -> io::Result<File> {
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(true).mode(0o700).create(directory)?;
            let opened = File::open(directory)?;
            lock(&opened, FlockOperation::LockExclusive)?;
            Ok(opened)
        };
        let directory = hold().map_err(unwritable)?;
        Ok(Self {
            path,
            _directory: directory,
        })
    }

    /// Writes `document` again with other `auths`.
    fn edit(&self, document: &Document, change: impl FnOnce(&mut Members)) -> Result<(), CredentialsError> {
        let text = if document.is_empty() { "{}" } else { &document.text };
        let mut members: Members = serde_json::from_str(text).map_err(|error| document.broken_at(&error))?;
        let auths = members.object("auths").map_err(|error| document.broken_at(&error))?;
        change(auths);
        let write = || replace_private(&self.path, &members.text()?, Durability::Synced);
        write().map_err(|cause| CredentialsError::Unwritable {
            path: document.path.clone(),
            cause: cause.into(),
        })
    }
}
