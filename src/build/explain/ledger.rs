use std::path::Path;

use super::Record;
use crate::build::Output;
use crate::cache::Cache;

/// Where the record of one kind of build is kept: of a Modelfile, for a context, to these places.
#[derive(Debug, Clone)]
pub struct Ledger {
    key: Vec<u8>,
}

impl Ledger {
    /// The ledger of builds of `modelfile` in `context` to `outputs`.
    #[must_use]
    pub fn new(context: &Path, modelfile: &Path, outputs: &[Output]) -> Self {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let context = fs_err::canonicalize(context).unwrap_or_else(|_| absolute(context));
        let places = outputs.iter().filter_map(Output::path).map(|path| absolute(path));
        let mut key = Vec::new();
        for path in [context, absolute(modelfile)].into_iter().chain(places) {
            key.extend(path.as_os_str().as_encoded_bytes());
            key.push(0);
        }
        Self { key }
    }

    /// What the last build was made from; `None` where there was none, or its record is lost.
    #[must_use]
    pub fn last(&self, cache: &Cache) -> Option<Record> {
        cache.kept(&self.key).and_then(|bytes| Record::from_bytes(&bytes))
    }

    /// Whether there is a record at all.
    #[must_use]
    pub fn is_noted(&self, cache: &Cache) -> bool {
        cache.keeps(&self.key)
    }

    /// Notes a build. That it cannot costs an explanation, and nothing else.
    pub fn note(&self, cache: &Cache, record: &Record) {
        if let Ok(bytes) = record.to_bytes() {
            let _ = cache.keep(&self.key, &bytes);
        }
    }
}
