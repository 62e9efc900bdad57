use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fs_err as fs;
use fs_err::os::unix::fs::OpenOptionsExt as _;
use jiff::Timestamp;
use reqwest::Url;
use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};

use super::session::Session;
use super::survey::location;
use crate::cache::prepare_private;
use crate::digest::{Digest, Stamp};
use crate::files::{Durability, replace_file};
use crate::registry::Repository;

/// The directory within the cache's, and the version of what is in it.
const DIRECTORY: &str = "uploads-1";

/// Uploads that an earlier process began, so that this one can go on with them. They are worth nothing more than time:
/// whatever is wrong with one, it is forgotten and the blob is sent anew.
#[derive(Debug, Clone)]
pub struct Uploads(PathBuf);

/// The memory of one upload, this process's alone as long as the value lives.
#[derive(Debug)]
pub struct Kept {
    entries: Vec<Entry>,
    /// Whether this process is done with the session of the note, which stays for the next one.
    is_left: bool,
    /// Whether the registry does not know that session any more.
    is_gone: bool,
}

/// One name under which it is found.
#[derive(Debug)]
struct Entry {
    path: PathBuf,
    key: String,
    /// Holds the lock.
    _lock: fs::File,
}

#[derive(Serialize, Deserialize)]
pub struct Note {
    /// What is sent where.
    key: String,
    pub location: String,
    offset: u64,
    chunk_min: u64,
    /// Seconds since 1970.
    time: i64,
    /// The blob that it was to become, once all of it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

impl Uploads {
    /// Registries drop an upload that nobody goes on with after a week (docker-registry's default).
    pub const LIFE: Duration = Duration::from_hours(7 * 24);

    /// Those in the cache directory `cache`, which need not exist.
    #[must_use]
    pub fn new(cache: &Path) -> Self {
        Self(cache.join(DIRECTORY))
    }

    pub(super) fn directory(&self) -> &Path {
        &self.0
    }

    /// The memory of the upload of a blob to `repository`, which is found by any of `names`. `None` where another
    /// process is at it, or the directory cannot be used.
    pub(super) fn of(&self, repository: &Repository, size: u64, names: &[Identity]) -> Option<Kept> {
        let entries = names.iter().map(|name| self.open(key(repository, size, name)));
        let entries = entries.collect::<io::Result<Vec<_>>>().ok()?;
        Some(Kept {
            entries,
            is_left: false,
            is_gone: false,
        })
    }

    /// The `repository` has the blob: there is nothing to go on with, unless somebody is at it.
    pub fn has_arrived(&self, repository: &Repository, size: u64, digest: &Digest) {
        let note = self.path(&key(repository, size, &Identity::Digest(*digest)));
        if let Some(upload) = location(&note) {
            // Under all of its names. One that cannot be removed is found out by who asks for its session.
            drop(self.forget_where(|note| location(note).as_ref() == Some(&upload)));
        }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.0.join(Digest::of(key.as_bytes()).hex())
    }

    fn open(&self, key: String) -> io::Result<Entry> {
        // A place that somebody else chose would be sent the blob.
        prepare_private(self.0.clone())?;
        // Whether there is room for more shows below.
        drop(self.forget(Self::LIFE));
        let path = self.path(&key);
        let mut options = fs::OpenOptions::new();
        let options = options.write(true).create(true).truncate(false).mode(0o600);
        let name = path.with_extension("lock");
        let lock = options.open(&name)?;
        crate::files::lock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        // Whoever had the lock before may have removed the file, and somebody else made another one.
        let (held, named) = (lock.metadata()?, fs::symlink_metadata(&name)?);
        if (held.dev(), held.ino()) != (named.dev(), named.ino()) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(Entry { path, key, _lock: lock })
    }
}

/// What is sent where.
fn key(repository: &Repository, size: u64, name: &Identity) -> String {
    let name = match name {
        Identity::Digest(digest) => digest.to_string(),
        Identity::File(stamp, part) => format!("{stamp:?} {part:?}"),
    };
    format!("{} {} {size} {name}", repository.host.base, repository.name)
}

/// What tells one blob from another.
#[derive(Debug, Clone, Copy)]
pub enum Identity {
    /// Its digest.
    Digest(Digest),
    /// The file, and which part of it: offset, and how many bytes stand around it.
    File(Stamp, (u64, usize, usize)),
}

impl Kept {
    /// The session as an earlier process noted it, of several the one that got furthest; `None` where this process has
    /// left it.
    pub fn session(&self) -> Option<Session> {
        let entries = self.entries.iter().filter(|_| !self.is_left);
        entries.filter_map(Entry::session).max_by_key(|session| session.offset)
    }

    /// Notes a session that was begun just now, so that the next process can ask for what came of its first chunk. What
    /// an earlier one noted of a session that had got further stays, unless that is gone: it is worth more until this one
    /// has got somewhere.
    pub fn begin(&mut self, session: &Session) {
        let is_gone = std::mem::take(&mut self.is_gone);
        let is_worth_more = |entry: &&Entry| !is_gone && entry.session().is_some_and(|noted| noted.offset > 0);
        for entry in self.entries.iter().filter(|entry| !is_worth_more(entry)) {
            entry.note(session, None);
        }
    }

    /// Notes where the session stands.
    pub fn note(&self, session: &Session) {
        for entry in &self.entries {
            entry.note(session, None);
        }
    }

    /// Notes that the session is to become a blob now: when it has, the registry knows the session no more.
    pub fn note_end(&self, session: &Session, digest: &Digest) {
        for entry in &self.entries {
            entry.note(session, Some(digest));
        }
    }

    /// The blob that an earlier process had sent, if it had sent all of it.
    pub fn ended(&self) -> Option<Digest> {
        let mut notes = self.entries.iter().filter_map(Entry::read);
        notes.find_map(|note| note.digest?.parse().ok())
    }

    /// This process goes on with another session. The note stays until that has got somewhere.
    pub const fn leave(&mut self) {
        self.is_left = true;
    }

    /// The registry does not know the session of the note any more: the next one takes its place.
    pub const fn lose(&mut self) {
        self.is_gone = true;
    }

    /// There is nothing to go on with.
    pub fn forget(&self) {
        for entry in &self.entries {
            drop(fs::remove_file(&entry.path));
            // It is ours still: who waits for it sees then that it has lost its name.
            drop(fs::remove_file(entry.path.with_extension("lock")));
        }
    }
}

impl Entry {
    fn read(&self) -> Option<Note> {
        let bytes = fs::read(&self.path).ok()?;
        let note: Note = serde_json::from_slice(&bytes).ok()?;
        let age = Timestamp::now().as_second().saturating_sub(note.time);
        let is_fresh = u64::try_from(age).is_ok_and(|age| age < Uploads::LIFE.as_secs());
        (note.key == self.key && is_fresh).then_some(note)
    }

    fn session(&self) -> Option<Session> {
        let note = self.read()?;
        Some(Session {
            location: Url::parse(&note.location).ok()?,
            offset: note.offset,
            chunk_min: note.chunk_min,
        })
    }

    fn note(&self, session: &Session, digest: Option<&Digest>) {
        let note = Note {
            key: self.key.clone(),
            location: session.location.to_string(),
            offset: session.offset,
            chunk_min: session.chunk_min,
            time: Timestamp::now().as_second(),
            digest: digest.map(ToString::to_string),
        };
        if let Ok(bytes) = serde_json::to_vec(&note) {
            // An address may hold a secret of its own: the directory is the user's alone.
            drop(replace_file(&self.path, &bytes, Durability::Unsynced));
        }
    }
}
