use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;
use walkdir::{DirEntry, WalkDir};

use super::Walk;
use super::frame::Frame;
use crate::cores;
use crate::digest::Stamp;
use crate::plan::context::Target;
use crate::plan::frontier::Frontier;
use crate::plan::harvest::{Asked, Found, Harvest, Visited};
use crate::plan::problem::Problem;
use crate::plan::{Error, entry};

/// A file that rules ask for and that nobody has looked at yet.
struct Unseen {
    asked: Asked,
    entry: DirEntry,
    /// The link itself, by the canonical path of its directory, where it is one.
    link: Option<PathBuf>,
}

/// What to do about a directory.
enum Turn {
    Enter,
    Skip,
}

/// A walk that is under way.
pub struct Run<'a> {
    walk: Walk<'a>,
    frames: Vec<Frame<'a>>,
    /// Whether a link has led in a loop.
    pub looped: bool,
    /// Looked at last, all at once: that is half of the work.
    unseen: Vec<Unseen>,
    pub harvest: Harvest,
}

impl<'a> Run<'a> {
    pub fn new(walk: Walk<'a>) -> Self {
        let frontier = Frontier::root(walk.patterns, walk.lift.hidden);
        let root = walk.frame(PathBuf::new(), walk.context.root.clone(), frontier);
        Self {
            walk,
            frames: vec![root],
            looped: false,
            unseen: Vec::new(),
            harvest: Harvest {
                visited: Visited {
                    listed: vec![PathBuf::new()],
                    ..Visited::default()
                },
                ..Harvest::default()
            },
        }
    }

