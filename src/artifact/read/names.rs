//! The members that readers know, of documents and of the configs that have a specification.

use crate::artifact::Dialect;

/// The names of an object's members, each with what it holds.
pub type Names = [(&'static str, Member)];

/// What a member holds.
#[derive(Clone, Copy)]
pub enum Member {
    /// Nothing whose members have known names.
    Plain,
    /// An object.
    Object(&'static Names),
    /// A list of objects.
    List(&'static Names),
    /// An object whose members may have any names.
    Map,
}

use Member::{List, Map, Object, Plain};

/// Manifests and indexes of every kind (OCI image-spec, manifest.md and image-index.md; docker's schema 1 and 2; the
/// artifact manifest).
pub const DOCUMENT: &Names = &[
    ("schemaVersion", Plain),
    ("mediaType", Plain),
    ("artifactType", Plain),
    ("config", Object(DESCRIPTOR)),
    ("layers", List(DESCRIPTOR)),
    ("blobs", List(DESCRIPTOR)),
    ("manifests", List(DESCRIPTOR)),
    ("subject", Object(DESCRIPTOR)),
    ("annotations", Map),
    ("fsLayers", Plain),
    ("history", Plain),
];

/// The value of `org.cncf.model.file.metadata+json` (`ModelPack`'s specification, `docs/annotations.md`).
pub const FILE_METADATA: &Names = &[
    ("name", Plain),
    ("mode", Plain),
    ("uid", Plain),
    ("gid", Plain),
    ("size", Plain),
    ("mtime", Plain),
    ("typeflag", Plain),
];

/// OCI image-spec, descriptor.md.
const DESCRIPTOR: &Names = &[
    ("mediaType", Plain),
    ("digest", Plain),
    ("size", Plain),
    ("urls", Plain),
    ("annotations", Map),
    ("data", Plain),
    ("artifactType", Plain),
    ("platform", Object(PLATFORM)),
];

const PLATFORM: &Names = &[
    ("architecture", Plain),
    ("os", Plain),
    ("os.version", Plain),
    ("os.features", Plain),
    ("variant", Plain),
];

const MODELPACK: &Names = &[
    (
        "descriptor",
        Object(&[
            ("createdAt", Plain),
            ("authors", Plain),
            ("family", Plain),
            ("name", Plain),
            ("docURL", Plain),
            ("sourceURL", Plain),
            ("datasetsURL", Plain),
            ("version", Plain),
            ("revision", Plain),
            ("vendor", Plain),
            ("licenses", Plain),
            ("title", Plain),
            ("description", Plain),
        ]),
    ),
    ("modelfs", Object(&[("type", Plain), ("diffIds", Plain)])),
    (
        "config",
        Object(&[
            ("architecture", Plain),
            ("format", Plain),
            ("paramSize", Plain),
            ("precision", Plain),
            ("quantization", Plain),
            (
                "capabilities",
                Object(&[
                    ("inputTypes", Plain),
                    ("outputTypes", Plain),
                    ("knowledgeCutoff", Plain),
                    ("reasoning", Plain),
                    ("toolUsage", Plain),
                    ("reward", Plain),
                    ("languages", Plain),
                ]),
            ),
        ]),
    ),
];

/// The keys of `gguf` and the like are the weights' own.
const DOCKER: &Names = &[
    (
        "config",
        Object(&[
            ("format", Plain),
            ("quantization", Plain),
            ("parameters", Plain),
            ("architecture", Plain),
            ("size", Plain),
            ("gguf", Plain),
            ("safetensors", Plain),
            ("diffusers", Plain),
            ("context_size", Plain),
        ]),
    ),
    ("descriptor", Object(&[("created", Plain)])),
    ("rootfs", Object(&[("type", Plain), ("diff_ids", Plain)])),
];

/// OCI image-spec, config.md, as far as it is read.
const IMAGE: &Names = &[
    ("created", Plain),
    ("author", Plain),
    ("architecture", Plain),
    ("os", Plain),
    ("config", Object(&[("Labels", Map)])),
    ("rootfs", Object(&[("type", Plain), ("diff_ids", Plain)])),
];

/// Those of a config, where the dialect has a specification; none of one that is only known to be an object. What has
/// files for layers may have anything for a config.
pub const fn config(dialect: Dialect) -> Option<&'static Names> {
    match dialect {
        Dialect::ModelPack => Some(MODELPACK),
        Dialect::Docker => Some(DOCKER),
        Dialect::Image => Some(IMAGE),
        Dialect::Cnai | Dialect::ModelPackPage | Dialect::DockerDraft | Dialect::ModelKit => Some(&[]),
        Dialect::Files => None,
    }
}
