//! What a document lists, taken apart so leniently that everything wrong with it can be said.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::finding::{Findings, Subject};
use super::rule::{
    DESCRIPTOR_DATA, DESCRIPTOR_INVALID, DIGEST_ALGORITHM, DOCUMENT_AMBIGUOUS, DOCUMENT_INVALID, MEDIA_TYPE_DIFFERS,
};
use crate::artifact::read::{self, Kind, ReadError};
use crate::artifact::{Descriptor, LARGEST_SIZE};
use crate::digest::Digest;

/// A document that is JSON and an object.
pub struct Document {
    pub value: Value,
    /// What findings are about.
    pub subject: Subject,
}

impl Document {
    /// Reads a document; `None` where it is none, which `findings` says then.
    pub fn parse(bytes: &[u8], subject: Subject, findings: &mut Findings) -> Option<Self> {
        let why = match serde_json::from_slice::<Value>(bytes) {
            Ok(value) if value.is_object() => return Some(Self { value, subject }),
            Ok(_) => "is no JSON object".to_owned(),
            Err(error) => format!("is no JSON: {error}"),
        };
        findings.add(DOCUMENT_INVALID, subject, why);
        None
    }

    /// As [`Self::parse`], of a manifest or an index: which of the two it is comes along, where it says so.
    pub fn parse_listing(bytes: &[u8], subject: Subject, findings: &mut Findings) -> Option<(Self, Option<Kind>)> {
        let document = Self::parse(bytes, subject, findings)?;
        match read::kind(bytes) {
            Ok(kind) => Some((document, kind)),
            Err(error) => {
                let what = match error {
                    ReadError::Ambiguous(how) => how.to_string(),
                    error => error.to_string(),
                };
                let what = format!("{what}; what it lists was not checked");
                findings.add(DOCUMENT_AMBIGUOUS, document.subject, what);
                None
            }
        }
    }

    /// What a manifest and an index have in common: their version, and the media type by which somebody named them.
    pub fn judge(&self, named: Option<&str>, findings: &mut Findings) {
        let mut say = |rule, what: String| findings.add(rule, self.subject.clone(), what);
        match self.value.get("schemaVersion") {
            Some(version) if version.as_u64() == Some(2) => {}
            Some(version) => say(DOCUMENT_INVALID, format!("its `schemaVersion` is {version}, not 2")),
            None => say(DOCUMENT_INVALID, "its `schemaVersion` is missing".to_owned()),
        }
        match (self.value.get("mediaType"), named) {
            (Some(Value::String(own)), Some(named)) if own != named => {
                say(
                    MEDIA_TYPE_DIFFERS,
                    format!("it is said to be `{named}`, and says itself `{own}`"),
                );
            }
            (None | Some(Value::Null | Value::String(_)), _) => {}
            (Some(_), _) => say(DOCUMENT_INVALID, "its `mediaType` is not a text".to_owned()),
        }
        if let Some(what) = annotations(self.value.get("annotations")).err() {
            say(DOCUMENT_INVALID, format!("its {what}"));
        }
    }

    /// The descriptor that a member is, where it is there and one.
    pub fn descriptor(&self, member: &str, findings: &mut Findings) -> Option<Descriptor> {
        match self.value.get(member) {
            None | Some(Value::Null) => None,
            Some(value) => self.read(value, member, findings),
        }
    }

    /// The descriptors that a member lists, as far as they are such; where one is not, `None` has its place. Also `None`
    /// where the member is not there.
    pub fn descriptors(&self, member: &str, findings: &mut Findings) -> Option<Vec<Option<Descriptor>>> {
        match self.value.get(member) {
            None | Some(Value::Null) => None,
            Some(Value::Array(values)) => {
                let one = |(index, value)| self.read(value, &format!("{member}[{index}]"), findings);
                Some(values.iter().enumerate().map(one).collect())
            }
            Some(_) => {
                findings.add(
                    DOCUMENT_INVALID,
                    self.subject.clone(),
                    format!("its `{member}` is not an array"),
                );
                Some(Vec::new())
            }
        }
    }

    /// Notes that a member is missing.
    pub fn lacks(&self, member: &str, findings: &mut Findings) {
        findings.add(
            DOCUMENT_INVALID,
            self.subject.clone(),
            format!("its `{member}` is missing"),
        );
    }

    fn read(&self, value: &Value, at: &str, findings: &mut Findings) -> Option<Descriptor> {
        let mut say = |rule, what: &str| findings.add(rule, self.subject.clone(), format!("`{at}` {what}"));
        let text = |member: &str| value.get(member).and_then(Value::as_str);
        let media_type = text("mediaType");
        let size = value.get("size").and_then(Value::as_u64);
        let size = size.filter(|size| *size <= LARGEST_SIZE);
        if media_type.is_none_or(str::is_empty) {
            say(DESCRIPTOR_INVALID, "has no `mediaType`");
        }
        if size.is_none() {
            say(DESCRIPTOR_INVALID, "has no `size` that is a number of bytes");
        }
        let digest = text("digest").unwrap_or_default();
        let parsed = digest.parse::<Digest>().ok();
        match digest.split_once(':') {
            _ if parsed.is_some() => {}
            Some((algorithm, rest)) if algorithm != "sha256" && !algorithm.is_empty() && !rest.is_empty() => {
                say(DIGEST_ALGORITHM, &format!("has a digest by `{algorithm}`"));
            }
            _ => say(DESCRIPTOR_INVALID, "has no `digest` that is one"),
        }
        let data = || embedded(value.get("data")?, parsed?, size?);
        if let Some(what) = data() {
            say(DESCRIPTOR_DATA, what);
        }
        let annotations = annotations(value.get("annotations"));
        if let Err(what) = &annotations {
            say(DESCRIPTOR_INVALID, &format!("has {what}"));
        }
        Some(Descriptor {
            media_type: media_type?.to_owned(),
            digest: parsed?,
            size: size?,
            annotations: annotations.unwrap_or_default(),
        })
    }
}

/// What is wrong with the bytes that stand in a descriptor, where they are not those of its blob (OCI image-spec,
/// descriptor.md, "Embedded Content").
fn embedded(data: &Value, digest: Digest, size: u64) -> Option<&'static str> {
    let text = match data {
        Value::Null => return None,
        Value::String(text) => text,
        _ => return Some("has `data` that are no text"),
    };
    match STANDARD.decode(text) {
        Err(_) => Some("has `data` that are not in base64"),
        Ok(bytes) if bytes.len() as u64 != size => Some("has `data` of another size than it says"),
        Ok(bytes) if Digest::of(&bytes) != digest => Some("has `data` of another digest than it says"),
        Ok(_) => None,
    }
}

fn annotations(value: Option<&Value>) -> Result<BTreeMap<String, String>, &'static str> {
    match value {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(value) => serde_json::from_value(value.clone()).map_err(|_| "`annotations` that are not all texts"),
    }
}
