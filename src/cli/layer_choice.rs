//! Which layers of an artifact are moved, and which files of it are extracted.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::exit::{Failure, INVALID};
use super::options::LayerChoice;
use super::patterns::Patterns;
use crate::artifact::read::Stored;
use crate::artifact::{Descriptor, annotation, media_type};
use crate::model::unnamed;
use crate::modelfile::Kind;
use crate::plan::LayerEncoding;
use crate::store::stored::{Found, path};
use crate::store::{Sieve, Source as _, encoding_of};

/// Leaves out of `found` what `choice` does not want.
pub fn choose(found: &mut Found, choice: &LayerChoice) -> Result<(), Failure> {
    Chosen::new(found, choice)?.retain(found, choice, &HashSet::new())
}

/// As [`choose`], but for the files in tars: gives who chooses among them. A tar stays that may hold what is included.
pub fn choose_files(found: &mut Found, choice: &LayerChoice) -> Result<Option<Arc<dyn Sieve>>, Failure> {
    let chosen = Chosen::new(found, choice)?;
    let open: HashSet<_> = if choice.include.is_empty() {
        HashSet::new()
    } else {
        let model = found.model().ok();
        let may_hold = |(index, layer): &(usize, &Descriptor)| {
            let encoding = encoding_of(layer, model.and_then(|model| model.layers.get(*index)));
            let is_packed = encoding.is_ok_and(|encoding| encoding != LayerEncoding::Raw);
            is_packed && !is_file(layer, chosen.called(*index, layer))
        };
        found.own().filter(may_hold).map(|(index, _)| index).collect()
    };
    chosen.retain(found, choice, &open)?;
    Ok(chosen.has_patterns.then(|| Arc::new(chosen) as Arc<dyn Sieve>))
}

/// That no file of `found` was in its tars that is included.
pub fn nothing_inside(found: &Found, choice: &LayerChoice) -> Failure {
    let files: Vec<_> = found.blobs().iter().map(|blob| blob.name.clone()).collect();
    unmatched("file", found.place(), choice, &files)
}

/// Whether what is packed in a layer called `path` is one file: nobody calls a directory as weights are called, which are
/// dear to fetch for a look.
fn is_file(layer: &Descriptor, path: &str) -> bool {
    let is_weight = media_type::named_layer(path, false).kind == Some(Kind::Weight);
    is_weight || annotation::is_file(&layer.annotations)
}

/// What the options choose of an artifact.
#[derive(Debug)]
struct Chosen {
    has_patterns: bool,
    /// `None` where all is included.
    included: Option<Patterns>,
    excluded: Patterns,
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
            whole: HashSet::new(),
            names: if has_patterns {
                found.model().map(names).unwrap_or_default()
            } else {
                HashMap::new()
            },
        };
        let is_included = |(index, layer): &(usize, &Descriptor)| match &chosen.included {
            Some(included) => included.cover(chosen.called(*index, layer)),
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

    /// Leaves out what is not wanted; of the layers in `open` it is not known yet whether something is included.
    fn retain(&self, found: &mut Found, choice: &LayerChoice, open: &HashSet<usize>) -> Result<(), Failure> {
        let files = if self.has_patterns {
            self.files(found)
        } else {
            Vec::new()
        };
        if self.included.is_some() && self.whole.is_empty() && open.is_empty() {
            return Err(unmatched("layer", found.place(), choice, &files));
        }
        let is_wanted = |index: usize, layer: &Descriptor| {
            let kind = media_type::parse_layer(&layer.media_type, path(layer).unwrap_or_default());
            let kind = kind.and_then(|layer| layer.kind);
            let is_weight = matches!(kind, Some(Kind::Weight | Kind::Projector) | None);
            let is_included = self.whole.contains(&index) || open.contains(&index);
            is_included && !self.excluded.cover(self.called(index, layer)) && !(choice.no_weights && is_weight)
        };
        if self.has_patterns || choice.no_weights {
            found.retain(is_wanted);
        }
        if !files.is_empty() && found.own().next().is_none() {
            return Err(emptied(found.place(), choice, &files));
        }
        Ok(())
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

fn names(model: &Stored) -> HashMap<usize, String> {
    let layers = model.layers.iter().enumerate();
    let stated = layers.filter_map(|(index, layer)| Some((index, layer.path.clone()?)));
    stated.chain(unnamed(model)).collect()
}

impl Sieve for Chosen {
    fn keeps(&self, layer: usize, path: &str) -> bool {
        let is_included = match &self.included {
            Some(included) => self.whole.contains(&layer) || included.cover(path),
            None => true,
        };
        is_included && !self.excluded.cover(path)
    }
}

/// Whoever names files and gets none has mistyped a name, as in a Modelfile.
fn unmatched(what: &str, place: &str, choice: &LayerChoice, files: &[String]) -> Failure {
    let patterns: Vec<_> = choice.include.iter().map(|pattern| format!("`{pattern}`")).collect();
    nothing(
        format!("no {what} of `{place}` matches {}", patterns.join(" or ")),
        files,
    )
}

/// Whoever leaves out all that there is has meant something else.
fn emptied(place: &str, choice: &LayerChoice, files: &[String]) -> Failure {
    let given = |option: &str, patterns: &[String]| -> Vec<String> {
        let shown = |pattern: &String| format!("`--{option} {pattern}`");
        patterns.iter().map(shown).collect()
    };
    let no_weights = choice.no_weights.then(|| "`--no-weights`".to_owned());
    let mut options = given("include", &choice.include);
    options.extend(given("exclude", &choice.exclude));
    options.extend(no_weights);
    nothing(
        format!("no layer of `{place}` is left by {}", options.join(", ")),
        files,
    )
}

fn nothing(message: String, files: &[String]) -> Failure {
    /// How many files are named.
    const SHOWN: usize = 5;
    let shown: Vec<_> = files.iter().take(SHOWN).map(|file| format!("`{file}`")).collect();
    let more = match files.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let help = if files.is_empty() {
        "it has no layers; `modelbuild inspect` shows what it is".to_owned()
    } else {
        format!(
            "it has {}{more}; `modelbuild inspect` lists the paths of its layers",
            shown.join(", ")
        )
    };
    Failure::Message {
        code: INVALID,
        message,
        help: Some(help),
    }
}
