//! What holds beside the command line: `modelbuild.toml` and the environment.

mod command;
mod environment;
mod excluding;
mod files;
mod findings;
mod places;
mod precedence;
mod registries;
mod uploads;

use serde_json::Value;

use crate::harness::Test;
use crate::tiny::tiny;

/// The user's file, as seen from the working directory.
const USER: &str = "../home/config_home/modelbuild/modelbuild.toml";

/// What `config --format json` says of `key`: each value, and who said it.
fn in_force(test: Test, key: &str) -> Vec<(Value, String)> {
    let answer = test.args(["--format", "json"]).run();
    let document: Value = serde_json::from_slice(&answer.stdout).unwrap();
    let rows = document["settings"].as_array().unwrap().iter();
    rows.filter(|row| row["key"] == key)
        .map(|row| (row["value"].clone(), row["from"].as_str().unwrap().to_owned()))
        .collect()
}

/// The model of [`tiny`] with a project's file.
fn project(settings: &str) -> Test {
    tiny().file("modelbuild.toml", settings)
}

/// The model of [`tiny`] with a user's file.
fn user(settings: &str) -> Test {
    tiny().file(USER, settings)
}
