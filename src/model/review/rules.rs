use std::collections::BTreeMap;
use std::path::{Component, Path};

use super::{Finding, Urgency};
use crate::artifact::Dialect;
use crate::artifact::annotation::is_kind_guessed;
use crate::artifact::read::{Stored, StoredLayer};
use crate::model::{Image, Role};
use crate::modelfile::{Kind, deceives};
use crate::plan::{LayerEncoding, gaps};

/// Files that may hold a pickle, or what else runs code when it is loaded: Torch's objects, `TorchScript`, `NeMo`'s tars of
/// pickles. A `.bin` is one more often than not.
const PICKLES: [&str; 16] = [
    "pt", "pth", "pt2", "ptl", "th", "t7", "bin", "pkl", "pickle", "ckpt", "joblib", "dill", "npy", "npz", "nemo",
    "mar",
];

/// Formats of weights in which code can stand: Keras' lambda layers, `TensorFlow`'s graphs.
const PROGRAMS: [&str; 4] = ["keras", "h5", "hdf5", "pb"];

/// Programs, libraries and scripts: what a processor, a virtual machine, an interpreter or a shell runs.
const CODE: [&str; 35] = [
    "py", "pyc", "pyo", "pyd", "pyw", "ipynb", "whl", "egg", "so", "dll", "dylib", "node", "exe", "msi", "scr", "wasm",
    "jar", "class", "js", "mjs", "cjs", "ts", "lua", "pl", "rb", "php", "r", "sh", "bash", "zsh", "fish", "bat", "cmd",
    "ps1", "vbs",
];

/// Files that hold others, or are compressed.
const ARCHIVES: [&str; 21] = [
    "tar", "tgz", "tbz", "tbz2", "txz", "tzst", "gz", "bz2", "xz", "zst", "lz4", "lzma", "br", "zip", "7z", "rar",
    "cab", "iso", "deb", "rpm", "apk",
];

/// What there is to look at before the model is loaded: what matters most stands first.
///
/// Names, types and what is stated decide, each for itself: whoever calls a program a configuration file does not hide it
/// so. No file is looked into.
#[must_use]
pub fn findings(image: &Image) -> Vec<Finding> {
    let stored = image.stored();
    let mut findings = Vec::new();
    of_files(stored, &mut findings);
    of_layers(stored, &mut findings);
    of_whole(stored, &mut findings);
    findings.sort_by_key(|finding| finding.urgency);
    findings
}

/// What single files are.
fn of_files(stored: &Stored, findings: &mut Vec<Finding>) {
    let mut found = |urgency, title, why: &str, is_meant: &dyn Fn(&StoredLayer, &str) -> bool| {
        let meant = stored
            .layers
            .iter()
            .filter(|layer| is_meant(layer, layer.path.as_deref().unwrap_or_default()));
        push(findings, urgency, title, why, meant.map(name).collect());
    };
    found(
        Urgency::Danger,
        "Weights that may run code",
        "By their names these files may hold pickles: loading one runs whatever is in it. Ask for safetensors or GGUF, or \
         load them with PyTorch's weights_only.",
        &|_, path| PICKLES.contains(&&*extension(path)),
    );
    found(
        Urgency::Danger,
        "Paths that lead elsewhere",
        "These paths leave the directory that the model is unpacked into, or mean something else on another system. A \
         careful tool refuses them.",
        &|_, path| leads_out(path),
    );
    found(
        Urgency::Danger,
        "Paths that deceive",
        "These paths have characters that nobody sees, or that turn the direction of text: on a screen each seems to be \
         another one, of another kind.",
        &|_, path| deceives(path),
    );
    found(
        Urgency::Caution,
        "Code",
        "Programs and scripts. An engine may run them when it is told to trust remote code, a user by hand: they have to be read.",
        &|layer, path| layer.kind == Some(Kind::Code) || is_code(path),
    );
    found(
        Urgency::Caution,
        "Executable files",
        "Unpacked, these can be started, and are not packed as code.",
        &|layer, _| layer.executable && layer.kind != Some(Kind::Code),
    );
    found(
        Urgency::Caution,
        "Formats that may hold code",
        "Keras and TensorFlow keep programs beside weights in these formats.",
        &|_, path| PROGRAMS.contains(&&*extension(path)),
    );
    found(
        Urgency::Note,
        "Chat templates",
        "A template is a program, too: the engine runs it on every prompt, and it decides what the model is told.",
        &|layer, _| layer.kind == Some(Kind::Template),
    );
}

