use super::attributes::Attributes;
use super::encoding::{self, Said};
use super::error::{Fault, TreeError};
use super::path::TreePath;
use crate::artifact::Descriptor;
use crate::artifact::read::StoredLayer;
use crate::digest::Digest;
use crate::modelfile::quoted_path;
use crate::plan::LayerEncoding;

/// A layer by itself, which may become a file or several.
pub struct JudgedLayer<'a> {
    /// Its index in the manifest.
    pub layer: usize,
    pub descriptor: &'a Descriptor,
    /// What messages call it.
    pub name: String,
    pub encoding: LayerEncoding,
    /// The digest of the tar, where it is compressed and somebody says.
    pub diff_id: Option<Digest>,
    pub path: Option<TreePath>,
    pub attributes: Attributes,
}

impl<'a> JudgedLayer<'a> {
    /// `stored` is what manifest and config say of it together, `path` where it goes in place of what it says.
    pub fn new(
        (layer, descriptor): (usize, &'a Descriptor),
        stored: Option<&StoredLayer>,
        path: Option<&str>,
        under: Option<&str>,
    ) -> Result<Self, TreeError> {
        let said = Said::of(descriptor, stored);
        let name = said.path.map_or_else(|| descriptor.digest.to_string(), quoted_path);
        let failed = |fault| TreeError::Layer {
            layer: name.clone(),
            fault,
        };
        let encoding = encoding::of(&said, &descriptor.media_type).map_err(failed)?;
        // `verify` has the same rule.
        let is_plain = said.encoding.is_some() && !encoding.is_compressed();
        if let Some(expected) = said.diff_id.filter(|_| is_plain) {
            return Err(failed(Fault::OtherDiffId(expected)));
        }
        let path = path.or(said.path).map(|path| judge(path, under));
        Ok(Self {
            path: path.transpose().map_err(failed)?,
            layer,
            descriptor,
            encoding,
            diff_id: said.diff_id.filter(|_| encoding.is_compressed()),
            attributes: Attributes::of(descriptor),
            name,
        })
    }
}

/// Judges a path, which is one in the directory `under`.
pub fn judge(path: &str, under: Option<&str>) -> Result<TreePath, Fault> {
    let judged = TreePath::new(path).and_then(|path| path.within(under));
    judged.map_err(|fault| Fault::Path {
        path: path.to_owned(),
        fault,
    })
}
