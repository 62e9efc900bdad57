use super::overview::size;
use crate::artifact::Dialect;
use crate::digest::Digest;
use crate::store::stored::Listed;

/// One of the artifacts at a place, as one chooses by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its tag there, where it has one.
    pub tag: Option<String>,
    /// The digest of its manifest.
    pub digest: Digest,
    /// The media type of its manifest, or of its index.
    pub media_type: String,
    /// The dialect; `None` where it is no model, as are the next ones.
    pub dialect: Option<Dialect>,
    /// Bytes of all layers.
    pub size: Option<u64>,
    /// The weights' format, where it is stated.
    pub format: Option<String>,
    /// The number of parameters, where it is stated.
    pub parameters: Option<String>,
    /// The quantization, where it is stated.
    pub quantization: Option<String>,
}

/// What each artifact of a listing says of itself. One that is no model is an entry without more than its name.
#[must_use]
pub fn entries(listed: Vec<Listed>) -> Vec<Entry> {
    let entry = |listed: Listed| {
        let model = listed.found.and_then(|found| found.model().ok());
        Entry {
            tag: listed.tag,
            digest: listed.digest,
            media_type: listed.media_type,
            dialect: model.as_ref().map(|model| model.dialect),
            size: model.as_ref().map(size),
            format: model.as_ref().and_then(|model| model.metadata.format.clone()),
            parameters: model.as_ref().and_then(|model| model.metadata.param_size.clone()),
            quantization: model.and_then(|model| model.metadata.quantization),
        }
    };
    listed.into_iter().map(entry).collect()
}
