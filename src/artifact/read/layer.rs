use serde::Deserialize;

use crate::artifact::{Descriptor, annotation, media_type};
use crate::digest::Digest;
use crate::modelfile::Kind;
use crate::plan::LayerEncoding;

/// A layer of a stored artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLayer {
    /// Media type, digest, size and annotations of the blob.
    pub descriptor: Descriptor,
    /// The file's path as the layer says it, not judged; `None` where nothing names it.
    pub path: Option<String>,
    /// What the file is for; `None` where the media type is not known.
    pub kind: Option<Kind>,
    /// How the file is in the blob; `None` where the media type is not known.
    pub encoding: Option<LayerEncoding>,
    /// Whether the owner may execute the file.
    pub executable: bool,
    /// The digest of the blob before it was compressed, where it is known.
    pub diff_id: Option<Digest>,
}

impl StoredLayer {
    /// Reads what a descriptor says; `diff_id` is the config's.
    pub(super) fn new(descriptor: Descriptor, diff_id: Option<Digest>) -> Self {
        let annotation = |key| {
            descriptor
                .annotations
                .get(key)
                .filter(|path: &&String| !path.is_empty())
        };
        let path = annotation(annotation::FILEPATH)
            .or_else(|| annotation(annotation::TITLE))
            .cloned();
        let (kind, encoding) = media_type::parse_layer(&descriptor.media_type, path.as_deref().unwrap_or_default())
            .map_or((None, None), |(kind, encoding)| (Some(kind), Some(encoding)));
        let packed = matches!(encoding, Some(LayerEncoding::TarGzip | LayerEncoding::TarZstd));
        Self {
            executable: mode(&descriptor).is_some_and(|mode| mode & 0o100 != 0),
            diff_id: diff_id.or_else(|| (!packed).then_some(descriptor.digest)),
            descriptor,
            path,
            kind,
            encoding,
        }
    }
}

/// The file's permission bits, where they are stated.
fn mode(descriptor: &Descriptor) -> Option<u32> {
    #[derive(Deserialize)]
    struct FileMetadata {
        mode: u32,
    }
    let metadata = descriptor.annotations.get(annotation::FILE_METADATA)?;
    serde_json::from_str::<FileMetadata>(metadata)
        .ok()
        .map(|metadata| metadata.mode)
}
