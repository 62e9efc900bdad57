use std::fmt::Write as _;

use crate::cli::size::{human, plural};
use crate::model::review::{Finding, Urgency};
use crate::model::{Overview, Share};
use crate::modelfile::escape;
use crate::plan::LayerEncoding;

/// How wide the media type's column is: one of `ModelPack`'s.
const MEDIA_TYPE: usize = 31;

/// How many files of a finding are named.
const NAMED: usize = 3;

/// For people: what is stated of the model, how large it is, what to look at, and its layers.
pub fn whole(overview: &Overview<'_>, findings: &[Finding]) -> String {
    let mut text = String::new();
    for (name, statement) in &overview.stated {
        line(&mut text, name, &statement.to_string());
    }
    let layers = overview.layers.len();
    let size = format!("{} in {}", human(overview.size), plural(layers, "layer"));
    line(&mut text, "size", &size);
    line(&mut text, "spec", overview.stored.dialect.name());
    line(&mut text, "digest", &overview.stored.digest.to_string());
    for finding in findings.iter().filter(|finding| finding.urgency < Urgency::Note) {
        line(&mut text, finding.urgency.name(), &title(finding));
    }
    let media_types = overview.layers.iter().map(|share| short(share).chars().count());
    let width = media_types.max().unwrap_or_default().max(MEDIA_TYPE);
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "\n{:<9}  {:>7}  {:>6}  {:<width$}  PATH",
        "KIND", "SIZE", "SHARE", "MEDIA TYPE"
    );
    for share in &overview.layers {
        let _ = writeln!(
            text,
            "{:<9}  {:>7}  {:>4} %  {:<width$}  {}",
            kind(share),
            human(share.layer.descriptor.size),
            share.percent,
            short(share),
            path(share)
        );
    }
    text
}

/// What was found, and in which files.
fn title(finding: &Finding) -> String {
    let named: Vec<_> = finding.files.iter().take(NAMED).map(String::as_str).collect();
    let more = finding.files.len() - named.len();
    match (named.as_slice(), more) {
        ([], _) => finding.title.to_owned(),
        (named, 0) => format!("{}: {}", finding.title, named.join(", ")),
        (named, more) => format!("{}: {} and {more} more", finding.title, named.join(", ")),
    }
}

/// The layers alone: what a script asks for that has no JSON parser at hand.
pub fn layers(overview: &Overview<'_>) -> String {
    let mut text = String::new();
    for share in &overview.layers {
        let layer = share.layer;
        let _ = writeln!(
            text,
            "{}  {:>12}  {:<9}  {:<8}  {}",
            layer.descriptor.digest,
            layer.descriptor.size,
            kind(share),
            layer.encoding.map_or("unknown", LayerEncoding::name),
            layer.path.as_deref().map_or_else(|| "-".to_owned(), escape)
        );
    }
    text
}

/// A name and what it stands for.
pub fn line(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name:<12}  {}", escape(value));
}

fn kind(share: &Share<'_>) -> &'static str {
    share.layer.kind_name().unwrap_or("unknown")
}

/// The media type as in the table of `plan`.
fn short(share: &Share<'_>) -> String {
    let media_type = share.layer.descriptor.media_type.as_str();
    escape(media_type.strip_prefix("application/vnd.").unwrap_or(media_type))
}

fn path(share: &Share<'_>) -> String {
    let named = share.layer.path.clone();
    escape(&named.unwrap_or_else(|| share.layer.descriptor.digest.to_string()))
}
