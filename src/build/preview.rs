use super::explain::Origin;
use super::{Settings, Workspace};
use crate::artifact::{self, Artifact, Recipe};
use crate::digest::Digest;
use crate::plan::Plan;
use crate::store::{self, Destination, Source as _};

/// What a build would do, found out without reading any file's content.
#[derive(Debug)]
pub struct Preview {
    /// The layers in manifest order.
    pub layers: Vec<Foreseen>,
    /// The artifact, where the digests of all layers are known.
    pub artifact: Option<Artifact>,
    /// What each destination would get, in their order.
    pub outputs: Vec<Intended>,
}

/// A layer before it is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// Its media type.
    pub media_type: String,
    /// Size of its blob in bytes.
    pub size: u64,
    /// Its digest, where it is known.
    pub digest: Option<Digest>,
    /// How the digest is known, or will be.
    pub origin: Origin,
    /// Whether its file would be read.
    pub read: bool,
    /// Whether some destination would get its blob; where the digest is not known, it may turn out to have it.
    pub written: bool,
}

/// What a destination would get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Intended {
    /// How many blobs it lacks for sure.
    pub missing: usize,
    /// How many it may lack, their digests not being known.
    pub unknown: usize,
    /// Bytes of both.
    pub bytes: u64,
}

/// Finds out what a build would do, without reading any file's content or writing anything.
///
/// # Errors
/// The recipe does not fit the plan, or what the cache knows disproves a claim.
pub fn preview(
    plan: &Plan,
    recipe: &Recipe,
    destinations: &[Box<dyn Destination>],
    settings: Settings<'_>,
) -> Result<Preview, store::Error> {
    let workspace = Workspace::new(plan, recipe, settings)?.remembering()?;
    let blobs = workspace.blobs();
    let digests: Option<Vec<_>> = blobs.iter().map(|blob| blob.digest).collect();
    let artifact = digests
        .map(|digests| artifact::assemble(plan, &digests, recipe))
        .transpose()?;
    let mut outputs = vec![Intended::default(); destinations.len()];
    let current: Vec<_> = destinations
        .iter()
        .map(|destination| {
            artifact
                .as_ref()
                .is_some_and(|artifact| destination.is_up_to_date(artifact))
        })
        .collect();
    let mut layers = Vec::with_capacity(blobs.len());
    for ((file, blob), origin) in plan.files.iter().zip(blobs).zip(workspace.origins()) {
        let mut written = false;
        for ((destination, current), intended) in destinations.iter().zip(&current).zip(&mut outputs) {
            match &blob.digest {
                Some(digest) if *current || destination.has(digest, blob.size) => continue,
                Some(_) => intended.missing += 1,
                None => intended.unknown += 1,
            }
            intended.bytes += blob.size;
            written = true;
        }
        layers.push(Foreseen {
            media_type: artifact::layer_media_type(file, recipe)?,
            size: blob.size,
            digest: blob.digest,
            origin,
            read: blob.digest.is_none() || written,
            written,
        });
    }
    Ok(Preview {
        layers,
        artifact,
        outputs,
    })
}
