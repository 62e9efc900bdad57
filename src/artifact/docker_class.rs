use crate::modelfile::Kind;
use crate::plan::PlannedFile;

/// What Docker Model Runner takes a file for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileClass {
    /// GGUF weights.
    Gguf,
    /// Safetensors weights.
    Safetensors,
    /// DDUF weights: a whole diffusion model in one file.
    Dduf,
    /// A licence text.
    License,
    /// A multimodal projector.
    Projector,
    /// A chat template.
    Template,
    /// A `LoRA` adapter. No build writes one: it is packed as any other weights.
    Adapter,
    /// A tar of configuration files, as they were packed before paths were kept.
    ConfigArchive,
    /// A tar of a directory.
    Directory,
    /// Any other file.
    Other,
}

impl FileClass {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Gguf,
        Self::Safetensors,
        Self::Dduf,
        Self::License,
        Self::Projector,
        Self::Template,
        Self::Adapter,
        Self::ConfigArchive,
        Self::Directory,
        Self::Other,
    ];

    /// The class of `file`.
    ///
    /// Docker Model Runner goes by the name alone. Here a stated kind wins: `CODE render.jinja` is not the model's
    /// template, and `DATASET rows.safetensors` holds no weights. The name decides where the kind leaves it open.
    #[must_use]
    pub fn of(file: &PlannedFile) -> Self {
        let name = file.name().to_lowercase();
        let extension = extension(&name);
        match file.kind {
            Kind::Projector => Self::Projector,
            Kind::Template => Self::Template,
            Kind::Weight if extension == "gguf" => Self::Gguf,
            Kind::Weight if extension == "safetensors" => Self::Safetensors,
            Kind::Weight if extension == "dduf" => Self::Dduf,
            Kind::Weight | Kind::Code | Kind::Dataset => Self::Other,
            Kind::Config | Kind::Doc => Self::by_name(&name),
        }
    }

    /// Docker Model Runner's own rule (`pkg/distribution/files/classify.go`) for a lower-case name that is no weight's.
    pub(super) fn by_name(name: &str) -> Self {
        if extension(name) == "jinja" || name.contains("chat_template") {
            Self::Template
        } else if Self::is_license(name) {
            Self::License
        } else {
            Self::Other
        }
    }

    /// Whether a file of this name or path holds a licence.
    #[must_use]
    pub fn is_license(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
        ["license", "licence", "copying", "notice"]
            .iter()
            .any(|word| name.contains(word))
    }
}

/// What stands behind the last dot of a name.
pub(super) fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}
