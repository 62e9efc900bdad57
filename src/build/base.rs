use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::artifact::CONVERTED_FROM;
use crate::artifact::read::StoredLayer;
use crate::modelfile::{Diagnostic, Fault, Modelfile, Span};
use crate::plan::{Base, Home, Inherited, InheritedBlob, LayerEncoding, Origin, Place, PlannedFile};
use crate::registry::Client;
use crate::store::stored::{Held, Lease, OpenError, Opened, mend, open};
use crate::store::{Location, Reference, TreePath, Variant};

/// Reads the artifact that `FROM` names, if the Modelfile has one: manifest and config, no layer. A path in it is
/// relative to the context, but may leave it. Of an index, `variant` says which one is meant. Beside it stands what keeps
/// its blobs where they are: whoever reads them holds it until then.
///
/// # Errors
/// It cannot be read, or cannot be inherited from: a finding at the line that names it.
pub fn base(
    modelfile: &Modelfile,
    context: &Path,
    variant: &Variant,
    client: &Client,
) -> Result<(Option<Base>, Lease), Diagnostic> {
    let Some(from) = &modelfile.from else {
        return Ok((None, Lease::default()));
    };
    let failed = |label: String, help: Option<String>| {
        let finding = Diagnostic::error(format!("cannot build from `{}`", from.value), from.span).label(label);
        help.into_iter().fold(finding, Diagnostic::help)
    };
    let reference = Reference::parse(&from.value, context).map_err(|error| {
        let help = "name a registry's as `FROM docker://HOST/REPOSITORY:TAG`, a layout or its tar, as in `FROM oci:../base:v1` or `FROM ../base.tar`; weights are named with `MODEL`";
        failed(error.to_string(), Some(help.to_owned()))
    })?;
    let reference = Reference {
        variant: variant.clone(),
        ..reference
    };
    let Opened { artifact, blobs, lease } = open(&reference, client).map_err(|error| {
        // A word of Ollama's language, or of docker's, is no path that got lost.
        let help = match &error {
            OpenError::Missing { .. } if is_weight(&from.value) => {
                Some("`FROM` takes an artifact; a weight file is named with `MODEL`".to_owned())
            }
            OpenError::Variants { .. } => Some(
                "choose one with `--variant KEY=VALUE`, or by its digest, as in `FROM docker://HOST/REPOSITORY@sha256:…` or `FROM oci:DIR@sha256:…`"
                    .to_owned(),
            ),
            _ => error.help_in(&from.value, context),
        };
        let finding = failed(error.to_string(), help);
        finding.fault(match &error {
            OpenError::Damaged { .. } | OpenError::Absent { .. } => Fault::Content,
            OpenError::Registry(cause) if cause.is_damage() => Fault::Content,
            OpenError::Registry(_) => Fault::Registry,
            _ => Fault::Modelfile,
        })
    })?;
    let mut paths = HashSet::new();
    let mut files = Vec::with_capacity(artifact.layers.len());
    for (layer, held) in artifact.layers.into_iter().zip(blobs) {
        let digest = layer.descriptor.digest;
        let held = held.ok_or_else(|| {
            failed(
                format!("layer {digest}: its blob is missing"),
                Some(match &reference.location {
                    Location::Layout(path) => mend(path),
                    _ => "build or copy it again".to_owned(),
                }),
            )
            .fault(Fault::Content)
        })?;
        let blob = stored_blob(held).map_err(|error| failed(error.to_string(), error.help()).fault(Fault::Content))?;
        let file = inherit(layer, blob, &from.value, from.span)
            .map_err(|why| failed(format!("layer {digest}: {why}"), None))?;
        if !paths.insert(file.path.clone()) {
            return Err(failed(format!("two of its layers hold `{}`", file.path), None));
        }
        files.push(file);
    }
    let mut metadata = artifact.metadata;
    // It says something of the base alone.
    metadata.annotations.remove(CONVERTED_FROM);
    let base = Base {
        reference: from.value.clone(),
        digest: artifact.digest,
        metadata,
        files,
        place: place(reference),
    };
    Ok((Some(base), lease))
}

