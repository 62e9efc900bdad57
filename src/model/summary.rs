use super::overview::size;
use crate::artifact::Dialect;
use crate::store::stored::Found;

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
    /// What an artifact says of itself; `None` where it is no model.
    #[must_use]
    pub fn of(found: &Found) -> Option<Self> {
        let model = found.model().ok()?;
        Some(Self {
            dialect: model.dialect,
            size: size(model),
            format: model.metadata.format.clone(),
            parameters: model.metadata.param_size.clone(),
            quantization: model.metadata.quantization.clone(),
        })
    }
}
