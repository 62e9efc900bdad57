use std::borrow::Cow;
use std::fmt::Debug;

use crate::plan::Metadata;

/// What an engine asks a config, whatever its dialect (Docker's `MODEL_TYPES`).
///
/// ```
/// use modelbuild::artifact::read::{DockerConfig, ModelConfig, ModelPackConfig};
///
/// let docker = DockerConfig::parse(br#"{"config":{"format":"gguf","parameters":"8B","context_size":8192}}"#)?;
/// let modelpack = ModelPackConfig::parse(br#"{"config":{"format":"GGUF","paramSize":"8B"}}"#)?;
/// for config in [&docker as &dyn ModelConfig, &modelpack] {
///     assert_eq!(config.format().as_deref(), Some("gguf"));
///     assert_eq!(config.parameters(), Some("8B"));
/// }
/// assert_eq!((docker.context_size(), modelpack.context_size()), (Some(8192), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait ModelConfig: Debug + Send + Sync {
    /// The weights' format, such as `gguf`, in lower case. DDUF is `dduf` here, which Docker calls `diffusers`.
    fn format(&self) -> Option<Cow<'_, str>>;

    /// How many tokens the model takes; `ModelPack` has no place for it.
    fn context_size(&self) -> Option<u32>;

    /// The weights' size as it is stated, such as `256.35MiB`. `ModelPack` states parameters alone, which Docker Model
    /// Runner answers here.
    fn size(&self) -> Option<&str>;

    /// The architecture: `llama` as Docker writes it, `transformer` as `ModelPack` does.
    fn architecture(&self) -> Option<&str>;

    /// The number of parameters, such as `361.82M`.
    fn parameters(&self) -> Option<&str>;

    /// The quantization, such as `Q4_K_M`.
    fn quantization(&self) -> Option<&str>;
}

/// The name of a format as engines compare it.
pub fn lower(format: &str) -> Cow<'_, str> {
    if format.chars().any(char::is_uppercase) {
        Cow::from(format.to_lowercase())
    } else {
        Cow::from(format)
    }
}

/// For the dialects that have no config of a model: what else states it.
impl ModelConfig for Metadata {
    fn format(&self) -> Option<Cow<'_, str>> {
        self.format.as_deref().map(lower)
    }

    fn context_size(&self) -> Option<u32> {
        self.context_size
    }

    fn size(&self) -> Option<&str> {
        None
    }

    fn architecture(&self) -> Option<&str> {
        self.architecture.as_deref()
    }

    fn parameters(&self) -> Option<&str> {
        self.param_size.as_deref()
    }

    fn quantization(&self) -> Option<&str> {
        self.quantization.as_deref()
    }
}
