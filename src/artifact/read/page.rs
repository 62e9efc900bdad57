use serde::Deserialize;

use super::ReadError;
use super::stated::{Stated, text};
use crate::plan::Metadata;

/// The flat config that `ModelPack`'s web page shows.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Page {
    name: Option<String>,
    version: Option<String>,
    framework: Option<String>,
    framework_version: Option<String>,
    format: Option<String>,
    architecture: Option<String>,
    #[serde(deserialize_with = "text")]
    parameters: Option<String>,
    precision: Option<String>,
}

pub fn parse(bytes: &[u8]) -> Result<Stated, ReadError> {
    let page: Page = serde_json::from_slice(bytes).map_err(ReadError::Config)?;
    let words = [page.framework, page.framework_version];
    let framework: Vec<_> = words.into_iter().flatten().collect();
    Ok(Stated {
        metadata: Metadata {
            name: page.name.unwrap_or_default(),
            version: page.version,
            format: page.format,
            architecture: page.architecture,
            param_size: page.parameters,
            precision: page.precision,
            ..Metadata::default()
        },
        framework: (!framework.is_empty()).then(|| framework.join(" ")),
        ..Stated::default()
    })
}
