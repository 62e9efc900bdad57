//! What is said of a transfer that has ended well.

use serde_json::json;

use super::Errand;
use crate::build::{Converted, Output};
use crate::cli::console::Console;
use crate::cli::exit::Failure;
use crate::cli::options::Format;
use crate::cli::{replaced, result};
use crate::modelfile::escape;
use crate::store::{Received, Transferred};

/// The version of the JSON document; it grows when a member changes its meaning or goes away.
const VERSION: u32 = 1;

/// That nothing was converted, where the artifact has the format already.
pub fn tell_same(converted: &Converted, place: &str, console: &Console) {
    if converted.is_same() {
        let message = format!("the artifact in `{place}` has that format already: nothing was converted");
        console.note(&message, &[]);
    }
}

/// That what was converted cannot be had back, where it cannot.
pub fn tell_unreturnable(converted: &Converted, place: &str, console: &Console) {
    if converted.is_changed() {
        let message = format!(
            "the artifact in `{place}` was converted once and changed since: it goes by what it says now, and what only the one before it said is lost"
        );
        console.note(
            &message,
            &["to keep both, change the one before it, and convert that".to_owned()],
        );
    }
    if !converted.is_returnable() {
        let message = format!(
            "what was converted does not lead back: the manifest in `{place}` is too large to be kept in another one"
        );
        console.note(&message, &[format!("keep the artifact in `{place}`")]);
    }
}

/// That Docker Model Runner finds no weights in what was converted for it.
pub fn tell_weightless(converted: &Converted, console: &Console) {
    let weights = converted.weightless();
    let Some(first) = weights.first() else { return };
    let more = match weights.len() {
        1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    let message = format!(
        "Docker's format has no layer for such weights: `{}`{more}",
        escape(first)
    );
    let help = "Docker Model Runner tells weights by names that end in `.gguf`, `.safetensors` or `.dduf`: build them by such a name";
    console.note(&message, &[help.to_owned()]);
}

/// What lost its tag.
pub fn tell_replaced(outputs: &[Output], moved: &Transferred, console: &Console) {
    for (output, received) in outputs.iter().zip(&moved.received) {
        let is_remote = output.address().is_some();
        for (message, help) in replaced::notes(&output.shown(), is_remote, &received.published.replaced) {
            console.note(&message, &[help.to_owned()]);
        }
    }
}

impl Errand<'_> {
    pub fn report(&self, outputs: &[Output], moved: &Transferred, left_out: usize) -> Result<(), Failure> {
        let descriptor = &moved.artifact.descriptor;
        let text = match self.moving.format {
            _ if self.moving.quiet => format!("{}\n", descriptor.digest),
            Format::Text => {
                let line = |output: &Output| format!("{}  {}\n", descriptor.digest, output.shown());
                outputs.iter().map(line).collect::<Vec<_>>().concat()
            }
            Format::Json => {
                let output = |(output, received): (&Output, &Received)| {
                    json!({
                        "type": result::output_type(output),
                        "path": output.path().map(|path| path.to_string_lossy()),
                        "reference": output.address().map(|address| address.to_string()),
                        "references": output.addresses().iter().map(ToString::to_string).collect::<Vec<_>>(),
                        "tags": output.tags(),
                        "written": received.written,
                        "present": received.present,
                        "mounted": received.mounted,
                        "bytes": received.bytes,
                        "replaced": received.published.replaced.iter().map(replaced::json).collect::<Vec<_>>(),
                    })
                };
                let document = json!({
                    "version": VERSION,
                    "mediaType": descriptor.media_type,
                    "digest": descriptor.digest,
                    "size": descriptor.size,
                    "documents": moved.artifact.documents.len() + 1,
                    "referrers": moved.artifact.referrers().count(),
                    "leftOut": left_out,
                    "outputs": outputs.iter().zip(&moved.received).map(output).collect::<Vec<_>>(),
                });
                format!("{document:#}\n")
            }
        };
        result::print_beside(&text, outputs.iter())
    }
}
