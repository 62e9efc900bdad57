use std::collections::BTreeMap;

use serde::Deserialize;

use super::ReadError;
use super::stated::{Stated, or_default};
use crate::digest::Digest;
use crate::plan::Metadata;

/// A container image's config (OCI image-spec, config.md), as far as it says something of what is inside.
#[derive(Deserialize, Default)]
#[serde(default)]
struct ImageConfig {
    created: Option<String>,
    author: Option<String>,
    config: Option<Execution>,
    rootfs: RootFs,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Execution {
    #[serde(rename = "Labels")]
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RootFs {
    #[serde(deserialize_with = "or_default")]
    diff_ids: Vec<Digest>,
}

pub fn parse(bytes: &[u8]) -> Result<Stated, ReadError> {
    let config: ImageConfig = serde_json::from_slice(bytes).map_err(ReadError::Config)?;
    let labels = config.config.and_then(|config| config.labels).unwrap_or_default();
    let mut stated = annotated(&labels);
    stated.created = config.created.or(stated.created);
    if stated.metadata.authors.is_empty() {
        stated.metadata.authors = config.author.into_iter().filter(|author| !author.is_empty()).collect();
    }
    stated.diff_ids = config.rootfs.diff_ids;
    Ok(stated)
}

/// What annotations say of an artifact (OCI image-spec, annotations.md); labels have the same keys.
pub fn annotated(annotations: &BTreeMap<String, String>) -> Stated {
    let one = |key: &str| {
        let value = annotations.get(&format!("org.opencontainers.image.{key}"));
        value.filter(|value| !value.is_empty()).cloned()
    };
    let many = |key| one(key).into_iter().collect();
    Stated {
        metadata: Metadata {
            title: one("title"),
            description: one("description"),
            version: one("version"),
            authors: many("authors"),
            vendor: one("vendor"),
            licenses: many("licenses"),
            doc_url: one("documentation").or_else(|| one("url")),
            source_url: one("source"),
            revision: one("revision"),
            ..Metadata::default()
        },
        created: one("created"),
        ..Stated::default()
    }
}
