use std::collections::{BTreeMap, HashSet};

use super::base::{inherit, stored_blob};
use crate::artifact::read::{self, Stored};
use crate::artifact::{self, Artifact, CONVERTED_FROM, Dialect, Encoding, FileClass, Original, Recipe, Spec};
use crate::digest::Digest;
use crate::model::unnamed;
use crate::modelfile::{Kind, Span};
use crate::plan::{Inputs, Plan, PlannedFile};
use crate::store::stored::{Found, OpenError};
use crate::store::{self, Blob, Bytes, Cancel, Source};

/// Why an artifact cannot be had in another dialect.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// It is no model, or cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// One of its layers is not there, or something else is in its place.
    #[error(transparent)]
    Blob(#[from] store::Error),
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
    /// It has no layers.
    #[error("`{place}`: the artifact has no layers, and a model is at least one file")]
    Empty {
        /// Where the artifact is.
        place: String,
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
    /// It was not converted.
    #[error("`{place}`: nothing says what the artifact was before it was converted")]
    Unconverted {
        /// Where the artifact is.
        place: String,
    },
    /// It is not what it was converted to any more.
    #[error(
        "`{place}`: the artifact is not what it was converted to any more, so that nobody can tell what it was before"
    )]
    Changed {
        /// Where the artifact is.
        place: String,
    },
}

impl ConvertError {
    /// What to do about it, where there is something to say.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Open(error) => error.help(),
            Self::Blob(error) => error.help(),
            Self::Layer { .. } => Some(
                "`modelbuild copy` moves it as it is; or extract what can be (`modelbuild extract`), and build that"
                    .to_owned(),
            ),
            Self::Empty { .. } => {
                Some("`modelbuild inspect` shows what it is; `modelbuild copy` moves it as it is".to_owned())
            }
            Self::Packed { .. } => {
                Some("extract the files (`modelbuild extract`), and build them with `--spec docker`".to_owned())
            }
            Self::Assemble(error) => error.help().map(str::to_owned),
            Self::Unconverted { .. } => Some(
                "only what `modelbuild convert` has written leads back; give `--spec modelpack` or `--spec docker`"
                    .to_owned(),
            ),
            Self::Changed { .. } => Some("`--spec modelpack` and `--spec docker` go by what it says now".to_owned()),
        }
    }
}

/// An artifact that lies somewhere, in another dialect: another config and manifest over the same blobs.
pub struct Converted {
    found: Found,
    artifact: Artifact,
    is_returnable: bool,
    is_changed: bool,
    /// The weights, where Docker's format has a layer for none of them.
    weightless: Vec<String>,
}

impl Converted {
    /// `found` in the dialect `spec`. One that was converted from that dialect, and not changed since, is what it was
    /// before, to the byte; one that speaks it already stays.
    ///
    /// # Errors
    /// It cannot be expressed so.
    pub fn new(found: Found, spec: Spec) -> Result<Self, ConvertError> {
        let stored = found.model()?;
        let is_same = matches!(
            (stored.dialect, spec),
            (Dialect::ModelPack, Spec::ModelPack) | (Dialect::Docker, Spec::Docker)
        );
        if is_same {
            let artifact = found.artifact().clone();
            return Ok(Self::returnable(found, artifact));
        }
        let before = before(&found, stored);
        let is_changed = before.is_none() && stored.annotations.contains_key(CONVERTED_FROM);
        if let Some(artifact) = before.filter(|artifact| speaks(artifact, spec)) {
            return Ok(Self::returnable(found, artifact));
        }
        let (artifact, weightless) = convert(&found, stored.clone(), spec)?;
        let annotated = Original::annotate(found.artifact(), &artifact);
        Ok(Self {
            is_returnable: annotated.is_some(),
            artifact: annotated.unwrap_or(artifact),
            found,
            is_changed,
            weightless,
        })
    }

    /// What `found` was before it was converted, to the byte.
    ///
    /// # Errors
    /// It was not, or was changed since.
    pub fn back(found: Found) -> Result<Self, ConvertError> {
        let stored = found.model()?;
        let place = || found.place().to_owned();
        if !stored.annotations.contains_key(CONVERTED_FROM) {
            return Err(ConvertError::Unconverted { place: place() });
        }
        let artifact = before(&found, stored).ok_or_else(|| ConvertError::Changed { place: place() })?;
        Ok(Self::returnable(found, artifact))
    }

    fn returnable(found: Found, artifact: Artifact) -> Self {
        Self {
            found,
            artifact,
            is_returnable: true,
            is_changed: false,
            weightless: Vec::new(),
        }
    }

