//! What is done when all bytes have come, and before anything is to be seen: every file is staged under a name of its
//! own, every directory is there, and nothing is in the way.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use fs_err::File;

use super::arrangement::{Head, Judge};
use super::attributes::Attributes;
use super::error::{Fault, TreeError};
use super::fresh::room_of;
use super::packed::{PassedOver, Unpacked};
use super::path::fold;
use super::present::{self, There};
use super::root::stamp;
use super::session::{Came, Session, lock};
use super::wanted::{WantedBlob, WantedFile};
use crate::cache::{Asked, View};
use crate::digest::{Digest, Stamp};
use crate::store::{Error, Outcome, os};

/// A staged file, and the place that it goes to.
#[derive(Debug)]
pub struct Move {
    /// Its name in the staging directory.
    pub staged: String,
    /// The path in the directory.
    pub path: String,
    pub digest: Digest,
    pub size: u64,
    pub outcome: Outcome,
    /// Whether another file is in its place.
    pub replaces: bool,
    /// Of what was in a layer with others: only now it is known what they are.
    attributes: Option<Attributes>,
}

/// What is ready to be shown.
#[derive(Debug, Default)]
pub struct Sealed {
    /// All that has to move, in the order of the paths.
    pub moves: Vec<Move>,
    /// What came out of packed layers and is there already.
    pub kept: Vec<Move>,
}

/// Makes everything ready.
pub fn seal(session: &Session) -> Result<Sealed, Error> {
    let mut moves = Vec::new();
    for (index, blob) in session.wanted.blobs.iter().enumerate() {
        if blob.bytes.is_some() {
            session.find_out(blob)?;
        }
        let missing = blob
            .files
            .iter()
            .filter(|file| !matches!(session.present.of(**file), There::Same(_)));
        stage(session, index, blob, missing.copied().collect(), &mut moves)?;
    }
    let unpacked = session.take_unpacked();
    check_passed_over(session, &unpacked)?;
    moves.extend(unpacked.files.into_iter().map(|file| Move {
        staged: file.staged,
        path: file.path.as_str().to_owned(),
        digest: file.digest,
        size: file.size,
        outcome: Outcome::Written,
        replaces: false,
        attributes: Some(file.attributes),
    }));
    moves.sort_by(|one, other| one.path.cmp(&other.path));
    let InPlace { same, other } = prepare(session, &moves)?;
    for to in &mut moves {
        to.replaces = other.contains(&to.path);
    }
    let mut made = lock(&session.made);
    for directory in &unpacked.directories {
        session.root.make(directory.as_str(), &mut made)?;
    }
    drop(made);
    let rooms: BTreeSet<_> = moves.iter().filter_map(|to| room_of(&to.staged)).collect();
    session.sync_staged(&rooms)?;
    let is_same = |to: &mut Move| same.contains(&to.path);
    let mut kept: Vec<_> = moves.extract_if(.., is_same).collect();
    for to in &mut kept {
        to.outcome = Outcome::Present;
    }
    if let Some(judge) = &session.wanted.judge {
        ask(session, judge.as_ref(), moves.iter().chain(&kept))?;
    }
    Ok(Sealed { moves, kept })
}

/// Checks that no file comes to where something was left out that would have been in its way: what is there is another
/// tree than the artifact's then, not a part of it.
fn check_passed_over(session: &Session, unpacked: &Unpacked) -> Result<(), Error> {
    let passed_over = unpacked
        .passed_over
        .iter()
        .map(|entry| (fold(entry.path.as_str()), entry));
    let passed_over: HashMap<_, _> = passed_over.collect();
    if passed_over.is_empty() {
        return Ok(());
    }
    let raw = session.wanted.files.iter().map(|file| &file.path);
    for path in raw.chain(unpacked.files.iter().map(|file| &file.path)) {
        let mut places = path.ancestors().chain([path.as_str()]);
        if let Some(entry) = places.find_map(|place| passed_over.get(&fold(place))) {
            let PassedOver { path, layer, what } = entry;
            let (layer, name) = (layer.clone(), path.to_string());
            return Err(TreeError::Layer {
                layer,
                fault: Fault::Entry { name, what },
            }
            .into());
        }
    }
    Ok(())
}

