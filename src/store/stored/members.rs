use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Root;
use crate::digest::Digest;
use crate::store::tar::Kind;

/// How many members that are no part of a layout are remembered; of those that mean harm as many again.
const MOST_OTHERS: usize = 100;

/// How much of a name that is no part of a layout is remembered, in bytes.
const MOST_OF_NAME: usize = 4096;

/// Where a member's bytes are in the tar, and how many.
pub type Seat = (u64, u64);

/// What a tar of a layout holds, whatever else there is beside it.
#[derive(Default)]
pub struct Members {
    /// What no digest names: `oci-layout`, `index.json`, `manifest.json`.
    pub roots: HashMap<Root, Seat>,
    pub blobs: HashMap<Digest, Seat>,
    /// What belongs to no layout.
    pub others: Vec<Other>,
}

/// Something that is no part of a layout.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Other {
    /// Its name.
    pub name: String,
    /// What it does to whoever unpacks the tar, where that is no good.
    pub harm: Option<&'static str>,
}

/// A member that says something of the layout.
#[derive(Clone, Copy)]
pub enum Wanted {
    Root(Root),
    Blob(Digest),
}

/// The name of a member, as whoever unpacks the tar takes it.
pub struct Named<'a> {
    raw: &'a [u8],
    /// The names on the way, without those that lead nowhere; `None` where it leads out.
    clean: Option<Vec<&'a [u8]>>,
}

impl<'a> Named<'a> {
    pub fn new(raw: &'a [u8]) -> Self {
        let mut clean = Vec::new();
        let mut is_within = true;
        for name in raw.split(|byte| *byte == b'/') {
            match name {
                b"" | b"." => {}
                b".." => is_within &= clean.pop().is_some(),
                name => clean.push(name),
            }
        }
        Self {
            raw,
            clean: is_within.then_some(clean),
        }
    }

    pub fn wanted(&self) -> Option<Wanted> {
        match self.clean.as_deref()? {
            [b"oci-layout"] => Some(Wanted::Root(Root::Marker)),
            [b"index.json"] => Some(Wanted::Root(Root::Index)),
            [b"manifest.json"] => Some(Wanted::Root(Root::Manifest)),
            [b"blobs", b"sha256", hex] => {
                let hex = std::str::from_utf8(hex).ok()?;
                Digest::from_hex(hex).map(Wanted::Blob)
            }
            _ => None,
        }
    }

    /// What is wrong with a member of this name and kind for whoever unpacks the tar.
    fn harm(&self, kind: Kind) -> Option<&'static str> {
        match kind {
            _ if self.clean.is_none() => Some("leads out of the tar's directory by `..`"),
            _ if self.raw.starts_with(b"/") => Some("has an absolute path"),
            Kind::Symlink => Some("is a symlink"),
            Kind::HardLink => Some("is a hard link"),
            Kind::Device => Some("is a device"),
            Kind::Fifo => Some("is a FIFO"),
            _ => None,
        }
    }
}

impl Members {
    /// Takes note of a part of the layout; `false` where it was there already: some tools take the first, others the last.
    pub fn add(&mut self, wanted: Wanted, seat: Seat) -> bool {
        fn insert<K>(entry: Entry<'_, K, Seat>, seat: Seat) -> bool {
            match entry {
                Entry::Occupied(_) => false,
                Entry::Vacant(vacant) => {
                    vacant.insert(seat);
                    true
                }
            }
        }
        match wanted {
            Wanted::Root(root) => insert(self.roots.entry(root), seat),
            Wanted::Blob(digest) => insert(self.blobs.entry(digest), seat),
        }
    }

    /// Takes note of what a member is beside that.
    pub fn other(&mut self, named: &Named<'_>, kind: Kind) {
        let harm = named.harm(kind);
        let is_nothing = kind == Kind::Directory || named.wanted().is_some();
        let alike = self
            .others
            .iter()
            .filter(|other| other.harm.is_some() == harm.is_some());
        if (harm.is_none() && is_nothing) || alike.count() >= MOST_OTHERS {
            return;
        }
        let start = named.raw.get(..MOST_OF_NAME).unwrap_or(named.raw);
        let name = String::from_utf8_lossy(start).into_owned();
        self.others.push(Other { name, harm });
    }

    /// Whether there is nothing of a layout.
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty() && self.blobs.is_empty()
    }
}
