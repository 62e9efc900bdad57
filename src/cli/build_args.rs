use std::env::{VarError, var};

use super::exit::Failure;
use super::value;
use crate::modelfile::{BuildArg, BuildArgs};

/// What the options give in the end: the last of each name, as with docker. As with buildx, a name that the environment
/// does not have takes nothing away from an earlier option.
pub fn given(options: &[(String, Option<String>)]) -> Result<BuildArgs, Failure> {
    let mut given = BuildArgs::new();
    for (name, value) in options {
        let arg = match value {
            Some(value) => BuildArg::Value(value.clone()),
            None => BuildArg::Environment(variable(name)?),
        };
        if arg == BuildArg::Environment(None) {
            given.entry(name.clone()).or_insert(arg);
        } else {
            given.insert(name.clone(), arg);
        }
    }
    Ok(given)
}

fn variable(name: &str) -> Result<Option<String>, Failure> {
    let wrong = |why: &str| {
        Failure::usage(
            format!("`--build-arg {name}` takes the variable `{name}` of the environment: {why}"),
            format!("correct it, or give the value as in `--build-arg {name}=value`"),
        )
    };
    match var(name) {
        Ok(value) => match value::build_arg_value(&value) {
            Ok(()) => Ok(Some(value)),
            Err(why) => Err(wrong(why)),
        },
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(wrong("the value is not UTF-8")),
    }
}
