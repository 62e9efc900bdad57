use serde_json::{Value, json};

use super::context;
use super::exit::Failure;
use super::options::{Build, Format};
use super::result::print;
use super::settings::{File, Origin, Setting, Settings, Shape};
use crate::modelfile::escape;

/// The version of the JSON document.
const VERSION: u32 = 1;

/// Prints what is in force, and where each value comes from.
pub fn run(options: &Build, settings: &Settings) -> Result<(), Failure> {
    context::check(&options.context)?;
    let rows = rows(settings);
    let text = match options.format {
        Format::Text => table(&rows),
        Format::Json => {
            let document = json!({
                "version": VERSION,
                "files": settings.files.iter().map(file).collect::<Vec<_>>(),
                "settings": rows.iter().map(Row::json).collect::<Vec<_>>(),
            });
            format!("{document:#}\n")
        }
    };
    print(&text)
}

/// A value of a key.
struct Row<'a> {
    key: String,
    is_flag: bool,
    /// None where the key has no value.
    value: Option<String>,
    /// None for what holds where nobody says anything.
    origin: Option<&'a Origin>,
}

/// A row for each value, and one for a key without any: options, then registries.
fn rows(settings: &Settings) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for key in &settings.keys {
        let (name, is_flag) = (&key.name, key.shape == Shape::Flag);
        let said: Vec<&Setting> = settings.said.iter().filter(|setting| setting.key == *name).collect();
        if said.is_empty() {
            rows.push(Row {
                key: name.clone(),
                is_flag,
                value: key.default.clone(),
                origin: None,
            });
        }
        let said = said.into_iter().flat_map(|setting| Row::of(name, is_flag, setting));
        rows.extend(said);
    }
    let said = settings.registries.iter();
    rows.extend(said.flat_map(|said| Row::of(&said.key(), said.is_flag(), &said.setting)));
    rows
}

impl<'a> Row<'a> {
    /// What somebody said about `key`.
    fn of(key: &str, is_flag: bool, setting: &'a Setting) -> Vec<Self> {
        let row = |value| Self {
            key: key.to_owned(),
            is_flag,
            value,
            origin: Some(&setting.origin),
        };
        if setting.values.is_empty() {
            return vec![row(None)];
        }
        // JSON has no other text than Unicode; a path that has none is shown as far as it goes.
        let values = setting.values.iter().map(|value| value.to_string_lossy().into_owned());
        values.map(|value| row(Some(value))).collect()
    }

    fn json(&self) -> Value {
        let value = match (&self.value, self.is_flag) {
            (Some(value), true) => json!(value == "true"),
            (value, _) => json!(value),
        };
        let key = &self.key;
        match self.origin {
            None => json!({"key": key, "value": value, "from": "default"}),
            Some(Origin::Flag) => json!({"key": key, "value": value, "from": "flag"}),
            Some(Origin::Environment(variable)) => {
                json!({"key": key, "value": value, "from": "environment", "variable": variable})
            }
            Some(Origin::File { owner, name, line }) => {
                json!({"key": key, "value": value, "from": owner.name(), "file": name, "line": line})
            }
        }
    }
}

fn table(rows: &[Row]) -> String {
    let shown = |row: &Row| escape(row.value.as_deref().unwrap_or_default());
    let width = |of: &dyn Fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or_default();
    let keys = width(&|row| row.key.chars().count());
    // One long annotation is no reason to draw all the others that wide.
    let values = width(&|row| shown(row).chars().count()).min(40);
    let line = |row: &Row| {
        let origin = row.origin.map_or_else(|| "default".to_owned(), ToString::to_string);
        format!("{:<keys$}  {:<values$}  {origin}\n", row.key, shown(row))
    };
    rows.iter().map(line).collect()
}

fn file(file: &File) -> Value {
    json!({"from": file.owner.name(), "path": file.path.to_string_lossy(), "read": file.text.is_some()})
}
