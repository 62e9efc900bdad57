use std::collections::HashMap;

use super::{Role, WeightFormat, parts};
use crate::artifact::read::Stored;
use crate::plan::LayerEncoding;
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

/// The names that Docker Model Runner gives to the files of raw layers that have none, by the layers' places in the
/// manifest. All layers count, so that a file has the same name whichever of the others are left out; a layer whose role
/// nothing tells stays without a name.
pub fn unnamed(stored: &Stored) -> HashMap<usize, String> {
    let mut nameless: HashMap<Role, Vec<usize>> = HashMap::new();
    for (index, (role, layer)) in parts::roles(stored).enumerate() {
        if layer.path.is_none() && layer.encoding == Some(LayerEncoding::Raw) {
            nameless.entry(role).or_default().push(index);
        }
    }
    let mut names = HashMap::new();
    for (role, layers) in nameless {
        let total = layers.len();
        for (count, index) in layers.into_iter().enumerate() {
            names.extend(name(role, count + 1, total).map(|name| (index, name)));
        }
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
