use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use super::document::Document;
use super::finding::{Findings, Subject};
use super::rule::{
    BLOB_SIZE, DOCUMENT_INVALID, DOCUMENT_SIZE, DOCUMENT_TYPE, INDEX_DEPTH, MANIFEST_SIZE, MEDIA_TYPE_DIFFERS,
    NO_MODEL, SUBJECT_MISSING,
};
use super::{artifact, flaw};
use crate::artifact::read::{Kind, NoModel};
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
    /// The configs of manifests.
    pub configs: HashSet<Digest>,
    /// Documents that are not what they should be, and have to be there again for the place to be whole.
    pub broken: BTreeMap<Digest, Broken>,
    /// The sizes of documents that were read.
    seen: HashMap<Digest, u64>,
    /// What is wrong with others, each as a manifest or not.
    flaws: HashMap<(Digest, bool), Flaw>,
    /// Documents that are yet to be read, the next one last, and in how many indexes each stands.
    listed: Vec<(Descriptor, usize)>,
    /// What documents refer to, which comes behind all that is listed: so neither of the two grows with the other.
    subjects: VecDeque<(Descriptor, Subject)>,
}

/// What a manifest says of a layer's blob.
pub struct Layer {
    pub sought: Sought,
    pub subject: Subject,
    /// Whether nothing says how large it is: it has the size that it is sought with.
    pub is_orphan: bool,
    /// What a model says of it beyond that.
    pub claim: Option<Claim>,
}

