//! Which layers of an artifact are moved.

use ignore::overrides::{Override, OverrideBuilder};

use super::exit::Failure;
use super::options::LayerChoice;
use crate::artifact::{Descriptor, media_type};
use crate::modelfile::Kind;
use crate::store::stored::{Found, path};

/// Leaves out of `found` what `choice` does not want.
pub fn choose(found: &mut Found, choice: &LayerChoice) -> Result<(), Failure> {
    let included = patterns("include", &choice.include)?;
    let excluded = patterns("exclude", &choice.exclude)?;
    let is_wanted = |layer: &Descriptor| {
        let path = path(layer).unwrap_or_default();
        let kind = media_type::parse_layer(&layer.media_type, path).and_then(|layer| layer.kind);
        let is_weight = matches!(kind, Some(Kind::Weight | Kind::Projector) | None);
        let is_included = choice.include.is_empty() || !path.is_empty() && included.matched(path, false).is_whitelist();
        let is_excluded = !choice.exclude.is_empty() && excluded.matched(path, false).is_whitelist();
        is_included && !is_excluded && !(choice.no_weights && is_weight)
    };
    if !choice.include.is_empty() || !choice.exclude.is_empty() || choice.no_weights {
        found.retain(is_wanted);
    }
    Ok(())
}

/// Patterns as git's are: one without a `/` matches in every directory.
fn patterns(option: &str, patterns: &[String]) -> Result<Override, Failure> {
    let mut builder = OverrideBuilder::new("");
    for pattern in patterns {
        builder.add(pattern).map_err(|error| {
            Failure::usage(
                format!("`--{option} {pattern}`: {error}"),
                "a pattern is a path with `*`, `**`, `?` and `[a-z]`, as in `*.json`",
            )
        })?;
    }
    builder
        .build()
        .map_err(|error| Failure::usage(format!("`--{option}`: {error}"), "give fewer or shorter patterns"))
}
