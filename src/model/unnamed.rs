use std::collections::HashMap;

use super::free_names::FreeNames;
use super::{Role, WeightFormat, parts};
use crate::artifact::read::Stored;
use crate::store::Arrangement;
use crate::store::stored::Found;

/// An arrangement in which the files of `found` that have no names have those that a bundle gives them, and nothing else is
/// otherwise: for [`Tree::arranged`](crate::store::Tree::arranged), where [`Tree::new`](crate::store::Tree::new) refuses
/// such layers. It is what `modelbuild extract` does.
#[must_use]
pub fn arrangement(found: &Found) -> Arrangement {
    Arrangement {
        paths: found.model().map(unnamed).unwrap_or_default(),
        ..Arrangement::default()
    }
}

/// The names that Docker Model Runner gives to the files of layers that are no tars and have none, by the layers' places in the
/// manifest; where another layer has the name, one with a number. All layers count, so that a file has the same name
/// whichever of the others are left out; a layer whose role nothing tells stays without a name.
pub fn unnamed(stored: &Stored) -> HashMap<usize, String> {
    let others = stored.layers.iter();
    let others = others.filter_map(|layer| Some((layer.path.as_deref()?, layer.descriptor.digest)));
    let mut free = FreeNames::beside(others);
    let roles = parts::roles(stored).enumerate();
    let nameless = roles.filter(|(_, (_, layer))| layer.path.is_none() && layer.is_file());
    let nameless: Vec<_> = nameless.collect();
    let mut totals: HashMap<Role, usize> = HashMap::new();
    for (_, (role, _)) in &nameless {
        *totals.entry(*role).or_default() += 1;
    }
    let mut counts: HashMap<Role, usize> = HashMap::new();
    let mut names = HashMap::new();
    for (index, (role, layer)) in nameless {
        let count = counts.entry(role).or_default();
        *count += 1;
        let total = totals.get(&role).copied().unwrap_or_default();
        let name = name(role, *count, total).map(|name| free.take(&name, layer.descriptor.digest));
        names.extend(name.map(|name| (index, name)));
    }
    names
}

/// The name of the file that is `count` of `total` in a role, and has none of its own.
fn name(role: Role, count: usize, total: usize) -> Option<String> {
    let numbered = |stem: &str, end: &str| match count {
        1 => format!("{stem}{end}"),
        count => format!("{stem}-{count}{end}"),
    };
    match role {
        Role::Weight(format) => format.extension().map(|end| match total {
            1 => format!("model.{end}"),
            total => format!("model-{count:05}-of-{total:05}.{end}"),
        }),
        Role::Projector => Some(numbered("model", ".mmproj")),
        Role::Template => Some(numbered("template", ".jinja")),
        Role::Adapter => Some(numbered("adapter", ".lora")),
        Role::License => Some(numbered("LICENSE", "")),
        Role::ConfigArchive | Role::Other => None,
    }
}

impl WeightFormat {
    /// The extension of its files, where there is one.
    pub(super) const fn extension(self) -> Option<&'static str> {
        match self {
            Self::Gguf => Some("gguf"),
            Self::Safetensors => Some("safetensors"),
            Self::Dduf => Some("dduf"),
            Self::Other => None,
        }
    }
}
