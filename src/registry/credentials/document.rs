//! The text of one file of credentials.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::entry::{Entry, Undecodable};
use super::scope::Scope;
use super::{CredentialsError, Login};

/// Largest file in bytes: room for a thousand tokens of the largest kind.
const LIMIT: u64 = 4 << 20;

/// A file of credentials as it was read; one that does not exist holds nothing.
#[derive(Debug, Clone)]
pub struct Document {
    pub path: PathBuf,
    pub text: String,
}

/// What counts of it; the rest is other people's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields<'a> {
    /// Kept as they stand until one is wanted: one that is broken is no reason to refuse all others.
    #[serde(borrow)]
    pub auths: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(rename = "credHelpers")]
    helpers: Option<BTreeMap<String, String>>,
    #[serde(rename = "credsStore")]
    store: Option<String>,
}

impl Document {
    /// Reads the file at `path`.
    pub fn read(path: &Path) -> Result<Self, CredentialsError> {
        let text = match text(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(cause) => {
                return Err(CredentialsError::Unreadable {
                    path: path.to_owned(),
                    cause: cause.into(),
                });
            }
        };
        let text = String::from_utf8(text).map_err(|error| {
            let before = error.as_bytes().get(..error.utf8_error().valid_up_to());
            CredentialsError::Broken {
                path: path.to_owned(),
                line: line_after(&String::from_utf8_lossy(before.unwrap_or_default())),
                why: "not UTF-8".to_owned(),
            }
        })?;
        Ok(Self {
            path: path.to_owned(),
            text,
        })
    }

    /// Whether nothing stands in it: podman makes such files.
    pub fn is_empty(&self) -> bool {
        self.text.trim_ascii().is_empty()
    }

    /// What stands in it.
    pub fn fields(&self) -> Result<Fields<'_>, CredentialsError> {
        if self.is_empty() {
            return Ok(Fields::default());
        }
        self.object(&self.text, 1)
    }

    /// What an entry of `fields` says.
    fn login(&self, key: &str, entry: &RawValue) -> Result<Option<Login>, CredentialsError> {
        let before = (entry.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let line = line_after(self.text.get(..before).unwrap_or_default());
        let entry: Option<Entry> = self.object(entry.get(), line)?;
        entry
            .unwrap_or_default()
            .login()
            .map_err(|Undecodable(why)| CredentialsError::Broken {
                path: self.path.clone(),
                line,
                why: format!("the entry `{key}` {why}"),
            })
    }

    /// What the entries of `fields` say of `repository` at `host`: the one for the longest path that says something.
    pub fn find(&self, fields: &Fields, host: &str, repository: &str) -> Result<Option<Login>, CredentialsError> {
        let entries = fields.auths.iter().flatten();
        let mut entries: Vec<_> = entries
            .map(|(key, entry)| (Scope::of(key), key, entry))
            .filter(|(scope, ..)| scope.covers(host, repository))
            .collect();
        // Among keys for the same path the plain one, which tools of today write, before URLs.
        entries.sort_by_key(|(scope, key, _)| (usize::MAX - scope.path.len(), key.contains("//"), key.len()));
        for (_, key, entry) in entries {
            if let Some(login) = self.login(key, entry)? {
                return Ok(Some(login));
            }
        }
        Ok(None)
    }

    /// A part of the text that begins on `line`.
    fn object<'a, T: Deserialize<'a>>(&self, text: &'a str, line: usize) -> Result<T, CredentialsError> {
        let object = serde_json::from_str(text).map_err(|error| self.broken(line, &error))?;
        let before = text.split_once('[').map_or(text, |(before, _)| before);
        if before.trim_ascii().is_empty() {
            // serde would take a list for the members in their order.
            return Err(self.foreign(line + before.matches('\n').count()));
        }
        Ok(object)
    }

    /// `error` in a part of the text that begins on `line`. Without its words, which quote values.
    fn broken(&self, line: usize, error: &serde_json::Error) -> CredentialsError {
        let line = line + error.line().saturating_sub(1);
        match error.classify() {
            Category::Data => self.foreign(line),
            _ => CredentialsError::Broken {
                path: self.path.clone(),
                line,
                why: "not JSON".to_owned(),
            },
        }
    }

    fn foreign(&self, line: usize) -> CredentialsError {
        CredentialsError::Broken {
            path: self.path.clone(),
            line,
            why: "not what docker and podman write there".to_owned(),
        }
    }

    /// For errors of whoever reads the text otherwise.
    pub fn broken_at(&self, error: &serde_json::Error) -> CredentialsError {
        self.broken(1, error)
    }
}

impl Fields<'_> {
    /// The last part of the name of the program that keeps what belongs to `host`.
    pub fn program(&self, host: &str) -> Option<&str> {
        let own = self.helper(host).or(self.store.as_deref());
        own.filter(|name| !name.is_empty())
    }

    /// What `credHelpers` says of `host`. Nothing but an empty text means: not the one for all others.
    pub fn helper(&self, host: &str) -> Option<&str> {
        let mut helpers = self.helpers.iter().flatten();
        let own = helpers.find(|(key, _)| Scope::of(key).is_all_of(host));
        own.map(|(_, name)| name.as_str())
    }

    /// Every host that the file says something of.
    pub fn hosts(&self) -> Vec<String> {
        let entries = self.auths.iter().flatten().map(|(key, _)| key);
        let helpers = self.helpers.iter().flatten().map(|(key, _)| key);
        let mut hosts: Vec<String> = entries.chain(helpers).map(|key| Scope::of(key).host).collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }
}

fn text(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs_err::metadata(path)?;
    let is_null = path == Path::new("/dev/null");
    if !metadata.is_file() && !is_null {
        return Err(io::Error::other("it is no file"));
    }
    let mut text = Vec::new();
    fs_err::File::open(path)?.take(LIMIT + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LIMIT {
        return Err(io::Error::other(format!("it is larger than {LIMIT} bytes")));
    }
    Ok(text)
}

/// The line that follows `before`, counted from 1.
fn line_after(before: &str) -> usize {
    before.matches('\n').count() + 1
}
