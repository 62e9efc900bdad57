//! The runtime configuration: what Docker Model Runner tells an engine of a model, in either dialect.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::artifact::Dialect;
use crate::artifact::read::{DockerConfig, ModelConfig, ModelPackConfig, ReadError, Stored};

/// Docker's config, of which the runtime configuration is one member.
#[derive(Deserialize)]
struct DockerFile<'a> {
    #[serde(borrow)]
    config: Option<&'a RawValue>,
}

/// The bytes for an artifact whose config has the bytes `raw`: those of `ModelPack`'s config, or of the member `config`
/// of Docker's. Of any other dialect, what is stated in it, in Docker's words.
pub fn bytes(stored: &Stored, raw: &[u8]) -> Result<Vec<u8>, ReadError> {
    match stored.dialect {
        Dialect::ModelPack | Dialect::Cnai => Ok(raw.to_owned()),
        Dialect::Docker | Dialect::DockerDraft => {
            let file: DockerFile<'_> = serde_json::from_slice(raw).map_err(ReadError::Config)?;
            let config = file.config.map_or("{}", RawValue::get);
            Ok(format!("{config}\n").into_bytes())
        }
        Dialect::ModelPackPage | Dialect::Image | Dialect::ModelKit | Dialect::Files => {
            let stated: &dyn ModelConfig = &stored.metadata;
            let members = [
                ("format", json!(stated.format())),
                ("quantization", json!(stated.quantization())),
                ("parameters", json!(stated.parameters())),
                (
                    "architecture",
                    json!(stored.metadata.family.as_deref().or(stated.architecture())),
                ),
                ("context_size", json!(stated.context_size())),
            ];
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            let config: Map<_, _> = members.map(|(name, value)| (name.to_owned(), value)).collect();
            Ok(format!("{}\n", Value::Object(config)).into_bytes())
        }
    }
}

/// What such bytes say. Docker's have none of the members that all of `ModelPack`'s have.
pub fn read(bytes: &[u8]) -> Result<Box<dyn ModelConfig>, ReadError> {
    let config: Map<String, Value> = serde_json::from_slice(bytes).map_err(ReadError::Config)?;
    if ["config", "descriptor", "modelfs"]
        .into_iter()
        .any(|name| config.contains_key(name))
    {
        return Ok(Box::new(ModelPackConfig::parse(bytes)?));
    }
    let whole = json!({ "config": config }).to_string();
    Ok(Box::new(DockerConfig::parse(whole.as_bytes())?))
}
