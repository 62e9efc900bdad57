//! Lists: tags page by page, and what refers to a manifest (distribution specification 1.1, section "Content
//! Discovery").

use serde_json::{Map, Value, json};

use super::storage::Storage;
use crate::servers::http::{Reply, Request};

/// In order, `n` at most after `last`, with a `Link` to those that follow.
pub fn tags(storage: &Storage, name: &str, request: &Request) -> Reply {
    let mut tags = storage.tags(name);
    if tags.is_empty() && storage.manifests(name).is_empty() {
        return Reply::error(404, "NAME_UNKNOWN", "repository name not known to registry");
    }
    if let Some(last) = request.query("last") {
        tags.retain(|tag| *tag > last);
    }
    let most = request.query("n").and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    let more = tags.len() > most;
    tags.truncate(most);
    let reply = Reply::json(200, &json!({"name": name, "tags": tags}));
    match tags.last() {
        Some(last) if more => reply.header(
            "Link",
            format!("</v2/{name}/tags/list?n={most}&last={last}>; rel=\"next\""),
        ),
        _ => reply,
    }
}

/// An index of the manifests whose subject is `digest`.
pub fn referrers(storage: &Storage, name: &str, digest: &str, request: &Request) -> Reply {
    let wanted = request.query("artifactType");
    let descriptors: Vec<_> = storage
        .manifests(name)
        .into_iter()
        .filter_map(|referrer| describe(storage, name, &referrer, digest))
        .filter(|descriptor| {
            wanted
                .as_deref()
                .is_none_or(|wanted| descriptor["artifactType"] == wanted)
        })
        .collect();
    let index = "application/vnd.oci.image.index.v1+json";
    let list = json!({"schemaVersion": 2, "mediaType": index, "manifests": descriptors});
    let reply = Reply::json(200, &list).header("Content-Type", index);
    match wanted {
        Some(_) => reply.header("OCI-Filters-Applied", "artifactType"),
        None => reply,
    }
}

/// The descriptor of a manifest, if `subject` is what it refers to.
fn describe(storage: &Storage, name: &str, digest: &str, subject: &str) -> Option<Value> {
    let (media_type, bytes) = storage.manifest(name, digest)?;
    let manifest: Value = serde_json::from_slice(&bytes).ok()?;
    if manifest["subject"]["digest"] != subject {
        return None;
    }
    let mut descriptor = Map::new();
    descriptor.insert("mediaType".to_owned(), media_type.into());
    descriptor.insert("digest".to_owned(), digest.into());
    descriptor.insert("size".to_owned(), bytes.len().into());
    // "If the artifactType is empty or missing in the image manifest, the value of artifactType MUST be set to the
    // config descriptor mediaType value."
    let kind = manifest
        .get("artifactType")
        .or_else(|| manifest.get("config")?.get("mediaType"));
    for (key, value) in [("artifactType", kind), ("annotations", manifest.get("annotations"))] {
        if let Some(value) = value {
            descriptor.insert(key.to_owned(), value.clone());
        }
    }
    Some(descriptor.into())
}