/// Stages each file that has the bytes of one blob and is not there.
fn stage(
    session: &Session,
    index: usize,
    blob: &WantedBlob,
    missing: Vec<usize>,
    moves: &mut Vec<Move>,
) -> Result<(), Error> {
    let came = session.what_came(index);
    for (count, file) in missing.into_iter().enumerate() {
        let Some(wanted) = session.wanted.files.get(file) else {
            continue;
        };
        let staged = match &came {
            Came::Staged(name) if count == 0 => name.clone(),
            Came::Staged(name) => {
                let source = session.staging()?.open(name)?;
                copy(session, &source, file, wanted, blob)?
            }
            Came::Linked(path, stamp) => link(session, path, *stamp, file)?,
            Came::Nothing => match &blob.bytes {
                Some(bytes) => write(session, file, wanted, bytes)?,
                None => copy_present(session, file, wanted, blob)?,
            },
        };
        moves.push(Move {
            staged,
            path: wanted.path.as_str().to_owned(),
            digest: blob.digest,
            size: blob.size,
            replaces: false,
            attributes: None,
            outcome: match came {
                Came::Linked(..) => Outcome::Linked,
                Came::Staged(_) | Came::Nothing => Outcome::Written,
            },
        });
    }
    Ok(())
}

/// Copies a file that was in the directory before and has the bytes.
fn copy_present(session: &Session, file: usize, wanted: &WantedFile, blob: &WantedBlob) -> Result<String, Error> {
    let same = blob.files.iter().find_map(|other| match session.present.of(*other) {
        There::Same(stamp) => Some((session.wanted.files.get(*other)?, stamp)),
        There::Other | There::Unknown(_) => None,
    });
    let (other, stamp) = same.ok_or_else(|| Error::Missing {
        place: session.root.shown("").display().to_string(),
        name: wanted.path.to_string(),
    })?;
    let (directory, name) = other.path.split();
    let changed = || Error::Changed {
        path: session.root.shown(other.path.as_str()),
    };
    let directory = session.root.find(directory)?.ok_or_else(changed)?;
    let source = session.root.open_file(&directory, other.path.as_str(), name)?;
    let staged = copy(session, &source, file, wanted, blob)?;
    if Stamp::of(&source.metadata().map_err(Error::writing)?) == stamp {
        Ok(staged)
    } else {
        Err(changed())
    }
}

/// Writes a file that is in no layer.
fn write(session: &Session, file: usize, wanted: &WantedFile, bytes: &[u8]) -> Result<String, Error> {
    let name = format!("document-{file}");
    let shown = session.root.shown(wanted.path.as_str());
    let mode = wanted.attributes.mode();
    let mut written = session.staging()?.create(&name, mode, &shown)?;
    written.write_all(bytes).map_err(Error::writing)?;
    wanted.attributes.set(&written).map_err(Error::writing)?;
    session.settle(&name, &written, bytes.len() as u64)?;
    Ok(name)
}

/// Asks whether the files may be seen.
fn ask<'a>(session: &Session, judge: &dyn Judge, moves: impl Iterator<Item = &'a Move>) -> Result<(), Error> {
    let staged: HashMap<_, _> = moves.map(|to| (to.path.as_str(), to.staged.as_str())).collect();
    let files = session.wanted.files.iter().enumerate();
    let present = files.filter(|(index, _)| matches!(session.present.of(*index), There::Same(_)));
    let mut present: HashMap<_, _> = present.map(|(_, file)| (file.path.as_str(), &file.path)).collect();
    present.retain(|path, _| !staged.contains_key(path));
    let paths = staged.keys().chain(present.keys());
    let mut paths: Vec<_> = paths.map(|path| (*path).to_owned()).collect();
    paths.sort();
    let open = |path: &str| match (staged.get(path), present.get(path)) {
        (Some(staged), _) => session.staging()?.open(staged).map(Some),
        (None, Some(path)) => {
            let directory = session.root.find(path.split().0)?;
            let file = directory.map(|directory| session.root.open_file(directory, path.as_str(), path.split().1));
            file.transpose()
        }
        (None, None) => Ok(None),
    };
    let read = |path: &str, most| {
        let mut bytes = Vec::new();
        let file = open(path).map_err(io::Error::other)?.ok_or(io::ErrorKind::NotFound)?;
        let size = file.metadata()?.len();
        file.take(most).read_to_end(&mut bytes)?;
        Ok(Head { bytes, size })
    };
    Ok(judge.judge(&paths, &read).map_err(TreeError::from)?)
}

