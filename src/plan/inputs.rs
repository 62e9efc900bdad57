use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::context::{Context, MOST_LINKS};
use super::entry::LAYOUT_MARKER;
use super::harvest::Visited;
use super::ignored::Ignored;
use super::rules::Rules;
use super::walk::{Lift, Walk};
use super::{Base, Options, PlannedFile};
use crate::modelfile::Modelfile;

/// Everything on disk that decides on a plan and on the bytes of its files, but for the Modelfile, which a plan knows
/// as text alone. While none of it changes, neither does what is built.
///
/// Paths are spelled as the context is, with neither `.` nor doubled slashes in them; sorted, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inputs {
    /// The files to pack, without those of the base.
    pub packed: Vec<PathBuf>,
    /// Other files: the base's index or archive, those that symlinks lead to, the ignore file, where there is one, and
    /// what marks an earlier output as such.
    pub files: Vec<PathBuf>,
    /// The directories that were listed, whose entries a pattern was compared with, and those that symlinks lie in. A
    /// file that is put in one of them, taken away or replaced changes the directory's modification time.
    pub directories: Vec<PathBuf>,
}

/// What a symlink stands for.
#[derive(Debug)]
pub(super) struct Trail {
    /// The directories of the link and of all further links on the way.
    pub directories: Vec<PathBuf>,
    /// Where it ends, if it does.
    pub end: Option<PathBuf>,
}

impl Inputs {
    /// What a walk came by, but for the files to pack.
    pub(super) fn new(context: &Context, ignored: &Ignored, visited: &Visited, base: Option<&Base>) -> Self {
        let spelled = |path: &PathBuf| plain(&context.path.join(path));
        let marker = |layout: &PathBuf| spelled(&layout.join(LAYOUT_MARKER));
        let mut inputs = Self {
            packed: Vec::new(),
            files: visited
                .layouts
                .iter()
                .map(marker)
                .chain(ignored.file().map(plain))
                .chain(base.and_then(|base| base.place.input()).map(plain))
                .collect(),
            directories: visited.listed.iter().map(spelled).collect(),
        };
        for link in &visited.links {
            let trail = Trail::of(link);
            let spelled = |real: &PathBuf| match real.strip_prefix(&context.root) {
                Ok(path) => plain(&context.path.join(path)),
                Err(_) => real.clone(),
            };
            inputs.directories.extend(trail.directories.iter().map(spelled));
            // A directory that a link leads to was listed under the link's own name.
            inputs
                .files
                .extend(trail.end.iter().filter(|end| end.is_file()).map(spelled));
        }
        inputs.settle();
        inputs
    }

    /// What a plan would be made from, also where none can be made: of what is wrong, this is all that could mend it.
    #[must_use]
    pub fn of(modelfile: &Modelfile, context: &Path, options: &Options) -> Self {
        let alone = Self {
            directories: vec![plain(context)],
            ..Self::default()
        };
        let Ok(context) = Context::open(context) else {
            return alone;
        };
        let (Ok(ignored), Ok(outputs)) = (Ignored::read(&context), context.outputs(&options.outputs)) else {
            return alone;
        };
        let (rules, _) = Rules::read(modelfile, &context);
        let walk = Walk {
            context: &context,
            ignored: &ignored,
            outputs: &outputs,
            patterns: rules.patterns(),
            lift: Lift::default(),
        };
        let Ok(harvest) = walk.run() else {
            return alone;
        };
        let mut inputs = Self::new(&context, &ignored, &harvest.visited, options.base.as_ref());
        let found = harvest.files.iter().map(|found| &found.asked.path);
        inputs.packed = found.map(|path| plain(&context.path.join(path))).collect();
        inputs.settle();
        inputs
    }

    /// Adds a file that the plan does not know of, such as the Modelfile.
    pub fn insert(&mut self, file: &Path) {
        let file = plain(file);
        if let Err(place) = self.files.binary_search(&file) {
            self.files.insert(place, file);
        }
    }

    /// Adds files that the plan does not know of, any number of them.
    pub fn extend<'a>(&mut self, files: impl IntoIterator<Item = &'a Path>) {
        self.files.extend(files.into_iter().map(plain));
        self.settle();
    }

    /// The same with the files to pack, but for those of a base.
    pub(super) fn with(&self, files: &[PlannedFile]) -> Self {
        let own = files.iter().filter_map(PlannedFile::own);
        let mut inputs = Self {
            packed: own.map(|file| plain(&file.path)).collect(),
            ..self.clone()
        };
        inputs.settle();
        inputs
    }

    fn settle(&mut self) {
        for paths in [&mut self.packed, &mut self.files, &mut self.directories] {
            paths.sort_unstable();
            paths.dedup();
        }
    }
}

impl Trail {
    /// Follows `link`, whose directory is canonical, link by link.
    fn of(link: &Path) -> Self {
        let mut at = PathBuf::new();
        let mut trail = Self {
            directories: Vec::new(),
            end: None,
        };
        // The next component last.
        let mut rest: Vec<OsString> = Vec::new();
        if let (Some(directory), Some(name)) = (link.parent(), link.file_name()) {
            directory.clone_into(&mut at);
            rest.push(name.to_owned());
        }
        while let Some(name) = rest.pop() {
            match Path::new(&name).components().next() {
                Some(Component::RootDir) => at = PathBuf::from("/"),
                Some(Component::ParentDir) => drop(at.pop()),
                Some(Component::Normal(name)) => {
                    let next = at.join(name);
                    let Ok(target) = fs_err::read_link(&next) else {
                        at = next;
                        continue;
                    };
                    if trail.directories.len() == MOST_LINKS {
                        return trail;
                    }
                    trail.directories.push(at.clone());
                    rest.extend(target.components().rev().map(|part| part.as_os_str().to_owned()));
                }
                _ => {}
            }
        }
        trail.end = Some(at);
        trail
    }
}

/// The same path without `.` and doubled slashes.
pub(super) fn plain(path: &Path) -> PathBuf {
    let path: PathBuf = path
        .components()
        .filter(|component| *component != Component::CurDir)
        .collect();
    if path.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        path
    }
}
