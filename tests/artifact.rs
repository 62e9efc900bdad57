//! Config, manifest and layer bytes from hand-made plans.

mod docker;
mod finding;
mod json;
mod modelpack;
mod tar;

use std::collections::BTreeMap;

use modelbuild::artifact::{Artifact, Recipe, assemble};
use modelbuild::digest::{Digest, Stamp};
use modelbuild::modelfile::{Kind, Modality, Span};
use modelbuild::plan::{Inputs, Metadata, Origin, Own, Plan, PlannedFile};

fn file(path: &str, kind: Kind, size: u64) -> PlannedFile {
    PlannedFile {
        path: path.to_owned(),
        kind,
        executable: false,
        rule: Span { start: 0, end: 0 },
        origin: Origin::Context(Own {
            path: path.into(),
            stamp: Stamp {
                device: 1,
                inode: 1,
                size,
                modified: 0,
                changed: 0,
            },
        }),
    }
}

fn plan(files: Vec<PlannedFile>) -> Plan {
    Plan {
        files,
        metadata: Metadata::default(),
        beside: Inputs::default(),
    }
}

/// A digest a path; real digests need real bytes.
fn digests(plan: &Plan) -> Vec<Digest> {
    plan.files.iter().map(|file| Digest::of(file.path.as_bytes())).collect()
}

fn built(plan: &Plan, recipe: &Recipe) -> Artifact {
    let artifact = assemble(plan, &digests(plan), recipe).unwrap();
    assert_eq!(artifact.descriptor.digest, Digest::of(&artifact.manifest));
    assert_eq!(artifact.descriptor.size, artifact.manifest.len() as u64);
    assert_eq!(
        artifact.config().unwrap().descriptor.digest,
        Digest::of(config(&artifact))
    );
    artifact
}

/// The bytes of the config.
fn config(artifact: &Artifact) -> &[u8] {
    &artifact.config().unwrap().bytes
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Every field says something.
fn everything() -> Metadata {
    let some = |text: &str| Some(text.to_owned());
    let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    Metadata {
        name: "smol".to_owned(),
        architecture: some("transformer"),
        family: some("llama"),
        format: some("gguf"),
        param_size: some("362M"),
        precision: some("float16"),
        quantization: some("Q4_K_M"),
        version: some("1.0"),
        title: some("Smol <chat> & \"friends\""),
        description: some("Größe:\tklein\u{2028}π"),
        authors: list(&["Ada", "Grace"]),
        vendor: some("Acme"),
        licenses: list(&["Apache-2.0", "MIT"]),
        doc_url: some("https://example.com/doc?a=1&b=2"),
        source_url: some("https://example.com/source"),
        revision: some("abc123"),
        dataset_urls: list(&["https://example.com/data"]),
        inputs: vec![Modality::Text, Modality::Image],
        outputs: vec![Modality::Text],
        languages: list(&["en", "de"]),
        knowledge_cutoff: some("2024-06-01T00:00:00Z"),
        reasoning: Some(true),
        tool_usage: Some(true),
        reward: Some(true),
        context_size: Some(8192),
        annotations: BTreeMap::from([
            ("z.example".to_owned(), "from the Modelfile".to_owned()),
            ("a.example".to_owned(), "from the Modelfile".to_owned()),
        ]),
    }
}
