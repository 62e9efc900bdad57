use serde_json::{Map, Value, json};

use super::VERSION;
use crate::cli::value::Named;
use crate::model::review::Finding;
use crate::model::{Overview, Share};
use crate::plan::LayerEncoding;

/// For machines (docs/output.md).
pub fn whole(place: &Named, overview: &Overview<'_>, findings: &[Finding]) -> String {
    let stored = overview.stored;
    let stated: Map<_, _> = overview
        .stated
        .iter()
        .map(|(name, statement)| ((*name).to_owned(), json!(statement)))
        .collect();
    let mut document = start(place, overview);
    document.extend([
        ("spec".to_owned(), json!(stored.dialect.name())),
        ("stated".to_owned(), json!(stated)),
        ("annotations".to_owned(), json!(stored.annotations)),
        (
            "config".to_owned(),
            json!({
                "mediaType": stored.config.media_type,
                "digest": stored.config.digest,
                "size": stored.config.size,
            }),
        ),
        ("size".to_owned(), json!(overview.size)),
        ("findings".to_owned(), findings.iter().map(finding).collect()),
    ]);
    finished(document)
}

/// What the page for a reviewer says, too.
fn finding(finding: &Finding) -> Value {
    json!({
        "urgency": finding.urgency.name(),
        "title": finding.title,
        "why": finding.why,
        "files": finding.files,
    })
}

/// The layers alone.
pub fn layers(place: &Named, overview: &Overview<'_>) -> String {
    finished(start(place, overview))
}

fn start(place: &Named, overview: &Overview<'_>) -> Map<String, Value> {
    let layer = |Share { layer, .. }: &Share<'_>| {
        json!({
            "path": layer.path,
            "kind": layer.kind_name(),
            "encoding": layer.encoding.map(LayerEncoding::name),
            "executable": layer.executable,
            "mediaType": layer.descriptor.media_type,
            "digest": layer.descriptor.digest,
            "diffId": layer.diff_id,
            "size": layer.descriptor.size,
        })
    };
    let layers: Vec<_> = overview.layers.iter().map(layer).collect();
    Map::from_iter([
        ("version".to_owned(), json!(VERSION)),
        ("reference".to_owned(), json!(place.text)),
        ("digest".to_owned(), json!(overview.stored.digest)),
        ("layers".to_owned(), json!(layers)),
    ])
}

fn finished(document: Map<String, Value>) -> String {
    format!("{:#}\n", Value::Object(document))
}