/// Whether [`base`] would find the same one as it did. Of a registry only the tag's digest is asked, unless that is
/// another one's, as an index's is.
#[must_use]
pub fn base_still_holds(
    found: Option<&Base>,
    modelfile: &Modelfile,
    context: &Path,
    variant: &Variant,
    client: &Client,
) -> bool {
    let reference = modelfile.from.as_ref();
    let reference = reference.and_then(|from| Reference::parse(&from.value, context).ok());
    if let (Some(found), Some(Location::Registry(address))) = (found, reference.map(|reference| reference.location)) {
        let repository = client.repository(&address.host, &address.repository);
        let tagged = repository.and_then(|repository| repository.resolve(&address.reference()));
        if tagged.is_ok_and(|digest| digest == Some(found.digest)) {
            return true;
        }
    }
    base(modelfile, context, variant, client).is_ok_and(|(again, _)| again.as_ref() == found)
}

/// The file that tells whether the artifact that `FROM` names is another one, be it there or not.
#[must_use]
pub fn base_input(modelfile: &Modelfile, context: &Path) -> Option<PathBuf> {
    let from = modelfile.from.as_ref()?;
    let reference = Reference::parse(&from.value, context).ok()?;
    place(reference).input().map(Path::to_owned)
}

/// The place that `FROM` names, if it names one.
#[must_use]
pub fn base_location(modelfile: &Modelfile, context: &Path) -> Option<Location> {
    let from = modelfile.from.as_ref()?;
    Some(Reference::parse(&from.value, context).ok()?.location)
}

/// The registry that `FROM` names, if it names one.
#[must_use]
pub fn base_host(modelfile: &Modelfile, context: &Path) -> Option<String> {
    base_location(modelfile, context)?.host().map(str::to_owned)
}

fn place(reference: Reference) -> Place {
    match reference.location {
        Location::Layout(path) => Place::Disk(path.join("index.json")),
        Location::Archive(path) | Location::File(path) => Place::Disk(path),
        Location::Registry(address) => Place::Registry(Home {
            host: address.host,
            repository: address.repository,
        }),
    }
}

/// Where a plan finds the blob.
pub(super) fn stored_blob(held: Held) -> Result<InheritedBlob, Arc<OpenError>> {
    Ok(match held {
        Held::File(extent) => InheritedBlob::File {
            path: extent.path,
            stamp: extent.stamp,
            offset: extent.offset,
        },
        Held::Registry(repository) => InheritedBlob::Registry(Home {
            host: repository.host().to_owned(),
            repository: repository.name().to_owned(),
        }),
        Held::Damaged(error) => return Err(error),
    })
}

/// A layer of the artifact that is called `from`, as a file of a plan; `rule` is what names it.
pub(super) fn inherit(layer: StoredLayer, blob: InheritedBlob, from: &str, rule: Span) -> Result<PlannedFile, String> {
    let media_type = &layer.descriptor.media_type;
    let encoding = layer
        .encoding
        .ok_or_else(|| format!("files cannot be got out of its media type `{media_type}`"))?;
    if !LayerEncoding::MODELPACK.contains(&encoding) {
        let what = "is a file that is compressed and in no tar, for which ModelPack and Docker have no layer";
        return Err(format!("it {what} (`{media_type}`)"));
    }
    let path = layer.path.ok_or("nothing says which file it holds")?;
    let kind = layer
        .kind
        .ok_or_else(|| format!("by its media type `{media_type}` it holds a directory"))?;
    // What nobody could extract.
    TreePath::new(&path).map_err(|fault| format!("its path `{}` {fault}", path.escape_debug()))?;
    let diff_id = layer
        .diff_id
        .ok_or("it is compressed, and the config does not say of what")?;
    Ok(PlannedFile {
        path,
        kind,
        executable: layer.executable,
        rule,
        origin: Origin::Base(Box::new(Inherited {
            digest: layer.descriptor.digest,
            size: layer.descriptor.size,
            blob,
            diff_id,
            encoding,
            annotations: layer.descriptor.annotations,
            base: from.to_owned(),
        })),
    })
}

fn is_weight(text: &str) -> bool {
    let extension = Path::new(text).extension();
    extension.is_some_and(|extension| extension == "gguf" || extension == "safetensors")
}
