use std::collections::BTreeMap;

use serde::Deserialize;

use super::ReadError;
use super::stated::{Named, Stated, or_default};
use crate::digest::Digest;
use crate::plan::Metadata;

/// `KitOps`' Kitfile, which is a `ModelKit`'s config.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Kitfile {
    package: Package,
    model: Option<Part>,
    #[serde(deserialize_with = "or_default")]
    code: Vec<Part>,
    #[serde(deserialize_with = "or_default")]
    datasets: Vec<Part>,
    #[serde(deserialize_with = "or_default")]
    docs: Vec<Part>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    name: Option<String>,
    version: Option<String>,
    description: Option<String>,
    license: Option<String>,
    #[serde(deserialize_with = "or_default")]
    authors: Vec<String>,
}

/// The model or anything beside it; a part says which layer it is.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Part {
    path: Option<String>,
    license: Option<String>,
    framework: Option<String>,
    format: Option<String>,
    #[serde(deserialize_with = "or_default")]
    parts: Vec<Part>,
    digest: Option<Digest>,
    diff_id: Option<Digest>,
}

pub fn parse(bytes: &[u8]) -> Result<Stated, ReadError> {
    let kitfile: Kitfile = serde_json::from_slice(bytes).map_err(ReadError::Config)?;
    let package = kitfile.package;
    let model = kitfile.model.unwrap_or_default();
    let mut licenses: Vec<_> = package.license.into_iter().chain(model.license.clone()).collect();
    licenses.dedup();
    let (framework, format) = (model.framework.clone(), model.format.clone());
    let mut named = BTreeMap::new();
    let parts = [kitfile.code, kitfile.datasets, kitfile.docs];
    for part in parts.into_iter().flatten().chain([model]) {
        part.name(&mut named);
    }
    Ok(Stated {
        metadata: Metadata {
            name: package.name.unwrap_or_default(),
            version: package.version,
            description: package.description,
            authors: package.authors,
            licenses,
            format,
            ..Metadata::default()
        },
        framework,
        named,
        ..Stated::default()
    })
}

impl Part {
    /// Writes down what is said of its layer, and of those of its parts.
    fn name(self, named: &mut BTreeMap<Digest, Named>) {
        for part in self.parts {
            part.name(named);
        }
        if let Some(digest) = self.digest {
            let path = self
                .path
                .map(|path| path.strip_prefix("./").unwrap_or(&path).to_owned());
            let diff_id = self.diff_id;
            named.insert(digest, Named { path, diff_id });
        }
    }
}