/// What a model says of a layer.
pub struct Claim {
    /// The manifest.
    pub artifact: Digest,
    /// The path of its file, where the blob is one.
    pub path: Option<String>,
    /// Whether that file is weights.
    pub is_weights: bool,
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
    /// As of a [`Layer`].
    pub is_orphan: bool,
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
            configs: HashSet::new(),
            broken: BTreeMap::new(),
            seen: HashMap::new(),
            flaws: HashMap::new(),
            listed: Vec::new(),
            subjects: VecDeque::new(),
        }
    }

    /// Takes a manifest or an index, and all that it lists.
    pub fn root(&mut self, descriptor: &Descriptor) -> Result<(), OpenError> {
        self.named(descriptor, 0)?;
        self.rest()
    }

    /// As [`Self::root`], of one whose bytes are here.
    pub fn fetched(&mut self, descriptor: &Descriptor, bytes: &[u8]) -> Result<(), OpenError> {
        self.reached.insert(descriptor.digest);
        self.seen.insert(descriptor.digest, descriptor.size);
        self.count(bytes);
        self.either(descriptor, bytes, 0)?;
        self.rest()
    }

    /// Takes what is pending, and what becomes so: a chain of documents may be longer than a stack is deep.
    fn rest(&mut self) -> Result<(), OpenError> {
        loop {
            if let Some((descriptor, depth)) = self.listed.pop() {
                self.named(&descriptor, depth)?;
            } else if let Some((descriptor, by)) = self.subjects.pop_front() {
                self.subject(&descriptor, by)?;
            } else {
                return Ok(());
            }
        }
    }

    fn named(&mut self, descriptor: &Descriptor, depth: usize) -> Result<(), OpenError> {
        if self.is_seen(descriptor) {
            return Ok(());
        }
        let subject = Subject::blob("manifest", descriptor.digest);
        match self.document(descriptor, &subject, true)? {
            Some(bytes) => self.either(descriptor, &bytes, depth),
            None => Ok(()),
        }
    }

    /// Takes what a document refers to. It need not be there (OCI image-spec, manifest.md).
    fn subject(&mut self, descriptor: &Descriptor, by: Subject) -> Result<(), OpenError> {
        if self.is_seen(descriptor) {
            return Ok(());
        }
        let read = self.read(descriptor, true)?;
        if read == Err(Flaw::Missing) {
            let what = format!("refers to {}, which is not here", descriptor.digest);
            self.findings.add(SUBJECT_MISSING, by, what);
            return Ok(());
        }
        let subject = Subject::blob("manifest", descriptor.digest);
        match self.taken(descriptor, &subject, true, read) {
            Some(bytes) => self.either(descriptor, &bytes, 0),
            None => Ok(()),
        }
    }

    /// Whether a manifest or an index was read already, which may have another size than is said of it here.
    fn is_seen(&mut self, descriptor: &Descriptor) -> bool {
        let Some(found) = self.seen.get(&descriptor.digest).copied() else {
            return false;
        };
        let stated = descriptor.size;
        if found != stated {
            let subject = Subject::blob("manifest", descriptor.digest);
            let flaw = Flaw::Size { stated, found };
            self.findings.add(BLOB_SIZE, subject, flaw.to_string());
        }
        true
    }

    /// The bytes of a document; `None` where they are not what they should be, which is noted.
    pub fn document(
        &mut self,
        descriptor: &Descriptor,
        subject: &Subject,
        is_manifest: bool,
    ) -> Result<Option<Vec<u8>>, OpenError> {
        let read = self.read(descriptor, is_manifest)?;
        Ok(self.taken(descriptor, subject, is_manifest, read))
    }

    /// Reads a document. What is wrong with it is found out once, however many name it.
    fn read(&mut self, descriptor: &Descriptor, is_manifest: bool) -> Result<Result<Vec<u8>, Flaw>, OpenError> {
        let key = (descriptor.digest, is_manifest);
        match self.flaws.get(&key) {
            // For what is said to be so large, nothing is read.
            _ if descriptor.size > read::LIMIT => {}
            None => {}
            Some(Flaw::Size { found, .. }) if *found == descriptor.size => {}
            Some(Flaw::Size { found, .. }) => {
                let (stated, found) = (descriptor.size, *found);
                return Ok(Err(Flaw::Size { stated, found }));
            }
            Some(flaw) => return Ok(Err(flaw.clone())),
        }
        let read = self.store.document(descriptor, is_manifest)?;
        if let Err(flaw) = &read
            && !matches!(flaw, Flaw::TooLarge { .. })
        {
            self.flaws.insert(key, flaw.clone());
        }
        Ok(read)
    }

    /// Takes note of what was read of a document, or is wrong with it.
    fn taken(
        &mut self,
        descriptor: &Descriptor,
        subject: &Subject,
        is_manifest: bool,
        read: Result<Vec<u8>, Flaw>,
    ) -> Option<Vec<u8>> {
        self.reached.insert(descriptor.digest);
        let sought = Sought {
            name: subject.name.clone(),
            digest: descriptor.digest,
            size: descriptor.size,
            packed: None,
        };
        match read {
            Ok(bytes) => {
                self.seen.insert(descriptor.digest, descriptor.size);
                self.count(&bytes);
                return Some(bytes);
            }
            // As a blob, it can be checked all the same.
            Err(flaw @ Flaw::TooLarge { .. }) => {
                self.findings.add(DOCUMENT_SIZE, subject.clone(), flaw.to_string());
                self.layers.push(Layer {
                    sought,
                    subject: subject.clone(),
                    is_orphan: false,
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
                        is_orphan: false,
                    },
                );
            }
        }
        None
    }

    fn count(&mut self, bytes: &[u8]) {
        self.documents.0 += 1;
        self.documents.1 += bytes.len() as u64;
    }

    fn either(&mut self, descriptor: &Descriptor, bytes: &[u8], depth: usize) -> Result<(), OpenError> {
        let subject = Subject::blob("manifest", descriptor.digest);
        let Some((document, kind)) = Document::parse_listing(bytes, subject, &mut self.findings) else {
            return Ok(());
        };
        self.media_type(descriptor, &document, kind);
        if kind == Some(Kind::Index) {
            self.index(descriptor, document, depth);
            return Ok(());
        }
        self.artifacts += 1;
        document.judge(Some(&descriptor.media_type), &mut self.findings);
        if descriptor.size > LARGE_MANIFEST {
            let what = format!("has {} bytes", descriptor.size);
            self.findings.add(MANIFEST_SIZE, document.subject.clone(), what);
        }
        self.refers(&document);
        artifact::walk(self, descriptor.digest, bytes, &document)
    }

    /// Judges by which media type somebody names a document.
    fn media_type(&mut self, descriptor: &Descriptor, document: &Document, kind: Option<Kind>) {
        let named = &descriptor.media_type;
        let Some(stated) = Kind::of_media_type(named) else {
            let what = format!("is said to be `{named}`, which is no media type of a manifest or an index");
            self.findings.add(DOCUMENT_TYPE, document.subject.clone(), what);
            return;
        };
        // What it says of itself is held against both.
        if document.value.get("mediaType").is_none() && kind.is_some_and(|kind| kind != stated) {
            let what = format!("is said to be `{named}`, and has no member of such");
            self.findings.add(MEDIA_TYPE_DIFFERS, document.subject.clone(), what);
        }
    }

    fn index(&mut self, descriptor: &Descriptor, document: Document, depth: usize) {
        let document = Document {
            subject: Subject::blob("index", descriptor.digest),
            ..document
        };
        document.judge(Some(&descriptor.media_type), &mut self.findings);
        self.refers(&document);
        if depth >= MOST_NESTED {
            let what = format!("stands in {MOST_NESTED} others; what it lists was not checked");
            self.findings.add(INDEX_DEPTH, document.subject, what);
            return;
        }
        let manifests = document.descriptors("manifests", &mut self.findings);
        let manifests = manifests.into_iter().flatten().flatten();
        let first = self.listed.len();
        self.listed.extend(manifests.map(|manifest| (manifest, depth + 1)));
        if let Some(listed) = self.listed.get_mut(first..) {
            listed.reverse();
        }
    }

    fn refers(&mut self, document: &Document) {
        if let Some(subject) = document.descriptor("subject", &mut self.findings) {
            self.subjects.push_back((subject, document.subject.clone()));
        }
    }

    /// Notes a layer, whose blob will be read.
    pub fn layer(&mut self, layer: Layer) {
        self.reached.insert(layer.sought.digest);
        self.layers.push(layer);
    }

    /// Notes that an artifact is none that more can be said of.
    pub fn no_model(&mut self, subject: &Subject, why: &NoModel) {
        self.findings
            .add(NO_MODEL, subject.clone(), format!("is no model: {why}"));
    }

    /// Notes that manifest and config cannot be read together.
    pub fn unreadable(&mut self, subject: &Subject, error: &read::ReadError) {
        self.findings.add(DOCUMENT_INVALID, subject.clone(), error.to_string());
    }
}
