use serde_json::{Value, json};

use super::context;
use super::exit::{FAILED, Failure};
use super::options::{Build, Format};
use super::result::print;
use super::settings::{File, Key, Origin, Setting, Settings, Shape};
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
    print(&text).map_err(|error| Failure::new(FAILED, format!("cannot print the settings: {error}")))
}

/// A value of a key.
struct Row<'a> {
    key: &'a Key,
    /// None where the key has no value.
    value: Option<String>,
    /// None for what holds where nobody says anything.
    origin: Option<&'a Origin>,
}

/// A row for each value, and one for a key without any.
fn rows(settings: &Settings) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for key in &settings.keys {
        let said: Vec<&Setting> = settings.said.iter().filter(|setting| setting.key == key.name).collect();
        if said.is_empty() {
            let value = key.default.clone();
            rows.push(Row {
                key,
                value,
                origin: None,
            });
        }
        for setting in said {
            let origin = Some(&setting.origin);
            if setting.values.is_empty() {
                rows.push(Row {
                    key,
                    value: None,
                    origin,
                });
            }
            // JSON has no other text than Unicode; a path that has none is shown as far as it goes.
            let values = setting
                .values
                .iter()
                .map(|value| Some(value.to_string_lossy().into_owned()));
            rows.extend(values.map(|value| Row { key, value, origin }));
        }
    }
    rows
}

impl Row<'_> {
    fn json(&self) -> Value {
        let value = match (&self.value, self.key.shape) {
            (Some(value), Shape::Flag) => json!(value == "true"),
            (value, _) => json!(value),
        };
        let key = &self.key.name;
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
    let keys = width(&|row| row.key.name.len());
    // One long annotation is no reason to draw all the others that wide.
    let values = width(&|row| shown(row).chars().count()).min(40);
    let line = |row: &Row| {
        let origin = row.origin.map_or_else(|| "default".to_owned(), ToString::to_string);
        format!("{:<keys$}  {:<values$}  {origin}\n", row.key.name, shown(row))
    };
    rows.iter().map(line).collect()
}

fn file(file: &File) -> Value {
    json!({"from": file.owner.name(), "path": file.path.to_string_lossy(), "read": file.text.is_some()})
}
