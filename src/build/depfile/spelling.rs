use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::bracket::may_mean_another;

/// A path as it stands in a dependency file, and who reads it as it is meant.
///
/// Found by trying GNU make 4.3 and ninja 1.10, 1.11 and 1.13, which agree on little: both take `\ `, `\#`, `\:` and
/// `$$`, and a backslash before any other character for itself. Make has patterns, variables (`a=b`), archives (`a(b)`)
/// and a recipe behind `;`; ninja ends a name at any character that it does not expect, quoted or not.
#[derive(Debug)]
pub(super) struct Spelling {
    /// The bytes.
    pub text: Vec<u8>,
    /// Whether make takes it for this path.
    pub make: bool,
    /// Whether ninja does, all versions of it.
    pub ninja: bool,
    /// Whether make takes it for this path on the left of a colon too.
    pub is_target: bool,
}

impl Spelling {
    /// `None` if neither could read it.
    pub(super) fn of(path: &Path, is_directory: bool) -> Option<Self> {
        let mut spelling = Self {
            text: Vec::new(),
            make: true,
            ninja: true,
            is_target: true,
        };
        let absolute;
        let mut name = path.as_os_str().as_bytes();
        match name.first()? {
            // Make would put somebody's home directory there, behind `./` too.
            b'~' => {
                absolute = std::path::absolute(path).ok()?;
                name = absolute.as_os_str().as_bytes();
            }
            // Make would take `a +=b` for a variable.
            b'=' | b'+' | b'?' | b'!' => spelling.text.extend_from_slice(b"./"),
            _ => {}
        }
        let is_glob = name.iter().any(|byte| b"*?[".contains(byte));
        let escape_brackets = name.contains(&b'[') && may_mean_another(name);
        let mut backslashes = 0;
        for byte in name {
            spelling.add(*byte, backslashes, escape_brackets)?;
            backslashes = if *byte == b'\\' { backslashes + 1 } else { 0 };
        }
        if backslashes > 0 || (is_glob && name.contains(&b'\\')) {
            return None;
        }
        match name.last()? {
            b' ' | b':' | b')' if is_directory => spelling.text.extend_from_slice(b"/."),
            // Make takes spaces away at the end of a line.
            b' ' => return None,
            // `a&:` is a rule for a group; by `a&/.` ninja would find the root directory, which it has no name for.
            b'&' => spelling.is_target = false,
            // For ninja the targets end there.
            b':' => (spelling.ninja, spelling.is_target) = (false, false),
            // Make takes it for a member of an archive.
            b')' => spelling.make = !name.iter().skip(1).any(|byte| *byte == b'('),
            _ => {}
        }
        Some(spelling)
    }

    /// Adds a byte that stands behind a number of backslashes.
    fn add(&mut self, byte: u8, backslashes: usize, escape_brackets: bool) -> Option<()> {
        let mut escape = &b""[..];
        let mut is_plain = false;
        match byte {
            // A recipe begins at a semicolon, even behind a backslash.
            b';' | 0..b' ' | 0x7f => return None,
            b' ' => {
                // The backslashes before a space are counted by pairs.
                self.text.extend(std::iter::repeat_n(b'\\', backslashes + 1));
                self.text.push(byte);
                return Some(());
            }
            b'#' | b':' => escape = b"\\",
            b'$' => escape = b"$",
            b'%' | b'=' => self.is_target = false,
            b'*' | b'?' => {
                escape = b"\\";
                self.ninja = false;
            }
            b'[' if escape_brackets => {
                escape = b"\\";
                self.ninja = false;
            }
            b'|' => {
                escape = b"\\";
                self.ninja = false;
                self.is_target = false;
            }
            b'"' | b'\'' | b'&' | b'^' | b'`' | b'<' | b'>' => self.ninja = false,
            _ => is_plain = true,
        }
        if backslashes > 0 && !is_plain {
            return None;
        }
        self.text.extend_from_slice(escape);
        self.text.push(byte);
        Some(())
    }

    /// Where it stands among the prerequisites; less comes first.
    ///
    /// For make a `(` begins the members of an archive if any word behind it ends in `)`.
    pub(super) fn place(&self) -> (bool, bool) {
        (!self.text.ends_with(b")"), !self.may_be_first())
    }

    /// Make reads `out: a=b c` as a variable `a` of the target.
    pub(super) fn may_be_first(&self) -> bool {
        !self.text.contains(&b'=')
    }

    /// What to write before it where it is the first of several targets: make has words of its own for the begin of a
    /// line, such as `include`.
    pub(super) fn first(&self) -> &'static [u8] {
        if self.text.iter().any(|byte| b"./".contains(byte)) {
            b""
        } else {
            b"./"
        }
    }
}
