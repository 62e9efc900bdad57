//! Which layers of an artifact are moved.

use std::collections::HashMap;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::exit::{Failure, INVALID};
use super::options::LayerChoice;
use crate::artifact::{Descriptor, media_type};
use crate::model::unnamed;
use crate::modelfile::Kind;
use crate::store::stored::{Found, path};

/// Leaves out of `found` what `choice` does not want.
pub fn choose(found: &mut Found, choice: &LayerChoice) -> Result<(), Failure> {
    let included = patterns("include", &choice.include)?;
    let excluded = patterns("exclude", &choice.exclude)?;
    let has_patterns = !choice.include.is_empty() || !choice.exclude.is_empty();
    let names = if has_patterns { given(found) } else { HashMap::new() };
    let files = if has_patterns { files(found, &names) } else { Vec::new() };
    let is_covered = |patterns: &Gitignore, index: usize, layer: &Descriptor| {
        let called = path(layer).or_else(|| names.get(&index).map(String::as_str));
        matches(patterns, called.unwrap_or_default())
    };
    let is_included =
        |index: usize, layer: &Descriptor| choice.include.is_empty() || is_covered(&included, index, layer);
    if !choice.include.is_empty() && !found.own().any(|(index, layer)| is_included(index, layer)) {
        return Err(unmatched(found.place(), &choice.include, &files));
    }
    let is_wanted = |index: usize, layer: &Descriptor| {
        let kind = media_type::parse_layer(&layer.media_type, path(layer).unwrap_or_default());
        let kind = kind.and_then(|layer| layer.kind);
        let is_weight = matches!(kind, Some(Kind::Weight | Kind::Projector) | None);
        let is_excluded = is_covered(&excluded, index, layer);
        is_included(index, layer) && !is_excluded && !(choice.no_weights && is_weight)
    };
    if has_patterns || choice.no_weights {
        found.retain(is_wanted);
    }
    if !files.is_empty() && found.own().next().is_none() {
        return Err(emptied(found.place(), choice, &files));
    }
    Ok(())
}

/// The names that files are extracted by whose layers give them none, whichever of them are left out.
fn given(found: &Found) -> HashMap<usize, String> {
    found.model().map(unnamed).unwrap_or_default()
}

/// What patterns are held against, or else the digests of what has no name.
fn files(found: &Found, names: &HashMap<usize, String>) -> Vec<String> {
    let called = |(index, layer): (usize, &Descriptor)| {
        let name = path(layer).or_else(|| names.get(&index).map(String::as_str));
        name.map_or_else(|| layer.digest.to_string(), str::to_owned)
    };
    found.own().map(called).collect()
}

/// Whoever names files and gets none has mistyped a name, as in a Modelfile.
fn unmatched(place: &str, patterns: &[String], files: &[String]) -> Failure {
    let patterns: Vec<_> = patterns.iter().map(|pattern| format!("`{pattern}`")).collect();
    nothing(
        format!("no layer of `{place}` matches {}", patterns.join(" or ")),
        files,
    )
}

/// Whoever leaves out all that there is has meant something else.
fn emptied(place: &str, choice: &LayerChoice, files: &[String]) -> Failure {
    let given = |option: &str, patterns: &[String]| -> Vec<String> {
        let shown = |pattern: &String| format!("`--{option} {pattern}`");
        patterns.iter().map(shown).collect()
    };
    let no_weights = choice.no_weights.then(|| "`--no-weights`".to_owned());
    let mut options = given("include", &choice.include);
    options.extend(given("exclude", &choice.exclude));
    options.extend(no_weights);
    nothing(
        format!("no layer of `{place}` is left by {}", options.join(", ")),
        files,
    )
}

fn nothing(message: String, files: &[String]) -> Failure {
    /// How many files are named.
    const SHOWN: usize = 5;
    let shown: Vec<_> = files.iter().take(SHOWN).map(|file| format!("`{file}`")).collect();
    let more = match files.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let help = if files.is_empty() {
        "it has no layers; `modelbuild inspect` shows what it is".to_owned()
    } else {
        format!(
            "it has {}{more}; `modelbuild inspect` lists the paths of its layers",
            shown.join(", ")
        )
    };
    Failure::Message {
        code: INVALID,
        message,
        help: Some(help),
    }
}

/// Whether a pattern covers the path, or a directory that it lies in.
fn matches(patterns: &Gitignore, path: &str) -> bool {
    // Whoever wrote the artifact may have meant harm, and the matcher takes no absolute path, `.//etc` included.
    let components = path.split('/').filter(|component| !matches!(*component, "" | "."));
    let path = components.collect::<Vec<_>>().join("/");
    !path.is_empty() && patterns.matched_path_or_any_parents(&path, false).is_ignore()
}

/// Patterns as git's are: one without a `/` matches in every directory, and a directory stands for all that is below it.
fn patterns(option: &str, patterns: &[String]) -> Result<Gitignore, Failure> {
    let mut builder = GitignoreBuilder::new("");
    builder.allow_unclosed_class(false);
    for pattern in patterns {
        // On a command line nothing is a comment, and `./` is where one is.
        let line = pattern.strip_prefix("./").unwrap_or(pattern);
        let line = if line.starts_with('#') {
            format!("\\{line}")
        } else {
            line.to_owned()
        };
        builder.add_line(None, &line).map_err(|error| {
            Failure::usage(
                format!("`--{option} {pattern}`: {error}"),
                "a pattern is a path with `*`, `**`, `?`, `[a-z]` and `{a,b}`, as in `*.json`",
            )
        })?;
    }
    builder
        .build()
        .map_err(|error| Failure::usage(format!("`--{option}`: {error}"), "give fewer or shorter patterns"))
}
