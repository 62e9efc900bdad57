//! Settings of a build that say more than another command can hear.

use super::{Key, Origin, Setting, Shape};
use crate::cli::exit::{Failure, INVALID};

/// `said` without what does not fit: a build writes to many outputs, `pull` to one. No output at all is as good as
/// nothing said.
pub fn fit(keys: &[Key], said: Vec<Setting>, path: &[&str], wrong: &mut Vec<Failure>) -> Vec<Setting> {
    let takes_one = |setting: &Setting| {
        let mut keys = keys.iter();
        keys.any(|key| key.name == setting.key && key.shape == Shape::One)
    };
    said.into_iter()
        .filter(|setting| match setting.values.len() {
            1 => true,
            0 => !takes_one(setting),
            count if takes_one(setting) => {
                wrong.push(failure(setting, count, path));
                false
            }
            _ => true,
        })
        .collect()
}

fn failure(setting: &Setting, count: usize, path: &[&str]) -> Failure {
    let command = path.join(" ");
    let name = &setting.key;
    let help = format!("give `--{name}` on the command line, where it counts more");
    match &setting.origin {
        Origin::Environment(variable) => Failure::usage(
            format!("`{variable}` has {count} values, and `{command}` takes one"),
            help,
        ),
        origin => Failure::Message {
            code: INVALID,
            message: format!("{origin}: `{name}` has {count} values, and `{command}` takes one"),
            help: Some(help),
        },
    }
}
