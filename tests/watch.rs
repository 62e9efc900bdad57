//! What the kernel says that was done to files, whoever did it.

use std::collections::{BTreeSet, HashMap};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init};
use rustix::io::Errno;
use walkdir::WalkDir;

/// Everything below some directories, from now on; directories that are made later are not watched.
pub struct Watch {
    inotify: OwnedFd,
    directories: HashMap<i32, PathBuf>,
}

impl Watch {
    pub fn new<P: AsRef<Path>>(roots: impl IntoIterator<Item = P>) -> Self {
        let inotify = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
        let flags = WatchFlags::OPEN
            | WatchFlags::MODIFY
            | WatchFlags::ATTRIB
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVE;
        let mut directories = HashMap::new();
        for root in roots {
            for entry in WalkDir::new(root) {
                let entry = entry.unwrap();
                if entry.file_type().is_dir() {
                    directories.insert(add_watch(&inotify, entry.path(), flags).unwrap(), entry.into_path());
                }
            }
        }
        Self { inotify, directories }
    }

    /// The files that were opened since the last call, by their names.
    pub fn opened(&self) -> BTreeSet<String> {
        self.events(ReadFlags::OPEN).0
    }

    /// What was changed since the last call, directories included; and forgets what was opened.
    pub fn changed(&self) -> BTreeSet<String> {
        self.events(ReadFlags::OPEN).1
    }

    fn events(&self, opening: ReadFlags) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut opened, mut changed) = (BTreeSet::new(), BTreeSet::new());
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(&self.inotify, &mut buffer);
        loop {
            match reader.next() {
                Err(Errno::WOULDBLOCK) => return (opened, changed),
                Err(error) => panic!("{error}"),
                Ok(event) => {
                    assert!(!event.events().contains(ReadFlags::QUEUE_OVERFLOW), "too many events");
                    let name = event.file_name().map_or("", |name| name.to_str().unwrap()).to_owned();
                    if !event.events().contains(opening) {
                        let directory = self.directories[&event.wd()].file_name().unwrap().to_string_lossy();
                        changed.insert(format!("{directory}/{name}"));
                    } else if !event.events().contains(ReadFlags::ISDIR) {
                        opened.insert(name);
                    }
                }
            }
        }
    }
}
