//! What an engine gets of a model: a directory with its configuration and its files, as Docker Model Runner lays it out.
//!
//! Enters: an artifact of any dialect, or a directory that was laid out before. Leaves: which files are to be extracted
//! where, and the paths that an engine asks for. What is promised: the names of files tell what they are, so that whoever
//! looks at the directory later gets the same answer as whoever made it; a tar, something compressed or a part of a model
//! is never said to be one.

mod artifact;
mod config;
mod contents;
mod error;
mod magic;
mod shard_list;

use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

pub use artifact::Bundling;
use contents::Contents;
pub(super) use contents::extension;
pub use error::BundleError;
use fs_err::File;
pub(super) use magic::stand_in;
use walkdir::WalkDir;

use super::ModelConfig;
use crate::artifact::read::LIMIT;

/// The directory in a bundle that has the model's files.
const MODEL: &str = "model";

/// The runtime configuration in a bundle.
const CONFIG: &str = "config.json";

/// A directory `{config.json, model/…}` that an engine can open (`types.ModelBundle` in Docker's `MODEL_TYPES`).
///
/// ```
/// use modelbuild::model::ModelBundle;
/// # let directory = tempfile::tempdir()?;
/// # let root = directory.path();
/// # std::fs::create_dir(root.join("model"))?;
/// # std::fs::write(root.join("config.json"), r#"{"format":"gguf","context_size":8192}"#)?;
/// # for name in ["m-00002-of-00002.gguf", "m-00001-of-00002.gguf", "mmproj.gguf", "template.jinja"] {
/// #     std::fs::write(root.join("model").join(name), "GGUF")?;
/// # }
///
/// // As `modelbuild extract --bundle` leaves it in `root`.
/// let bundle = ModelBundle::open(root)?;
/// assert_eq!(bundle.gguf_path(), Some(root.join("model/m-00001-of-00002.gguf")));
/// assert_eq!(bundle.shards().len(), 2);
/// assert_eq!(bundle.mmproj_path(), Some(root.join("model/mmproj.gguf")));
/// assert_eq!(bundle.chat_template_path(), Some(root.join("model/template.jinja")));
/// assert_eq!(bundle.safetensors_path(), None);
/// assert_eq!(bundle.runtime_config().context_size(), Some(8192));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ModelBundle {
    root: PathBuf,
    contents: Contents,
    config: Box<dyn ModelConfig>,
}

impl ModelBundle {
    /// Looks at a bundle that is there, by the names of its files alone. Hidden ones are none of it.
    ///
    /// # Errors
    /// It is none, a part of the model is missing, or nothing says which file is meant.
    pub fn open(root: &Path) -> Result<Self, BundleError> {
        let config = root.join(CONFIG);
        let model = root.join(MODEL);
        if !config.is_file() || !model.is_dir() {
            return Err(BundleError::None { path: root.into() });
        }
        let mut paths = Vec::new();
        for entry in WalkDir::new(&model).min_depth(1) {
            let entry = entry.map_err(|error| BundleError::Unreadable(error.into()))?;
            let path = entry.path().strip_prefix(&model).ok().and_then(Path::to_str);
            // A link may lead anywhere, and who opens a FIFO waits.
            if let Some(path) = path.filter(|_| entry.file_type().is_file()) {
                paths.push(path.to_owned());
            }
        }
        let bytes = read(&config).map_err(BundleError::Unreadable)?;
        Self::new(root, Contents::of(paths.iter().map(String::as_str), |_| true)?, &bytes)
    }

    fn new(root: &Path, contents: Contents, config: &[u8]) -> Result<Self, BundleError> {
        Ok(Self {
            root: root.to_owned(),
            contents,
            config: config::read(config).map_err(BundleError::Config)?,
        })
    }

    /// Whether [`Self::open`] finds this very bundle: not where files of another model are in its directory, too.
    #[must_use]
    pub fn is_found(&self) -> bool {
        Self::open(&self.root).is_ok_and(|found| found.contents == self.contents)
    }

    /// The directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The file of the runtime configuration.
    #[must_use]
    pub fn config_path(&self) -> PathBuf {
        self.root.join(CONFIG)
    }

    /// What the runtime configuration says.
    #[must_use]
    pub fn runtime_config(&self) -> &dyn ModelConfig {
        self.config.as_ref()
    }

    /// The file that an engine opens: the first shard of GGUF weights, else of safetensors, DDUF or others.
    #[must_use]
    pub fn model_path(&self) -> PathBuf {
        let first = self.contents.model().first();
        first.map_or_else(|| self.root.join(MODEL), |path| self.path(path))
    }

    /// The format of that file, such as `gguf`; of one that Docker Model Runner does not know, the file's extension.
    #[must_use]
    pub fn format(&self) -> &str {
        self.contents.format()
    }

    /// That file, and the others that belong to it, by their numbers.
    #[must_use]
    pub fn shards(&self) -> Vec<PathBuf> {
        self.contents.model().iter().map(|path| self.path(path)).collect()
    }

    /// The first shard of GGUF weights.
    #[must_use]
    pub fn gguf_path(&self) -> Option<PathBuf> {
        self.contents.gguf.first().map(|path| self.path(path))
    }

    /// The first shard of safetensors weights.
    #[must_use]
    pub fn safetensors_path(&self) -> Option<PathBuf> {
        self.contents.safetensors.first().map(|path| self.path(path))
    }

    /// The DDUF file.
    #[must_use]
    pub fn dduf_path(&self) -> Option<PathBuf> {
        self.contents.dduf.first().map(|path| self.path(path))
    }

    /// The projector.
    #[must_use]
    pub fn mmproj_path(&self) -> Option<PathBuf> {
        self.contents.projector.as_deref().map(|path| self.path(path))
    }

    /// The chat template.
    #[must_use]
    pub fn chat_template_path(&self) -> Option<PathBuf> {
        self.contents.template.as_deref().map(|path| self.path(path))
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(MODEL).join(path)
    }
}

/// The bytes of a configuration, which has no more than the config of an artifact.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        let what = format!("`{}` has more than {LIMIT} bytes", path.display());
        return Err(io::Error::new(ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}
