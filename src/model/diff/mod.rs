//! Two artifacts to what makes the one another than the other.

mod layer;
mod order;
mod pair;

use std::collections::{BTreeSet, HashSet};

use super::{Change, Statement, stated};
use crate::artifact::Dialect;
use crate::artifact::read::{Stored, StoredLayer};

/// How `new` differs from `old`. Where they lie and what tags they have is no difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff<'a> {
    /// What is another one beside the layers: dialect, what is stated of the model, annotations; in this order.
    pub artifact: Vec<Difference>,
    /// What is stated at one end and cannot be in the other one's dialect.
    pub uncompared: Vec<&'static str>,
    /// The layers of `new` in its order, then those that only `old` has in its.
    pub layers: Vec<LayerDiff<'a>>,
    /// Bytes of those blobs of layers that `old` does not have.
    pub new_bytes: u64,
}

/// What makes an artifact another one, beside its layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// It speaks another dialect.
    Spec {
        /// What it was.
        from: Dialect,
        /// What it is.
        to: Dialect,
    },
    /// Its config has another media type, though it speaks the same dialect.
    ConfigType {
        /// What it was.
        from: String,
        /// What it is.
        to: String,
    },
    /// Something else is stated of the model.
    Field {
        /// The keyword of the Modelfile in lower case, or `created`.
        name: &'static str,
        /// What was stated.
        from: Statement,
        /// What is stated.
        to: Statement,
    },
    /// An annotation of the manifest is another one.
    Annotation {
        /// Its key.
        key: String,
        /// What it was.
        from: Option<String>,
        /// What it is.
        to: Option<String>,
    },
    /// Manifest or config have other bytes, and all that is compared here is the same.
    Bytes,
}

/// A layer at both ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerDiff<'a> {
    /// What it was; `None` for one that is new.
    pub old: Option<&'a StoredLayer>,
    /// What it is; `None` for one that is gone.
    pub new: Option<&'a StoredLayer>,
    /// What happened to it; nothing where it is the same.
    pub changes: Vec<Change>,
}

/// How many layers there are of each sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// At both ends, and the same.
    pub same: usize,
    /// At both ends, and not the same.
    pub changed: usize,
    /// In the new artifact alone.
    pub added: usize,
    /// In the old artifact alone.
    pub removed: usize,
}

impl<'a> Diff<'a> {
    /// Compares two artifacts.
    #[must_use]
    pub fn new(old: &'a Stored, new: &'a Stored) -> Self {
        let layers = layers(old, new);
        let (fields, uncompared) = stated::changes(old, new);
        let mut artifact = Vec::new();
        if old.dialect != new.dialect {
            artifact.push(Difference::Spec {
                from: old.dialect,
                to: new.dialect,
            });
        } else if old.config.media_type != new.config.media_type {
            artifact.push(Difference::ConfigType {
                from: old.config.media_type.clone(),
                to: new.config.media_type.clone(),
            });
        }
        artifact.extend(fields);
        let keys: BTreeSet<_> = old.annotations.keys().chain(new.annotations.keys()).collect();
        for key in keys {
            let (from, to) = (old.annotations.get(key), new.annotations.get(key));
            if from != to {
                artifact.push(Difference::Annotation {
                    key: key.clone(),
                    from: from.cloned(),
                    to: to.cloned(),
                });
            }
        }
        let unchanged = artifact.is_empty() && layers.iter().all(|layer| layer.changes.is_empty());
        if unchanged && old.digest != new.digest {
            artifact.push(Difference::Bytes);
        }
        let mut known: HashSet<_> = old.layers.iter().map(|layer| layer.descriptor.digest).collect();
        let unknown = new.layers.iter().filter(|layer| known.insert(layer.descriptor.digest));
        Self {
            artifact,
            uncompared,
            new_bytes: unknown.map(|layer| layer.descriptor.size).fold(0, u64::saturating_add),
            layers,
        }
    }

    /// How many layers are the same, and how many are not.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for layer in &self.layers {
            *match (layer.old, layer.new) {
                (None, _) => &mut counts.added,
                (_, None) => &mut counts.removed,
                _ if layer.changes.is_empty() => &mut counts.same,
                _ => &mut counts.changed,
            } += 1;
        }
        counts
    }
}

fn layers<'a>(old: &'a Stored, new: &'a Stored) -> Vec<LayerDiff<'a>> {
    let same_spec = old.dialect == new.dialect;
    let pairs = pair::pair(&old.layers, &new.layers);
    let places: Vec<_> = pairs.iter().copied().flatten().collect();
    let kept: HashSet<_> = places.iter().copied().collect();
    let mut moved = order::out_of_order(&places).into_iter();
    let mut layers = Vec::with_capacity(new.layers.len());
    for (place, (layer, pair)) in new.layers.iter().zip(pairs).enumerate() {
        let was = pair.and_then(|from| Some((from, old.layers.get(from)?)));
        let Some((from, was)) = was else {
            layers.push(LayerDiff {
                old: None,
                new: Some(layer),
                changes: vec![Change::New],
            });
            continue;
        };
        let mut changes = layer::changes(was, layer, same_spec);
        if moved.next() == Some(true) {
            changes.push(Change::Moved {
                from: from + 1,
                to: place + 1,
            });
        }
        layers.push(LayerDiff {
            old: Some(was),
            new: Some(layer),
            changes,
        });
    }
    let gone = old.layers.iter().enumerate().filter(|(place, _)| !kept.contains(place));
    layers.extend(gone.map(|(_, layer)| LayerDiff {
        old: Some(layer),
        new: None,
        changes: vec![Change::Removed],
    }));
    layers
}
