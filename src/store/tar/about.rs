use std::io;

use jiff::Timestamp;

use super::{broken, records};

/// What stands in front of an entry about it: PAX records, and GNU tar's long names.
#[derive(Default)]
pub struct About {
    pub name: Option<Vec<u8>>,
    pub size: Option<u64>,
    pub modified: Option<Timestamp>,
    pub is_sparse: bool,
    /// Whether records say what a long name says, or how many bytes follow.
    has_vital: bool,
    seen: Vec<Seen>,
}

/// A header that is about the next entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Records,
    LongName,
    LongLink,
}

impl About {
    /// Whether there is nothing so far.
    pub const fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Takes the records of this entry.
    pub fn records(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.see(Seen::Records)?;
        let mut sparse_name = None;
        for (key, value) in records::parse(bytes)? {
            self.is_sparse |= records::is_sparse(key);
            self.has_vital |= records::is_vital(key);
            match key {
                b"path" => self.name = Some(value.to_owned()),
                b"GNU.sparse.name" => sparse_name = Some(value.to_owned()),
                b"size" => self.size = records::decimal(value),
                b"mtime" => self.modified = str::from_utf8(value).ok().and_then(seconds),
                _ => {}
            }
        }
        // Such a file has its own name there, and another one for those who do not know that it is sparse.
        if sparse_name.is_some() {
            self.name = sparse_name;
        }
        self.agree()
    }

    /// Takes a name that was too long for a header.
    pub fn long_name(&mut self, mut bytes: Vec<u8>) -> io::Result<()> {
        bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
        if bytes.is_empty() {
            return Err(broken("a long name is empty"));
        }
        self.see(Seen::LongName)?;
        self.name = Some(bytes);
        Ok(())
    }

    /// Takes the name that a link leads to.
    pub fn long_link(&mut self) -> io::Result<()> {
        self.see(Seen::LongLink)
    }

    /// Takes note of one of them; of two, which one counts depends on who reads them.
    fn see(&mut self, what: Seen) -> io::Result<()> {
        if self.seen.contains(&what) {
            return Err(broken(match what {
                Seen::Records => "two headers of PAX records stand in front of one entry",
                Seen::LongName => "two long names stand in front of one entry",
                Seen::LongLink => "two long names of what a link leads to stand in front of one entry",
            }));
        }
        self.seen.push(what);
        self.agree()
    }

    /// So does what counts of records and a long name, and in which order they are.
    fn agree(&self) -> io::Result<()> {
        if self.has_vital && self.seen.iter().any(|seen| *seen != Seen::Records) {
            return Err(broken(
                "PAX records and a long name of GNU tar's stand in front of one entry",
            ));
        }
        Ok(())
    }
}

/// Judges records that are about all entries that follow: Go's reader leaves them out, others apply them.
pub fn global(bytes: &[u8]) -> io::Result<()> {
    if records::parse(bytes)?.iter().any(|(key, _)| records::is_vital(key)) {
        return Err(broken(
            "PAX records about all entries say names or sizes, which only some tools apply",
        ));
    }
    Ok(())
}

/// Seconds since 1970 in decimal, with a fraction or not.
fn seconds(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let nanoseconds: i32 = digits.parse().ok()?;
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    Timestamp::new(whole.parse().ok()?, sign * nanoseconds).ok()
}
