//! Which layers of an artifact are moved, and which files of it are extracted.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::chosen_files::{ChosenFiles, Fate, Known, Nothing};
use super::exit::Failure;
use super::options::LayerChoice;
use super::patterns::Patterns;
use super::unmatched::{self, Told, emptied, unmatched};
use crate::artifact::read::{FileMetadata, Stored};
use crate::artifact::{Descriptor, media_type};
use crate::model::unnamed;
use crate::modelfile::Kind;
use crate::plan::LayerEncoding;
use crate::store::encoding_of;
use crate::store::stored::{Found, path};

/// Leaves out of `found` what `choice` does not want. Returns what to warn of: patterns that include nothing, where others
/// do.
pub fn choose(found: &mut Found, choice: &LayerChoice) -> Result<Option<Told>, Failure> {
    let chosen = Chosen::new(found, choice)?;
    let files = chosen.files(found);
    chosen.retain(found, choice, &HashSet::new())?;
    Ok(chosen.unmatched("layer", found.place(), &files))
}

/// As [`choose`], but for the files in tars: gives who chooses among them, where there are patterns. A tar stays that may
/// hold what is included.
pub fn choose_files(found: &mut Found, choice: &LayerChoice) -> Result<Option<Arc<ChosenFiles>>, Failure> {
    let chosen = Chosen::new(found, choice)?;
    let files = chosen.files(found);
    let open = if choice.include.is_empty() {
        HashSet::new()
    } else {
        chosen.directories.clone()
    };
    chosen.retain(found, choice, &open)?;
    if !chosen.has_patterns {
        return Ok(None);
    }
    let nothing = Nothing {
        unmatched: unmatched::failure(unmatched("file", found.place(), &choice.include, &files)),
        emptied: unmatched::failure(emptied("file", found.place(), choice, &files)),
    };
    let model = found.model().ok();
    let (packed, raw): (Vec<_>, Vec<_>) = found.own().partition(|(index, layer)| is_packed(*index, layer, model));
    let wanted: HashSet<_> = found.own().map(|(index, _)| index).collect();
    let has_excluded = !chosen.whole.is_subset(&wanted);
    let known = if !chosen.directories.is_subset(&wanted) {
        Known::Never
    } else if packed.is_empty() {
        Known::AtOnce
    } else {
        Known::InTheEnd
    };
    let is_search = !choice.include.is_empty() && !found.own().any(|(index, _)| chosen.has_whole(index));
    let chosen = ChosenFiles {
        chosen,
        has_raw: !raw.is_empty(),
        is_search,
        known,
        place: found.place().to_owned(),
        files,
        nothing,
        kept: AtomicBool::new(false),
        excluded: AtomicBool::new(has_excluded),
        unasked: AtomicBool::new(false),
    };
    Ok(Some(Arc::new(chosen)))
}

/// Whether a layer's blob is a tar, so that only its bytes tell what it holds.
fn is_packed(index: usize, layer: &Descriptor, model: Option<&Stored>) -> bool {
    let encoding = encoding_of(layer, model.and_then(|model| model.layers.get(index)));
    encoding.is_ok_and(LayerEncoding::is_tar)
}

/// Whether what is packed in a layer called `path` is one file: nobody calls a directory as weights are called, which are
/// dear to fetch for a look.
fn is_file(layer: &Descriptor, path: &str) -> bool {
    let is_weight = media_type::named_layer(path, false).kind == Some(Kind::Weight);
    is_weight || FileMetadata::of(&layer.annotations).is_file()
}

/// What the options choose of an artifact.
#[derive(Debug)]
pub struct Chosen {
    has_patterns: bool,
    /// `None` where all is included.
    included: Option<Patterns>,
    excluded: Patterns,
    /// The layers that are tars, and may be of directories.
    directories: HashSet<usize>,
    /// The layers that are included by their own paths.
    whole: HashSet<usize>,
    /// The paths of layers by what manifest and config say together, or else the names that their files are extracted by,
    /// whichever of them are left out.
    names: HashMap<usize, String>,
}

