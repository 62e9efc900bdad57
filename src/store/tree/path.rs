use std::borrow::Cow;
use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

use super::staging;

/// The longest name that the file systems of Linux and macOS have, in bytes (`NAME_MAX`).
const LONGEST_NAME: usize = 255;

/// The longest path that the kernel takes, in bytes (`PATH_MAX`, less the end).
const LONGEST_PATH: usize = 4095;

/// A path within the directory that an artifact is extracted to: relative, `/` between its names, none of which leads
/// anywhere else or holds what a terminal would obey.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreePath(String);

/// Why a path is none that anything is extracted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathFault {
    /// It begins at the root.
    #[error("is absolute")]
    Absolute,
    /// It has a `..`.
    #[error("leads out of its directory by `..`")]
    Parent,
    /// It has a `.`.
    #[error("has a `.` among its names")]
    Dot,
    /// A name of it is empty, or all of it.
    #[error("has an empty name")]
    Empty,
    /// It has a character that is none to be seen.
    #[error("holds a control character")]
    Control,
    /// It is no text.
    #[error("is not UTF-8")]
    NotUtf8,
    /// It is longer than file systems take.
    #[error("is longer than file systems take ({LONGEST_NAME} bytes a name, {LONGEST_PATH} in all)")]
    TooLong,
    /// It leads to where we keep what is not complete.
    #[error("is where unfinished files are kept")]
    Staging,
}

impl TreePath {
    /// Judges a path as a layer names its file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(text: &str) -> Result<Self, PathFault> {
        if text.starts_with('/') {
            return Err(PathFault::Absolute);
        }
        if text.chars().any(char::is_control) {
            return Err(PathFault::Control);
        }
        if text.len() > LONGEST_PATH {
            return Err(PathFault::TooLong);
        }
        for name in text.split('/') {
            match name {
                "" => return Err(PathFault::Empty),
                "." => return Err(PathFault::Dot),
                ".." => return Err(PathFault::Parent),
                name if name.len() > LONGEST_NAME => return Err(PathFault::TooLong),
                _ => {}
            }
        }
        let path = Self(text.to_owned());
        let first = text.split('/').next().unwrap_or_default();
        if fold(first) == staging::NAME {
            return Err(PathFault::Staging);
        }
        Ok(path)
    }

    /// The same path in the directory `under`.
    ///
    /// # Errors
    /// That makes it too long.
    pub fn within(&self, under: Option<&str>) -> Result<Self, PathFault> {
        match under {
            Some(under) => Self::new(&format!("{under}/{}", self.0)),
            None => Ok(self.clone()),
        }
    }

    /// Judges the name of a tar's entry: tars of a directory have `./` before each, and `/` behind those of directories.
    /// `None` stands for the directory itself.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of_entry(name: &[u8]) -> Result<Option<Self>, PathFault> {
        let name = str::from_utf8(name).map_err(|_| PathFault::NotUtf8)?;
        let name = name.strip_prefix("./").unwrap_or(name);
        let name = name.strip_suffix('/').unwrap_or(name);
        match name {
            "" | "." => Ok(None),
            name => Self::new(name).map(Some),
        }
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The directory that it is in, which is empty at the top, and its name there.
    #[must_use]
    pub fn split(&self) -> (&str, &str) {
        self.0.rsplit_once('/').unwrap_or(("", &self.0))
    }

    /// The directories above it, from the nearest on.
    pub fn ancestors(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(parent(&self.0), |path| parent(path))
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(parent, _)| parent)
}

/// What is the same of two names that some file system takes for one: APFS, HFS+, NTFS and ext4's `casefold` do not tell
/// upper from lower case, nor composed from decomposed characters; HFS+ does not see some characters at all, and Windows
/// none of the dots and spaces that a name ends with.
pub fn fold(path: &str) -> Cow<'_, str> {
    const UNSEEN: [char; 2] = ['.', ' '];
    if !path.split('/').any(|name| name.ends_with(UNSEEN)) {
        return fold_characters(path);
    }
    let seen = |name| match str::trim_end_matches(name, UNSEEN) {
        "" => name,
        seen => seen,
    };
    let seen: Vec<_> = path.split('/').map(seen).collect();
    fold_characters(&seen.join("/")).into_owned().into()
}

