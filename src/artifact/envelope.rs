use super::annotation;
use super::error::Error;
use super::recipe::{Encoding, Recipe, Spec};
use super::tar;
use crate::plan::PlannedFile;

/// What surrounds a file's bytes in its layer's blob; nothing where layers are raw.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Envelope {
    /// The bytes before the file's.
    pub prefix: Vec<u8>,
    /// The bytes behind the file's.
    pub suffix: Vec<u8>,
}

impl Envelope {
    /// The envelope of `file`: for a tar layer the header of its one member, then padding and exactly two zero blocks.
    ///
    /// GNU tar would fill up to 10,240 bytes; modctl's remote extraction stops reading at the second zero block and
    /// fails with a digest mismatch where more follows.
    ///
    /// # Errors
    /// When the dialect has no tar layers.
    pub fn of(file: &PlannedFile, recipe: &Recipe) -> Result<Self, Error> {
        // An inherited layer's blob is what it is.
        if file.inherited().is_some() {
            return Ok(Self::default());
        }
        match (recipe.encoding, recipe.spec) {
            (Encoding::Raw, _) => Ok(Self::default()),
            (Encoding::Tar, Spec::Docker) => Err(Error::TarInDocker),
            (Encoding::Tar, Spec::ModelPack) => {
                let member = tar::Member {
                    name: &file.path,
                    size: file.size(),
                    mode: annotation::mode(file),
                    mtime: recipe.created.map_or(0, jiff::Timestamp::as_second),
                };
                let mut suffix = vec![0; tar::padding(file.size())];
                suffix.extend(tar::END);
                Ok(Self {
                    prefix: tar::header(&member, 0),
                    suffix,
                })
            }
        }
    }

    /// Size of the blob in bytes, where the file has `file_size` bytes.
    #[must_use]
    pub fn blob_size(&self, file_size: u64) -> u64 {
        // No file system holds files near 2^64 bytes; saturating only spares a panic.
        file_size
            .saturating_add(self.prefix.len() as u64)
            .saturating_add(self.suffix.len() as u64)
    }
}
