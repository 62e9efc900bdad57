//! The one step in which files get to be seen: each gets its place by a rename, its own or that of its directory.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use rustix::io::Errno;

use super::error::TreeError;
use super::extraction::Extracted;
use super::fresh::room_of;
use super::present::There;
use super::root::{look, stamp};
use super::seal::{Move, Sealed, by_directory, split};
use super::session::{Session, lock};
use crate::cache::{Asked, View};
use crate::cores;
use crate::digest::{Digest, Stamp};
use crate::store::{Durability, Error, Outcome};

/// Puts everything in its place. Returns all files of the artifact, and whether anything changed.
pub fn publish(session: &Session, sealed: &Sealed) -> Result<(Vec<Extracted>, bool), Error> {
    let Sealed { moves, kept } = sealed;
    let mut is_changed = !moves.is_empty() || !lock(&session.made).is_empty();
    let mut known = place(session, moves)?;
    let mut files: Vec<_> = moves.iter().chain(kept).map(Extracted::from).collect();
    let learned = session.present.learned();
    for (index, file) in session.wanted.files.iter().enumerate() {
        let (There::Same(_), Some(blob)) = (session.present.of(index), session.wanted.blobs.get(file.blob)) else {
            continue;
        };
        let path = file.path.as_str();
        if session.present.is_to_repair(index) {
            is_changed = true;
            if let Some(stamp) = repair(session, index)? {
                known.push((session.root.shown(path), stamp, blob.digest));
            }
        }
        files.push(Extracted {
            path: path.to_owned(),
            digest: blob.digest,
            size: blob.size,
            outcome: Outcome::Present,
            replaced: false,
        });
    }
    if is_changed && session.options.durability == Durability::Synced {
        session.sync_all()?;
    }
    session.tidy();
    let learned = learned.into_iter().filter_map(|(index, stamp)| {
        let file = session.wanted.files.get(index)?;
        let digest = session.wanted.blobs.get(file.blob)?.digest;
        let is_as_it_was = !session.present.is_to_repair(index);
        is_as_it_was.then(|| (session.root.shown(file.path.as_str()), stamp, digest))
    });
    remember(session, &known, &learned.collect::<Vec<_>>());
    Ok((files, is_changed))
}

/// Gives staged files their places. Returns what is known of them then.
fn place(session: &Session, moves: &[Move]) -> Result<Vec<Known>, Error> {
    let directories = by_directory(moves);
    let whole = place_rooms(session, &directories)?;
    let directories: Vec<_> = directories.into_iter().collect();
    let many = moves.len() / directories.len().max(1);
    // Each directory has a lock of its own in the kernel.
    let placed = cores::map_groups(directories, many, |(directory, moves)| {
        let staging = session.staging()?;
        let opened = session.root.make(directory, &mut Vec::new())?;
        let room = session.fresh.room(directory).filter(|room| whole.contains(room));
        let mut known = Vec::new();
        for to in moves {
            let (_, name) = split(&to.path);
            if room.is_none() || room_of(&to.staged) != room.as_deref() {
                let placed = staging.publish(&to.staged, &opened, name);
                placed.map_err(|error| unplaced(session, &to.path, error))?;
            }
            // The `ctime` of a link would hide a write at the same moment whose `mtime` was set back.
            if to.outcome == Outcome::Written
                && session.options.cache.is_some()
                && let Ok(Some(stat)) = look(&opened, name)
            {
                known.push((session.root.shown(&to.path), stamp(&stat), to.digest));
            }
        }
        Ok(known)
    });
    let placed = placed.into_iter().collect::<Result<Vec<_>, Error>>()?;
    Ok(placed.into_iter().flatten().collect())
}

/// Gives directories that are not there their places, with all files in them; one after the other, because each may be in
/// the one before. Returns the rooms that became them.
fn place_rooms(session: &Session, directories: &BTreeMap<&str, Vec<&Move>>) -> Result<HashSet<String>, Error> {
    let mut placed = HashSet::new();
    for (directory, moves) in directories {
        let rooms = || moves.iter().filter_map(|to| room_of(&to.staged));
        let Some(room) = session
            .fresh
            .room(directory)
            .filter(|own| rooms().any(|room| room == own))
        else {
            continue;
        };
        let (above, name) = split(directory);
        let above = session.root.make(above, &mut Vec::new())?;
        match session.staging()?.publish(&room, &above, name) {
            Ok(()) => {
                placed.insert(room);
            }
            // It is there by now: its files are placed one by one, or it is said what is in the way.
            Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR) => {}
            Err(error) => return Err(unplaced(session, directory, error)),
        }
    }
    Ok(placed)
}

fn unplaced(session: &Session, path: &str, error: Errno) -> Error {
    let (path, cause) = (session.root.shown(path), error.into());
    TreeError::Unplaced { path, cause }.into()
}

/// Gives a file that stays its mode and time. Returns its stamp then, where it had been the very file still.
fn repair(session: &Session, index: usize) -> Result<Option<Stamp>, Error> {
    let (Some(file), There::Same(before)) = (session.wanted.files.get(index), session.present.of(index)) else {
        return Ok(None);
    };
    let (directory, name) = file.path.split();
    let Some(directory) = session.root.find(directory)? else {
        return Ok(None);
    };
    let opened = session.root.open_file(&directory, file.path.as_str(), name)?;
    let stat = || {
        opened
            .metadata()
            .map(|metadata| Stamp::of(&metadata))
            .map_err(Error::writing)
    };
    let is_it = stat()? == before;
    file.attributes.set(&opened).map_err(Error::writing)?;
    is_it.then(stat).transpose()
}

/// Keeps the digests of what is there now. No trouble with the cache is trouble for the files.
fn remember(session: &Session, written: &[Known], learned: &[Known]) {
    fn asked((path, stamp, digest): &Known) -> (Asked<'_>, Digest) {
        let (stamp, view) = (*stamp, View::default());
        (Asked { path, stamp, view }, *digest)
    }
    if let Some(cache) = &session.options.cache {
        let _ = cache.record_own(&written.iter().map(asked).collect::<Vec<_>>());
        let _ = cache.record(&learned.iter().map(asked).collect::<Vec<_>>());
    }
}

/// A file whose digest is known, as it is now.
type Known = (PathBuf, Stamp, Digest);

impl From<&Move> for Extracted {
    fn from(to: &Move) -> Self {
        Self {
            path: to.path.clone(),
            digest: to.digest,
            size: to.size,
            outcome: to.outcome,
            replaced: to.replaces,
        }
    }
}
