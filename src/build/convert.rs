use std::collections::{BTreeMap, HashSet};

use super::base::{inherit, stored_blob};
use crate::artifact::{self, Artifact, CONVERTED_FROM, Dialect, Encoding, Original, Recipe, Spec};
use crate::digest::Digest;
use crate::modelfile::Span;
use crate::plan::{Inputs, Plan};
use crate::store::stored::{Found, OpenError};
use crate::store::{self, Blob, Bytes, Source};

/// Why an artifact cannot be had in another dialect.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// It is no model, or cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// One of its layers is none that a build writes.
    #[error("`{place}`: the layer {layer} cannot be converted: {why}")]
    Layer {
        /// Where the artifact is.
        place: String,
        /// The layer's path or digest.
        layer: String,
        /// What is wrong.
        why: String,
    },
    /// A layer is packed, which Docker's dialect has not.
    #[error("`{place}`: the layer `{path}` is {encoding}, which is not possible in Docker's format")]
    Packed {
        /// Where the artifact is.
        place: String,
        /// The layer's path.
        path: String,
        /// How it is packed.
        encoding: &'static str,
    },
    /// The dialect has no place for something.
    #[error(transparent)]
    Assemble(artifact::Error),
}

impl ConvertError {
    /// What to do about it, where there is something to say.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Open(error) => error.help(),
            Self::Layer { .. } => None,
            Self::Packed { .. } => {
                Some("extract the files (`modelbuild extract`), and build them with `--spec docker`".to_owned())
            }
            Self::Assemble(error) => error.help().map(str::to_owned),
        }
    }
}

/// An artifact that lies somewhere, in another dialect: another config and manifest over the same blobs.
pub struct Converted {
    found: Found,
    artifact: Artifact,
}

impl Converted {
    /// `found` in the dialect `spec`. One that was converted from that dialect, and not changed since, is what it was
    /// before, to the byte; one that speaks it already stays.
    ///
    /// # Errors
    /// It cannot be expressed so.
    pub fn new(found: Found, spec: Spec) -> Result<Self, ConvertError> {
        let artifact = convert(&found, spec)?;
        Ok(Self { found, artifact })
    }
}

fn convert(found: &Found, spec: Spec) -> Result<Artifact, ConvertError> {
    let stored = found.model()?;
    let is_same = matches!(
        (stored.dialect, spec),
        (Dialect::ModelPack, Spec::ModelPack) | (Dialect::Docker, Spec::Docker)
    );
    if is_same {
        return Ok(found.artifact().clone());
    }
    let layers = || stored.layers.iter().map(|layer| &layer.descriptor);
    let before = Original::read(&stored.annotations);
    if let Some(artifact) = before.and_then(|before| before.restore(spec, layers(), &stored.annotations)) {
        return Ok(artifact);
    }
    let config = found.artifact().config();
    let original = config.and_then(|config| Original::new(stored.digest, config, layers()));
    let digests: Vec<_> = layers().map(|layer| layer.digest).collect();
    let mut metadata = stored.metadata;
    let original = original.and_then(|original| original.to_value());
    metadata.annotations.remove(CONVERTED_FROM);
    metadata
        .annotations
        .extend(original.map(|original| (CONVERTED_FROM.to_owned(), original)));
    let (mut files, mut paths) = (Vec::with_capacity(digests.len()), HashSet::new());
    for (layer, held) in stored.layers.into_iter().zip(found.held()) {
        let called = layer.path.clone().map_or_else(
            || layer.descriptor.digest.to_string(),
            |path| format!("`{}`", path.escape_debug()),
        );
        let failed = |why: &str| ConvertError::Layer {
            place: found.place().to_owned(),
            layer: called.clone(),
            why: why.to_owned(),
        };
        let held = held.clone().ok_or_else(|| failed("its blob is missing"))?;
        // Nothing names it but the artifact.
        let rule = Span { start: 0, end: 0 };
        let file = inherit(layer, stored_blob(held), found.place(), rule).map_err(|why| failed(&why))?;
        if !paths.insert(file.path.clone()) {
            return Err(failed("another one holds a file of the same path"));
        }
        files.push(file);
    }
    let plan = Plan {
        files,
        metadata,
        beside: Inputs::default(),
    };
    let recipe = Recipe {
        spec,
        encoding: Encoding::Raw,
        created: stored.created.and_then(|created| created.parse().ok()),
        annotations: BTreeMap::new(),
    };
    artifact::assemble(&plan, &digests, &recipe).map_err(|error| match error {
        artifact::Error::PackedInDocker { path, encoding } => ConvertError::Packed {
            place: found.place().to_owned(),
            path,
            encoding,
        },
        error => ConvertError::Assemble(error),
    })
}

impl Source for Converted {
    fn blobs(&self) -> &[Blob] {
        self.found.blobs()
    }

    fn is_remote(&self) -> bool {
        self.found.is_remote()
    }

    fn open(&self, index: usize) -> Result<Bytes, store::Error> {
        self.found.open(index)
    }

    fn assemble(&self, _: &[Digest]) -> Result<Artifact, store::Error> {
        Ok(self.artifact.clone())
    }
}
