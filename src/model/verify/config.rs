//! What the configs of the dialects must look like.

use serde_json::Value;

use super::artifact::Part;
use super::finding::Findings;
use super::rule::MEDIA_TYPE_DIFFERS;
use super::shape::{Member, Shape, may, must};
use crate::artifact::Dialect;

const TEXTS: Shape = Shape::List(&Shape::Text);

/// `ModelPack` (specification, `schema/config-schema.json`): closed, so that a reader can refuse what it does not know.
const MODELPACK: Shape = Shape::Closed(&[
    must(
        "descriptor",
        Shape::Closed(&[
            may("createdAt", Shape::Time),
            may("authors", TEXTS),
            may("family", Shape::Text),
            may("name", Shape::Name),
            may("docURL", Shape::Text),
            may("sourceURL", Shape::Text),
            may("datasetsURL", TEXTS),
            may("version", Shape::Text),
            may("revision", Shape::Text),
            may("vendor", Shape::Text),
            may("licenses", TEXTS),
            may("title", Shape::Text),
            may("description", Shape::Text),
        ]),
    ),
    must(
        "modelfs",
        Shape::Closed(&[
            must("type", Shape::Word(&["layers"])),
            must("diffIds", Shape::Some(&Shape::Digest)),
        ]),
    ),
    must(
        "config",
        Shape::Closed(&[
            may("architecture", Shape::Text),
            may("format", Shape::Text),
            may("paramSize", Shape::Text),
            may("precision", Shape::Text),
            may("quantization", Shape::Text),
            may("capabilities", Shape::Closed(CAPABILITIES)),
        ]),
    ),
]);

const CAPABILITIES: &[Member] = &[
    may("inputTypes", MODALITIES),
    may("outputTypes", MODALITIES),
    may("knowledgeCutoff", Shape::Time),
    may("reasoning", Shape::Flag),
    may("toolUsage", Shape::Flag),
    may("reward", Shape::Flag),
    may("languages", Shape::List(&Shape::Language)),
];

const MODALITIES: Shape = Shape::List(&Shape::Word(&["text", "image", "audio", "video", "embedding", "other"]));

/// Docker's, as Docker Model Runner reads it: into Go types, which fail on a number where they have a string.
const DOCKER: Shape = Shape::Open(&[
    must(
        "config",
        Shape::Open(&[
            may("format", Shape::Text),
            may("quantization", Shape::Text),
            may("parameters", Shape::Text),
            may("architecture", Shape::Text),
            may("size", Shape::Text),
            may("gguf", Shape::Map(&Shape::Text)),
            may("safetensors", Shape::Map(&Shape::Text)),
            may("diffusers", Shape::Map(&Shape::Text)),
            may("context_size", Shape::Int32),
        ]),
    ),
    may("descriptor", Shape::Open(&[may("created", Shape::Time)])),
    must(
        "rootfs",
        Shape::Open(&[
            must("type", Shape::Word(&["rootfs"])),
            must("diff_ids", Shape::List(&Shape::Digest)),
        ]),
    ),
]);

/// A container image's (OCI image-spec, config.md).
const IMAGE: Shape = Shape::Open(&[
    must("architecture", Shape::Text),
    must("os", Shape::Text),
    may("created", Shape::Time),
    must(
        "rootfs",
        Shape::Open(&[
            must("type", Shape::Word(&["layers"])),
            must("diff_ids", Shape::List(&Shape::Digest)),
        ]),
    ),
]);

/// What a config of a dialect is held against; of the others nobody has written down a rule, but that they are JSON.
pub const fn shape(dialect: Dialect) -> Option<Shape> {
    match dialect {
        Dialect::ModelPack => Some(MODELPACK),
        Dialect::Docker => Some(DOCKER),
        Dialect::Image => Some(IMAGE),
        Dialect::Cnai | Dialect::ModelPackPage | Dialect::DockerDraft | Dialect::ModelKit | Dialect::Files => None,
    }
}

/// The dialect of what has the media types of `dialect` and this config, which alone tells Docker's draft.
pub fn dialect(dialect: Dialect, config: Option<&Value>) -> Dialect {
    let files = config.and_then(|config| config.get("files")?.as_array());
    match dialect {
        Dialect::Docker if files.is_some_and(|files| !files.is_empty()) => Dialect::DockerDraft,
        dialect => dialect,
    }
}

/// Judges the media types that the draft's config states beside the diff IDs.
pub fn types(listed: &[Value], layers: &[Part], found: &mut Findings) {
    for (file, layer) in listed.iter().zip(layers) {
        let (stated, own) = (file.get("type").and_then(Value::as_str), &layer.descriptor.media_type);
        if let Some(stated) = stated.filter(|stated| stated != own) {
            let what = format!("has the media type `{own}`, and by the config `{stated}`");
            found.add(MEDIA_TYPE_DIFFERS, layer.subject.clone(), what);
        }
    }
}

/// The diff IDs as they are written, where the dialect has any.
pub fn diff_ids(dialect: Dialect, config: &Value) -> Option<&Vec<Value>> {
    let pointers: &[&str] = match dialect {
        Dialect::ModelPack => &["/modelfs/diffIds"],
        Dialect::Cnai => &["/modelfs/diffIds", "/modelfs/diff_ids"],
        Dialect::Docker | Dialect::Image => &["/rootfs/diff_ids"],
        Dialect::DockerDraft => &["/files"],
        Dialect::ModelPackPage | Dialect::ModelKit | Dialect::Files => &[],
    };
    pointers.iter().find_map(|pointer| config.pointer(pointer)?.as_array())
}
