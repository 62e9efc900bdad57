//! The files of a stored model as an engine wants them: `cargo run --example engine_files DIRECTORY`.

use std::error::Error;
use std::path::Path;

use modelbuild::model::StoredModel;
use modelbuild::store::Choice;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args_os()
        .nth(1)
        .ok_or("name the directory of an OCI layout")?;
    print!("{}", describe(Path::new(&directory))?);
    Ok(())
}

/// What the only model of a layout is, and where its files lie.
///
/// # Errors
/// There is no such model, or a blob of it is missing.
pub fn describe(layout: &Path) -> Result<String, Box<dyn Error>> {
    let model = StoredModel::open(layout, Choice::Only)?;
    let config = model.config()?;
    let mut lines = vec![
        format!("{} ({})", model.id(), model.tags().join(", ")),
        format!("format {}", config.format().as_deref().unwrap_or("not stated")),
        format!("parameters {}", config.parameters().unwrap_or("not stated")),
    ];
    // An engine is given the first shard, and finds the others by their names: under these, extracted ones have them.
    for path in [model.gguf_paths()?, model.safetensors_paths()?, model.dduf_paths()?].concat() {
        lines.push(format!("weights {}", path.display()));
    }
    for (what, path) in [
        ("projector", model.mmproj_path()),
        ("template", model.chat_template_path()),
    ] {
        match path {
            Ok(path) => lines.push(format!("{what} {}", path.display())),
            Err(why) => lines.push(format!("no {what}: {why}")),
        }
    }
    Ok(lines.join("\n") + "\n")
}
