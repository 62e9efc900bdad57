//! The command line that says all that is in force.

use std::ffi::OsString;

use super::probe::Probe;
use super::typed::Typed;
use super::{Key, Setting, Shape};

/// What was typed with what was said elsewhere filled in; each value stands behind its long option, each flag that is
/// off is left out.
pub fn arguments(probe: &Probe, typed: &Typed<'_>, keys: &[Key], said: &[Setting]) -> Vec<OsString> {
    let mut line: Vec<OsString> = vec!["modelbuild".into()];
    line.extend(typed.path.iter().map(OsString::from));
    for key in keys {
        let values = said.iter().filter(|setting| setting.key == key.name);
        for value in values.flat_map(|setting| &setting.values) {
            option(&mut line, &key.name, key.shape, value);
        }
    }
    let mut positionals = probe
        .command(&typed.path)
        .get_positionals()
        .filter_map(|arg| typed.values(arg))
        .flatten()
        .peekable();
    line.extend(positionals.peek().map(|_| "--".into()));
    line.extend(positionals);
    line
}

fn option(line: &mut Vec<OsString>, name: &str, shape: Shape, value: &OsString) {
    let mut argument = OsString::from(format!("--{name}"));
    if shape != Shape::Flag {
        argument.push("=");
        argument.push(value);
    } else if value != "true" {
        return;
    }
    line.push(argument);
}
