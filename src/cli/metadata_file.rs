use serde_json::{Value, json};

use crate::artifact::Artifact;
use crate::plan::Plan;
use crate::store::Name;

/// What `--metadata-file` holds: the keys that buildx writes, so that scripts for it work, and our layers.
pub fn metadata(plan: &Plan, artifact: &Artifact, names: &[Name]) -> Value {
    let mut metadata = json!({
        "containerimage.config.digest": artifact.config().map(|config| config.descriptor.digest),
        "containerimage.descriptor": artifact.descriptor,
        "containerimage.digest": artifact.descriptor.digest,
        "modelbuild.layers": super::result::layers(plan, artifact),
    });
    let names: Vec<_> = names.iter().filter_map(Name::full).collect();
    if let Some(metadata) = metadata.as_object_mut()
        && !names.is_empty()
    {
        metadata.insert("image.name".to_owned(), names.join(",").into());
    }
    metadata
}
