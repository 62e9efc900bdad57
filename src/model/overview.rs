use super::{Statement, stated};
use crate::artifact::read::{Stored, StoredLayer};

/// What somebody wants to know of a model before fetching it.
#[derive(Debug, Clone)]
pub struct Overview<'a> {
    /// The artifact.
    pub stored: &'a Stored,
    /// What is stated of the model, under the keyword of the Modelfile in lower case; what is not is left out.
    pub stated: Vec<(&'static str, Statement)>,
    /// The layers in manifest order.
    pub layers: Vec<Share<'a>>,
    /// Bytes of all layers.
    pub size: u64,
}

/// A layer, and how much of the model it is.
#[derive(Debug, Clone, Copy)]
pub struct Share<'a> {
    /// The layer.
    pub layer: &'a StoredLayer,
    /// Per cent of all layers' bytes, rounded to the next whole number.
    pub percent: u64,
}

impl<'a> Overview<'a> {
    /// What manifest and config say.
    #[must_use]
    pub fn new(stored: &'a Stored) -> Self {
        let size = size(stored);
        let share = |layer: &'a StoredLayer| Share {
            layer,
            percent: percent(layer.descriptor.size, size),
        };
        let stated = stated::fields(stored, true).into_iter();
        Self {
            stored,
            stated: stated.filter(|(_, statement)| !statement.is_nothing()).collect(),
            layers: stored.layers.iter().map(share).collect(),
            size,
        }
    }

    /// How much so many bytes are of all layers', in per cent, rounded to the next whole number.
    #[must_use]
    pub fn percent(&self, bytes: u64) -> u64 {
        percent(bytes, self.size)
    }
}

/// How much `part` is of `whole`, in per cent.
fn percent(part: u64, whole: u64) -> u64 {
    let (part, whole) = (u128::from(part), u128::from(whole));
    let percent = (part * 100 + whole / 2).checked_div(whole).unwrap_or_default();
    // A hostile manifest may state more than all of it is.
    u64::try_from(percent).unwrap_or(100).min(100)
}

/// Bytes of all layers, as the manifest states them.
#[must_use]
pub fn size(stored: &Stored) -> u64 {
    let sizes = stored.layers.iter().map(|layer| layer.descriptor.size);
    sizes.fold(0, u64::saturating_add)
}
