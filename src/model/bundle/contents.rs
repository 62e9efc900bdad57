use super::error::{BundleError, quoted};
use crate::plan::{Shard, gaps};

/// What the files of a model are to an engine, by their paths in its directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    /// The shards of the GGUF weights to open, by their numbers; one file where they are not split.
    pub gguf: Vec<String>,
    pub safetensors: Vec<String>,
    pub dduf: Vec<String>,
    /// Weights that Docker Model Runner does not know.
    pub other: Vec<String>,
    pub projector: Option<String>,
    pub template: Option<String>,
}

/// The extensions of weights: those that Docker Model Runner knows, then others in the order in which they are taken.
const WEIGHTS: [&str; 10] = [
    "gguf",
    "safetensors",
    "dduf",
    "onnx",
    "tflite",
    "keras",
    "pt",
    "pth",
    "ggml",
    "bin",
];

impl Contents {
    /// Sorts out `paths`, of which those may be the model's of which `is_model` says so.
    ///
    /// # Errors
    /// There are no weights, a shard is missing, or there is more than one projector or template.
    pub fn of<'a>(paths: impl Iterator<Item = &'a str>, is_model: impl Fn(&str) -> bool) -> Result<Self, BundleError> {
        let mut paths: Vec<_> = paths.collect();
        paths.sort_unstable();
        let seen: Vec<_> = paths
            .iter()
            .copied()
            .filter(|path| !is_hidden(path) && is_model(path))
            .collect();
        let of = |is: fn(&str) -> bool| seen.iter().copied().filter(|path| is(path)).collect::<Vec<_>>();
        let weights = of(is_weight);
        if weights.is_empty() {
            let paths: Vec<_> = paths.into_iter().map(str::to_owned).collect();
            let there = if paths.is_empty() {
                "nor any other file".to_owned()
            } else {
                format!("but {}", quoted(&paths))
            };
            return Err(BundleError::NoWeights { there });
        }
        if let Some(gap) = gaps(weights.iter().copied()).into_iter().next() {
            return Err(BundleError::Incomplete {
                present: gap.present.to_owned(),
                total: gap.total,
                missing: gap.missing(),
            });
        }
        let first = |extension: &str| first_set(&weights, |of| of == extension);
        let others = WEIGHTS.iter().skip(3);
        let other = others.map(|extension| first(extension)).find(|set| !set.is_empty());
        Ok(Self {
            gguf: first("gguf"),
            safetensors: first("safetensors"),
            dduf: first("dduf"),
            other: other.unwrap_or_default(),
            projector: only("projector", &of(is_projector))?,
            template: only("chat template", &of(is_template))?,
        })
    }

    /// The shards of what an engine opens.
    pub fn model(&self) -> &[String] {
        let formats = [&self.gguf, &self.safetensors, &self.dduf, &self.other];
        let found = formats.into_iter().find(|set| !set.is_empty());
        found.map_or(&[], Vec::as_slice)
    }

    /// The format of that.
    pub fn format(&self) -> &'static str {
        let path = self.model().first().map(String::as_str).unwrap_or_default();
        let extension = extension(path);
        WEIGHTS
            .into_iter()
            .find(|known| *known == extension)
            .unwrap_or_default()
    }

    /// All that an engine may open.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let weights = [&self.gguf, &self.safetensors, &self.dduf, &self.other];
        let files = weights.into_iter().flatten().chain(&self.projector);
        files.chain(&self.template).map(String::as_str)
    }
}

/// The extension in lower case, empty where there is none.
pub fn extension(path: &str) -> String {
    let extension = name(path).rsplit_once('.').map(|(_, extension)| extension);
    extension.unwrap_or_default().to_lowercase()
}

/// Whether a path tells that it is one of weights.
pub fn is_weight(path: &str) -> bool {
    WEIGHTS.contains(&extension(path).as_str()) && !is_projector(path)
}

/// Whether [`Contents`] takes a file for a part of the model by its path.
pub fn is_part(path: &str) -> bool {
    is_weight(path) || is_projector(path) || is_template(path)
}

/// Whether a path tells that it is a projector's.
pub fn is_projector(path: &str) -> bool {
    let extension = extension(path);
    extension == "mmproj" || WEIGHTS.contains(&extension.as_str()) && name(path).to_lowercase().contains("mmproj")
}

/// Whether a path tells that it is a chat template's.
pub fn is_template(path: &str) -> bool {
    extension(path) == "jinja"
}

fn is_hidden(path: &str) -> bool {
    // What leads elsewhere is for others to refuse.
    path.split('/').any(|name| name.starts_with('.') && name != "..")
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The first model among sorted `paths` of a format, with all of its shards: at the top before those in directories,
/// adapters (as PEFT calls them) behind what they are for.
fn first_set(paths: &[&str], is_format: impl Fn(&str) -> bool) -> Vec<String> {
    let paths = paths.iter().copied().filter(|path| is_format(&extension(path)));
    let rank = |path: &&str| (path.contains('/'), name(path).starts_with("adapter"));
    let Some(first) = paths.clone().min_by_key(rank) else {
        return Vec::new();
    };
    let set = |shard: Shard<'_>| (shard.prefix.to_owned(), shard.of.to_owned(), shard.extension.to_owned());
    let Some(wanted) = Shard::of(first).map(set) else {
        return vec![first.to_owned()];
    };
    let shards = paths.filter_map(|path| Some((Shard::of(path)?, path)));
    let mut shards: Vec<_> = shards
        .filter(|(shard, _)| set(*shard) == wanted)
        .map(|(shard, path)| (shard.number, path.to_owned()))
        .collect();
    shards.sort();
    shards.into_iter().map(|(_, path)| path).collect()
}

/// The one that is the model's own: one at the top, where what is in directories stands beside it, or the only one at
/// all.
fn only(what: &'static str, paths: &[&str]) -> Result<Option<String>, BundleError> {
    let top: Vec<_> = paths.iter().filter(|path| !path.contains('/')).collect();
    match (top.as_slice(), paths) {
        ([path], _) => Ok(Some((**path).to_owned())),
        ([], [path]) => Ok(Some((*path).to_owned())),
        ([], _) => Ok(None),
        (several, _) => Err(BundleError::Several {
            what,
            paths: several.iter().map(|path| (**path).to_owned()).collect(),
        }),
    }
}
