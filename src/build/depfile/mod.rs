//! What a build depends on, as a rule that GNU make and ninja both read.
//!
//! Enters: the files that a build writes, and what they were made from. Leaves: the text of a rule with an empty rule for
//! each prerequisite behind it, as `gcc -MP` writes them, so that make does not give up when one is gone. The same
//! paths give the same bytes.

mod bracket;
mod date;
mod spelling;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

pub use date::{Date, date};
use spelling::Spelling;

use crate::plan::Inputs;

/// The text of a dependency file, and what to tell about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Depfile {
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// The names in it that one of the two tools does not read as they are meant.
    pub misread: Vec<Misread>,
}

/// A name that neither make nor ninja can be told.
#[derive(Debug, thiserror::Error)]
#[error("`{}` has no spelling that make and ninja could read in a dependency file", .0.display())]
pub struct Unspeakable(pub PathBuf);

/// What reads a dependency file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// GNU make.
    Make,
    /// ninja.
    Ninja,
}

/// Names that one tool does not read as they are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    /// Which.
    pub by: Reader,
    /// The first of them.
    pub path: PathBuf,
    /// How many more there are.
    pub more: usize,
    /// Whether they are targets.
    pub targets: bool,
}

impl Depfile {
    /// The rule by which `targets` are made from `inputs`.
    ///
    /// # Errors
    /// A name has no spelling.
    pub fn new(targets: &[PathBuf], inputs: &Inputs) -> Result<Self, Unspeakable> {
        let targets = targets
            .iter()
            .map(|path| spell(path, false))
            .collect::<Result<Vec<_>, _>>()?;
        let files = inputs.packed.iter().chain(&inputs.files).map(|path| (path, false));
        let directories = inputs.directories.iter().map(|path| (path, true));
        let paths: BTreeSet<_> = files.chain(directories).collect();
        let mut prerequisites = paths
            .into_iter()
            .map(|(path, is_directory)| spell(path, is_directory))
            .collect::<Result<Vec<_>, _>>()?;
        prerequisites.sort_by_key(|(_, spelling)| spelling.place());

        let mut bytes = Vec::new();
        for (index, (_, target)) in targets.iter().enumerate() {
            bytes.extend_from_slice(match index {
                0 if targets.len() > 1 => target.first(),
                0 => b"",
                _ => b" ",
            });
            bytes.extend_from_slice(&target.text);
        }
        bytes.push(b':');
        if prerequisites.first().is_some_and(|(_, first)| !first.may_be_first()) {
            // Something has to be there first: a directory that is there, and whose entries hardly ever change. Not `/`,
            // which ninja writes into its log as an empty name, and then refuses to.
            bytes.extend_from_slice(b" /usr");
        }
        for (_, prerequisite) in &prerequisites {
            bytes.extend_from_slice(b" \\\n  ");
            bytes.extend_from_slice(&prerequisite.text);
        }
        bytes.push(b'\n');
        for (_, prerequisite) in prerequisites.iter().filter(|(_, spelling)| spelling.is_target) {
            bytes.extend_from_slice(&prerequisite.text);
            bytes.extend_from_slice(b":\n");
        }
        let misread = [
            Misread::among(&targets, Reader::Make, true, |spelling| {
                spelling.make && spelling.is_target
            }),
            Misread::among(&targets, Reader::Ninja, true, |spelling| spelling.ninja),
            Misread::among(&prerequisites, Reader::Make, false, |spelling| spelling.make),
            Misread::among(&prerequisites, Reader::Ninja, false, |spelling| spelling.ninja),
        ];
        Ok(Self {
            bytes,
            misread: misread.into_iter().flatten().collect(),
        })
    }
}

fn spell(path: &Path, is_directory: bool) -> Result<(&Path, Spelling), Unspeakable> {
    let spelling = Spelling::of(path, is_directory).ok_or_else(|| Unspeakable(path.to_owned()))?;
    Ok((path, spelling))
}

impl Unspeakable {
    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        "rename it, exclude it in `.modelignore`, or leave out `--depfile`"
    }
}

impl Misread {
    fn among(
        names: &[(&Path, Spelling)],
        by: Reader,
        targets: bool,
        is_read: impl Fn(&Spelling) -> bool,
    ) -> Option<Self> {
        let mut misread = names.iter().filter(|(_, spelling)| !is_read(spelling));
        let (path, _) = misread.next()?;
        Some(Self {
            by,
            path: (*path).to_owned(),
            more: misread.count(),
            targets,
        })
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self.by {
            Reader::Make => "rename it; ninja reads it as it is",
            Reader::Ninja => "rename it; make reads it as it is, and newer versions of ninja may",
        }
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tool = match self.by {
            Reader::Make => "make",
            Reader::Ninja => "ninja",
        };
        let what = if self.targets { "output" } else { "input" };
        write!(f, "{tool} cannot read the {what} `{}`", self.path.display())?;
        if self.more > 0 {
            write!(f, " and {} more", self.more)?;
        }
        f.write_str(" in a dependency file: ")?;
        f.write_str(if self.targets {
            "it does not know what that depends on"
        } else {
            "it builds every time"
        })
    }
}
