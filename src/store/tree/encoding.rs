use super::error::Fault;
use crate::artifact::media_type;
use crate::artifact::read::StoredLayer;
use crate::artifact::{Descriptor, annotation};
use crate::digest::Digest;
use crate::plan::LayerEncoding;

/// What a layer says of itself, as far as its files go.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The path of its file, or of what it is a tar of; not judged.
    pub path: Option<&'a str>,
    pub encoding: Option<LayerEncoding>,
    /// The digest of its bytes before they were compressed.
    pub diff_id: Option<Digest>,
}

impl<'a> Said<'a> {
    /// `stored` is what manifest and config say of the layer together, where both can be read.
    pub fn of(layer: &'a Descriptor, stored: Option<&'a StoredLayer>) -> Self {
        stored.map_or_else(|| Self::described(layer), Self::stored)
    }

    /// Of a layer of an artifact that is a model, or otherwise understood.
    fn stored(layer: &'a StoredLayer) -> Self {
        Self {
            path: layer.path.as_deref(),
            encoding: layer.encoding,
            // Of what it cannot tell the encoding of, the reader says the blob's digest.
            diff_id: layer.diff_id.filter(|digest| *digest != layer.descriptor.digest),
        }
    }

    /// Of a layer of which there is only the descriptor.
    fn described(layer: &'a Descriptor) -> Self {
        let path = annotation::path(&layer.annotations);
        let known = media_type::parse_layer(&layer.media_type, path.unwrap_or_default());
        Self {
            path,
            encoding: known.map(|known| known.encoding),
            diff_id: None,
        }
    }
}

/// How the files of a layer are in its blob, when they are extracted; `stored` is what manifest and config say of it
/// together, where both can be read.
///
/// # Errors
/// [`Fault::Encoding`] where they cannot be got out.
pub fn encoding_of(layer: &Descriptor, stored: Option<&StoredLayer>) -> Result<LayerEncoding, Fault> {
    of(&Said::of(layer, stored), &layer.media_type)
}

/// How files are in a layer's blob. A media type that nobody knows tells by its end; with none that tells, the blob is the
/// file, as oras has it.
pub fn of(said: &Said<'_>, media_type: &str) -> Result<LayerEncoding, Fault> {
    if let Some(encoding) = said.encoding {
        return Ok(encoding);
    }
    let ends = |ends: &[&str]| ends.iter().any(|end| media_type.ends_with(end));
    if ends(&[".tar"]) {
        Ok(LayerEncoding::Tar)
    } else if ends(&[".tar+gzip", ".tar.gzip", ".tar+gz", ".tar.gz"]) {
        Ok(LayerEncoding::TarGzip)
    } else if ends(&[".tar+zstd", ".tar.zstd", ".tar.zst"]) {
        Ok(LayerEncoding::TarZstd)
    } else if ends(&["+gzip", "+zstd", "+encrypted"]) {
        Err(Fault::Encoding(media_type.to_owned()))
    } else {
        Ok(LayerEncoding::Raw)
    }
}
