use std::collections::BTreeMap;

use crate::artifact::{Encoding, Recipe};

/// What decides an artifact's bytes beside Modelfile and files, by the names of the options that say it.
#[must_use]
pub fn settings(name: &str, recipe: &Recipe) -> BTreeMap<String, String> {
    let spec = recipe.spec.name();
    let layers = match recipe.encoding {
        Encoding::Raw => "raw",
        Encoding::Tar => "tar",
    };
    // The directory's name counts where the Modelfile states none.
    let mut settings: BTreeMap<_, _> = [("name", name), ("--spec", spec), ("layers", layers)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
    if let Some(created) = recipe.created {
        settings.insert("--created".to_owned(), created.to_string());
    }
    for (key, value) in &recipe.annotations {
        settings.insert(format!("--annotation {key}"), value.clone());
    }
    settings
}