impl Chosen {
    fn new(found: &Found, choice: &LayerChoice) -> Result<Self, Failure> {
        let included = Patterns::new("include", &choice.include)?;
        let excluded = Patterns::new("exclude", &choice.exclude)?;
        let has_patterns = !choice.include.is_empty() || !choice.exclude.is_empty();
        let mut chosen = Self {
            has_patterns,
            included: Some(included).filter(|_| !choice.include.is_empty()),
            excluded,
            directories: HashSet::new(),
            whole: HashSet::new(),
            names: if has_patterns {
                found.model().map(names).unwrap_or_default()
            } else {
                HashMap::new()
            },
        };
        if has_patterns {
            let model = found.model().ok();
            let may_be_directory = |(index, layer): &(usize, &Descriptor)| {
                is_packed(*index, layer, model) && !is_file(layer, chosen.called(*index, layer))
            };
            chosen.directories = found.own().filter(may_be_directory).map(|(index, _)| index).collect();
        }
        let is_included = |(index, layer): &(usize, &Descriptor)| match &chosen.included {
            Some(included) => chosen.is_covered(included, *index, layer),
            None => true,
        };
        chosen.whole = found.own().filter(is_included).map(|(index, _)| index).collect();
        Ok(chosen)
    }

    fn called<'a>(&'a self, index: usize, layer: &'a Descriptor) -> &'a str {
        // Where manifest and config cannot be read together, there is the manifest.
        let name = self.names.get(&index).map(String::as_str);
        name.or_else(|| path(layer)).unwrap_or_default()
    }

    fn is_covered(&self, patterns: &Patterns, index: usize, layer: &Descriptor) -> bool {
        patterns.cover(self.called(index, layer), self.directories.contains(&index))
    }

    /// Whether a layer is included whole.
    fn has_whole(&self, layer: usize) -> bool {
        self.whole.contains(&layer)
    }

    /// What becomes of the file or directory at `path` in a layer.
    pub fn judge(&self, layer: usize, path: &str, is_directory: bool) -> Fate {
        let is_included = match &self.included {
            // Asked of all that there is: it takes note of what it covers.
            Some(included) => included.cover(path, is_directory) || self.has_whole(layer),
            None => true,
        };
        match is_included {
            false => Fate::Unasked,
            true if self.excluded.cover(path, is_directory) => Fate::Excluded,
            true => Fate::Kept,
        }
    }

    /// Leaves out what is not wanted; of the layers in `open` it is not known yet whether something is included.
    fn retain(&self, found: &mut Found, choice: &LayerChoice, open: &HashSet<usize>) -> Result<(), Failure> {
        let files = if self.has_patterns {
            self.files(found)
        } else {
            Vec::new()
        };
        if self.included.is_some() && self.whole.is_empty() && open.is_empty() {
            let told = unmatched("layer", found.place(), &choice.include, &files);
            return Err(unmatched::failure(told));
        }
        let is_wanted = |index: usize, layer: &Descriptor| {
            let is_included = self.whole.contains(&index) || open.contains(&index);
            is_included && !self.is_covered(&self.excluded, index, layer)
        };
        if self.has_patterns {
            found.retain(is_wanted);
        }
        if choice.no_weights {
            let weights = weights(found);
            found.retain(|index, _| !weights.contains(&index));
        }
        if !files.is_empty() && found.own().next().is_none() {
            return Err(unmatched::failure(emptied("layer", found.place(), choice, &files)));
        }
        Ok(())
    }

    /// What to say of the patterns that have included nothing so far.
    pub fn unmatched(&self, what: &str, place: &str, files: &[String]) -> Option<Told> {
        let patterns = self.included.as_ref().map(Patterns::unmatched).unwrap_or_default();
        (!patterns.is_empty()).then(|| unmatched(what, place, &patterns, files))
    }

    /// What patterns are held against, or else the digests of what has no name.
    fn files(&self, found: &Found) -> Vec<String> {
        let called = |(index, layer): (usize, &Descriptor)| match self.called(index, layer) {
            "" => layer.digest.to_string(),
            name => name.to_owned(),
        };
        found.own().map(called).collect()
    }
}

/// The layers that hold weights, as `inspect` lists them, or of which nothing tells that they do not.
fn weights(found: &Found) -> HashSet<usize> {
    let model = found.model().ok();
    let kind = |index: usize, layer: &Descriptor| match model.and_then(|model| model.layers.get(index)) {
        Some(stored) => stored.kind,
        // Where manifest and config cannot be read together, there is the manifest.
        None => media_type::parse_layer(&layer.media_type, path(layer).unwrap_or_default())?.kind,
    };
    let holds = |(index, layer): &(usize, &Descriptor)| {
        matches!(kind(*index, layer), Some(Kind::Weight | Kind::Projector) | None)
    };
    found.own().filter(holds).map(|(index, _)| index).collect()
}

fn names(model: &Stored) -> HashMap<usize, String> {
    let layers = model.layers.iter().enumerate();
    let stated = layers.filter_map(|(index, layer)| Some((index, layer.path.clone()?)));
    stated.chain(unnamed(model)).collect()
}
