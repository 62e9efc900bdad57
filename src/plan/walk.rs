use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;
use walkdir::{DirEntry, WalkDir};

use super::context::{Context, Target};
use super::frontier::{Frontier, RulePattern};
use super::ignored::Ignored;
use super::problem::Problem;
use super::{Error, entry};
use crate::cores;
use crate::digest::Stamp;

/// One walk through the context, into those directories only in which a pattern can still match.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk<'a> {
    /// Where.
    pub context: &'a Context,
    /// What is excluded.
    pub ignored: &'a Ignored,
    /// This run's outputs, canonical.
    pub outputs: &'a [PathBuf],
    /// What is asked for.
    pub patterns: &'a [RulePattern],
    /// Which of the usual omissions to leave out.
    pub lift: Lift,
}

/// Omissions that a second walk lifts, to learn why the first one found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Lift {
    /// Hidden files match any pattern.
    pub hidden: bool,
    /// `.modelignore` excludes nothing.
    pub ignored: bool,
    /// Outputs and earlier outputs match.
    pub outputs: bool,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Harvest {
    /// Regular files that can be packed, in no order.
    pub files: Vec<Found>,
    /// Paths that a rule asks for and that cannot be packed.
    pub problems: Vec<(Asked, Problem)>,
    /// What it came by.
    pub visited: Visited,
}

/// Where a walk came by, and what decides that there was no more.
#[derive(Debug, Default)]
pub(super) struct Visited {
    /// The directories that were listed, relative to the context, which is among them.
    pub listed: Vec<PathBuf>,
    /// The directories that were left out as earlier outputs, relative to the context.
    pub layouts: Vec<PathBuf>,
    /// The symlinks that were followed, by the canonical path of their directory.
    pub links: Vec<PathBuf>,
}

/// A path and the rules that ask for it.
#[derive(Debug)]
pub(super) struct Asked {
    /// Relative to the context.
    pub path: PathBuf,
    /// Indices of the rules, ascending.
    pub rules: Vec<usize>,
}

/// A regular file that rules ask for.
#[derive(Debug)]
pub(super) struct Found {
    /// The file.
    pub asked: Asked,
    /// What `stat` said of it, links followed.
    pub stamp: Stamp,
    /// Whether its owner may execute it.
    pub executable: bool,
}

/// A directory on the way from the context to the current entry.
struct Frame<'a> {
    /// Relative to the context.
    path: PathBuf,
    /// Canonical.
    real: PathBuf,
    frontier: Frontier<'a>,
    /// The names in it that are this run's outputs.
    outputs: Vec<&'a OsStr>,
}

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

impl Walk<'_> {
    /// Walks. Only a context that cannot be read is an error; all else stands in the harvest.
    ///
    /// Links from directory to directory could make a walk exponentially long. So after the first loop, when the plan has
    /// failed already, no more linked directories are entered; then the order counts, and such a walk starts anew in
    /// sorted order to tell the same every time.
    pub(super) fn run(&self) -> Result<Harvest, Error> {
        let mut run = Run::new(*self);
        run.all(false)?;
        if run.looped {
            run = Run::new(*self);
            run.all(true)?;
        }
        run.look();
        Ok(run.harvest)
    }
}

impl<'a> Walk<'a> {
    /// `path` is relative to the context, `real` canonical.
    fn frame(&self, path: PathBuf, real: PathBuf, frontier: Frontier<'a>) -> Frame<'a> {
        let outputs: &'a [PathBuf] = if self.lift.outputs { &[] } else { self.outputs };
        let here = |output: &&PathBuf| output.parent() == Some(&real);
        let outputs = outputs.iter().filter(here).filter_map(|output| output.file_name());
        Frame {
            outputs: outputs.collect(),
            path,
            real,
            frontier,
        }
    }
}

struct Run<'a> {
    walk: Walk<'a>,
    frames: Vec<Frame<'a>>,
    looped: bool,
    /// Looked at last, all at once: that is half of the work.
    unseen: Vec<Unseen>,
    harvest: Harvest,
}

impl<'a> Run<'a> {
    fn new(walk: Walk<'a>) -> Self {
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

    fn all(&mut self, sorted: bool) -> Result<(), Error> {
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
    fn look(&mut self) {
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
