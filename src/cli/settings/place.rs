//! Paths in files: what they are relative to, and where they may lead.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr as _;

use super::file::{File, Owner, home};
use super::key::Holds;
use crate::plan::real_path;
use crate::store::Target;

/// Why a path may not stand where it stands.
#[derive(Debug)]
pub struct Misplaced {
    /// What is wrong with it.
    pub why: &'static str,
    /// What to do.
    pub help: &'static str,
}

const OUTSIDE: Misplaced = Misplaced {
    why: "leads out of the project",
    help: "a project's file may name places in its own directory only; name others on the command line, in the \
           environment, or in your own file",
};

const DOTS: Misplaced = Misplaced {
    why: "has a `..` in it",
    help: OUTSIDE.help,
};

const REMOTE: Misplaced = Misplaced {
    why: "is in a registry, which is not for a project to write to",
    help: "give it with `-o`, set `MODELBUILD_OUTPUT`, or write it into your own file",
};

const RELATIVE: Misplaced = Misplaced {
    why: "is relative, but your own settings hold in every directory",
    help: "write a path that begins with `/` or `~/`",
};

const HOMELESS: Misplaced = Misplaced {
    why: "is in your home directory, and `HOME` names none",
    help: "write a path that begins with `/`",
};

const UNSPEAKABLE: Misplaced = Misplaced {
    why: "has no spelling as seen from the working directory",
    help: "the path of the project has a `:` or a `,` in it, or is no text: build from within the project",
};

/// `value`, which stands in `file`, as it would be typed in the working directory.
pub fn typed(value: String, holds: Holds, file: &File) -> Result<OsString, Misplaced> {
    if value == "-" || value.is_empty() {
        return Ok(value.into());
    }
    match holds {
        Holds::Text => Ok(value.into()),
        Holds::Path => seen(Path::new(&value), file).map(PathBuf::into_os_string),
        Holds::Output => {
            let Ok(target) = Target::from_str(&value) else {
                // Whoever checks values has the better words.
                return Ok(value.into());
            };
            let Some(path) = target.path() else {
                let is_remote = matches!(target, Target::Registry(_));
                return if is_remote && file.owner == Owner::Project {
                    Err(REMOTE)
                } else {
                    Ok(value.into())
                };
            };
            let path = seen(path, file)?;
            let spelled = target.with_path(path).spelled().ok_or(UNSPEAKABLE)?;
            Ok(spelled.into())
        }
    }
}

/// `path` as seen from the working directory.
fn seen(path: &Path, file: &File) -> Result<PathBuf, Misplaced> {
    match file.owner {
        Owner::User if path.is_absolute() => Ok(path.to_owned()),
        Owner::User => {
            let below = path.strip_prefix("~").map_err(|_| RELATIVE)?;
            Ok(home().ok_or(HOMELESS)?.join(below))
        }
        Owner::Project => {
            let directory = file.directory();
            let root = if directory == Path::new("") {
                Path::new(".")
            } else {
                directory
            };
            if path.components().any(|component| component == Component::ParentDir) {
                return Err(DOTS);
            }
            // Nobody who writes it means a directory of that name.
            if path.starts_with("~") {
                return Err(OUTSIDE);
            }
            let seen = directory.join(path);
            // Symlinks came with the sources, as the file did; one to nowhere might lead anywhere.
            let dangling = |path: &Path| path.is_symlink() && fs_err::canonicalize(path).is_err();
            let inside = real_path(&seen).starts_with(real_path(root)) && !seen.ancestors().any(dangling);
            if inside { Ok(seen) } else { Err(OUTSIDE) }
        }
    }
}