fn copy(
    session: &Session,
    source: &File,
    file: usize,
    wanted: &WantedFile,
    blob: &WantedBlob,
) -> Result<String, Error> {
    let name = format!("copy-{file}");
    let (mode, shown) = (wanted.attributes.mode(), session.root.shown(wanted.path.as_str()));
    let copy = session.staging()?.create(&name, mode, &shown)?;
    os::copy_all(source, &copy).map_err(Error::writing)?;
    wanted.attributes.set(&copy).map_err(Error::writing)?;
    session.settle(&name, &copy, blob.size)?;
    Ok(name)
}

/// Makes a link to the file of a layout, which must be what was read: links change nothing but `ctime`.
fn link(session: &Session, path: &Path, read: Stamp, file: usize) -> Result<String, Error> {
    let name = format!("link-{file}");
    let staging = session.staging()?;
    staging.link(path, &name)?;
    let linked = Stamp::of(&staging.open(&name)?.metadata().map_err(Error::writing)?);
    let changed = read.changed;
    if (Stamp { changed, ..linked }) == read {
        Ok(name)
    } else {
        Err(Error::Changed { path: path.into() })
    }
}

/// The paths at which a file is already.
#[derive(Default)]
struct InPlace {
    /// Those of packed layers that are the very file, as the cache knows or their bytes tell.
    same: HashSet<String>,
    /// Those at which another file is.
    other: HashSet<String>,
}

/// Makes the directories, and looks once more whether something is in the way.
fn prepare(session: &Session, moves: &[Move]) -> Result<InPlace, Error> {
    let mut made = lock(&session.made);
    let mut alike = Vec::new();
    let mut in_place = InPlace::default();
    for (directory, moves) in by_directory(moves) {
        let has_room = moves.iter().any(|to| room_of(&to.staged).is_some());
        // It will come whole. One above it that comes so, too, will be there by then.
        if has_room && session.root.find(directory)?.is_none() {
            let (above, _) = split(directory);
            if session.fresh.room(above).is_none() {
                let opened = session.root.make(above, &mut made)?;
                session.root.check_writable(&opened, above)?;
            }
            continue;
        }
        let before = made.len();
        let opened = session.root.make(directory, &mut made)?;
        session.root.check_writable(&opened, directory)?;
        if made.len() > before {
            // It was made just now, and is empty.
            continue;
        }
        for to in moves {
            let (_, name) = split(&to.path);
            let Some(stat) = session.root.look_at_file(&opened, &to.path, name)? else {
                continue;
            };
            let is_alike = to.attributes.is_some_and(|attributes| attributes.hold(&stat));
            if is_alike && u64::try_from(stat.st_size).is_ok_and(|size| size == to.size) {
                alike.push((session.root.shown(&to.path), stamp(&stat), to));
            } else {
                in_place.other.insert(to.path.clone());
            }
        }
    }
    let asked = alike.iter().map(|(path, stamp, _)| Asked {
        path,
        stamp: *stamp,
        view: View::default(),
    });
    let cache = session.options.cache.as_deref();
    let known = cache.map(|cache| cache.digests(&asked.collect::<Vec<_>>()));
    let mut known = known.unwrap_or_default().into_iter();
    for (_, stamp, to) in &alike {
        let digest = match known.next().flatten() {
            Some(digest) => Some(digest),
            None => present::read(&session.root, &to.path, *stamp, &session.options.cancel)?,
        };
        let paths = if digest == Some(to.digest) {
            &mut in_place.same
        } else {
            &mut in_place.other
        };
        paths.insert(to.path.clone());
    }
    Ok(in_place)
}

/// The moves to each directory.
pub fn by_directory(moves: &[Move]) -> BTreeMap<&str, Vec<&Move>> {
    let mut directories: BTreeMap<&str, Vec<&Move>> = BTreeMap::new();
    for to in moves {
        directories.entry(split(&to.path).0).or_default().push(to);
    }
    directories
}

/// The directory of a path, and the name in it.
pub fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
