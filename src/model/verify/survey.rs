use std::collections::{BTreeMap, HashMap, HashSet};

use super::document::Document;
use super::finding::{Findings, Subject};
use super::rule::{BLOB_SIZE, DOCUMENT_INVALID, DOCUMENT_SIZE, INDEX_DEPTH, MANIFEST_SIZE, NO_MODEL, SUBJECT_MISSING};
use super::{artifact, flaw};
use crate::artifact::{Descriptor, read};
use crate::digest::Digest;
use crate::store::stored::{Flaw, MOST_NESTED, OpenError, Sought, Store};

/// Largest manifest that docker-registry takes, in bytes.
const LARGE_MANIFEST: u64 = 4 << 20;

/// A walk through all documents of a place, from those that it names on.
pub struct Survey<'a> {
    store: &'a Store,
    pub findings: Findings,
    /// How many manifests there are.
    pub artifacts: usize,
    /// How many documents, and their bytes.
    pub documents: (usize, u64),
    /// What layers say of their blobs, in the order of manifests.
    pub layers: Vec<Layer>,
    /// What somebody refers to.
    pub reached: HashSet<Digest>,
    /// Documents that are not what they should be, and have to be there again for the place to be whole.
    pub broken: BTreeMap<Digest, Broken>,
    /// What was made of a document already.
    seen: HashMap<Digest, u64>,
}

/// What a manifest says of a layer's blob.
pub struct Layer {
    pub sought: Sought,
    pub subject: Subject,
    /// What a model says of it beyond that.
    pub claim: Option<Claim>,
}

/// What a model says of a layer.
pub struct Claim {
    /// The manifest.
    pub artifact: Digest,
    /// The path of its file, where the blob is one.
    pub path: Option<String>,
    /// The digest of the tar that is in it, where it is compressed.
    pub diff_id: Option<Digest>,
}

/// A blob that is not what it should be.
#[derive(Debug, Clone)]
pub struct Broken {
    pub sought: Sought,
    pub subject: Subject,
    /// Whether a registry has it among its manifests.
    pub is_manifest: bool,
}

impl<'a> Survey<'a> {
    pub fn new(store: &'a Store) -> Self {
        Self {
            store,
            findings: Findings::default(),
            artifacts: 0,
            documents: (0, 0),
            layers: Vec::new(),
            reached: HashSet::new(),
            broken: BTreeMap::new(),
            seen: HashMap::new(),
        }
    }

    /// Takes a manifest or an index, and all that it lists.
    pub fn root(&mut self, descriptor: &Descriptor) -> Result<(), OpenError> {
        self.named(descriptor, 0)
    }

    /// As [`Self::root`], of one whose bytes are here.
    pub fn fetched(&mut self, descriptor: &Descriptor, bytes: &[u8]) -> Result<(), OpenError> {
        self.reached.insert(descriptor.digest);
        self.seen.insert(descriptor.digest, descriptor.size);
        self.count(bytes);
        self.either(descriptor, bytes, 0)
    }

    fn named(&mut self, descriptor: &Descriptor, depth: usize) -> Result<(), OpenError> {
        self.reached.insert(descriptor.digest);
        let subject = Subject::blob("manifest", descriptor.digest);
        if let Some(size) = self.seen.get(&descriptor.digest) {
            if *size != descriptor.size {
                let (stated, found) = (descriptor.size, *size);
                self.findings
                    .add(BLOB_SIZE, subject, Flaw::Size { stated, found }.to_string());
            }
            return Ok(());
        }
        match self.document(descriptor, &subject, true)? {
            Some(bytes) => self.either(descriptor, &bytes, depth),
            None => Ok(()),
        }
    }

