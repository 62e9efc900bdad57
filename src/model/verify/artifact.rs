//! One manifest: its config, its layers, and what readers of its dialect want.

use serde_json::Value;

use super::document::Document;
use super::finding::Subject;
use super::rule::{DIFF_ID, DIFF_ID_COUNT, DOCUMENT_AMBIGUOUS, DOCUMENT_INVALID};
use super::survey::{Claim, Layer, Survey};
use super::{config, file, readers};
use crate::artifact::read::{self, Ambiguity, ReadError, Stored, StoredLayer};
use crate::artifact::{Descriptor, Dialect, annotation, media_type};
use crate::digest::Digest;
use crate::modelfile::Kind;
use crate::plan::{LayerEncoding, plural};
use crate::store::stored::{OpenError, Packed, Sought};
use crate::store::{Packer, encoding_of};

/// An artifact that is a model, as far as it can be read.
pub struct Model<'a> {
    pub dialect: Dialect,
    pub manifest: &'a Document,
    pub config_type: &'a str,
    /// The config, where it is JSON.
    pub config: Option<&'a Value>,
    /// What findings about the config are about.
    pub config_subject: &'a Subject,
    /// Why readers do not agree what the config says, where they may not.
    pub ambiguous: Option<&'a Ambiguity>,
    /// Why manifest and config cannot be read together, where they cannot.
    pub unread: Option<&'a ReadError>,
    pub layers: &'a [Part],
}

/// A layer, and what it is said to be.
pub struct Part {
    pub descriptor: Descriptor,
    pub subject: Subject,
    pub path: Option<String>,
    pub kind: Option<Kind>,
    /// Whether its media type says how files are in it; where it does not, its end may, or the blob is the file.
    pub is_known: bool,
    /// How files are in it; `None` where they cannot be got out.
    pub encoding: Option<LayerEncoding>,
    /// The digest of what it unpacks to, where anything says so.
    pub diff_id: Option<Digest>,
}

impl Part {
    /// `stored` is what manifest and config say together, where both can be read.
    fn new(descriptor: &Descriptor, artifact: Digest, stored: Option<&StoredLayer>) -> Self {
        let stated = annotation::path(&descriptor.annotations).map(str::to_owned);
        let path = stored.map_or(stated, |layer| layer.path.clone());
        let parsed = media_type::parse_layer(&descriptor.media_type, path.as_deref().unwrap_or_default());
        let (kind, known) = match (stored, parsed) {
            (Some(layer), _) => (layer.kind, layer.encoding),
            (None, parsed) => (parsed.and_then(|it| it.kind), parsed.map(|it| it.encoding)),
        };
        Self {
            subject: Subject::blob(path.as_deref().unwrap_or("layer"), descriptor.digest).of(artifact),
            descriptor: descriptor.clone(),
            path,
            kind,
            is_known: known.is_some(),
            encoding: encoding_of(descriptor, stored).ok(),
            diff_id: stored.and_then(|layer| layer.diff_id),
        }
    }

    /// What is to be checked of its blob: what would be got out of it, too, where it is known whose tar it would be.
    fn layer(self, artifact: Digest, of: Option<Packer>, diff_id: Option<Digest>) -> Layer {
        let (is_raw, is_file) = (self.is_raw(), self.is_file());
        let packed = self.encoding.filter(|_| !is_raw).zip(of);
        let is_compressed = packed.is_some_and(|(encoding, _)| encoding.is_compressed());
        Layer {
            sought: Sought {
                name: self.path.clone().unwrap_or_else(|| self.descriptor.digest.to_string()),
                digest: self.descriptor.digest,
                size: self.descriptor.size,
                packed: packed.map(|(encoding, of)| Packed { encoding, of }),
            },
            subject: self.subject,
            is_orphan: false,
            claim: of.map(|_| Claim {
                artifact,
                is_weights: is_raw && matches!(self.kind, Some(Kind::Weight | Kind::Projector)),
                path: self.path.filter(|_| is_file),
                // Whoever does not know the type says the blob's digest.
                diff_id: diff_id.filter(|it| is_compressed && (self.is_known || *it != self.descriptor.digest)),
            }),
        }
    }

    /// Whether the blob is a file, be it compressed.
    pub fn is_file(&self) -> bool {
        self.encoding.is_some_and(|encoding| !encoding.is_tar())
    }

    /// Whether the blob is the file, byte for byte.
    pub fn is_raw(&self) -> bool {
        self.encoding == Some(LayerEncoding::Raw)
    }
}

