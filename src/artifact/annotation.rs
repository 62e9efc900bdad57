//! Annotations that name a layer's file, the same in every dialect.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::error::Error;
use super::json;
use super::recipe::Recipe;
use crate::plan::PlannedFile;

/// Path relative to the context, `/` separated. Readers lose a file without it.
pub const FILEPATH: &str = "org.cncf.model.filepath";

/// The file's metadata as a JSON string.
pub const FILE_METADATA: &str = "org.cncf.model.file.metadata+json";

/// `"true"` where the layer's media type is a guess; it never is here, every file stands under a keyword.
pub const MEDIATYPE_UNTESTED: &str = "org.cncf.model.file.mediatype.untested";

/// The same path again: oras, podman and CRI-O name the file by it, and skip layers without it.
pub const TITLE: &str = "org.opencontainers.image.title";

/// What stood in the place of `org.cncf.model.` before `ModelPack` moved to the CNCF's name.
const CNAI: &str = "org.cnai.model.";

/// What oras says of a directory that it has packed.
const UNPACK: &str = "io.deis.oras.content.unpack";

/// The path that a layer's annotations say its file has, not judged.
#[must_use]
pub fn path(annotations: &BTreeMap<String, String>) -> Option<&str> {
    let title = || annotations.get(TITLE).filter(|path| !path.is_empty());
    filepath(annotations).or_else(|| title().map(String::as_str))
}

/// The same, where an annotation of models says it.
#[must_use]
pub fn filepath(annotations: &BTreeMap<String, String>) -> Option<&str> {
    let annotation = |key: &str| annotations.get(key).filter(|path| !path.is_empty());
    let path = annotation(FILEPATH).or_else(|| annotation(&cnai("filepath")));
    path.map(String::as_str)
}

/// The path that older tools take, where they are told one.
pub(crate) fn older_filepath(annotations: &BTreeMap<String, String>) -> Option<&str> {
    let path = annotations.get(&cnai("filepath")).filter(|path| !path.is_empty());
    path.map(String::as_str)
}

/// The JSON that a layer's annotations hold about its file.
#[must_use]
pub fn file_metadata(annotations: &BTreeMap<String, String>) -> Option<&str> {
    let older = || annotations.get(&cnai("file.metadata+json"));
    annotations.get(FILE_METADATA).or_else(older).map(String::as_str)
}

/// Whether a layer's annotations say that the kind of its file is a guess.
#[must_use]
pub fn is_kind_guessed(annotations: &BTreeMap<String, String>) -> bool {
    let older = || annotations.get(&cnai("file.mediatype.untested"));
    annotations
        .get(MEDIATYPE_UNTESTED)
        .or_else(older)
        .is_some_and(|value| value == "true")
}

/// Whether it is one of the annotations that [`path`] may read.
pub(crate) fn is_path(key: &str) -> bool {
    key == FILEPATH || key == TITLE || key == cnai("filepath")
}

/// Whether it is one of the annotations that [`file_metadata`] may read.
pub(crate) fn is_file_metadata(key: &str) -> bool {
    key == FILE_METADATA || key == cnai("file.metadata+json")
}

/// Whether it is one of the annotations that [`is_kind_guessed`] may read.
pub(crate) fn is_guess(key: &str) -> bool {
    key == MEDIATYPE_UNTESTED || key == cnai("file.mediatype.untested")
}

/// Whether a layer is a directory that oras has packed.
pub(super) fn is_packed_directory(annotations: &BTreeMap<String, String>) -> bool {
    annotations.get(UNPACK).is_some_and(|value| value == "true")
}

fn cnai(rest: &str) -> String {
    format!("{CNAI}{rest}")
}

/// The value of [`FILE_METADATA`], in the order of the specification's Go struct.
#[derive(Serialize)]
struct FileMetadata<'a> {
    name: &'a str,
    mode: u32,
    uid: u32,
    gid: u32,
    size: u64,
    mtime: &'a str,
    typeflag: u8,
}

/// Permission bits in the artifact; constant but for the executable bit, as the umask must not matter.
pub(super) const fn mode(file: &PlannedFile) -> u32 {
    if file.executable { 0o755 } else { 0o644 }
}

/// The annotations of the layer that holds `file`; `mtime` is what [`mtime`] gives.
///
/// An inherited layer keeps those that it has: its file is what it was when they were written.
pub(super) fn of<'a>(file: &'a PlannedFile, mtime: &str) -> Result<BTreeMap<&'a str, Cow<'a, str>>, Error> {
    let metadata = FileMetadata {
        name: file.name(),
        mode: mode(file),
        uid: 0,
        gid: 0,
        size: file.size(),
        mtime,
        typeflag: 0,
    };
    let metadata = json::to_string(&metadata).map_err(Error::json("layer annotation"))?;
    let mut annotations = BTreeMap::from([
        (FILEPATH, Cow::from(&file.path)),
        (FILE_METADATA, Cow::from(metadata)),
        (MEDIATYPE_UNTESTED, Cow::from("false")),
        (TITLE, Cow::from(&file.path)),
    ]);
    if let Some(layer) = file.inherited() {
        let inherited = layer.annotations.iter();
        annotations.extend(inherited.map(|(key, value)| (key.as_str(), Cow::from(value))));
    }
    Ok(annotations)
}

/// The time of every file.
pub(super) fn mtime(recipe: &Recipe) -> String {
    recipe.created.unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}
