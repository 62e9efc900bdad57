use std::fmt;

use serde::Serialize;

use super::diff::Difference;
use crate::artifact::read::Stored;
use crate::artifact::{Dialect, Spec};
use crate::modelfile::Modality;

/// What an artifact states of its model under one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Statement {
    /// One value, or none.
    One(Option<String>),
    /// Any number of them.
    Many(Vec<String>),
}

impl Statement {
    /// Whether nothing is stated.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::One(value) => value.is_none(),
            Self::Many(values) => values.is_empty(),
        }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(value) => f.write_str(value.as_deref().unwrap_or_default()),
            Self::Many(values) => f.write_str(&values.join(", ")),
        }
    }
}

const CONTEXT: &str = "context";
const FRAMEWORK: &str = "framework";

/// Whether artifacts of a dialect have a place for what is called `name` here.
fn has_place(dialect: Dialect, name: &str) -> bool {
    match dialect {
        Dialect::ModelPack | Dialect::Cnai => ![CONTEXT, FRAMEWORK].contains(&name),
        Dialect::ModelPackPage => {
            ["name", "version", "arch", "format", "paramsize", "precision", FRAMEWORK].contains(&name)
        }
        Dialect::Docker | Dialect::DockerDraft => {
            ["family", "format", "paramsize", "quantization", CONTEXT, "created"].contains(&name)
        }
        Dialect::ModelKit => [
            "name",
            "version",
            "description",
            "author",
            "license",
            "format",
            FRAMEWORK,
        ]
        .contains(&name),
        Dialect::Image | Dialect::Files => [
            "title",
            "description",
            "version",
            "author",
            "vendor",
            "license",
            "docurl",
            "sourceurl",
            "revision",
            "created",
        ]
        .contains(&name),
    }
}

/// What is stated otherwise, and the names of what is stated at one end and has no place in the other one's format.
pub fn changes(old: &Stored, new: &Stored) -> (Vec<Difference>, Vec<&'static str>) {
    let same_spec = old.dialect.spec() == new.dialect.spec();
    let (mut changes, mut uncompared) = (Vec::new(), Vec::new());
    for ((name, from), (_, to)) in fields(old, same_spec).into_iter().zip(fields(new, same_spec)) {
        if from.is_nothing() && to.is_nothing() {
            continue;
        }
        if !has_place(old.dialect, name) || !has_place(new.dialect, name) {
            uncompared.push(name);
        } else if from != to {
            changes.push(Difference::Field { name, from, to });
        }
    }
    (changes, uncompared)
}

/// All that can be stated, under the keyword of the Modelfile that states it.
pub fn fields(stored: &Stored, same_spec: bool) -> Vec<(&'static str, Statement)> {
    let metadata = &stored.metadata;
    let one = |value: &Option<String>| Statement::One(value.clone());
    let many = |values: &[String]| Statement::Many(values.to_vec());
    let modalities =
        |values: &[Modality]| Statement::Many(values.iter().map(|value| value.name().to_owned()).collect());
    let name = Some(metadata.name.clone()).filter(|name| !name.is_empty());
    // Docker's format has one place for both (`artifact::docker`).
    let family = match &metadata.family {
        None if !same_spec && stored.dialect.spec() == Some(Spec::ModelPack) => one(&metadata.architecture),
        family => one(family),
    };
    let able = |word: &str, stated: Option<bool>| {
        let stated = stated?;
        Some(if stated {
            word.to_owned()
        } else {
            format!("{word}=false")
        })
    };
    let capabilities = [
        able("reasoning", metadata.reasoning),
        able("tools", metadata.tool_usage),
        able("reward", metadata.reward),
    ];
    vec![
        ("name", Statement::One(name)),
        ("version", one(&metadata.version)),
        ("arch", one(&metadata.architecture)),
        ("family", family),
        ("format", one(&metadata.format)),
        (FRAMEWORK, one(&stored.framework)),
        ("paramsize", one(&metadata.param_size)),
        ("precision", one(&metadata.precision)),
        ("quantization", one(&metadata.quantization)),
        ("title", one(&metadata.title)),
        ("description", one(&metadata.description)),
        ("author", many(&metadata.authors)),
        ("vendor", one(&metadata.vendor)),
        ("license", many(&metadata.licenses)),
        ("docurl", one(&metadata.doc_url)),
        ("sourceurl", one(&metadata.source_url)),
        ("revision", one(&metadata.revision)),
        ("dataseturl", many(&metadata.dataset_urls)),
        ("input", modalities(&metadata.inputs)),
        ("output", modalities(&metadata.outputs)),
        ("language", many(&metadata.languages)),
        ("cutoff", one(&metadata.knowledge_cutoff)),
        (
            "capability",
            Statement::Many(capabilities.into_iter().flatten().collect()),
        ),
        (
            CONTEXT,
            Statement::One(metadata.context_size.map(|tokens| tokens.to_string())),
        ),
        ("created", one(&stored.created)),
    ]
}
