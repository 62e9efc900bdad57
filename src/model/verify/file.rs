//! What a layer says of its file.

use serde_json::Value;

use super::artifact::Part;
use super::finding::Findings;
use super::rule::{
    MEDIA_TYPE_FOREIGN, MEDIA_TYPE_UNKNOWN, METADATA_INVALID, METADATA_NAME, METADATA_SIZE, METADATA_TYPE,
    PATH_ANNOTATION, PATH_INVALID, PATH_MISSING, Severity,
};
use super::shape::{Shape, may};
use crate::artifact::media_type::{self, DOCKER_CONFIG_V0_2};
use crate::artifact::read::{self, FileMetadata};
use crate::artifact::{Dialect, annotation};
use crate::plan::{LayerEncoding, plural};
use crate::store::TreePath;

/// The value of `org.cncf.model.file.metadata+json` (specification, `docs/annotations.md`), as its types in Go hold it.
const METADATA: Shape = Shape::Open(&[
    may("name", Shape::Text),
    may("mode", Shape::UpTo(u32::MAX as u64)),
    may("uid", Shape::UpTo(u32::MAX as u64)),
    may("gid", Shape::UpTo(u32::MAX as u64)),
    may("size", Shape::UpTo(i64::MAX as u64)),
    may("mtime", Shape::Time),
    may("typeflag", Shape::UpTo(u8::MAX as u64)),
]);

/// Judges media type, path and metadata of a layer.
pub fn judge(dialect: Dialect, config_type: &str, part: &Part, found: &mut Findings) {
    let unknown = match part.encoding {
        None => Some("which files cannot be got out of"),
        Some(_) if part.is_known => None,
        Some(LayerEncoding::Raw) => Some("which is not known: it is taken for the file itself"),
        Some(_) => Some("which is not known: it is taken for a tar, by the end of the type"),
    };
    if let Some(why) = unknown {
        let what = format!("has the media type `{}`, {why}", part.descriptor.media_type);
        found.add(MEDIA_TYPE_UNKNOWN, part.subject.clone(), what);
    }
    let own = &part.descriptor.media_type;
    if dialect == Dialect::ModelPack && part.is_known && !media_type::is_modelpack_layer(own) {
        let what = format!("has the media type `{own}`, which is not one of ModelPack's");
        found.add(MEDIA_TYPE_FOREIGN, part.subject.clone(), what);
    }
    path(dialect, config_type, part, found);
    for (key, value) in &part.descriptor.annotations {
        if annotation::is_file_metadata(key) {
            metadata(value, part, found);
        } else if annotation::is_guess(key) && !matches!(value.as_str(), "true" | "false") {
            let what = format!("has `{key}` of `{value}`, which is neither `true` nor `false`");
            found.add(METADATA_INVALID, part.subject.clone(), what);
        } else if annotation::is_path(key) {
            stated_path(key, value, part, found);
        }
    }
    // Where the blob is a file, its path is judged beside those of the others.
    if let (Some(path), false) = (&part.path, part.is_file())
        && let Err(fault) = TreePath::new(path)
    {
        found.add(PATH_INVALID, part.subject.clone(), format!("its path {fault}"));
    }
}

/// Judges a path that other tools may write the file to, although it is not the one that we do.
fn stated_path(key: &str, path: &str, part: &Part, found: &mut Findings) {
    if path.is_empty() || part.path.as_deref() == Some(path) {
        return;
    }
    if let Err(fault) = TreePath::new(path) {
        let what = format!("has the path `{path}` by `{key}`, which {fault}");
        found.add(PATH_INVALID, part.subject.clone(), what);
    }
}

fn path(dialect: Dialect, config_type: &str, part: &Part, found: &mut Findings) {
    let annotations = &part.descriptor.annotations;
    let filepath = annotation::filepath(annotations);
    let title = annotations.get(annotation::TITLE).map(String::as_str);
    // In a tar the file's name is inside; version 0.1 of Docker's config goes by media types.
    let needs_path = match dialect {
        Dialect::ModelPack | Dialect::Cnai => part.is_file(),
        Dialect::Docker => part.is_file() && config_type == DOCKER_CONFIG_V0_2,
        _ => false,
    };
    // Nor does anything else name one of a type that nobody knows.
    let needs_path = needs_path || (part.is_file() && !part.is_known && part.path.is_none());
    match (filepath, title) {
        (None, None) if needs_path => {
            found.add(
                PATH_MISSING,
                part.subject.clone(),
                "has no annotation that names its file",
            );
        }
        (None, Some(_)) if needs_path => {
            let what = format!("has no `{}`, only the title names its file", annotation::FILEPATH);
            found.add(PATH_ANNOTATION, part.subject.clone(), what);
        }
        (Some(filepath), Some(title)) if filepath != title => {
            let what = format!("has the path `{filepath}` and the title `{title}`");
            found.add(PATH_ANNOTATION, part.subject.clone(), what);
        }
        _ => {}
    }
    if let (Some(filepath), Some(older)) = (filepath, annotation::older_filepath(annotations))
        && filepath != older
    {
        let what = format!("has the path `{filepath}`, and `{older}` for tools that go by the older annotation");
        found.add(PATH_ANNOTATION, part.subject.clone(), what);
    }
}

fn metadata(text: &str, part: &Part, found: &mut Findings) {
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => value,
        Err(error) => {
            let what = format!("has metadata that are no JSON: {error}");
            return found.add(METADATA_INVALID, part.subject.clone(), what);
        }
    };
    METADATA.judge(&value, "metadata", &mut |_, what| {
        found.add(METADATA_INVALID, part.subject.clone(), what);
    });
    let Some(metadata) = FileMetadata::parse(text) else {
        return;
    };
    if let Err(how) = read::file_metadata_members(text) {
        let what = format!("has metadata that readers do not agree on: it {how}");
        found.add_as(Severity::Warning, METADATA_INVALID, part.subject.clone(), what);
    }
    let size = metadata.size();
    if let Some(stated) = size.filter(|size| part.is_raw() && *size != part.descriptor.size) {
        let bytes = plural(part.descriptor.size, "byte");
        let what = format!("has {bytes}, and metadata that say {stated}");
        found.add(METADATA_SIZE, part.subject.clone(), what);
    }
    if let Some(flag) = metadata.typeflag().filter(|_| part.is_file() && !metadata.is_file()) {
        let what = format!("has metadata whose `typeflag` of {flag} says that it is no file");
        found.add(METADATA_TYPE, part.subject.clone(), what);
    }
    let name = metadata.name();
    let own = part.path.as_deref().and_then(|path| path.rsplit('/').next());
    if let (Some(name), Some(own)) = (name.as_deref(), own)
        && part.is_file()
        // modctl states the whole path there.
        && name != own
        && Some(name) != part.path.as_deref()
    {
        let what = format!("has metadata that call it `{name}`");
        found.add(METADATA_NAME, part.subject.clone(), what);
    }
}
