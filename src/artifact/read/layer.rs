use super::file_metadata::FileMetadata;
use super::stated::Named;
use crate::artifact::media_type::{LayerType, named_layer, parse_layer};
use crate::artifact::{Descriptor, Dialect, FileClass, annotation, media_type};
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
    /// What the file is for; `None` where nothing tells, or where the layer holds files of any kind.
    pub kind: Option<Kind>,
    /// How the file is in the blob; `None` where the media type is not known.
    pub encoding: Option<LayerEncoding>,
    /// What Docker Model Runner takes the file for, where the media type alone says it.
    pub class: Option<FileClass>,
    /// Whether the owner may execute the file.
    pub executable: bool,
    /// The digest of the blob before it was compressed, where it is known.
    pub diff_id: Option<Digest>,
}

impl StoredLayer {
    /// What people are told that the file is for: its kind, unless it is an adapter, which goes on top of weights and is
    /// none by itself.
    #[must_use]
    pub fn kind_name(&self) -> Option<&'static str> {
        match self.class {
            Some(FileClass::Adapter) => Some("adapter"),
            _ => self.kind.map(Kind::name),
        }
    }

    /// Whether its blob is a file, be it compressed.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.encoding.is_some_and(|encoding| !encoding.is_tar())
    }

    /// Reads what a descriptor says; `named` is what the config says of the layer.
    pub(super) fn new(descriptor: Descriptor, named: Named, dialect: Dialect) -> Self {
        let path = annotation::path(&descriptor.annotations).map(str::to_owned);
        let path = path.or(named.path);
        let known = layer_type(&descriptor, path.as_deref(), dialect);
        let encoding = known.map(|known| known.encoding);
        let mode = FileMetadata::of(&descriptor.annotations).mode();
        let is_compressed = encoding.is_some_and(LayerEncoding::is_compressed);
        Self {
            executable: mode.is_some_and(|mode| mode & 0o100 != 0),
            diff_id: named.diff_id.or_else(|| (!is_compressed).then_some(descriptor.digest)),
            descriptor,
            path,
            kind: known.and_then(|known| known.kind),
            encoding,
            class: known.and_then(|known| known.class),
        }
    }
}

/// What the media type says; oras gives files the type of a container image's layer where nobody states another one. One
/// that is called as those of models are is not made up, and `None` where it is not known.
fn layer_type(descriptor: &Descriptor, path: Option<&str>, dialect: Dialect) -> Option<LayerType> {
    let media_type = &descriptor.media_type;
    let known = parse_layer(media_type, path.unwrap_or_default());
    match (dialect, path) {
        (Dialect::Files, Some(path)) if !media_type::is_called_as_models(media_type) => {
            let is_directory = annotation::is_packed_directory(&descriptor.annotations);
            Some(named_layer(path, is_directory))
        }
        _ => known,
    }
}
