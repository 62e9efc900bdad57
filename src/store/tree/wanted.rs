use std::collections::HashMap;
use std::sync::Arc;

use super::arrangement::{Arrangement, Judge, Sieve};
use super::attributes::Attributes;
use super::claims::Claims;
use super::copies::Copies;
use super::error::{Fault, TreeError};
use super::judged::{JudgedLayer, judge};
use super::path::TreePath;
use crate::artifact::media_type;
use crate::artifact::read::ReadError;
use crate::cores;
use crate::digest::Digest;
use crate::modelfile::quoted_path;
use crate::plan::LayerEncoding;
use crate::store::stored::{Found, OpenError};

/// What becomes of an artifact's layers, judged before anything is written.
#[derive(Debug)]
pub struct Wanted {
    /// The blobs, each once, in manifest order.
    pub blobs: Vec<WantedBlob>,
    /// Which of them each layer has.
    pub of_layers: Vec<usize>,
    /// The files of the raw ones; others say themselves what they hold.
    pub files: Vec<WantedFile>,
    /// The directory for all that comes out of layers.
    pub under: Option<&'static str>,
    /// Who has the last word.
    pub judge: Option<Arc<dyn Judge>>,
    /// Who chooses among what is in packed layers.
    pub sieve: Option<Arc<dyn Sieve>>,
}

/// A blob that is fetched once, however many layers have it.
#[derive(Debug)]
pub struct WantedBlob {
    /// What messages call the layer.
    pub layer: String,
    /// The layer that asks for it; none has `usize::MAX`.
    pub index: usize,
    /// The layers that have it, by their places in the manifest.
    pub layers: Vec<usize>,
    pub digest: Digest,
    pub size: u64,
    pub encoding: LayerEncoding,
    /// Whether it is a layer of a container image, whose entries may say that files of those below it are gone.
    pub is_image: bool,
    /// The digest of the tar, where it is compressed and somebody says.
    pub diff_id: Option<Digest>,
    /// The files that have these bytes, where the blob is raw.
    pub files: Vec<usize>,
    /// The files that it unpacks to, where it is compressed and no tar.
    pub packed_files: Vec<(TreePath, Attributes)>,
    /// What it is, where no layer asks for it.
    pub bytes: Option<Vec<u8>>,
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
    pub fn new(
        found: &Found,
        claims: &mut Claims,
        mut copies: Copies,
        arrangement: Arrangement,
    ) -> Result<Self, TreeError> {
        // Of what is no model, or has a config that nobody can read, the manifest alone says what there is.
        let stored = match found.model() {
            Err(OpenError::Artifact {
                place,
                source: ReadError::AmbiguousConfig(how),
            }) => return Err(TreeError::Config { place, how }),
            // Which of its diff IDs are whose, nobody can tell.
            Err(OpenError::Artifact {
                place,
                source: how @ ReadError::DiffIds { .. },
            }) => return Err(TreeError::Unmatched { place, how }),
            model => model.ok(),
        };
        let mut wanted = Self {
            blobs: Vec::new(),
            of_layers: Vec::new(),
            files: Vec::new(),
            under: arrangement.under,
            judge: arrangement.judge,
            sieve: arrangement.sieve,
        };
        let mut known = HashMap::new();
        let judge = |(layer, descriptor)| {
            let stored = stored.and_then(|stored| stored.layers.get(layer));
            let path = arrangement.paths.get(&layer).map(String::as_str);
            JudgedLayer::new((layer, descriptor), stored, path, arrangement.under)
        };
        for judged in cores::map(found.wanted().collect(), judge) {
            let JudgedLayer {
                layer,
                descriptor,
                name,
                encoding,
                diff_id,
                path,
                attributes,
            } = judged?;
            let failed = |fault| TreeError::Layer {
                layer: name.clone(),
                fault,
            };
            let key = (descriptor.digest, encoding);
            let blob = *known.entry(key).or_insert(wanted.blobs.len());
            let is_new = blob == wanted.blobs.len();
            if is_new {
                wanted.blobs.push(WantedBlob {
                    layer: name.clone(),
                    index: wanted.of_layers.len(),
                    layers: Vec::new(),
                    digest: descriptor.digest,
                    size: descriptor.size,
                    encoding,
                    is_image: media_type::is_image_layer(&descriptor.media_type),
                    diff_id,
                    files: Vec::new(),
                    packed_files: Vec::new(),
                    bytes: None,
                });
            }
            wanted.of_layers.push(blob);
            if let Some(blob) = wanted.blobs.get_mut(blob) {
                blob.layers.push(layer);
            }
            if encoding.is_tar() {
                continue;
            }
            let path = path.ok_or_else(|| failed(Fault::NoPath))?;
            match claims.file(&path, descriptor.digest) {
                // The same bytes for the same path: one file.
                Err(Fault::Twice { layer, .. }) if layer.digest == descriptor.digest && !is_new => continue,
                claimed => claimed.map_err(failed)?,
            }
            copies.file(descriptor.digest, descriptor.size).map_err(failed)?;
            match wanted.blobs.get_mut(blob) {
                Some(blob) if encoding.is_compressed() => blob.packed_files.push((path, attributes)),
                Some(of) => {
                    of.files.push(wanted.files.len());
                    wanted.files.push(WantedFile { path, attributes, blob });
                }
                None => {}
            }
        }
        for (path, bytes) in arrangement.documents {
            wanted.add(path, bytes, &mut known, claims)?;
        }
        Ok(wanted)
    }

    /// Adds a file that is in no layer.
    fn add(
        &mut self,
        path: &str,
        bytes: Vec<u8>,
        known: &mut HashMap<(Digest, LayerEncoding), usize>,
        claims: &mut Claims,
    ) -> Result<(), TreeError> {
        let digest = Digest::of(&bytes);
        let failed = |fault| TreeError::Layer {
            layer: quoted_path(path),
            fault,
        };
        let path = judge(path, None).map_err(failed)?;
        claims.file(&path, digest).map_err(failed)?;
        let file = WantedFile {
            path,
            attributes: Attributes::plain(),
            // A layer may have the same bytes.
            blob: *known.entry((digest, LayerEncoding::Raw)).or_insert(self.blobs.len()),
        };
        if file.blob == self.blobs.len() {
            self.blobs.push(WantedBlob {
                layer: digest.to_string(),
                index: usize::MAX,
                layers: Vec::new(),
                digest,
                size: bytes.len() as u64,
                encoding: LayerEncoding::Raw,
                is_image: false,
                diff_id: None,
                files: Vec::new(),
                packed_files: Vec::new(),
                bytes: Some(bytes),
            });
        }
        if let Some(blob) = self.blobs.get_mut(file.blob) {
            blob.files.push(self.files.len());
        }
        self.files.push(file);
        Ok(())
    }
}
