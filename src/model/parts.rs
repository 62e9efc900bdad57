//! Which layers an engine asks for.

use std::collections::{HashMap, HashSet};

use super::bundle::extension;
use super::{ModelError, Role, WeightFormat};
use crate::artifact::read::{Stored, StoredLayer};
use crate::plan::{LayerEncoding, Shard};

/// A part of a model that an engine asks for: what messages call it, its role, and how it has to be in its blob.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub name: &'static str,
    role: Role,
    encoding: LayerEncoding,
}

pub const GGUF: Part = Part::raw("GGUF weights", Role::Weight(WeightFormat::Gguf));
pub const SAFETENSORS: Part = Part::raw("safetensors weights", Role::Weight(WeightFormat::Safetensors));
pub const DDUF: Part = Part::raw("DDUF weights", Role::Weight(WeightFormat::Dduf));
pub const PROJECTOR: Part = Part::raw("projector", Role::Projector);
pub const TEMPLATE: Part = Part::raw("chat template", Role::Template);
pub const CONFIG_ARCHIVE: Part = Part {
    name: "config archive",
    role: Role::ConfigArchive,
    encoding: LayerEncoding::Tar,
};

impl Part {
    const fn raw(name: &'static str, role: Role) -> Self {
        Self {
            name,
            role,
            encoding: LayerEncoding::Raw,
        }
    }
}

/// Each layer with its role, in manifest order. Where weights are called by the format that the config states, others
/// whose name says none are of another: `pytorch_model.bin` beside `model.safetensors`.
pub fn roles(stored: &Stored) -> impl Iterator<Item = (Role, &StoredLayer)> {
    let format = stored.metadata.format.as_ref().map(|format| format.to_lowercase());
    let called: HashSet<_> = stored.layers.iter().map(|layer| Role::of(layer, None)).collect();
    let role = move |layer| {
        let by_format = || Role::of(layer, format.as_deref());
        let role = match Role::of(layer, None) {
            other @ Role::Weight(WeightFormat::Other) if is_bin(layer) => {
                Some(by_format()).filter(|role| !called.contains(role)).unwrap_or(other)
            }
            _ => by_format(),
        };
        (role, layer)
    };
    stored.layers.iter().map(role)
}

fn is_bin(layer: &StoredLayer) -> bool {
    let path = layer.path.as_deref();
    path.is_some_and(|path| extension(path) == "bin")
}

/// The layers that are `part`: shards of one file by their numbers, where the first of them stands.
pub fn layers(stored: &Stored, part: Part) -> Vec<&StoredLayer> {
    positions(stored, part)
        .into_iter()
        .filter_map(|position| stored.layers.get(position))
        .collect()
}

/// As [`layers`], by their places in the manifest.
pub fn positions(stored: &Stored, part: Part) -> Vec<usize> {
    let is_meant = |(role, layer): &(Role, &StoredLayer)| *role == part.role && layer.encoding == Some(part.encoding);
    let meant = roles(stored).enumerate().filter(|(_, pair)| is_meant(pair));
    let mut sets = HashMap::new();
    let key = |(position, (_, layer)): (usize, (Role, &'_ StoredLayer))| {
        let path = layer.path.clone().unwrap_or_default();
        let (first, number) = match Shard::of(&path) {
            Some(shard) => {
                let set = (shard.prefix.to_owned(), shard.of.to_owned(), shard.extension.to_owned());
                (*sets.entry(set).or_insert(position), shard.number)
            }
            None => (position, 0),
        };
        (first, number, position)
    };
    let mut keys: Vec<_> = meant.map(key).collect();
    keys.sort_unstable();
    keys.into_iter().map(|(.., position)| position).collect()
}

/// The one layer that is `part`, by its place in the manifest.
pub fn only(stored: &Stored, part: Part) -> Result<usize, ModelError> {
    let found = positions(stored, part);
    let is_top = |position: &usize| {
        let layer = stored.layers.get(*position);
        layer.is_some_and(|layer| layer.path.as_deref().is_none_or(|path| !path.contains('/')))
    };
    // Templates in directories below, such as `additional_chat_templates`, stand beside the model's own.
    let top: Vec<_> = found.iter().copied().filter(is_top).collect();
    let meant = if top.is_empty() { found } else { top };
    match meant.as_slice() {
        [only] => Ok(*only),
        several => Err(ModelError::NotOne {
            part: part.name,
            found: several.len(),
        }),
    }
}