/// Takes a manifest's config and layers, and judges them.
pub fn walk(survey: &mut Survey<'_>, digest: Digest, bytes: &[u8], manifest: &Document) -> Result<(), OpenError> {
    let found = &mut survey.findings;
    let before = found.list.len();
    let config = manifest.descriptor("config", found);
    survey.configs.extend(config.iter().map(|config| config.digest));
    let lacks = |member| manifest.value.get(member).is_none_or(Value::is_null);
    if lacks("config") && lacks("blobs") {
        manifest.lacks("config", found);
    }
    let layers = manifest.descriptors("layers", found);
    // The artifact manifest, which version 1.1 of the specification gave up again.
    let layers = layers.or_else(|| manifest.descriptors("blobs", found));
    if layers.is_none() {
        manifest.lacks("layers", found);
    }
    let all = layers.unwrap_or_default();
    let is_clear = found.list.len() == before;
    let layers: Vec<Descriptor> = all.into_iter().flatten().collect();
    let config_bytes = match &config {
        Some(config) => {
            let subject = Subject::blob("config", config.digest).of(digest);
            survey.document(config, &subject, false)?
        }
        None => None,
    };
    let outline = read::outline(bytes);
    let together = config_bytes.as_ref().zip(outline.as_ref().ok());
    let together = together.map(|(config, outline)| Stored::new(digest, outline, config));
    let dialect = outline.and_then(|outline| outline.dialect());
    let unread = together.as_ref().and_then(|read| read.as_ref().err());
    let stored = together.as_ref().and_then(|read| read.as_ref().ok());
    let parts = layers.iter().enumerate().map(|(index, layer)| {
        let stored = stored.and_then(|stored| stored.layers.get(index));
        Part::new(layer, digest, stored)
    });
    let parts: Vec<_> = parts.collect();
    let judged = match (&config, dialect) {
        (Some(config), Ok(dialect)) => {
            let subject = Subject::blob("config", config.digest).of(digest);
            let value = match &config_bytes {
                Some(bytes) if dialect != Dialect::Files => {
                    Document::parse(bytes, subject.clone(), &mut survey.findings).map(|document| document.value)
                }
                _ => None,
            };
            let members = value.as_ref().zip(config_bytes.as_ref());
            let members = members.map(|(_, bytes)| read::config_members(dialect, bytes));
            let ambiguous = match members {
                Some(Err(ReadError::AmbiguousConfig(how))) => Some(how),
                _ => None,
            };
            let model = Model {
                dialect: stored.map_or_else(|| config::dialect(dialect, value.as_ref()), |stored| stored.dialect),
                manifest,
                config_type: &config.media_type,
                config: value.as_ref(),
                config_subject: &subject,
                ambiguous: ambiguous.as_deref(),
                unread,
                layers: &parts,
            };
            let of = match model.dialect {
                Dialect::Image => Packer::Any,
                _ => Packer::Model,
            };
            Some((of, judge(survey, &model)))
        }
        (Some(_), Err(ReadError::NoModel(why))) => {
            survey.no_model(&manifest.subject, &why);
            Some((Packer::Any, Vec::new()))
        }
        // Where something was said of it already, that is why.
        (Some(_), Err(error)) if is_clear => {
            survey.unreadable(&manifest.subject, &error);
            None
        }
        _ => None,
    };
    let (of, diff_ids) = judged.unzip();
    let mut diff_ids = diff_ids.into_iter().flatten();
    for part in parts {
        let diff_id = diff_ids.next().flatten();
        survey.layer(part.layer(digest, of, diff_id));
    }
    Ok(())
}

/// Judges a model. Gives the diff ID of each layer, where the config has them and they are such.
fn judge(survey: &mut Survey<'_>, model: &Model<'_>) -> Vec<Option<Digest>> {
    let found = &mut survey.findings;
    let mut diff_ids = Vec::new();
    if let Some(how) = model.ambiguous {
        found.add(DOCUMENT_AMBIGUOUS, model.config_subject.clone(), how.to_string());
    }
    if let Some(value) = model.config {
        if let Some(shape) = config::shape(model.dialect) {
            shape.judge(value, "", &mut |rule, what| {
                found.add(rule, model.config_subject.clone(), what);
            });
        } else if let Some(error) = model.unread.filter(|error| !matches!(error, ReadError::DiffIds { .. })) {
            found.add(DOCUMENT_INVALID, model.config_subject.clone(), error.to_string());
        }
        if let Some(listed) = config::diff_ids(model.dialect, value) {
            let (has, wants) = (listed.len(), model.layers.len());
            if has == wants {
                config::types(listed, model.layers, found);
                diff_ids = listed.iter().map(diff_id).collect();
            } else {
                let has = plural(has, "diff ID");
                let what = format!("lists {has}, not one for each layer, which would be {wants}");
                found.add(DIFF_ID_COUNT, model.config_subject.clone(), what);
            }
        } else {
            // Not in a list: a Kitfile has them beside the paths.
            diff_ids = model.layers.iter().map(|part| part.diff_id).collect();
        }
    }
    for (part, diff_id) in model.layers.iter().zip(&diff_ids) {
        let is_plain = part.is_known && matches!(part.encoding, Some(LayerEncoding::Raw | LayerEncoding::Tar));
        if let Some(diff_id) = diff_id.filter(|diff_id| is_plain && *diff_id != part.descriptor.digest) {
            let what = format!("has the diff ID {diff_id}, which should be its digest: it is not compressed");
            found.add(DIFF_ID, part.subject.clone(), what);
        }
    }
    for part in model.layers {
        file::judge(model.dialect, model.config_type, part, found);
    }
    readers::judge(model, found);
    diff_ids
}

/// A diff ID, where it is one; the draft has it in an object, beside a media type.
fn diff_id(value: &Value) -> Option<Digest> {
    let text = value.as_str().or_else(|| value.get("diffID")?.as_str());
    text?.parse().ok()
}
