use jiff::civil;
use jiff::tz::TimeZone;

use super::docker_class::FileClass;
use super::envelope::Envelope;
use super::error::Error;
use super::layer::{Described, Layer};
use super::manifest::Manifest;
use super::recipe::{Encoding, Recipe, Spec};
use super::{Artifact, Descriptor, Document, Role, annotation, docker, json, media_type, modelpack};
use crate::cores;
use crate::digest::Digest;
use crate::plan::{LayerEncoding, Plan, PlannedFile};

/// How many layers are described at a time, by one core.
const TOGETHER: usize = 64;

/// Bytes of JSON for one of them, if its path is not long.
const SIZE_OF_ONE: usize = 640;

/// Config, layers and manifest of `plan`.
///
/// `digests` holds one entry a file, in plan order: the digest of the layer's blob, which is the file within its
/// [`Envelope`].
///
/// # Errors
/// When the recipe or a stated value is not possible in the dialect, or when plan and digests do not belong together.
pub fn assemble(plan: &Plan, digests: &[Digest], recipe: &Recipe) -> Result<Artifact, Error> {
    check(plan, digests, recipe)?;
    let diff_ids: Vec<_> = plan
        .files
        .iter()
        .zip(digests)
        .map(|(file, digest)| diff_id(file, *digest))
        .collect();
    let (config_type, config_bytes) = match recipe.spec {
        Spec::ModelPack => (
            media_type::MODELPACK_CONFIG,
            json::to_vec(&modelpack::ConfigFile::new(&plan.metadata, &diff_ids, recipe)),
        ),
        Spec::Docker => (
            docker::config_media_type(&plan.files),
            json::to_vec(&docker::ConfigFile::new(plan, &diff_ids, recipe)?),
        ),
    };
    let config_bytes = config_bytes.map_err(Error::json("config"))?;
    let config = Document::new(config_type, config_bytes, Role::Config);
    let layers: Vec<_> = plan
        .files
        .iter()
        .zip(digests)
        .map(|(file, digest)| layer(file, *digest, recipe))
        .collect::<Result<_, _>>()?;
    let mtime = annotation::mtime(recipe);
    let together: Vec<_> = plan.files.chunks(TOGETHER).zip(layers.chunks(TOGETHER)).collect();
    let in_json = cores::map_groups(together, TOGETHER, |(files, layers)| in_json(files, layers, &mtime));
    let in_json = in_json.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut annotations = plan.metadata.annotations.clone();
    annotations.extend(recipe.annotations.clone());
    let manifest = Manifest {
        media_type: media_type::OCI_MANIFEST,
        artifact_type: match recipe.spec {
            Spec::ModelPack => Some(media_type::MODELPACK_ARTIFACT),
            Spec::Docker => None,
        },
        config: &config.descriptor,
        layers: &in_json,
        annotations: &annotations,
    };
    let manifest = manifest.to_vec().map_err(Error::json("manifest"))?;
    Ok(Artifact {
        descriptor: Descriptor::of(media_type::OCI_MANIFEST, &manifest),
        manifest,
        documents: vec![config],
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

/// For raw and tar layers the digest itself; a layer that is compressed comes from a base, which knows it.
fn diff_id(file: &PlannedFile, digest: Digest) -> Digest {
    file.inherited().map_or(digest, |layer| layer.diff_id)
}

/// How the file is in the layer's blob.
fn encoding(file: &PlannedFile, recipe: &Recipe) -> LayerEncoding {
    match (file.inherited(), recipe.encoding) {
        (Some(layer), _) => layer.encoding,
        (None, Encoding::Raw) => LayerEncoding::Raw,
        (None, Encoding::Tar) => LayerEncoding::Tar,
    }
}

/// The media type of the layer that holds `file`.
///
/// # Errors
/// The dialect has none for it.
pub fn layer_media_type(file: &PlannedFile, recipe: &Recipe) -> Result<String, Error> {
    match (recipe.spec, encoding(file, recipe)) {
        (Spec::ModelPack, encoding) => Ok(media_type::modelpack_layer(file.kind, encoding)),
        (Spec::Docker, LayerEncoding::Raw) => Ok(media_type::docker_layer(FileClass::of(file)).to_owned()),
        (Spec::Docker, encoding) => match file.inherited() {
            Some(_) => Err(Error::PackedInDocker {
                path: file.path.clone(),
                encoding: encoding.name(),
            }),
            None => Err(Error::TarInDocker),
        },
    }
}

fn layer(file: &PlannedFile, digest: Digest, recipe: &Recipe) -> Result<Layer, Error> {
    Ok(Layer {
        media_type: layer_media_type(file, recipe)?,
        digest,
        size: Envelope::of(file, recipe)?.blob_size(file.size()),
    })
}

/// What stands in the manifest of `layers`, which hold `files`, with a comma between each and the next.
fn in_json(files: &[PlannedFile], layers: &[Layer], mtime: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(files.len() * SIZE_OF_ONE);
    for (file, layer) in files.iter().zip(layers) {
        if !bytes.is_empty() {
            bytes.push(b',');
        }
        let described = Described {
            media_type: &layer.media_type,
            digest: &layer.digest,
            size: layer.size,
            annotations: annotation::of(file, mtime)?,
        };
        json::write(&mut bytes, &described).map_err(Error::json("manifest"))?;
    }
    Ok(bytes)
}
