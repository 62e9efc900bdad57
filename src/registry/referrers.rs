//! What refers to a manifest: signatures, attestations (OCI distribution-spec, "Listing Referrers").
//!
//! A registry that has no list of them keeps none; then the clients keep it, as an index under a tag that is made of the
//! subject's digest ("Referrers Tag Schema").

use std::collections::BTreeMap;

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::manifest::Document;
use super::pages::Pages;
use super::{Doing, Error, Repository};
use crate::artifact::{Descriptor, json, media_type};
use crate::digest::Digest;

/// An index of referrers; the entries of others go through as they are.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an image index")]
struct List {
    schema_version: u32,
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    manifests: Vec<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    annotations: Option<Box<RawValue>>,
}

impl List {
    /// Those with digests that can be checked.
    fn entries(&self) -> impl Iterator<Item = Descriptor> {
        self.manifests
            .iter()
            .filter_map(|raw| serde_json::from_str(raw.get()).ok())
    }
}

/// What a list says of one: more than other indexes, for people choose by it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    media_type: &'a str,
    digest: Digest,
    size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

impl<'a> Entry<'a> {
    fn of(media_type: &'a str, manifest: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Referrer {
            artifact_type: Option<String>,
            config: Option<Config>,
            annotations: Option<BTreeMap<String, String>>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Config {
            media_type: String,
        }
        let referrer: Referrer = serde_json::from_slice(manifest)?;
        let stated = referrer.artifact_type.filter(|stated| !stated.is_empty());
        Ok(Self {
            media_type,
            digest: Digest::of(manifest),
            size: manifest.len(),
            artifact_type: stated.or_else(|| Some(referrer.config?.media_type)),
            annotations: referrer.annotations.unwrap_or_default(),
        })
    }
}

/// What the tag of a list begins with.
const TAGGED: &str = "sha256-";

/// The tag that the list of what refers to `subject` has where the registry keeps none.
fn list_tag(subject: &Digest) -> String {
    format!("{TAGGED}{}", subject.hex())
}

/// To what all refers that the list with this tag has; `None` where it is the tag of something else.
#[must_use]
pub fn listed_subject(tag: &str) -> Option<Digest> {
    Digest::from_hex(tag.strip_prefix(TAGGED)?)
}

impl Repository {
    /// The manifests that are said to refer to the one with `subject`.
    ///
    /// # Errors
    /// The registry cannot be asked, or its answer is no index.
    pub fn referrers(&self, subject: &Digest) -> Result<Vec<Descriptor>, Error> {
        let doing = Doing::new(format!("listing what refers to {subject}"));
        let mut pages = Pages::new(self, self.url(&format!("referrers/{subject}"))?, &doing);
        let mut found = Vec::new();
        while let Some(answer) = pages.next()? {
            if answer.status != StatusCode::OK && pages.read() == 1 {
                let list = self.kept_list(subject, &doing)?;
                return Ok(list.iter().flat_map(List::entries).collect());
            }
            let list: List = serde_json::from_slice(&answer.body).map_err(|error| self.nonsense(&doing, &error))?;
            found.extend(list.entries());
        }
        Ok(found)
    }

    /// Adds a manifest that refers to `subject` to the list that clients keep. Two who do so at the same time may lose
    /// one of theirs: registries have nothing to prevent it.
    pub(super) fn keep_referrer(&self, subject: &Digest, media_type: &str, manifest: &[u8]) -> Result<(), Error> {
        let doing = Doing::new(format!("adding to the list of what refers to {subject}"));
        let nonsense = |error: serde_json::Error| self.nonsense(&doing, &error);
        let mut list = self.kept_list(subject, &doing)?.unwrap_or(List {
            schema_version: 2,
            media_type: None,
            manifests: Vec::new(),
            annotations: None,
        });
        let entry = Entry::of(media_type, manifest).map_err(nonsense)?;
        if list.entries().any(|listed| listed.digest == entry.digest) {
            return Ok(());
        }
        list.media_type = Some(media_type::OCI_INDEX.to_owned());
        let raw = json::to_string(&entry).and_then(RawValue::from_string);
        list.manifests.push(raw.map_err(nonsense)?);
        let bytes = json::to_vec(&list).map_err(nonsense)?;
        self.put_manifest(&list_tag(subject), media_type::OCI_INDEX, &bytes)
    }

    /// The list that clients keep; `None` where there is none.
    fn kept_list(&self, subject: &Digest, doing: &Doing) -> Result<Option<List>, Error> {
        let Some(Document { bytes, .. }) = self.manifest_here(&list_tag(subject))? else {
            return Ok(None);
        };
        let list = serde_json::from_slice(&bytes).map_err(|error| self.nonsense(doing, &error))?;
        Ok(Some(list))
    }
}
