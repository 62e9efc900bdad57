use std::fmt;

use super::media_type::MODELPACK_CONFIG;
use super::recipe::Spec;
use super::unsaid::unsaid;
use super::{Artifact, Layer};
use crate::digest::Digest;
use crate::modelfile::{Severity, escape};
use crate::plan::{Plan, plural};

/// Largest manifest that docker-registry takes, in bytes (observed with 2.8.2; the distribution-spec asks registries for
/// at least as much).
const MANIFEST_LIMIT: usize = 4 << 20;

/// How many paths a message names.
const NAMED: usize = 4;

/// Something about a valid artifact that a reader or a registry will not like. The build goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// A note where only Docker Model Runner minds, and the artifact is in a dialect that others read too.
    pub severity: Severity,
    /// What it is.
    pub concern: Concern,
}

/// What a [`Finding`] is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concern {
    /// Files are pointers of git-lfs, which stand for files elsewhere.
    Pointers {
        /// Paths of the files, in layer order; one or more.
        paths: Vec<String>,
    },
    /// Layers have the same digest.
    SameBytes {
        /// Paths of the files, in layer order; two or more.
        paths: Vec<String>,
    },
    /// The manifest is too large for a registry.
    LargeManifest {
        /// Size of the manifest in bytes.
        size: usize,
        /// How many layers it lists.
        layers: usize,
    },
    /// The model's format is not known.
    NoFormat,
    /// The artifact does not say all that is stated of the model.
    Unsaid {
        /// The dialect, which has no place for it.
        spec: Spec,
        /// The keywords that state it, as a Modelfile has them; one or more.
        instructions: Vec<&'static str>,
    },
}

impl Finding {
    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self.concern {
            Concern::Pointers { .. } => "run `git lfs pull` to get the files, and build again",
            Concern::SameBytes { .. } => {
                "Docker Model Runner's pull fails on equal layers; for it, keep one of the files"
            }
            Concern::LargeManifest { .. } => "pack fewer files, such as a dataset as one archive",
            Concern::NoFormat => {
                "state it, such as `FORMAT gguf`: Docker Model Runner runs no model whose format it does not know"
            }
            Concern::Unsaid { .. } => {
                "what readers need all the same can be an annotation, such as `ANNOTATION org.opencontainers.image.licenses Apache-2.0`"
            }
        }
    }

    /// Whether it says nothing new to whoever builds, as it comes with most Modelfiles: the default dialect has no place
    /// for the context size.
    #[must_use]
    pub const fn is_ordinary(&self) -> bool {
        matches!(
            self.concern,
            Concern::Unsaid {
                spec: Spec::ModelPack,
                ..
            }
        )
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.concern {
            Concern::Pointers { paths } => match paths.as_slice() {
                [path] => write!(f, "`{}` is a pointer of git-lfs, and not the file", escape(path)),
                paths => write!(
                    f,
                    "{} files are pointers of git-lfs, and not the files: {}",
                    paths.len(),
                    named(paths)
                ),
            },
            Concern::SameBytes { paths } => {
                write!(f, "{} files have the same bytes: {}", paths.len(), named(paths))
            }
            Concern::LargeManifest { size, layers } => {
                write!(
                    f,
                    "the manifest of {} has {size} bytes: registries may refuse more than 4 MiB",
                    plural(*layers, "layer")
                )
            }
            Concern::NoFormat => write!(f, "the format of the model is not known"),
            Concern::Unsaid { spec, instructions } => {
                let format = match spec {
                    Spec::ModelPack => "ModelPack",
                    Spec::Docker => "Docker's format",
                };
                write!(
                    f,
                    "left out of the artifact, because {format} has no place for it: `{}`",
                    instructions.join("`, `")
                )
            }
        }
    }
}

/// The first of several paths, and how many more there are.
fn named(paths: &[String]) -> String {
    let shown = paths.iter().take(NAMED).map(|path| format!("`{}`", escape(path)));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match paths.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// What is worth saying about `artifact`, which was assembled from `plan`.
#[must_use]
pub fn findings(plan: &Plan, artifact: &Artifact) -> Vec<Finding> {
    // Docker Model Runner reads ModelPack's artifacts as well, but most of them are not for it.
    let is_modelpack = artifact
        .config()
        .is_some_and(|config| config.descriptor.media_type == MODELPACK_CONFIG);
    let runner_minds = if is_modelpack {
        Severity::Note
    } else {
        Severity::Warning
    };
    let mut findings = Vec::new();
    // Empty files, such as `__init__.py`, are no slip.
    let counts = |layer: &Layer| !is_modelpack || layer.size > 0;
    for paths in same_bytes(plan, artifact, counts) {
        findings.push(Finding {
            severity: runner_minds,
            concern: Concern::SameBytes { paths },
        });
    }
    let size = artifact.manifest.len();
    if size > MANIFEST_LIMIT {
        findings.push(Finding {
            severity: Severity::Warning,
            concern: Concern::LargeManifest {
                size,
                layers: artifact.layers.len(),
            },
        });
    }
    if plan.metadata.format.is_none() {
        findings.push(Finding {
            severity: runner_minds,
            concern: Concern::NoFormat,
        });
    }
    let spec = if is_modelpack { Spec::ModelPack } else { Spec::Docker };
    findings.extend(unsaid(&plan.metadata, spec));
    findings
}

/// The paths of each digest that several of the layers that count have, in the order of the first of them.
fn same_bytes(plan: &Plan, artifact: &Artifact, counts: impl Fn(&Layer) -> bool) -> Vec<Vec<String>> {
    let layers = plan.files.iter().zip(&artifact.layers).enumerate();
    let mut layers: Vec<_> = layers
        .filter(|(_, (_, layer))| counts(layer))
        .map(|(index, (file, layer))| (layer.digest, index, &file.path))
        .collect();
    layers.sort_unstable();
    let mut groups: Vec<_> = layers
        .chunk_by(|(one, ..), (other, ..)| one == other)
        .filter(|group| group.len() > 1)
        .collect();
    groups.sort_unstable_by_key(|group| group.first().map(|(_, index, _)| *index));
    let paths = |group: &[(Digest, usize, &String)]| group.iter().map(|(.., path)| (*path).clone()).collect();
    groups.into_iter().map(paths).collect()
}
