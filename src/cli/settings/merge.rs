use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::{Key, Setting, Shape};

/// What is in force of `layers`, those of more weight first: in the order of `keys`, and for one key the settings of
/// less weight first, for where two spell the same thing differently, the last one counts.
pub fn merge(keys: &[Key], layers: Vec<Vec<Setting>>) -> Vec<Setting> {
    let mut merged: Vec<Setting> = Vec::new();
    for layer in layers {
        let mut open: Vec<Setting> = layer
            .into_iter()
            .filter(|setting| is_open(keys, &merged, setting))
            .collect();
        open.append(&mut merged);
        merged = open;
    }
    merged.sort_by_key(|setting| keys.iter().position(|key| key.name == setting.key));
    merged
}

/// Whether nobody of more weight has said anything else.
fn is_open(keys: &[Key], above: &[Setting], setting: &Setting) -> bool {
    let key_of = |setting: &Setting| keys.iter().find(|key| key.name == setting.key);
    let Some(key) = key_of(setting) else {
        return false;
    };
    above.iter().all(|other| {
        if other.key == setting.key {
            key.shape == Shape::Pairs && (name(other) != name(setting) || !has_value(other))
        } else {
            !(setting.is_on() && other.is_on() && key_of(other).is_some_and(|other| key.excludes(other)))
        }
    })
}

/// Without a value, a pair may turn out to say nothing: it is the environment that says it then, or not.
fn has_value(pair: &Setting) -> bool {
    pair.values.iter().any(|value| value.as_bytes().contains(&b'='))
}

/// The key of a pair.
fn name(setting: &Setting) -> Option<&[u8]> {
    let pair = setting.values.first().map(|value| OsStr::as_bytes(value))?;
    pair.split(|byte| *byte == b'=').next()
}
