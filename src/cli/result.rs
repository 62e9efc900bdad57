//! What goes to standard output.

use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::path::Path;

use serde_json::{Value, json};

use super::exit::{FAILED, Failure};
use super::options::{Build, Format};
use super::replaced;
use super::size::human;
use crate::artifact::{self, Artifact};
use crate::build::{Built, Output};
use crate::modelfile::escape;
use crate::plan::Plan;
use crate::store::{Name, Received, Target};

/// The version of the JSON documents; it grows when a member changes its meaning or goes away.
const VERSION: u32 = 1;

/// Prints a result. Whoever closes the pipe early has seen enough.
pub fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// The same where standard output may be the tar's: then standard error is the result's.
pub fn print_beside<'a>(text: &str, mut outputs: impl Iterator<Item = &'a Output>) -> Result<(), Failure> {
    if outputs.any(|output| output.target == Target::Stdout) {
        io::stderr()
            .write_all(text.as_bytes())
            .map_err(|error| unprinted(&error))
    } else {
        print(text)
    }
}

/// Prints a document as it is.
pub fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(unprinted(&error)),
        _ => Ok(()),
    }
}

fn unprinted(error: &io::Error) -> Failure {
    Failure::new(FAILED, format!("cannot print the result: {error}"))
}

/// Standard output without the line buffer that [`std::io::Stdout`] puts in front of it.
pub fn stdout() -> Box<dyn io::Write + Send> {
    match io::stdout().as_fd().try_clone_to_owned() {
        #[allow(clippy::disallowed_types, reason = "wrapped in fs_err's at once")]
        Ok(stdout) => Box::new(fs_err::File::from_parts(std::fs::File::from(stdout), "-")),
        Err(_) => Box::new(io::stdout()),
    }
}

/// The layers as `--format json` and `--metadata-file` list them.
pub fn layers(plan: &Plan, artifact: &Artifact) -> Vec<Value> {
    let layer = |(file, layer): (&crate::plan::PlannedFile, &crate::artifact::Layer)| {
        json!({
            "path": file.path,
            "kind": file.kind.name(),
            "mediaType": layer.media_type,
            "digest": layer.digest,
            "size": layer.size,
        })
    };
    plan.files.iter().zip(&artifact.layers).map(layer).collect()
}

/// The result for machines (docs/output.md). `warnings` are all that the build gave.
///
/// `why` is the member that `--explain` adds.
pub fn json(
    plan: &Plan,
    built: &Built,
    options: &Build,
    outputs: &[Output],
    warnings: &[String],
    why: Option<Value>,
) -> String {
    let output = |(output, received): (&Output, &Received)| {
        json!({
            "type": output_type(output),
            "path": output.path().map(|path| path.to_string_lossy()),
            "reference": output.address().map(|address| address.to_string()),
            "references": output.addresses().iter().map(ToString::to_string).collect::<Vec<_>>(),
            "tags": output.tags(),
            "written": received.written,
            "present": received.present,
            "linked": received.linked,
            "mounted": received.mounted,
            "bytes": received.bytes,
            "replaced": received.published.replaced.iter().map(replaced::json).collect::<Vec<_>>(),
        })
    };
    let artifact = &built.artifact;
    let mut document = json!({
        "version": VERSION,
        "name": plan.metadata.name,
        "spec": artifact::Spec::from(options.spec).name(),
        "mediaType": artifact.descriptor.media_type,
        "digest": artifact.descriptor.digest,
        "size": artifact.descriptor.size,
        "config": artifact.config().map(|config| &config.descriptor),
        "layers": layers(plan, artifact),
        "names": options.tags.iter().filter_map(Name::full).collect::<Vec<_>>(),
        "outputs": outputs.iter().zip(&built.received).map(output).collect::<Vec<_>>(),
        "upToDate": built.is_up_to_date(),
        "warnings": warnings,
    });
    if let (Some(why), Some(members)) = (why, document.as_object_mut()) {
        members.insert("why".to_owned(), why);
    }
    format!("{document:#}\n")
}

/// Checks that JSON, which has no other text than Unicode, can say where `path` is: a script would look elsewhere.
pub fn check_told(path: &Path, format: Format) -> Result<(), Failure> {
    if format != Format::Json || path.to_str().is_some() {
        return Ok(());
    }
    Err(Failure::usage(
        format!(
            "the path `{}` is not UTF-8, and JSON can name no such path",
            path.display()
        ),
        "name another one, or leave out `--format json`",
    ))
}

/// What sort of place an output is.
pub const fn output_type(output: &Output) -> &'static str {
    match output.target {
        Target::Layout(..) => "layout",
        Target::Archive(..) => "archive",
        Target::Stdout => "stdout",
        Target::Registry(_) => "registry",
    }
}

/// The result for people: a line an output, digest first, as `sha256sum` has it; the layers where nothing was written.
pub fn text(plan: &Plan, built: &Built, outputs: &[Output]) -> String {
    let digest = built.artifact.descriptor.digest;
    if outputs.is_empty() {
        return format!("{}{digest}  (dry run, nothing written)\n", table(plan, &built.artifact));
    }
    let line = |output: &Output| format!("{digest}  {}\n", output.shown());
    outputs.iter().map(line).collect()
}

/// The layers in manifest order.
fn table(plan: &Plan, artifact: &Artifact) -> String {
    let row = |(file, layer): (&crate::plan::PlannedFile, &crate::artifact::Layer)| {
        format!(
            "{:<9}  {:>7}  {}  {}\n",
            file.kind,
            human(layer.size),
            layer.digest,
            escape(&file.path)
        )
    };
    plan.files.iter().zip(&artifact.layers).map(row).collect()
}