/// What the layers are that files are in.
fn of_layers(stored: &Stored, findings: &mut Vec<Finding>) {
    let layers = || stored.layers.iter();
    let is_unknown = |layer: &StoredLayer| layer.kind.is_none() && layer.encoding.is_none();
    let unknown = layers().filter(|layer| is_unknown(layer));
    push(
        findings,
        Urgency::Caution,
        "Layers of unknown types",
        "Nothing says what these hold, nor how.",
        unknown
            .map(|layer| format!("{} ({})", name(layer), layer.descriptor.media_type))
            .collect(),
    );
    let packed = layers().filter(|layer| match layer.encoding {
        Some(LayerEncoding::Raw) => ARCHIVES.contains(&&*extension(layer.path.as_deref().unwrap_or_default())),
        _ => !is_unknown(layer),
    });
    push(
        findings,
        Urgency::Caution,
        "Packed files",
        "Archives and compressed files may hold any number of files, which are not listed here.",
        packed.map(name).collect(),
    );
    let mut paths: BTreeMap<&str, usize> = BTreeMap::new();
    for path in layers().filter_map(|layer| layer.path.as_deref()) {
        *paths.entry(path).or_default() += 1;
    }
    let twice = paths.iter().filter(|(_, count)| **count > 1);
    push(
        findings,
        Urgency::Caution,
        "One path for several files",
        "Only one of the layers can be unpacked there, and tools differ in which.",
        twice.map(|(path, count)| format!("{path} ({count} layers)")).collect(),
    );
    let weights = layers()
        .filter(|layer| is_weight(layer))
        .filter_map(|layer| layer.path.as_deref());
    for gap in gaps(weights) {
        let verb = if gap.missing == 1 { "is" } else { "are" };
        let why = format!(
            "{} of {} files of these weights {verb} missing.",
            gap.missing, gap.total
        );
        push(findings, Urgency::Caution, "Incomplete weights", &why, gap.names);
    }
    let nameless = layers().filter(|layer| layer.path.is_none());
    push(
        findings,
        Urgency::Note,
        "Files without a name",
        "Nothing says what these are called when they are unpacked.",
        nameless.map(name).collect(),
    );
    let guessed = layers().filter(|layer| is_kind_guessed(&layer.descriptor.annotations));
    push(
        findings,
        Urgency::Note,
        "Guessed kinds",
        "Whoever packed these files did not say what they are for; their tool guessed.",
        guessed.map(name).collect(),
    );
}

/// What is to be said of the whole.
fn of_whole(stored: &Stored, findings: &mut Vec<Finding>) {
    let mut found = |urgency, title, why: &str| {
        findings.push(Finding {
            urgency,
            title,
            why: why.to_owned(),
            files: Vec::new(),
        });
    };
    let metadata = &stored.metadata;
    let has_text = stored.layers.iter().any(|layer| Role::of(layer, None) == Role::License);
    match (metadata.licenses.is_empty(), has_text) {
        (true, false) => found(
            Urgency::Caution,
            "No licence",
            "None is stated, and no file is called one: nothing says what may be done with the model.",
        ),
        (true, true) => found(
            Urgency::Note,
            "Licence not stated",
            "Its text is packed; the config does not name it.",
        ),
        (false, false) => found(
            Urgency::Note,
            "No licence text",
            "A licence is named; its text is not packed.",
        ),
        (false, true) => {}
    }
    if stored.dialect == Dialect::Image {
        found(
            Urgency::Caution,
            "A container image",
            "What is in it, only its layers tell: they have to be unpacked and looked at.",
        );
    } else if !stored.layers.iter().any(is_weight) {
        found(Urgency::Caution, "No weights", "No layer holds weights.");
    }
    if metadata.source_url.is_none() && metadata.revision.is_none() {
        found(
            Urgency::Note,
            "Origin not stated",
            "Neither a source nor a revision is stated, so that nobody can compare with what it was made from.",
        );
    }
    if matches!(
        stored.dialect,
        Dialect::Cnai | Dialect::ModelPackPage | Dialect::DockerDraft
    ) {
        found(
            Urgency::Note,
            "Older names",
            "The artifact is described under names that are not written any more; some tools do not know them.",
        );
    }
}

/// Writes down what is about files, where there are any.
fn push(findings: &mut Vec<Finding>, urgency: Urgency, title: &'static str, why: &str, files: Vec<String>) {
    if !files.is_empty() {
        findings.push(Finding {
            urgency,
            title,
            why: why.to_owned(),
            files,
        });
    }
}

fn is_weight(layer: &StoredLayer) -> bool {
    matches!(layer.kind, Some(Kind::Weight | Kind::Projector))
}

/// What a reviewer calls a layer.
fn name(layer: &StoredLayer) -> String {
    layer
        .path
        .clone()
        .unwrap_or_else(|| layer.descriptor.digest.to_string())
}

/// What stands behind the last dot of a path's name, in lower case.
fn extension(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.')
        .map(|(_, extension)| extension.to_lowercase())
        .unwrap_or_default()
}

/// Whether a path tells that it is a program's; libraries have their versions behind the extension.
fn is_code(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    CODE.contains(&&*extension(path)) || name.to_lowercase().contains(".so.")
}

fn leads_out(path: &str) -> bool {
    let is_strange = |component: Component<'_>| !matches!(component, Component::Normal(_) | Component::CurDir);
    Path::new(path).components().any(is_strange) || path.contains('\\') || path.chars().any(char::is_control)
}
