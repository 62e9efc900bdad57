//! Lists of checksums as `sha256sum` writes them, and BSD's `sha256`.

use std::io::ErrorKind;
use std::path::Path;

use super::{Claim, Error, Listed, Origin, Trust, document};
use crate::digest::Digest;

/// Names of lists, in lower case. Others end in `.sha256`.
const NAMES: [&str; 4] = ["sha256sums", "sha256sums.txt", "sha256sum", "sha256sum.txt"];

/// What the lists in a directory claim.
pub(super) fn read(directory: &Path) -> Result<Listed, Error> {
    let unreadable = |cause| Error::Unreadable {
        path: directory.into(),
        cause,
    };
    let mut names = Vec::new();
    let here = directory.as_os_str().is_empty();
    let entries = match fs_err::read_dir(if here { Path::new(".") } else { directory }) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Listed::new()),
        entries => entries.map_err(unreadable)?,
    };
    for entry in entries {
        // A name that is no Unicode is none of these.
        if let Ok(name) = entry.map_err(unreadable)?.file_name().into_string() {
            let lower = name.to_lowercase();
            if NAMES.contains(&lower.as_str()) || lower.ends_with(".sha256") {
                names.push(name);
            }
        }
    }
    names.sort_unstable();
    let mut listed = Listed::new();
    for name in names {
        let path = directory.join(&name);
        let subject = name.get(..name.len() - ".sha256".len()).filter(|_| !is_list(&name));
        let bytes = document::read(&path)?.unwrap_or_default();
        for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
            let Some((file, digest)) = str::from_utf8(line).ok().and_then(|line| parse(line, subject)) else {
                continue;
            };
            listed.entry(file).or_default().push(Claim {
                digest,
                origin: Origin {
                    trust: Trust::Sums,
                    path: path.clone(),
                    line: Some(number),
                },
            });
        }
    }
    Ok(listed)
}

fn is_list(name: &str) -> bool {
    NAMES.contains(&name.to_lowercase().as_str())
}

/// A file's path and digest; `None` for whatever else stands in such lists (comments, signatures, other algorithms).
/// `subject` is what a digest without a name is of.
fn parse(line: &str, subject: Option<&str>) -> Option<(String, Digest)> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    // GNU marks a name that has escapes at the line's start.
    let (escaped, line) = match line.strip_prefix('\\') {
        Some(line) => (true, line),
        None => (false, line),
    };
    let (name, hex) = match line.strip_prefix("SHA256 (") {
        Some(rest) => rest.rsplit_once(") = ")?,
        None => match line.split_once(' ') {
            // The second blank, or `*` for what other systems call binary.
            Some((hex, name)) => (name.strip_prefix([' ', '*']).unwrap_or(name), hex),
            None => ("", line),
        },
    };
    let digest = Digest::from_hex(&hex.trim().to_ascii_lowercase())?;
    let name = match name {
        // Of standard input.
        "" | "-" => subject?.to_owned(),
        name if escaped => unescape(name)?,
        name => name.to_owned(),
    };
    Some((relative(&name)?, digest))
}

fn unescape(name: &str) -> Option<String> {
    let mut plain = String::with_capacity(name.len());
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next()? {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            other => other,
        });
    }
    Some(plain)
}

/// The path without `.` and doubled slashes; `None` for one that leads elsewhere.
pub(super) fn relative(path: &str) -> Option<String> {
    let components = path.split('/').filter(|component| !["", "."].contains(component));
    let components: Vec<_> = components.collect();
    let inside = !path.starts_with('/') && !components.is_empty() && !components.contains(&"..");
    inside.then(|| components.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0";

    #[track_caller]
    fn names(line: &str, expected: Option<&str>) {
        let digest = Digest::from_hex(HEX).unwrap();
        let line = line.replace("HEX", HEX);
        let found = parse(&line, Some("stem"));
        assert_eq!(found, expected.map(|name| (name.to_owned(), digest)), "{line}");
    }

    #[test]
    fn lines_are_read_as_their_programs_write_them() {
        names("HEX  a.gguf", Some("a.gguf"));
        names("HEX *a.gguf", Some("a.gguf"));
        names("HEX  a b  c", Some("a b  c"));
        names("HEX   a", Some(" a"));
        names("HEX a", Some("a"));
        names("HEX  ./d//a", Some("d/a"));
        names("HEX  a\r", Some("a"));
        names("\\HEX  a\\nb\\\\c", Some("a\nb\\c"));
        names("HEX  a\\nb", Some("a\\nb"));
        names("SHA256 (a (1) = b) = HEX", Some("a (1) = b"));
        names("\\SHA256 (a\\nb) = HEX", Some("a\nb"));
        names("HEX", Some("stem"));
        names("HEX  -", Some("stem"));
        names(&format!("{}  a", HEX.to_uppercase()), Some("a"));
    }

    #[test]
    fn what_is_no_checksum_of_a_file_here_is_passed_over() {
        for line in [
            "",
            "# HEX  a",
            "-----BEGIN PGP SIGNED MESSAGE-----",
            "HEX0  a",
            "  HEX  a",
            "SHA1 (a) = HEX",
            "SHA512 (a) = HEX",
            "SHA256 (a) = ",
            "HEX  /a",
            "HEX  ../a",
            "HEX  a/../../b",
            "HEX  .",
            "\\HEX  a\\x",
            "\\HEX  a\\",
        ] {
            names(line, None);
        }
        assert_eq!(parse(HEX, None), None);
    }
}
