use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use crate::artifact::read::StoredLayer;

/// For each layer of `new` the one of `old` that it was, by their places; no old one is taken twice.
///
/// What has the same path belongs together, and where several have it, what has the same digest does first. Of the rest
/// the same blob under another path was renamed. What nothing names goes by its media type.
pub fn pair(old: &[StoredLayer], new: &[StoredLayer]) -> Vec<Option<usize>> {
    let mut pairs = Pairs {
        old,
        new,
        taken: vec![false; old.len()],
        found: vec![None; new.len()],
    };
    pairs.by(|layer| layer.path.as_ref().map(|path| (path, layer.descriptor.digest)));
    pairs.by(|layer| layer.path.as_ref());
    pairs.by(|layer| Some(layer.descriptor.digest));
    pairs.by(|layer| layer.path.is_none().then_some(&layer.descriptor.media_type));
    pairs.found
}

struct Pairs<'a> {
    old: &'a [StoredLayer],
    new: &'a [StoredLayer],
    taken: Vec<bool>,
    found: Vec<Option<usize>>,
}

impl<'a> Pairs<'a> {
    /// Pairs what is left over and has the same `key`, in order; what has none stays as it is.
    fn by<K: Eq + Hash>(&mut self, key: impl Fn(&'a StoredLayer) -> Option<K>) {
        let mut left: HashMap<K, VecDeque<usize>> = HashMap::new();
        for ((place, layer), taken) in self.old.iter().enumerate().zip(&self.taken) {
            if let (false, Some(key)) = (taken, key(layer)) {
                left.entry(key).or_default().push_back(place);
            }
        }
        for (layer, pair) in self.new.iter().zip(&mut self.found) {
            if pair.is_none() {
                *pair = key(layer).and_then(|key| left.get_mut(&key)?.pop_front());
            }
        }
        for place in self.found.iter().flatten() {
            if let Some(taken) = self.taken.get_mut(*place) {
                *taken = true;
            }
        }
    }
}
