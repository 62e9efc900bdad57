use std::io;
use std::path::{Component, Path, PathBuf};

use super::{Error, show};

/// How many links may lead to each other before it counts as a loop: what Linux allows (`MAXSYMLINKS`).
pub(super) const MOST_LINKS: usize = 40;

/// The directory that is packed.
#[derive(Debug)]
pub(super) struct Context {
    /// As the user gave it; paths in messages and sources of files begin with it.
    pub path: PathBuf,
    /// Without symlinks: what lies below it is inside.
    pub root: PathBuf,
}

/// Where a symlink leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// To this place inside of the context.
    Inside(PathBuf),
    /// Through or to this place outside of it.
    Outside(PathBuf),
}

impl Context {
    /// Finds the context; it may itself be a symlink to a directory.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Context {
            path: path.to_owned(),
            source,
        };
        let root = fs_err::canonicalize(path).map_err(failed)?;
        if !fs_err::metadata(&root).map_err(failed)?.is_dir() {
            return Err(failed(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self {
            path: path.to_owned(),
            root,
        })
    }

    /// The names of the directories that lead from `/` to the one above the context, as far as its path as given tells;
    /// `None` if one of them is not UTF-8, and so nothing that a Modelfile could name.
    pub(super) fn above(&self) -> Option<impl Iterator<Item = String>> {
        let mut names = Vec::new();
        for component in std::path::absolute(&self.path).ok()?.components() {
            match component {
                Component::Normal(name) => names.push(name.to_str()?.to_owned()),
                Component::ParentDir => drop(names.pop()),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        names.pop();
        Some(names.into_iter())
    }

    /// How many of the names lead from `/` to the context, by symlinks or not.
    pub(super) fn depth<'n>(&self, names: impl Iterator<Item = &'n str>) -> Option<usize> {
        let mut place = PathBuf::from("/");
        let is_root = |place: &Path| fs_err::canonicalize(place).is_ok_and(|real| real == self.root);
        if is_root(&place) {
            return Some(0);
        }
        names.zip(1..).find_map(|(name, depth)| {
            place.push(name);
            is_root(&place).then_some(depth)
        })
    }

    /// Follows a symlink to its end. `link` is a link whose directory is canonical.
    ///
    /// Every link of a chain has to lie inside of the context: what a link outside says tomorrow is not in the context's
    /// hand, even if today it leads back in.
    pub(super) fn follow(&self, link: &Path) -> io::Result<Target> {
        let mut at = link.to_owned();
        for _ in 0..MOST_LINKS {
            if !at.starts_with(&self.root) {
                return Ok(Target::Outside(at));
            }
            if !fs_err::symlink_metadata(&at)?.is_symlink() {
                return Ok(Target::Inside(at));
            }
            // An absolute target replaces the directory.
            let next = at.parent().unwrap_or(&at).join(fs_err::read_link(&at)?);
            at = match (next.parent(), next.file_name()) {
                (Some(directory), Some(name)) => fs_err::canonicalize(directory)?.join(name),
                // `..` or `/` at the end: no link.
                _ => fs_err::canonicalize(&next)?,
            };
        }
        Err(io::Error::from(rustix::io::Errno::LOOP))
    }

    /// The canonical places of this run's outputs. One that does not exist yet cannot be met, but its directory may be
    /// a symlink, so the part of the path that exists is resolved.
    pub(super) fn outputs(&self, outputs: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
        let place = |path: &PathBuf| {
            let real = real_path(path);
            if self.root.starts_with(&real) {
                return Err(Error::Output {
                    path: path.clone(),
                    context: self.path.clone(),
                });
            }
            Ok(real)
        };
        outputs.iter().map(place).collect()
    }

    /// What paths are relative to, where that is not plain because the Modelfile lies in another directory.
    pub(super) fn unless_beside(&self, modelfile: &Path) -> Option<String> {
        let directory = modelfile.parent().filter(|directory| !directory.as_os_str().is_empty());
        let directory = fs_err::canonicalize(directory.unwrap_or(Path::new("."))).ok()?;
        (directory != self.root).then(|| {
            if self.path == Path::new(".") {
                "paths are relative to the context, which is the working directory".to_owned()
            } else {
                format!("paths are relative to the context, `{}`", show::path(&self.path))
            }
        })
    }

    /// The last name of the canonical path, if it is fit for a model's name.
    pub(super) fn name(&self) -> Option<&str> {
        let Some(Component::Normal(name)) = self.root.components().next_back() else {
            return None;
        };
        name.to_str().filter(|name| !name.chars().any(char::is_control))
    }
}

/// The path without symlinks, as far as it exists: two spellings of one place have it in common.
#[must_use]
pub fn real_path(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for existing in absolute.ancestors() {
        if let (Ok(real), Ok(rest)) = (fs_err::canonicalize(existing), absolute.strip_prefix(existing)) {
            // Joined with nothing, a path ends in a `/`.
            return if rest.as_os_str().is_empty() {
                real
            } else {
                real.join(rest)
            };
        }
    }
    absolute
}
