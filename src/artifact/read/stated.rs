use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::artifact::Dialect;
use crate::digest::Digest;
use crate::plan::Metadata;

/// What a config states, whatever its dialect.
#[derive(Debug, Default)]
pub struct Stated {
    pub metadata: Metadata,
    pub created: Option<String>,
    /// What the model runs in, such as `pytorch`, with its version.
    pub framework: Option<String>,
    /// Of each layer, in manifest order; none where the config has none.
    pub diff_ids: Vec<Digest>,
    /// What the config says of layers by their digests.
    pub named: BTreeMap<Digest, Named>,
    /// The dialect, where the config's content tells more of it than its media type.
    pub dialect: Option<Dialect>,
}

/// What a config says of a layer.
#[derive(Debug, Default)]
pub struct Named {
    pub path: Option<String>,
    pub diff_id: Option<Digest>,
}

/// A list or a map; `null`, which Go writes for one that was never made, is an empty one.
pub fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A text; a number, which tools have written where the rules say a text, stands for its digits.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        _ => Err(serde::de::Error::custom("expected a text")),
    }
}
