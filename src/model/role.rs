use std::fmt;

use crate::artifact::FileClass;
use crate::artifact::media_type::is_generic_weight;
use crate::artifact::read::StoredLayer;
use crate::modelfile::Kind;

/// What a layer is to an engine.
///
/// ```
/// use modelbuild::artifact::media_type::MODELPACK_CONFIG;
/// use modelbuild::model::{Image, Role, WeightFormat, manifest_for_layers};
/// # use modelbuild::{artifact::Descriptor, digest::Digest};
/// # fn layer(path: &str) -> Descriptor {
/// #     let annotations = [("org.cncf.model.filepath".to_owned(), path.to_owned())].into();
/// #     let media_type = "application/vnd.cncf.model.weight.v1.raw".to_owned();
/// #     Descriptor { media_type, digest: Digest::of(path.as_bytes()), size: 1, annotations }
/// # }
///
/// let config = br#"{"config":{"format":"gguf"}}"#;
/// let layers = [layer("model.gguf"), layer("mmproj-model.gguf")];
/// let manifest = manifest_for_layers(MODELPACK_CONFIG, config, &layers, &[].into())?;
/// let image = Image::new(manifest, config.to_vec())?;
/// let roles: Vec<_> = image.layers().iter().map(|layer| Role::of(layer, Some("gguf"))).collect();
/// assert_eq!(roles, [Role::Weight(WeightFormat::Gguf), Role::Projector]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Weights, whole or a shard of them.
    Weight(WeightFormat),
    /// A `LoRA` adapter: it goes on top of weights and is none by itself.
    Adapter,
    /// The projector of a multimodal model; never a weight, whatever its format.
    Projector,
    /// A chat template.
    Template,
    /// A tar of configuration files, as Docker packed them before paths were kept.
    ConfigArchive,
    /// A licence text.
    License,
    /// Anything else: configuration, code, documents, data.
    Other,
}

/// The format of weights, as far as engines ask for them by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WeightFormat {
    /// GGUF.
    Gguf,
    /// Safetensors.
    Safetensors,
    /// DDUF, a diffusion model in one file.
    Dduf,
    /// Any other, such as ONNX.
    Other,
}

impl Role {
    /// The role of `layer` in an artifact whose config states `format`, in lower case.
    ///
    /// By this layer alone: [`ModelArtifact::roles`](super::ModelArtifact::roles) looks at the others, too, and takes a `.bin`
    /// for weights of another format where theirs are called by the one that is stated.
    ///
    /// How the layer is packed is another question: weights in a tar are weights, and no engine can read them there.
    #[must_use]
    pub fn of(layer: &StoredLayer, format: Option<&str>) -> Self {
        match (layer.class, layer.kind) {
            (Some(FileClass::Adapter), _) => Self::Adapter,
            (Some(FileClass::ConfigArchive), _) => Self::ConfigArchive,
            (Some(FileClass::License), _) => Self::License,
            (_, Some(Kind::Projector)) => Self::Projector,
            (_, Some(Kind::Template)) => Self::Template,
            (_, Some(Kind::Weight)) => Self::Weight(WeightFormat::of(layer, format)),
            (_, Some(Kind::Doc)) if layer.path.as_deref().is_some_and(FileClass::is_license) => Self::License,
            _ => Self::Other,
        }
    }
}

impl WeightFormat {
    /// What the layer's type says; the generic ones say nothing. Then a name does that is one of another format's, as whoever
    /// looks for files by their names would have it; else, of `ModelPack`'s generic types, the config.
    fn of(layer: &StoredLayer, format: Option<&str>) -> Self {
        let extension = || layer.path.as_deref()?.rsplit_once('.').map(|(_, extension)| extension);
        match layer.class {
            Some(FileClass::Gguf) => Self::Gguf,
            Some(FileClass::Safetensors) => Self::Safetensors,
            Some(FileClass::Dduf) => Self::Dduf,
            _ => {
                let stated = format.filter(|_| is_generic_weight(&layer.descriptor.media_type));
                let named = extension().and_then(Self::named);
                // What a `.bin` is, its name says where PyTorch has written it, whatever the others are.
                let is_pytorch = || {
                    let path = layer.path.as_deref().unwrap_or_default();
                    let name = path.rsplit('/').next().unwrap_or(path);
                    extension().is_some_and(|end| end.eq_ignore_ascii_case("bin")) && name.contains("pytorch")
                };
                let named = named.or_else(|| is_pytorch().then_some(Self::Other));
                named.or_else(|| stated.and_then(Self::named)).unwrap_or(Self::Other)
            }
        }
    }

    /// The format of a name that is one: not of `bin`, which may be anything.
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_lowercase().as_str() {
            "gguf" => Self::Gguf,
            "safetensors" => Self::Safetensors,
            "dduf" | "diffusers" => Self::Dduf,
            "onnx" | "tflite" | "keras" | "pt" | "pth" | "ggml" => Self::Other,
            _ => return None,
        })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Weight(WeightFormat::Gguf) => "GGUF weights",
            Self::Weight(WeightFormat::Safetensors) => "safetensors weights",
            Self::Weight(WeightFormat::Dduf) => "DDUF weights",
            Self::Weight(WeightFormat::Other) => "weights",
            Self::Adapter => "adapter",
            Self::Projector => "projector",
            Self::Template => "chat template",
            Self::ConfigArchive => "config archive",
            Self::License => "licence",
            Self::Other => "other file",
        })
    }
}
