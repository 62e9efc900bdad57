//! `MODELBUILD_OPTION` for every option.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use super::probe::{Probe, Refusal};
use super::{Key, Origin, Setting, Shape};
use crate::cli::exit::Failure;
use crate::cli::value;
use crate::modelfile::escape;

/// What everybody's tools call the time of creation (reproducible-builds.org).
const EPOCH: &str = "SOURCE_DATE_EPOCH";

/// What the environment says of options that are not among `flags`, which have more weight: as for any other program,
/// nobody looks at a variable then. An empty one is as good as none.
pub fn settings(
    keys: &[Key],
    flags: &[Setting],
    probe: &mut Probe,
    path: &[&str],
    wrong: &mut Vec<Failure>,
) -> Vec<Setting> {
    let mut settings = Vec::new();
    for key in keys {
        let typed = key.shape != Shape::Pairs && flags.iter().any(|flag| flag.key == key.name);
        let Some((variable, value)) = said(key).filter(|_| !typed) else {
            continue;
        };
        let values = split(key.shape, value);
        let refused = values.iter().find_map(|value| {
            let refusal = check(&variable, key, value, probe, path).err()?;
            Some((value, refusal))
        });
        if let Some((value, refusal)) = refused {
            wrong.push(failure(&variable, value, &refusal));
            continue;
        }
        let setting = Setting::of(key, values, &Origin::Environment(variable.clone()));
        match excluded(key, &setting, keys, &settings) {
            Some(other) => wrong.push(Failure::usage(
                format!("`{variable}` and `{}` exclude each other", other.variable()),
                "unset one of them",
            )),
            None => settings.extend(setting),
        }
    }
    settings
}

/// The key among those set already that `key` cannot stand beside.
fn excluded<'a>(key: &Key, setting: &[Setting], keys: &'a [Key], settings: &[Setting]) -> Option<&'a Key> {
    let mut set = keys.iter().filter(|other| {
        let is_set = |setting: &Setting| setting.key == other.name && setting.is_on();
        settings.iter().any(is_set)
    });
    set.find(|other| setting.iter().any(Setting::is_on) && other.excludes(key))
}

fn said(key: &Key) -> Option<(String, OsString)> {
    let further = (key.name == "created").then(|| EPOCH.to_owned());
    std::iter::once(key.variable()).chain(further).find_map(|variable| {
        let value = std::env::var_os(&variable).filter(|value| !value.is_empty())?;
        Some((variable, value))
    })
}

/// One value a line, where there can be several: commas and blanks stand in values of many an option.
fn split(shape: Shape, value: OsString) -> Vec<OsString> {
    match shape {
        Shape::Flag if value == "1" => vec!["true".into()],
        Shape::Flag if value == "0" => vec!["false".into()],
        Shape::Flag | Shape::One => vec![value],
        Shape::Many | Shape::Pairs => {
            let lines = value.as_bytes().split(|byte| *byte == b'\n');
            let lines = lines.filter(|line| !line.is_empty());
            lines.map(|line| OsString::from_vec(line.to_vec())).collect()
        }
    }
}

fn check(variable: &str, key: &Key, value: &OsStr, probe: &mut Probe, path: &[&str]) -> Result<(), Refusal> {
    if variable != EPOCH {
        return probe.check_for(path, key, value);
    }
    let time = value.to_str().ok_or("it is not text");
    time.and_then(value::epoch).map(drop).map_err(|why| Refusal {
        why: why.to_owned(),
        meant: None,
    })
}

fn failure(variable: &str, value: &OsStr, refusal: &Refusal) -> Failure {
    let value = escape(&value.display().to_string());
    let help = match &refusal.meant {
        Some(meant) => format!("did you mean `{meant}`? otherwise unset it"),
        None => "correct it or unset it".to_owned(),
    };
    Failure::usage(format!("`{variable}` is `{value}`: {}", refusal.why), help)
}
