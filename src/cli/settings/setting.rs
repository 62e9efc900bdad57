use std::ffi::OsString;

use super::{Key, Origin, Shape};

/// What somebody said about an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The option, without dashes.
    pub key: String,
    /// Its values as they would be typed: `true` or `false` alone for a flag, any number of them for a list.
    pub values: Vec<OsString>,
    /// Who.
    pub origin: Origin,
}

impl Setting {
    /// All that one place says of `key`: for pairs, which count one by one, a setting each.
    pub fn of(key: &Key, values: Vec<OsString>, origin: &Origin) -> Vec<Self> {
        let setting = |values| Self {
            key: key.name.clone(),
            values,
            origin: origin.clone(),
        };
        if key.shape == Shape::Pairs {
            values.into_iter().map(|value| setting(vec![value])).collect()
        } else {
            vec![setting(values)]
        }
    }

    /// Whether it is anything else than a flag that is off or an empty list, which exclude nothing.
    pub fn is_on(&self) -> bool {
        self.values.iter().any(|value| value != "false")
    }
}
