//! What an extraction prints: a line, or a document for machines.

use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::super::exit::Failure;
use super::super::options::Format;
use super::super::result;
use super::Errand;
use crate::model::ModelBundle;
use crate::modelfile::escape;
use crate::store::{Extracted, Outcome, Transferred};

/// The version of the JSON document; it grows when a member changes its meaning or goes away.
const VERSION: u32 = 1;

impl Errand<'_> {
    /// Prints what became of the files.
    pub(super) fn report(
        &self,
        moved: &Transferred,
        files: &[Extracted],
        left_out: usize,
        bundle: Option<&ModelBundle>,
    ) -> Result<(), Failure> {
        let descriptor = &moved.artifact.descriptor;
        if let Some(bundle) = bundle.filter(|_| self.moving.quiet) {
            // To be taken as an argument: byte for byte.
            let mut path = bundle.model_path().into_os_string().into_vec();
            path.push(b'\n');
            return result::print_bytes(&path);
        }
        let text = match self.moving.format {
            _ if self.moving.quiet => format!("{}\n", descriptor.digest),
            Format::Text => {
                let place = bundle.map_or_else(|| self.directory.to_owned(), ModelBundle::model_path);
                format!("{}  {}\n", descriptor.digest, escape(&place.display().to_string()))
            }
            Format::Json => {
                let file = |file: &Extracted| {
                    json!({
                        "path": file.path,
                        "digest": file.digest,
                        "size": file.size,
                        "outcome": word(file.outcome),
                        "replaced": file.replaced,
                    })
                };
                let mut document = json!({
                    "version": VERSION,
                    "root": self.directory.to_string_lossy(),
                    "mediaType": descriptor.media_type,
                    "digest": descriptor.digest,
                    "leftOut": left_out,
                    "files": files.iter().map(file).collect::<Vec<_>>(),
                });
                if let (Some(bundle), Some(members)) = (bundle, document.as_object_mut()) {
                    members.extend(of_bundle(bundle));
                }
                format!("{document:#}\n")
            }
        };
        result::print(&text)
    }
}

/// What an engine asks of a bundle, for machines: members beside those of any extraction.
fn of_bundle(bundle: &ModelBundle) -> Map<String, Value> {
    let path = |path: PathBuf| path.to_string_lossy().into_owned();
    let config = bundle.runtime_config();
    let members = json!({
        "root": bundle.root().to_string_lossy(),
        "config": path(bundle.config_path()),
        "model": path(bundle.model_path()),
        "format": bundle.format(),
        "shards": bundle.shards().into_iter().map(path).collect::<Vec<_>>(),
        "gguf": bundle.gguf_path().map(path),
        "safetensors": bundle.safetensors_path().map(path),
        "dduf": bundle.dduf_path().map(path),
        "mmproj": bundle.mmproj_path().map(path),
        "chatTemplate": bundle.chat_template_path().map(path),
        "contextSize": config.context_size(),
        "size": config.size(),
        "architecture": config.architecture(),
        "parameters": config.parameters(),
        "quantization": config.quantization(),
    });
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// What became of a file, for machines.
const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Written | Outcome::Mounted => "written",
        Outcome::Linked => "linked",
        Outcome::Present => "present",
    }
}
