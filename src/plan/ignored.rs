use std::io;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::Error;
use super::context::Context;

/// The ignore file's name.
const NAME: &str = ".modelignore";

/// What `.modelignore` in the context excludes, in gitignore's syntax. No other file and no setting of git counts.
#[derive(Debug)]
pub(super) struct Ignored {
    /// `None` where there is none.
    file: Option<PathBuf>,
    rules: Gitignore,
    lines: Vec<String>,
}

/// The line of `.modelignore` that excludes a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct IgnoreLine {
    /// Counted from 1.
    pub line: usize,
    /// The line as written.
    pub text: String,
}

impl Ignored {
    /// Reads the ignore file, if there is one.
    pub(super) fn read(context: &Context) -> Result<Self, Error> {
        let path = context.path.join(NAME);
        let Some(text) = text(&path).map_err(|source| Error::Ignore {
            path: path.clone(),
            source,
        })?
        else {
            return Ok(Self {
                file: None,
                rules: Gitignore::empty(),
                lines: Vec::new(),
            });
        };
        let text = text.trim_start_matches('\u{feff}');
        // An empty root: paths are given relative to the context.
        let mut builder = GitignoreBuilder::new("");
        let mut last = (0, "");
        let invalid = |(line, pattern): (usize, &str), error: &ignore::Error| Error::IgnorePattern {
            path: path.clone(),
            line: line + 1,
            pattern: pattern.to_owned(),
            reason: reason(error),
        };
        for (index, line) in text.lines().enumerate() {
            last = (index, line);
            // An unclosed `[` would be taken as a name; a slip is likelier.
            builder
                .allow_unclosed_class(false)
                .add_line(None, line)
                .map_err(|error| invalid(last, &error))?;
        }
        let rules = builder.build().map_err(|error| invalid(last, &error))?;
        Ok(Self {
            file: Some(path.clone()),
            rules,
            lines: text.lines().map(str::to_owned).collect(),
        })
    }

    /// The ignore file, if there is one.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Whether this path, relative to the context, is excluded. Its directories are asked before it: nothing below an
    /// excluded directory is taken in again, as in git.
    pub(super) fn excludes(&self, path: &Path, directory: bool) -> bool {
        self.rules.matched(path, directory).is_ignore()
    }

    /// The line that excludes this path itself.
    pub(super) fn line(&self, path: &Path, directory: bool) -> Option<IgnoreLine> {
        let ignore::Match::Ignore(glob) = self.rules.matched(path, directory) else {
            return None;
        };
        // The last of equal lines decides.
        let line = self
            .lines
            .iter()
            .rposition(|line| line.trim_end() == glob.original().trim_end())?;
        Some(IgnoreLine {
            line: line + 1,
            text: glob.original().to_owned(),
        })
    }
}

/// The ignore file's text; a FIFO of that name is not opened, which would wait forever.
fn text(path: &PathBuf) -> io::Result<Option<String>> {
    match fs_err::metadata(path) {
        Ok(metadata) if metadata.is_file() => fs_err::read_to_string(path).map(Some),
        Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")),
        // A dangling symlink is an ignore file that got lost, not one that was never there.
        Err(error) if error.kind() == io::ErrorKind::NotFound && fs_err::symlink_metadata(path).is_err() => Ok(None),
        Err(error) => Err(error),
    }
}

fn reason(error: &ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err.clone(),
        other => other.to_string(),
    }
}