    /// The bytes of a document; `None` where they are not what they should be, which is noted.
    pub fn document(
        &mut self,
        descriptor: &Descriptor,
        subject: &Subject,
        is_manifest: bool,
    ) -> Result<Option<Vec<u8>>, OpenError> {
        self.reached.insert(descriptor.digest);
        let sought = Sought {
            name: subject.name.clone(),
            digest: descriptor.digest,
            size: descriptor.size,
            packed: None,
        };
        match self.store.document(descriptor, is_manifest)? {
            Ok(bytes) => {
                self.seen.insert(descriptor.digest, descriptor.size);
                self.count(&bytes);
                return Ok(Some(bytes));
            }
            // As a blob, it can be checked all the same.
            Err(flaw @ Flaw::TooLarge { .. }) => {
                self.findings.add(DOCUMENT_SIZE, subject.clone(), flaw.to_string());
                self.layers.push(Layer {
                    sought,
                    subject: subject.clone(),
                    claim: None,
                });
            }
            Err(flaw) => {
                let what = "; what it lists was not checked";
                let what = if is_manifest { what } else { "" };
                self.findings
                    .add(flaw::rule(&flaw), subject.clone(), format!("{flaw}{what}"));
                let subject = subject.clone();
                self.broken.insert(
                    descriptor.digest,
                    Broken {
                        sought,
                        subject,
                        is_manifest,
                    },
                );
            }
        }
        Ok(None)
    }

    fn count(&mut self, bytes: &[u8]) {
        self.documents.0 += 1;
        self.documents.1 += bytes.len() as u64;
    }

    fn either(&mut self, descriptor: &Descriptor, bytes: &[u8], depth: usize) -> Result<(), OpenError> {
        let subject = Subject::blob("manifest", descriptor.digest);
        let Some(document) = Document::parse(bytes, subject, &mut self.findings) else {
            return Ok(());
        };
        if document.is_index() {
            return self.index(descriptor, document, depth);
        }
        self.artifacts += 1;
        document.judge(Some(&descriptor.media_type), &mut self.findings);
        if descriptor.size > LARGE_MANIFEST {
            let what = format!("has {} bytes", descriptor.size);
            self.findings.add(MANIFEST_SIZE, document.subject.clone(), what);
        }
        self.subject(&document)?;
        artifact::walk(self, descriptor.digest, bytes, &document)
    }

    fn index(&mut self, descriptor: &Descriptor, document: Document, depth: usize) -> Result<(), OpenError> {
        let document = Document {
            subject: Subject::blob("index", descriptor.digest),
            ..document
        };
        document.judge(Some(&descriptor.media_type), &mut self.findings);
        self.subject(&document)?;
        if depth >= MOST_NESTED {
            let what = format!("stands in {MOST_NESTED} others; what it lists was not checked");
            self.findings.add(INDEX_DEPTH, document.subject, what);
            return Ok(());
        }
        let manifests = document.descriptors("manifests", &mut self.findings);
        for manifest in manifests.into_iter().flatten().flatten() {
            self.named(&manifest, depth + 1)?;
        }
        Ok(())
    }

    /// What a document refers to need not be there (OCI image-spec, manifest.md).
    fn subject(&mut self, document: &Document) -> Result<(), OpenError> {
        let Some(subject) = document.descriptor("subject", &mut self.findings) else {
            return Ok(());
        };
        match self.store.document(&subject, true)? {
            Err(Flaw::Missing) => {
                let what = format!("refers to {}, which is not here", subject.digest);
                self.findings.add(SUBJECT_MISSING, document.subject.clone(), what);
                Ok(())
            }
            _ => self.named(&subject, 0),
        }
    }

    /// Notes a layer, whose blob will be read.
    pub fn layer(&mut self, layer: Layer) {
        self.reached.insert(layer.sought.digest);
        self.layers.push(layer);
    }

    /// Notes that an artifact is none that more can be said of.
    pub fn no_model(&mut self, subject: &Subject, media_type: &str) {
        let what = format!("is no model: its config has the media type `{media_type}`");
        self.findings.add(NO_MODEL, subject.clone(), what);
    }

    /// Notes that manifest and config cannot be read together.
    pub fn unreadable(&mut self, subject: &Subject, error: &read::ReadError) {
        self.findings.add(DOCUMENT_INVALID, subject.clone(), error.to_string());
    }
}
