//! Variables that look like settings, and are none.

use std::ffi::OsString;

use super::file::VARIABLE;
use super::key::PREFIX;
use super::probe::Probe;
use super::{Key, Shape};
use crate::cli::options::opposite;
use crate::modelfile::{escape, nearest};

/// What to say of each variable of the environment that somebody meant for one of `keys`, or for another option, with
/// what to do about it. One that is like nothing known is somebody else's, or a later version's.
pub fn strangers(probe: &Probe, keys: &[Key]) -> Vec<(String, String)> {
    let mut set: Vec<(OsString, OsString)> = std::env::vars_os().filter(|(_, value)| !value.is_empty()).collect();
    set.sort();
    let names = set.iter().filter_map(|(name, _)| name.to_str());
    let names = names.filter(|name| name.starts_with(PREFIX) && *name != VARIABLE);
    let unknown = names.filter(|name| keys.iter().all(|key| key.variable() != *name));
    unknown.filter_map(|name| about(name, probe, keys)).collect()
}

fn about(name: &str, probe: &Probe, keys: &[Key]) -> Option<(String, String)> {
    let shown = escape(name);
    let mut flags = keys.iter().filter(|key| key.shape == Shape::Flag);
    let back = flags.find(|key| Key::variable_of(opposite(&key.name).trim_start_matches('-')) == name);
    if let Some(key) = back {
        return Some((
            format!("`{shown}` has no effect"),
            format!("`{}` set to `false` says that", key.variable()),
        ));
    }
    if let Some(option) = probe.every_option().into_iter().find(|key| key.variable() == name) {
        return Some((
            format!("`{shown}` has no effect: `--{}` is no setting", option.name),
            "give it on the command line".to_owned(),
        ));
    }
    let variables: Vec<String> = keys.iter().map(Key::variable).chain([VARIABLE.to_owned()]).collect();
    // Without what they all begin with, which would make a short word a long one.
    let bare = |variable| str::strip_prefix(variable, PREFIX);
    let meant = nearest(bare(name)?, variables.iter().filter_map(|variable| bare(variable)))?;
    Some((
        format!("`{shown}` has no effect: there is no such setting"),
        format!("did you mean `{PREFIX}{meant}`?"),
    ))
}
