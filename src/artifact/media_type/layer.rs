use super::{DOCKER_DRAFT_PROJECTOR, FileClass, IMAGE_LAYERS, LAYER_PREFIXES, LayerEncoding, docker_layer, extension};
use crate::modelfile::Kind;

/// What a layer's media type says, with the file's name where the type leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerType {
    /// What the file is for; `None` where the layer may hold any number of files of any kind.
    pub kind: Option<Kind>,
    /// How the file is in the blob.
    pub encoding: LayerEncoding,
    /// What Docker Model Runner takes the file for, where the type alone says it.
    pub class: Option<FileClass>,
}

/// Reads the media type of a layer in any dialect; `None` where it is not known. `path` is the file's, or empty.
///
/// `ModelPack`'s five kinds are fewer than ours, and Docker's are others: names tell the rest.
#[must_use]
pub fn parse_layer(media_type: &str, path: &str) -> Option<LayerType> {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let prefixed = LAYER_PREFIXES
        .iter()
        .find_map(|prefix| media_type.strip_prefix(prefix))
        .and_then(|rest| prefixed(rest, &name));
    prefixed
        .or_else(|| docker(media_type, &name))
        .or_else(|| image(media_type, &name))
}

/// Whether a layer's media type says that it holds weights, and not which: `ModelPack`'s do, and those before it.
#[must_use]
pub fn is_generic_weight(media_type: &str) -> bool {
    let rest = LAYER_PREFIXES.iter().find_map(|prefix| media_type.strip_prefix(prefix));
    let kind = rest.and_then(|rest| rest.split_once(".v1."));
    kind.is_some_and(|(kind, _)| matches!(kind, "weight" | "model" | "model.layer" | "layer"))
}

/// Whether a layer's media type is one that `ModelPack` has today, or Docker's extension of those for weights.
#[must_use]
pub fn is_modelpack_layer(media_type: &str) -> bool {
    let [today, ..] = LAYER_PREFIXES;
    let rest = media_type.strip_prefix(today).and_then(|rest| rest.split_once(".v1."));
    rest.is_some_and(|(kind, encoding)| match kind {
        "weight" if matches!(encoding, "gguf" | "safetensors") => true,
        "weight" | "weight.config" | "code" | "doc" | "dataset" => {
            LayerEncoding::MODELPACK.iter().any(|known| known.name() == encoding)
        }
        _ => false,
    })
}

/// What a file is that a layer of a type of no dialect holds, as oras writes it: its name has to do. `is_directory` is
/// whether oras says that it has packed one.
#[must_use]
pub fn named_layer(path: &str, is_directory: bool) -> LayerType {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    LayerType {
        kind: (!is_directory).then(|| by_name(&name)),
        encoding: if is_directory {
            LayerEncoding::TarGzip
        } else {
            LayerEncoding::Raw
        },
        class: None,
    }
}

/// `KIND.v1.ENCODING`, as `ModelPack` and `KitOps` write it.
fn prefixed(rest: &str, name: &str) -> Option<LayerType> {
    let (kind, encoding) = rest.split_once(".v1.")?;
    let kind = match kind {
        "weight" | "model" | "model.layer" => weight(name),
        "weight.config" if extension(name) == "jinja" => Kind::Template,
        "weight.config" => Kind::Config,
        "code" => Kind::Code,
        "doc" | "docs" => Kind::Doc,
        "dataset" => Kind::Dataset,
        // cnai's first layers hold anything, KitOps' parts whatever belongs to a model.
        "layer" if name.is_empty() => Kind::Weight,
        "layer" | "modelpart" => by_name(name),
        _ => return None,
    };
    let (encoding, class) = match encoding {
        // Docker's extension of ModelPack's types.
        "gguf" => (LayerEncoding::Raw, FileClass::Gguf),
        "safetensors" => (LayerEncoding::Raw, FileClass::Safetensors),
        name => {
            let mut known = LayerEncoding::ALL.into_iter();
            (known.find(|encoding| encoding.name() == name)?, FileClass::Other)
        }
    };
    Some(LayerType {
        kind: Some(kind),
        encoding,
        class: (kind == Kind::Weight && class != FileClass::Other).then_some(class),
    })
}

/// Docker's types.
fn docker(media_type: &str, name: &str) -> Option<LayerType> {
    let draft = (media_type == DOCKER_DRAFT_PROJECTOR).then_some(FileClass::Projector);
    let mut classes = FileClass::ALL.into_iter();
    let class = draft.or_else(|| classes.find(|class| docker_layer(*class) == media_type))?;
    // Docker Model Runner packs a directory by extensions, projectors as weights.
    let class = match (class, weight(name)) {
        (FileClass::Gguf, Kind::Projector) => FileClass::Projector,
        (class, _) => class,
    };
    let (kind, encoding) = match class {
        FileClass::Gguf | FileClass::Safetensors | FileClass::Dduf | FileClass::Adapter => {
            (Some(Kind::Weight), LayerEncoding::Raw)
        }
        FileClass::License => (Some(Kind::Doc), LayerEncoding::Raw),
        FileClass::Projector => (Some(Kind::Projector), LayerEncoding::Raw),
        FileClass::Template => (Some(Kind::Template), LayerEncoding::Raw),
        FileClass::ConfigArchive => (Some(Kind::Config), LayerEncoding::Tar),
        FileClass::Directory => (None, LayerEncoding::Tar),
        FileClass::Other => (Some(untyped(name)), LayerEncoding::Raw),
    };
    Some(LayerType {
        kind,
        encoding,
        class: (class != FileClass::Other).then_some(class),
    })
}

/// The types of container images' layers.
fn image(media_type: &str, name: &str) -> Option<LayerType> {
    let (_, encoding) = IMAGE_LAYERS.into_iter().find(|(name, _)| *name == media_type)?;
    Some(LayerType {
        kind: (!name.is_empty()).then(|| by_name(name)),
        encoding,
        class: None,
    })
}

/// Weights, unless the name says that they are a projector's: Docker Model Runner knows one in a `ModelPack` by that.
fn weight(name: &str) -> Kind {
    if name.contains("mmproj") {
        Kind::Projector
    } else {
        Kind::Weight
    }
}

/// What a file is for, by its lower-case name alone.
fn by_name(name: &str) -> Kind {
    match (extension(name), FileClass::by_name(name)) {
        ("gguf" | "safetensors" | "dduf", _) => weight(name),
        (_, FileClass::License) => Kind::Doc,
        (_, FileClass::Template) => Kind::Template,
        _ if name.starts_with("readme") => Kind::Doc,
        _ => untyped(name),
    }
}

/// What a file is for that Docker has no type of its own for, by its lower-case name.
fn untyped(name: &str) -> Kind {
    match extension(name) {
        "bin" | "onnx" | "pt" | "pth" | "tflite" | "keras" | "ggml" => Kind::Weight,
        "py" | "ipynb" | "sh" => Kind::Code,
        "md" | "rst" | "pdf" => Kind::Doc,
        "jsonl" | "csv" | "parquet" => Kind::Dataset,
        _ => Kind::Config,
    }
}
