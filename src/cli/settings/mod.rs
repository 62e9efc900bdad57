//! What is in force for a run, before anything of it begins: the command line, the environment, `modelbuild.toml` of
//! the project and of the user, in this order of precedence.
//!
//! Enters: what was typed. Leaves: [`Settings`], each with its origin, the command line that says the same as all of
//! them together, and what is wrong with them. What can be set, how values are read and what excludes what is asked of
//! clap's definition of the options: an option that `build` takes can stand in a file and in the environment without
//! another word, and no place can understand a value otherwise than the command line does.

mod arguments;
mod consent;
mod document;
mod environment;
mod file;
mod fit;
mod key;
mod merge;
mod origin;
mod place;
mod probe;
mod registries;
mod setting;
mod strangers;
mod text;
mod typed;

use clap::ArgMatches;
pub use file::{File, Owner};
pub use key::{Key, Shape};
pub use origin::Origin;
pub use registries::OfRegistry;
pub use setting::Setting;

use super::exit::Failure;
use super::options::{self, Cli};
use probe::Probe;
use typed::Typed;

/// What is in force.
#[derive(Debug)]
pub struct Settings {
    /// Every option of this command, in the order of the help.
    pub keys: Vec<Key>,
    /// What somebody said and nobody of more weight contradicted; for an option that takes pairs one for each pair.
    pub said: Vec<Setting>,
    /// The same of registries, by their hosts.
    pub registries: Vec<OfRegistry>,
    /// Where settings were looked for.
    pub files: Vec<File>,
    /// What is to be said of variables that look like settings and are none, and of a push that nobody asked for, with what
    /// to do about each.
    pub warnings: Vec<(String, String)>,
}

impl Settings {
    /// Whether the flag `name` is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.said.iter().any(|setting| setting.key == name && setting.is_on())
    }
}

/// Those of `keys`, the command's, that are among `all`, with as many values as these have: whether the command takes
/// them is to be seen.
fn settable(probe: &Probe, path: &[&str], all: &[Key], keys: &[Key]) -> Vec<Key> {
    let settable = keys.iter().filter(|key| probe.is_setting(path, key)).cloned();
    let shaped = settable.filter_map(|key| {
        let shape = all.iter().find(|same| same.name == key.name)?.shape;
        Some(key.with_shape(shape))
    });
    shaped.collect()
}

/// Puts together what was typed and what holds beside it. What is wrong is left out of the rest, so that there is
/// always a console to report it on.
pub fn settle(typed: &ArgMatches) -> (Cli, Settings, Vec<Failure>) {
    let mut probe = Probe::new(options::command().color(options::color_typed()));
    let all = probe.keys();
    let typed = Typed::new(typed);
    // What only the command line can say excludes settings, too.
    let keys = probe.options(&typed.path);
    let settable = settable(&probe, &typed.path, &all, &keys);
    let mut wrong = Vec::new();
    let flags = typed.settings(&probe, &keys);
    let environment = environment::settings(&settable, &flags, &mut probe, &typed.path, &mut wrong);
    let mut layers = vec![flags, environment];
    let project = typed.project(&layers).map(|path| (Owner::Project, path));
    let user = file::user().map(|path| (Owner::User, path));
    let (mut files, mut registries) = (Vec::new(), Vec::new());
    for (owner, path) in project.into_iter().chain(user) {
        let (file, source) = file::read(owner, path, &mut wrong);
        if let Some(source) = source {
            let mut said = document::settings(&source, &file, &all, &mut probe, &mut wrong);
            said.options
                .retain(|setting| settable.iter().any(|key| key.name == setting.key));
            layers.push(said.options);
            registries.push(said.registries);
        }
        files.push(file);
    }
    let said = fit::fit(&keys, merge::merge(&keys, layers), &typed.path, &mut wrong);
    let mut warnings = strangers::strangers(&probe, &all);
    let said = consent::given(said, &typed.path, &mut warnings, &mut wrong);
    let line = arguments::arguments(&probe, &typed, &keys, &said);
    let mut cli = match probe.parse(line) {
        Ok(cli) => cli,
        // An option without which the command is none may be among what was left out.
        Err(_) if !wrong.is_empty() => probe.console(&said),
        // As for what is typed.
        Err(error) => error.exit(),
    };
    let registries = registries::merge(registries);
    cli.shared.settings.clone_from(&files);
    cli.shared.registries = registries::settings(&registries);
    let settings = Settings {
        keys,
        said,
        registries,
        files,
        warnings,
    };
    (cli, settings, wrong)
}
