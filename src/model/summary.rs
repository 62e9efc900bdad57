use super::overview::size;
use crate::artifact::Dialect;
use crate::artifact::read::ReadError;
use crate::store::stored::{Found, OpenError};

/// What one chooses a model by among others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The dialect.
    pub dialect: Dialect,
    /// Bytes of all layers.
    pub size: u64,
    /// The weights' format, where it is stated.
    pub format: Option<String>,
    /// The number of parameters, where it is stated.
    pub parameters: Option<String>,
    /// The quantization, where it is stated.
    pub quantization: Option<String>,
}

impl Summary {
    /// What an artifact says of itself; `None` where it is no model. An error says which of several artifacts it is about.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(found: &Found) -> Result<Option<Self>, OpenError> {
        let model = match found.model() {
            Err(OpenError::Artifact {
                source: ReadError::NoModel(_),
                ..
            }) => return Ok(None),
            Err(OpenError::Artifact { place, source }) => {
                return Err(OpenError::Artifact {
                    place: format!("{place}@{}", found.artifact().descriptor.digest),
                    source,
                });
            }
            model => model?,
        };
        Ok(Some(Self {
            dialect: model.dialect,
            size: size(model),
            format: model.metadata.format.clone(),
            parameters: model.metadata.param_size.clone(),
            quantization: model.metadata.quantization.clone(),
        }))
    }
}