    pub fn all(&mut self, sorted: bool) -> Result<(), Error> {
        let mut entries = WalkDir::new(&self.walk.context.path).follow_links(true);
        if sorted {
            entries = entries.sort_by_file_name();
        }
        let mut entries = entries.into_iter();
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) if entry.depth() == 0 => {}
                Ok(entry) if entry.file_type().is_dir() => {
                    if matches!(self.directory(&entry), Turn::Skip) {
                        entries.skip_current_dir();
                    }
                }
                Ok(entry) => self.file(entry),
                Err(error) => self.failed(error)?,
            }
        }
        Ok(())
    }

    fn directory(&mut self, entry: &DirEntry) -> Turn {
        let name = entry.file_name();
        self.frames.truncate(entry.depth());
        let Some(above) = self.frames.last() else {
            return Turn::Skip;
        };
        let mut states = above.frontier.step(&name.to_string_lossy());
        if states.is_empty() {
            return Turn::Skip;
        }
        let path = above.path.join(name);
        if self.is_ignored(&path, true) {
            return Turn::Skip;
        }
        let asked = || Asked {
            path: path.clone(),
            rules: above.frontier.rules(&states),
        };
        let real = match self.real(above, name, entry.path_is_symlink()) {
            Ok(real) => real,
            Err(problem) => {
                let problem = (asked(), problem);
                self.harvest.problems.push(problem);
                return Turn::Skip;
            }
        };
        if self.is_output(&real) || (entry.path_is_symlink() && self.looped) {
            return Turn::Skip;
        }
        if !self.walk.lift.outputs && entry::is_layout(entry.path()) {
            states.retain(|state| state.named);
            if states.is_empty() {
                self.harvest.visited.layouts.push(path);
                return Turn::Skip;
            }
        }
        let frontier = above.frontier.below(states);
        if entry.path_is_symlink() {
            self.harvest.visited.links.push(above.real.join(name));
        }
        self.harvest.visited.listed.push(path.clone());
        let frame = self.walk.frame(path, real, frontier);
        self.frames.push(frame);
        Turn::Enter
    }

    fn file(&mut self, entry: DirEntry) {
        let name = entry.file_name();
        self.frames.truncate(entry.depth());
        let Some(above) = self.frames.last() else { return };
        let rules = above.frontier.matching(&name.to_string_lossy());
        if rules.is_empty() {
            return;
        }
        let asked = Asked {
            path: above.path.join(name),
            rules,
        };
        if self.is_ignored(&asked.path, false) {
            return;
        }
        let mut link = None;
        if entry.path_is_symlink() {
            match self.real(above, name, true) {
                Ok(real) if self.is_output(&real) => return,
                Ok(_) => link = Some(above.real.join(name)),
                Err(problem) => return self.harvest.problems.push((asked, problem)),
            }
        } else if above.outputs.contains(&name) {
            // One that it lies below would not have been entered.
            return;
        }
        self.unseen.push(Unseen { asked, entry, link });
    }

    /// Looks at the files that rules ask for.
    pub fn look(&mut self) {
        let user = geteuid();
        let look = |Unseen { asked, entry, link }| {
            let found = entry::packable(&entry, user);
            let found = found.map(|metadata| (Stamp::of(&metadata), metadata.mode() & 0o100 != 0));
            (asked, link, found)
        };
        for (asked, link, found) in cores::map(std::mem::take(&mut self.unseen), look) {
            match found {
                Ok((stamp, executable)) => {
                    self.harvest.visited.links.extend(link);
                    let found = Found {
                        asked,
                        stamp,
                        executable,
                    };
                    self.harvest.files.push(found);
                }
                Err(problem) => self.harvest.problems.push((asked, problem)),
            }
        }
    }

    /// An entry that walkdir cannot give: a directory that cannot be listed, or a link that leads nowhere or in a loop.
    fn failed(&mut self, error: walkdir::Error) -> Result<(), Error> {
        let context = &self.walk.context.path;
        let relative = |path: &Path| path.strip_prefix(context).ok().map(Path::to_owned);
        let path = error.path().and_then(relative);
        let ancestor = error.loop_ancestor().and_then(relative);
        let source = error.into_io_error();
        // Errors of a directory itself follow right behind it; those without a path come from reading on in it.
        let here = self.frames.last().map(|frame| frame.path.clone()).unwrap_or_default();
        match path {
            Some(path) if path != here => {
                self.lost(path, ancestor, source.as_ref());
                Ok(())
            }
            _ => self.unlisted(source),
        }
    }

    /// The current directory cannot be listed.
    fn unlisted(&mut self, source: Option<io::Error>) -> Result<(), Error> {
        let source = source.unwrap_or_else(|| io::ErrorKind::Other.into());
        let Some(frame) = self.frames.last().filter(|frame| !frame.path.as_os_str().is_empty()) else {
            return Err(Error::Context {
                path: self.walk.context.path.clone(),
                source,
            });
        };
        let asked = Asked {
            path: frame.path.clone(),
            rules: frame.frontier.waiting(),
        };
        self.harvest
            .problems
            .push((asked, Problem::UnreadableDirectory(entry::reason(&source))));
        Ok(())
    }

    /// A link that cannot be followed, which matters only if a rule asks for it or, in a loop, for what is below.
    fn lost(&mut self, path: PathBuf, ancestor: Option<PathBuf>, source: Option<&io::Error>) {
        self.frames.truncate(path.components().count());
        let (Some(above), Some(name)) = (self.frames.last(), path.file_name()) else {
            return;
        };
        let states = above.frontier.step(&name.to_string_lossy());
        if states.is_empty() || self.is_ignored(&path, ancestor.is_some()) {
            return;
        }
        self.looped |= ancestor.is_some();
        let (rules, problem) = if let Some(ancestor) = ancestor {
            (above.frontier.rules(&states), Problem::Loop(ancestor))
        } else {
            let problem = entry::lost(self.walk.context, &above.real.join(name), source);
            (above.frontier.met(states), problem)
        };
        if !rules.is_empty() {
            self.harvest.problems.push((Asked { path, rules }, problem));
        }
    }

    fn is_ignored(&self, path: &Path, directory: bool) -> bool {
        !self.walk.lift.ignored && self.walk.ignored.excludes(path, directory)
    }

    fn is_output(&self, real: &Path) -> bool {
        !self.walk.lift.outputs && self.walk.outputs.iter().any(|output| real.starts_with(output))
    }

    /// The canonical path of an entry.
    fn real(&self, above: &Frame, name: &OsStr, link: bool) -> Result<PathBuf, Problem> {
        let real = above.real.join(name);
        if !link {
            return Ok(real);
        }
        match self.walk.context.follow(&real) {
            Ok(Target::Inside(real)) => Ok(real),
            Ok(Target::Outside(place)) => Err(Problem::Outside(place)),
            Err(error) => Err(Problem::Unreadable(entry::reason(&error))),
        }
    }
}
