//! The files of settings: where they are, and their text.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::typed::FILE;
use crate::cli::exit::{Failure, INVALID};
use crate::modelfile::escape;
use crate::modelfile::{ReadError, Source};

/// The variable that names another file of the user's, or none if it is empty.
pub const VARIABLE: &str = "MODELBUILD_CONFIG";

/// Largest file of settings in bytes: a hundred times what one for every option takes.
const LIMIT: usize = 64 << 10;

/// Whose file it is: what it may say depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The project's: it came with the sources, and its author may be a stranger.
    Project,
    /// The user's own.
    User,
}

/// A place where settings were looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Whose.
    pub owner: Owner,
    /// Where.
    pub path: PathBuf,
    /// What it says, if it is there.
    pub text: Option<String>,
}

impl Owner {
    /// For machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::User => "user",
        }
    }
}

impl File {
    /// Whether it says the same now.
    pub fn still_holds(&self) -> bool {
        Source::read(&self.path).ok().map(|source| source.text) == self.text
    }

    /// What relative paths in it are relative to.
    pub fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}

/// The user's file, which need not exist unless the environment names it.
pub fn user() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value: &OsString| !value.is_empty());
    if let Some(named) = std::env::var_os(VARIABLE) {
        return Some(named).filter(|path| !path.is_empty()).map(PathBuf::from);
    }
    // The XDG Base Directory Specification: relative ones are to be ignored.
    let config = set("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let config = config.or_else(|| Some(home()?.join(".config")))?;
    Some(config.join("modelbuild").join(FILE))
}

/// The user's home directory.
pub fn home() -> Option<PathBuf> {
    std::env::var_os("HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

/// The text of the file at `path`, if there is one.
pub fn read(owner: Owner, path: PathBuf, wrong: &mut Vec<Failure>) -> (File, Option<Source>) {
    let named = owner == Owner::User && std::env::var_os(VARIABLE).is_some();
    let source = match Source::read(&path) {
        Ok(source) if source.text.len() > LIMIT => Err(too_large(&path)),
        Ok(source) => Ok(Some(source)),
        Err(ReadError::Missing { .. }) if !named => Ok(None),
        Err(error) => Err(message(&path, &error)),
    };
    let source = source.unwrap_or_else(|message| {
        wrong.push(failure(owner, message));
        None
    });
    let text = source.as_ref().map(|source| source.text.clone());
    (File { owner, path, text }, source)
}

/// What is wrong; the words of [`ReadError`] itself are about Modelfiles.
fn message(path: &Path, error: &ReadError) -> String {
    let shown = escape(&path.display().to_string());
    match error {
        ReadError::Missing { .. } => format!("`{VARIABLE}` names `{shown}`, which does not exist"),
        ReadError::Directory { .. } => format!("`{shown}` is a directory, not a file of settings"),
        ReadError::TooLarge { .. } | ReadError::TooLargeStream { .. } => too_large(path),
        ReadError::Io { source, .. } => format!("{error}: {source}"),
        _ => error.to_string(),
    }
}

fn too_large(path: &Path) -> String {
    let shown = escape(&path.display().to_string());
    format!("`{shown}` is larger than the {LIMIT} bytes that a file of settings may have")
}

fn failure(owner: Owner, message: String) -> Failure {
    let help = match owner {
        Owner::Project => {
            format!("settings of a project are a text beside the Modelfile; correct `{FILE}` or remove it")
        }
        Owner::User => format!("correct it, or name another file in `{VARIABLE}`, where nothing stands for no file"),
    };
    Failure::Message {
        code: INVALID,
        message,
        help: Some(help),
    }
}
