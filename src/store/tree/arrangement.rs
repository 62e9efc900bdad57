use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;

/// Where an artifact's files go and what goes beside them, where that is not for the artifact to say.
#[derive(Debug, Clone, Default)]
pub struct Arrangement {
    /// The directory for all of the artifact's files; they go to the top where there is none.
    pub under: Option<&'static str>,
    /// The paths of raw layers' files in it that are others than the layers say, by the layers' places in the manifest.
    /// They are judged as if the layer said them.
    pub paths: HashMap<usize, String>,
    /// Documents with their paths from the top: files that are in no layer.
    pub documents: Vec<(&'static str, Vec<u8>)>,
    /// Who has the last word.
    pub judge: Option<Arc<dyn Judge>>,
    /// Who chooses among what is in packed layers; without one, all of it is wanted.
    pub sieve: Option<Arc<dyn Sieve>>,
}

/// Who chooses among the files and directories in packed layers, of which nobody knows before.
pub trait Sieve: Debug + Send + Sync {
    /// Whether the one at `path` in a layer, whose place in the manifest `layer` is, is wanted.
    fn keeps(&self, layer: usize, path: &str, is_directory: bool) -> bool;
}

/// Who has the last word before any file is to be seen under its name.
pub trait Judge: Debug + Send + Sync {
    /// Looks at all files that there will be, sorted by path; `read` gives the first bytes of the one with a path, as many as
    /// are asked for.
    ///
    /// # Errors
    /// They shall not be seen.
    fn judge(&self, paths: &[String], read: &dyn Fn(&str, u64) -> std::io::Result<Head>) -> Result<(), Unfit>;
}

/// The beginning of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its first bytes.
    pub bytes: Vec<u8>,
    /// How many bytes it has in all.
    pub size: u64,
}

/// Why files are not what they are wanted for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unfit {
    /// Why.
    pub reason: String,
    /// What to do about it.
    pub help: &'static str,
    /// Whether a file is not what it is said to be.
    pub is_damage: bool,
}