    /// Whether it spoke the dialect already, so that nothing was converted.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.artifact.descriptor.digest == self.found.artifact().descriptor.digest
    }

    /// Whether it was converted before, and changed since, so that what it was before is lost.
    #[must_use]
    pub const fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// The files of weights, where they are such that Docker's format has a layer for none of them.
    #[must_use]
    pub fn weightless(&self) -> &[String] {
        &self.weightless
    }

    /// Whether what it was made from can be had back from it.
    #[must_use]
    pub const fn is_returnable(&self) -> bool {
        self.is_returnable
    }
}

/// What an artifact was before it was converted, as far as it says so.
fn before(found: &Found, stored: &Stored) -> Option<Artifact> {
    let layers: Vec<_> = stored.layers.iter().map(|layer| layer.descriptor.clone()).collect();
    Original::read(&stored.annotations)?.restore(found.artifact().config(), &layers, &stored.annotations)
}

fn speaks(artifact: &Artifact, spec: Spec) -> bool {
    let dialect = read::outline(&artifact.manifest).and_then(|outline| outline.dialect());
    dialect.is_ok_and(|dialect| dialect.spec() == Some(spec))
}

/// The artifact, and as of [`Converted`] what is `weightless`.
fn convert(found: &Found, stored: Stored, spec: Spec) -> Result<(Artifact, Vec<String>), ConvertError> {
    let digests: Vec<_> = stored.layers.iter().map(|layer| layer.descriptor.digest).collect();
    let mut names = unnamed(&stored);
    let mut metadata = stored.metadata;
    metadata.annotations.remove(CONVERTED_FROM);
    if spec == Spec::ModelPack {
        metadata.quantization = metadata.quantization.map(quantization);
    }
    let (mut files, mut paths) = (Vec::with_capacity(digests.len()), HashSet::new());
    for ((index, mut layer), held) in stored.layers.into_iter().enumerate().zip(found.held()) {
        layer.path = layer.path.or_else(|| names.remove(&index));
        let called = layer.path.clone().map_or_else(
            || layer.descriptor.digest.to_string(),
            |path| format!("`{}`", path.escape_debug()),
        );
        let failed = |why: &str| ConvertError::Layer {
            place: found.place().to_owned(),
            layer: called.clone(),
            why: why.to_owned(),
        };
        let held = held.clone().ok_or_else(|| store::Error::Missing {
            place: found.place().to_owned(),
            name: layer
                .path
                .clone()
                .unwrap_or_else(|| layer.descriptor.digest.to_string()),
        })?;
        let blob = stored_blob(held).map_err(store::Error::Stored)?;
        // Nothing names it but the artifact.
        let rule = Span { start: 0, end: 0 };
        let file = inherit(layer, blob, found.place(), rule).map_err(|why| failed(&why))?;
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
    let artifact = artifact::assemble(&plan, &digests, &recipe).map_err(|error| match error {
        artifact::Error::PackedInDocker { path, encoding } => ConvertError::Packed {
            place: found.place().to_owned(),
            path,
            encoding,
        },
        artifact::Error::NoFiles => ConvertError::Empty {
            place: found.place().to_owned(),
        },
        error => ConvertError::Assemble(error),
    })?;
    let weightless = if spec == Spec::Docker {
        weightless(&plan.files)
    } else {
        Vec::new()
    };
    Ok((artifact, weightless))
}

fn weightless(files: &[PlannedFile]) -> Vec<String> {
    let weights = || files.iter().filter(|file| file.kind == Kind::Weight);
    if weights().any(|file| FileClass::of(file) != FileClass::Other) {
        return Vec::new();
    }
    weights().map(|file| file.path.clone()).collect()
}

/// The name of a quantization alone, as `ModelPack` has it: llama.cpp, whose word Docker's config takes, says before it
/// that not all tensors are so.
fn quantization(stated: String) -> String {
    let name = stated.strip_prefix("MOSTLY_").or_else(|| stated.strip_prefix("ALL_"));
    name.filter(|name| !name.is_empty())
        .map(str::to_owned)
        .unwrap_or(stated)
}

impl Source for Converted {
    fn blobs(&self) -> &[Blob] {
        self.found.blobs()
    }

    fn is_remote(&self) -> bool {
        self.found.is_remote()
    }

    fn open(&self, index: usize, stop: &Cancel) -> Result<Bytes, store::Error> {
        self.found.open(index, stop)
    }

    fn assemble(&self, _: &[Digest]) -> Result<Artifact, store::Error> {
        Ok(self.artifact.clone())
    }
}