fn fold_characters(path: &str) -> Cow<'_, str> {
    if path.is_ascii() {
        return if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
            path.to_ascii_lowercase().into()
        } else {
            path.into()
        };
    }
    // Git's list of what HFS+ ignores (utf8.c, `next_hfs_char`).
    let is_seen = |c: &char| !matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    let folded = path.nfd().filter(is_seen).flat_map(char::to_uppercase);
    folded.flat_map(char::to_lowercase).nfd().collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_its_directory() {
        for (text, fault) in [
            ("/etc/passwd", PathFault::Absolute),
            ("//a", PathFault::Absolute),
            ("../a", PathFault::Parent),
            ("a/../../b", PathFault::Parent),
            ("a/..", PathFault::Parent),
            ("./a", PathFault::Dot),
            ("a/./b", PathFault::Dot),
            (".", PathFault::Dot),
            ("", PathFault::Empty),
            ("a//b", PathFault::Empty),
            ("a/", PathFault::Empty),
            ("a\0b", PathFault::Control),
            ("a\nb", PathFault::Control),
            (".modelbuild-extract/0", PathFault::Staging),
            (".MODELBUILD-extract", PathFault::Staging),
        ] {
            assert_eq!(TreePath::new(text), Err(fault), "{text:?}");
        }
        assert_eq!(TreePath::new(&"x".repeat(256)), Err(PathFault::TooLong));
        assert_eq!(TreePath::new(&vec!["x"; 2049].join("/")), Err(PathFault::TooLong));
        for text in [
            "a",
            "a/b.c",
            "..a",
            "...",
            "a..b/c",
            "a\\..\\b",
            "ü/ß",
            &"x".repeat(255),
        ] {
            assert_eq!(TreePath::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn tars_of_directories_are_taken_as_they_are() {
        for (name, path) in [
            ("./", None),
            (".", None),
            ("", None),
            ("./a/", Some("a")),
            ("a/b", Some("a/b")),
        ] {
            let found = TreePath::of_entry(name.as_bytes()).unwrap();
            assert_eq!(found.as_ref().map(TreePath::as_str), path, "{name}");
        }
        assert_eq!(TreePath::of_entry(b"././a"), Err(PathFault::Dot));
        assert_eq!(TreePath::of_entry(b"a//"), Err(PathFault::Empty));
        assert_eq!(TreePath::of_entry(b"/"), Ok(None));
        assert_eq!(TreePath::of_entry(b"/a"), Err(PathFault::Absolute));
        assert_eq!(TreePath::of_entry(b"\xff"), Err(PathFault::NotUtf8));
    }

    #[test]
    fn what_some_file_system_takes_for_one_name_folds_to_one() {
        for (one, other) in [
            ("README.md", "readme.MD"),
            ("\u{e9}", "e\u{301}"),
            ("\u{c9}", "e\u{301}"),
            ("\u{212a}", "k"),
            ("stra\u{df}e", "STRASSE"),
            ("a\u{200c}b", "ab"),
            ("\u{3c3}", "\u{3c2}"),
            ("a.gguf.", "A.gguf"),
            ("d. ./a", "d/a"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
        assert_ne!(fold("a"), fold("b"));
        assert_ne!(fold("e"), fold("\u{e9}"));
        assert_ne!(fold("..."), fold("...."));
    }

    #[test]
    fn the_directories_above() {
        let path = TreePath::new("a/b/c").unwrap();
        assert_eq!(path.ancestors().collect::<Vec<_>>(), ["a/b", "a"]);
        assert_eq!(path.split(), ("a/b", "c"));
        assert_eq!(TreePath::new("a").unwrap().ancestors().count(), 0);
    }
}
