//! Manifests: PUT, GET, HEAD, DELETE, by tag and by digest (distribution specification 1.1, sections "Pulling
//! manifests" and "Pushing Manifests").

use serde_json::Value;

use super::options::{Feature, Options};
use super::route::{is_digest, is_tag};
use super::storage::{Storage, digest};
use crate::servers::http::{Body, Reply, Request};

/// As docker-registry.
const LARGEST: u64 = 4 << 20;

/// GET and HEAD.
pub fn get(storage: &Storage, name: &str, reference: &str, request: &Request) -> Reply {
    let Some(digest) = resolve(storage, name, reference) else {
        return unknown(reference);
    };
    let Some((media_type, bytes)) = storage.manifest(name, &digest) else {
        return unknown(reference);
    };
    let accepts = |wanted: &str| request.headers.lists("Accept", wanted);
    if request.headers.get("Accept").is_some() && !accepts(&media_type) && !accepts("*/*") {
        let message = format!("the manifest is {media_type}, which `Accept` does not list");
        return Reply::error(404, "MANIFEST_UNKNOWN", &message);
    }
    Reply::new(200)
        .header("Content-Type", media_type)
        .header("Docker-Content-Digest", digest)
        .bytes(bytes)
}

pub fn put(
    storage: &Storage,
    options: &Options,
    name: &str,
    reference: &str,
    request: &Request,
    body: &mut Body<'_>,
) -> Option<Reply> {
    if body.length().is_some_and(|length| length > LARGEST) {
        return Some(Reply::error(413, "SIZE_INVALID", "the manifest is larger than 4 MiB"));
    }
    let bytes = body.read_whole().ok()?;
    let found = digest(&bytes[..]).unwrap();
    if is_digest(reference) && reference != found {
        return Some(Reply::error(400, "DIGEST_INVALID", &format!("the manifest is {found}")));
    }
    let media_type = request.headers.get("Content-Type").unwrap_or_default();
    let Ok(manifest) = serde_json::from_slice::<Value>(&bytes) else {
        return Some(Reply::error(400, "MANIFEST_INVALID", "the manifest is not JSON"));
    };
    if !(is_digest(reference) || is_tag(reference)) {
        return Some(Reply::error(400, "MANIFEST_INVALID", "this is no tag"));
    }
    if media_type.is_empty() || manifest["mediaType"].as_str().is_some_and(|own| own != media_type) {
        return Some(Reply::error(
            400,
            "MANIFEST_INVALID",
            "`Content-Type` is not the manifest's media type",
        ));
    }
    if let Some(missing) = missing(storage, name, &manifest) {
        return Some(Reply::error(400, "MANIFEST_BLOB_UNKNOWN", &missing));
    }
    storage.put_manifest(name, &found, media_type, &bytes);
    if is_tag(reference) && !is_digest(reference) {
        storage.set_tag(name, reference, &found);
    }
    let mut reply = Reply::new(201)
        .header("Location", format!("/v2/{name}/manifests/{found}"))
        .header("Docker-Content-Digest", found);
    if let (Some(subject), false) = (
        manifest["subject"]["digest"].as_str(),
        options.without.contains(&Feature::Referrers),
    ) {
        reply = reply.header("OCI-Subject", subject);
    }
    Some(reply)
}

/// By tag only the tag, by digest all of it.
pub fn delete(storage: &Storage, name: &str, reference: &str) -> Reply {
    let done = if is_digest(reference) {
        storage.delete_manifest(name, reference)
    } else {
        storage.delete_tag(name, reference)
    };
    done.map_or_else(|_| unknown(reference), |()| Reply::new(202))
}

fn resolve(storage: &Storage, name: &str, reference: &str) -> Option<String> {
    if is_digest(reference) {
        Some(reference.to_owned())
    } else if is_tag(reference) {
        storage.tag(name, reference)
    } else {
        None
    }
}

/// The first blob or manifest that this one is made of and the repository has not. A subject may come later.
fn missing(storage: &Storage, name: &str, manifest: &Value) -> Option<String> {
    let all = |key: &str| manifest[key].as_array().cloned().unwrap_or_default();
    let absent = |descriptor: &Value, is_there: &dyn Fn(&str) -> bool| {
        let digest = descriptor["digest"].as_str().unwrap_or_default();
        (!(is_digest(digest) && is_there(digest))).then(|| digest.to_owned())
    };
    let mut blobs = all("layers").into_iter().chain(manifest.get("config").cloned());
    blobs
        .find_map(|blob| absent(&blob, &|digest| storage.has_blob(name, digest)))
        .or_else(|| {
            let mut manifests = all("manifests").into_iter();
            manifests.find_map(|one| absent(&one, &|digest| storage.manifest(name, digest).is_some()))
        })
}

fn unknown(reference: &str) -> Reply {
    Reply::error(404, "MANIFEST_UNKNOWN", &format!("manifest unknown: {reference}"))
}
