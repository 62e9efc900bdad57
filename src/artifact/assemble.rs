use jiff::civil;
use jiff::tz::TimeZone;

use super::docker_class::FileClass;
use super::envelope::Envelope;
use super::error::Error;
use super::manifest::Manifest;
use super::recipe::{Recipe, Spec};
use super::{Artifact, Descriptor, annotation, docker, json, media_type, modelpack};
use crate::digest::Digest;
use crate::plan::{Plan, PlannedFile};

/// Config, layers and manifest of `plan`.
///
/// `digests` holds one entry a file, in plan order: the digest of the layer's blob, which is the file within its
/// [`Envelope`].
///
/// # Errors
/// When the recipe or a stated value is not possible in the dialect, or when plan and digests do not belong together.
pub fn assemble(plan: &Plan, digests: &[Digest], recipe: &Recipe) -> Result<Artifact, Error> {
    check(plan, digests, recipe)?;
    let (config_type, config_bytes) = match recipe.spec {
        Spec::ModelPack => (
            media_type::MODELPACK_CONFIG,
            json::to_vec(&modelpack::ConfigFile::new(&plan.metadata, digests, recipe)),
        ),
        Spec::Docker => (
            docker::config_media_type(&plan.files),
            json::to_vec(&docker::ConfigFile::new(plan, digests, recipe)?),
        ),
    };
    let config_bytes = config_bytes.map_err(Error::json("config"))?;
    let config = descriptor(config_type, &config_bytes);
    let layers = plan
        .files
        .iter()
        .zip(digests)
        .map(|(file, digest)| layer(file, *digest, recipe))
        .collect::<Result<Vec<_>, _>>()?;
    let mut annotations = plan.metadata.annotations.clone();
    annotations.extend(recipe.annotations.clone());
    let manifest = Manifest {
        schema_version: 2,
        media_type: media_type::OCI_MANIFEST,
        artifact_type: match recipe.spec {
            Spec::ModelPack => Some(media_type::MODELPACK_ARTIFACT),
            Spec::Docker => None,
        },
        config: &config,
        layers: &layers,
        annotations: &annotations,
    };
    let manifest = json::to_vec(&manifest).map_err(Error::json("manifest"))?;
    Ok(Artifact {
        descriptor: descriptor(media_type::OCI_MANIFEST, &manifest),
        manifest,
        config,
        config_bytes,
        layers,
        annotations,
    })
}

fn check(plan: &Plan, digests: &[Digest], recipe: &Recipe) -> Result<(), Error> {
    if plan.files.is_empty() {
        return Err(Error::NoFiles);
    }
    if plan.files.len() != digests.len() {
        return Err(Error::Digests {
            files: plan.files.len(),
            digests: digests.len(),
        });
    }
    match recipe.created {
        // RFC 3339 has four digits for the year and no sign; Go refuses to write such a time, too.
        Some(created) if created.to_zoned(TimeZone::UTC).date() < civil::date(0, 1, 1) => {
            Err(Error::Created { created })
        }
        _ => Ok(()),
    }
}

fn layer(file: &PlannedFile, digest: Digest, recipe: &Recipe) -> Result<Descriptor, Error> {
    Ok(Descriptor {
        media_type: match recipe.spec {
            Spec::ModelPack => media_type::modelpack_layer(file.kind, recipe.encoding),
            Spec::Docker => media_type::docker_layer(FileClass::of(file)).to_owned(),
        },
        digest,
        size: Envelope::of(file, recipe)?.blob_size(file.size()),
        annotations: annotation::of(file, recipe)?,
    })
}

/// Describes a document that is all in memory.
fn descriptor(media_type: &str, bytes: &[u8]) -> Descriptor {
    Descriptor {
        media_type: media_type.to_owned(),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
        annotations: std::collections::BTreeMap::new(),
    }
}
