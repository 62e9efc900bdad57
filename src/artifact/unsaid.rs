use super::finding::{Concern, Finding};
use super::recipe::Spec;
use crate::modelfile::Severity;
use crate::plan::Metadata;

/// What is stated of a model and an artifact of the dialect does not say, its config having no member for it.
///
/// A note and no warning: one Modelfile for both dialects is right to state what only one of them has. `NAME` is not
/// among it: an artifact of Docker's goes by its tag, and an output may still be named by `NAME`.
#[must_use]
pub fn unsaid(metadata: &Metadata, spec: Spec) -> Option<Finding> {
    let stated = match spec {
        Spec::ModelPack => vec![("CONTEXT", metadata.context_size.is_some())],
        Spec::Docker => only_in_modelpack(metadata),
    };
    let instructions: Vec<_> = stated
        .into_iter()
        .filter_map(|(word, is_stated)| is_stated.then_some(word))
        .collect();
    (!instructions.is_empty()).then_some(Finding {
        severity: Severity::Note,
        concern: Concern::Unsaid { spec, instructions },
    })
}

/// The keywords for which Docker's config has no member, and whether they are stated.
fn only_in_modelpack(metadata: &Metadata) -> Vec<(&'static str, bool)> {
    let is_capable = metadata.reasoning.is_some() || metadata.tool_usage.is_some() || metadata.reward.is_some();
    vec![
        // The family has its place, where one is stated.
        ("ARCH", metadata.architecture.is_some() && metadata.family.is_some()),
        ("PRECISION", metadata.precision.is_some()),
        ("VERSION", metadata.version.is_some()),
        ("TITLE", metadata.title.is_some()),
        ("DESCRIPTION", metadata.description.is_some()),
        ("AUTHOR", !metadata.authors.is_empty()),
        ("VENDOR", metadata.vendor.is_some()),
        ("LICENSE", !metadata.licenses.is_empty()),
        ("DOCURL", metadata.doc_url.is_some()),
        ("SOURCEURL", metadata.source_url.is_some()),
        ("REVISION", metadata.revision.is_some()),
        ("DATASETURL", !metadata.dataset_urls.is_empty()),
        ("INPUT", !metadata.inputs.is_empty()),
        ("OUTPUT", !metadata.outputs.is_empty()),
        ("LANGUAGE", !metadata.languages.is_empty()),
        ("CUTOFF", metadata.knowledge_cutoff.is_some()),
        ("CAPABILITY", is_capable),
    ]
}
