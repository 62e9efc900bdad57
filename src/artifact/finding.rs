use std::collections::BTreeMap;
use std::fmt;

use super::Artifact;
use crate::digest::Digest;
use crate::modelfile::escape;
use crate::plan::Plan;

/// Largest manifest that docker-registry takes, in bytes (observed with 2.8.2; the distribution-spec asks registries for
/// at least as much).
const MANIFEST_LIMIT: usize = 4 << 20;

/// How many paths a message names.
const NAMED: usize = 4;

/// Something about a valid artifact that a reader or a registry will not like. The build goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
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
}

impl Finding {
    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::SameBytes { .. } => "Docker Model Runner's pull fails on equal layers; for it, keep one of the files",
            Self::LargeManifest { .. } => "pack fewer files, such as a dataset as one archive",
            Self::NoFormat => "state it, such as `FORMAT gguf`: Docker Model Runner does not run a model without",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameBytes { paths } => {
                write!(f, "{} files have the same bytes: ", paths.len())?;
                for (index, path) in paths.iter().take(NAMED).enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}`{}`", escape(path))?;
                }
                match paths.len().saturating_sub(NAMED) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            Self::LargeManifest { size, layers } => {
                write!(
                    f,
                    "the manifest of {layers} layers has {size} bytes: registries may refuse more than 4 MiB"
                )
            }
            Self::NoFormat => write!(f, "the format of the model is not known"),
        }
    }
}

/// What is worth a warning in `artifact`, which was assembled from `plan`.
#[must_use]
pub fn findings(plan: &Plan, artifact: &Artifact) -> Vec<Finding> {
    let mut findings = same_bytes(plan, artifact);
    let size = artifact.manifest.len();
    if size > MANIFEST_LIMIT {
        findings.push(Finding::LargeManifest {
            size,
            layers: artifact.layers.len(),
        });
    }
    if plan.metadata.format.is_none() {
        findings.push(Finding::NoFormat);
    }
    findings
}

/// One finding a digest that several layers have, in the order of the first of them.
fn same_bytes(plan: &Plan, artifact: &Artifact) -> Vec<Finding> {
    let mut groups: BTreeMap<Digest, (usize, Vec<String>)> = BTreeMap::new();
    for (index, (file, layer)) in plan.files.iter().zip(&artifact.layers).enumerate() {
        groups
            .entry(layer.digest)
            .or_insert((index, Vec::new()))
            .1
            .push(file.path.clone());
    }
    let mut groups: Vec<_> = groups.into_values().filter(|(_, paths)| paths.len() > 1).collect();
    groups.sort_unstable();
    groups
        .into_iter()
        .map(|(_, paths)| Finding::SameBytes { paths })
        .collect()
}
