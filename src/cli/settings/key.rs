use clap::{Arg, ArgAction, Command, ValueHint};

/// What the names of all settings begin with in the environment.
pub const PREFIX: &str = "MODELBUILD_";

/// An option that can be set elsewhere than on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The long option without its dashes.
    pub name: String,
    /// How many values it takes, and of which form.
    pub shape: Shape,
    /// What its values are for.
    pub holds: Holds,
    /// What holds where nobody says anything.
    pub default: Option<String>,
    /// The options that it cannot stand beside; clap knows of one direction only.
    excludes: Vec<String>,
}

/// The form of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// On or off.
    Flag,
    /// One value.
    One,
    /// Any number.
    Many,
    /// Any number of `KEY=VALUE`, a table in TOML. Each key counts by itself.
    Pairs,
}

/// What a value is for, where that makes a difference to where it may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Nothing but its text.
    Text,
    /// A path.
    Path,
    /// A place as `--output` spells it, with a path in it.
    Output,
}

impl Key {
    /// What `arg` of `command` can be set to; nothing where it is no option.
    pub fn new(command: &Command, arg: &Arg) -> Option<Self> {
        let name = arg.get_long()?.to_owned();
        let pairs = arg
            .get_value_names()
            .is_some_and(|names| names.iter().any(|name| name.contains('=')));
        let shape = match arg.get_action() {
            ArgAction::SetTrue => Shape::Flag,
            ArgAction::Set => Shape::One,
            ArgAction::Append if pairs => Shape::Pairs,
            ArgAction::Append => Shape::Many,
            // `--help` and its like do something of their own.
            _ => return None,
        };
        let holds = match arg.get_value_hint() {
            _ if name == "output" => Holds::Output,
            ValueHint::FilePath | ValueHint::DirPath | ValueHint::AnyPath => Holds::Path,
            _ => Holds::Text,
        };
        let default = match shape {
            Shape::Flag => Some("false".to_owned()),
            _ => arg
                .get_default_values()
                .first()
                .map(|value| value.display().to_string()),
        };
        let excluded = command.get_arg_conflicts_with(arg);
        Some(Self {
            name,
            shape,
            holds,
            default,
            excludes: excluded
                .into_iter()
                .filter_map(|arg| arg.get_long().map(str::to_owned))
                .collect(),
        })
    }

    /// A key that is no option and excludes no other.
    pub fn alone(name: &str, shape: Shape, holds: Holds) -> Self {
        Self {
            name: name.to_owned(),
            shape,
            holds,
            default: None,
            excludes: Vec::new(),
        }
    }

    /// The same with values of another form.
    pub fn with_shape(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    /// Whether only one of the two can hold.
    pub fn excludes(&self, other: &Self) -> bool {
        self.excludes.contains(&other.name) || other.excludes.contains(&self.name)
    }

    /// Its name in the environment.
    pub fn variable(&self) -> String {
        Self::variable_of(&self.name)
    }

    /// What the option `name`, without its dashes, is called there.
    pub fn variable_of(name: &str) -> String {
        format!("{PREFIX}{}", name.replace('-', "_").to_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::{Holds, Key};
    use crate::cli::options::command;

    /// Else it would be taken as seen from the working directory, and could lead out of the project.
    #[test]
    fn what_is_called_a_file_is_a_path() {
        let mut command = command();
        command.build();
        let build = command.find_subcommand("build").unwrap();
        let mut seen = 0;
        for arg in build.get_arguments() {
            let names = arg.get_value_names().unwrap_or_default();
            if names
                .iter()
                .any(|name| ["FILE", "DIR", "OUTPUT"].contains(&name.as_str()))
                && arg.get_long().is_some()
            {
                assert_ne!(Key::new(build, arg).unwrap().holds, Holds::Text, "{arg}");
                seen += 1;
            }
        }
        assert!(seen > 3);
    }
}
