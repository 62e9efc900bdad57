use std::collections::HashMap;

use super::attributes::Attributes;
use super::claims::Claims;
use super::encoding::{self, Said};
use super::error::{Fault, TreeError};
use super::path::TreePath;
use crate::digest::Digest;
use crate::modelfile::escape;
use crate::plan::LayerEncoding;
use crate::store::stored::Found;

/// What becomes of an artifact's layers, judged before anything is written.
#[derive(Debug)]
pub struct Wanted {
    /// The blobs, each once, in manifest order.
    pub blobs: Vec<WantedBlob>,
    /// Which of them each layer has.
    pub of_layers: Vec<usize>,
    /// The files of the raw ones; others say themselves what they hold.
    pub files: Vec<WantedFile>,
}

/// A blob that is fetched once, however many layers have it.
#[derive(Debug)]
pub struct WantedBlob {
    /// What messages call the layer.
    pub layer: String,
    /// The layer that asks for it.
    pub index: usize,
    pub digest: Digest,
    pub size: u64,
    pub encoding: LayerEncoding,
    /// The digest of the tar, where it is compressed and somebody says.
    pub diff_id: Option<Digest>,
    /// The files that have these bytes, where the blob is raw.
    pub files: Vec<usize>,
}

/// A file that is a blob, byte for byte.
#[derive(Debug)]
pub struct WantedFile {
    pub path: TreePath,
    pub attributes: Attributes,
    /// Of [`Wanted::blobs`].
    pub blob: usize,
}

impl Wanted {
    /// Judges the layers of `found` that are wanted, and claims their files' paths.
    pub fn new(found: &Found, claims: &mut Claims) -> Result<Self, TreeError> {
        let stored = found.model().ok();
        let mut wanted = Self {
            blobs: Vec::new(),
            of_layers: Vec::new(),
            files: Vec::new(),
        };
        let mut known = HashMap::new();
        for (layer, descriptor) in found.wanted() {
            let stored = stored.as_ref().and_then(|stored| stored.layers.get(layer));
            let said = stored.map_or_else(|| Said::described(descriptor), Said::stored);
            let shown = |path| format!("`{}`", escape(path));
            let name = said.path.map_or_else(|| descriptor.digest.to_string(), shown);
            let failed = |fault| TreeError::Layer {
                layer: name.clone(),
                fault,
            };
            let encoding = encoding::of(&said, &descriptor.media_type).map_err(failed)?;
            let path = said.path.map(|path| judge(path).map_err(failed)).transpose()?;
            let key = (descriptor.digest, encoding == LayerEncoding::Raw);
            let blob = *known.entry(key).or_insert(wanted.blobs.len());
            if blob == wanted.blobs.len() {
                wanted.blobs.push(WantedBlob {
                    layer: name.clone(),
                    index: wanted.of_layers.len(),
                    digest: descriptor.digest,
                    size: descriptor.size,
                    encoding,
                    diff_id: said.diff_id.filter(|_| is_compressed(encoding)),
                    files: Vec::new(),
                });
            }
            wanted.of_layers.push(blob);
            if encoding == LayerEncoding::Raw {
                let path = path.ok_or_else(|| failed(Fault::NoPath))?;
                match claims.file(&path, descriptor.digest) {
                    // The same bytes for the same path: one file.
                    Err(Fault::Twice { layer, .. }) if layer == descriptor.digest => continue,
                    claimed => claimed.map_err(failed)?,
                }
                if let Some(blob) = wanted.blobs.get_mut(blob) {
                    blob.files.push(wanted.files.len());
                }
                wanted.files.push(WantedFile {
                    path,
                    attributes: Attributes::of(descriptor),
                    blob,
                });
            }
        }
        Ok(wanted)
    }
}

fn judge(path: &str) -> Result<TreePath, Fault> {
    TreePath::new(path).map_err(|fault| Fault::Path {
        path: path.to_owned(),
        fault,
    })
}

const fn is_compressed(encoding: LayerEncoding) -> bool {
    matches!(encoding, LayerEncoding::TarGzip | LayerEncoding::TarZstd)
}
