use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::contents::{Contents, extension, is_part, is_projector, is_template, is_weight};
use super::error::BundleError;
use super::{CONFIG, MODEL, ModelBundle, config, magic, shard_list};
use crate::artifact::read::{Stored, StoredLayer};
use crate::model::free_names::FreeNames;
use crate::model::unnamed::unnamed;
use crate::model::{Role, parts};
use crate::store::stored::{Found, OpenError};
use crate::store::{Arrangement, Extracted, Head, Judge, Unfit};

/// An artifact that is to be a [`ModelBundle`].
///
/// ```
/// use modelbuild::model::Bundling;
/// use modelbuild::registry::Client;
/// use modelbuild::store::stored::find;
/// use modelbuild::store::{Cancel, Options, Reference, Silent, Tree, TreeOptions, transfer};
/// # use modelbuild::artifact::{Descriptor, media_type};
/// # let directory = tempfile::tempdir()?;
/// # let directory = directory.path();
/// # let layout = directory.join("layout");
/// # let blobs = layout.join("blobs/sha256");
/// # std::fs::create_dir_all(&blobs)?;
/// # let put = |media_type: &str, bytes: &[u8]| {
/// #     let descriptor = Descriptor::of(media_type, bytes);
/// #     std::fs::write(blobs.join(descriptor.digest.hex()), bytes).map(|()| descriptor)
/// # };
/// # let config = br#"{"config":{"format":"gguf"},"descriptor":{},"rootfs":{"type":"rootfs","diff_ids":[]}}"#;
/// # put(media_type::DOCKER_CONFIG_V0_1, config)?;
/// # let layers = [
/// #     put(media_type::DOCKER_GGUF, b"GGUF\x03\0\0\0")?,
/// #     put(media_type::DOCKER_PROJECTOR, b"GGUF\x03\0\0\0 of a projector")?,
/// # ];
/// # let manifest = modelbuild::model::manifest_for_layers(media_type::DOCKER_CONFIG_V0_1, config, &layers, &[].into())?;
/// # let entry = put(media_type::OCI_MANIFEST, &manifest)?;
/// # std::fs::write(layout.join("index.json"), serde_json::json!({"schemaVersion": 2, "manifests": [entry]}).to_string())?;
/// # std::fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
///
/// let found = find(&Reference::parse("layout", directory)?, &Client::default())?;
/// let bundling = Bundling::new(&found)?;
///
/// let root = directory.join("bundle");
/// let tree = Tree::arranged(root.clone(), &found, TreeOptions::default(), bundling.arrangement())?;
/// let extraction = tree.extraction();
/// transfer(&found, &mut [Box::new(tree)], Options::default(), &Silent, &Cancel::default())?;
///
/// let bundle = bundling.bundle(&root, &extraction.files())?;
/// assert_eq!(bundle.model_path(), root.join("model/model.gguf"));
/// assert_eq!(bundle.mmproj_path(), Some(root.join("model/model.mmproj")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Bundling {
    config: Vec<u8>,
    paths: HashMap<usize, String>,
    others: Arc<Others>,
}

/// The paths of files that are none of the model's, whatever their names say: datasets, code, adapters.
#[derive(Debug)]
struct Others(HashSet<String>);

impl Bundling {
    /// Decides where the layers of `found` that are wanted go.
    ///
    /// # Errors
    /// It is no model; or, if no layer is packed so that all files are known, there is none for an engine among them.
    pub fn new(found: &Found) -> Result<Self, BundleError> {
        let stored = found.model()?;
        let raw = found.artifact().config().map(|config| config.bytes.as_slice());
        let config = config::bytes(stored, raw.unwrap_or_default()).map_err(|source| OpenError::Artifact {
            place: found.place().to_owned(),
            source,
        })?;
        // What is said of the files afterwards comes out of it.
        config::read(&config).map_err(BundleError::Config)?;
        let wanted: HashSet<_> = found.wanted().map(|(index, _)| index).collect();
        let paths = named(stored, &wanted);
        let (mut others, mut all) = (HashSet::new(), Vec::new());
        let mut is_known = true;
        for (index, (role, layer)) in parts::roles(stored).enumerate() {
            if !wanted.contains(&index) {
                continue;
            }
            if !layer.is_file() {
                is_known = false;
                continue;
            }
            let Some(path) = paths.get(&index).or(layer.path.as_ref()) else {
                continue;
            };
            if !matches!(role, Role::Weight(_) | Role::Projector | Role::Template) {
                others.insert(path.clone());
            }
            all.push(path.clone());
        }
        let others = Arc::new(Others(others));
        if is_known {
            others.contents(all.iter().map(String::as_str))?;
        }
        Ok(Self { config, paths, others })
    }

    /// Where the files go.
    #[must_use]
    pub fn arrangement(&self) -> Arrangement {
        Arrangement {
            under: Some(MODEL),
            paths: self.paths.clone(),
            documents: vec![(CONFIG, self.config.clone())],
            judge: Some(self.others.clone()),
            sieve: None,
        }
    }

    /// The bundle in the directory `root`, when `files` are in it.
    ///
    /// # Errors
    /// They are none.
    pub fn bundle(&self, root: &Path, files: &[Extracted]) -> Result<ModelBundle, BundleError> {
        let paths = files.iter().filter_map(|file| within(&file.path));
        ModelBundle::new(root, self.others.contents(paths)?, &self.config)
    }
}

impl Others {
    fn contents<'a>(&self, paths: impl Iterator<Item = &'a str>) -> Result<Contents, BundleError> {
        Contents::of(paths, |path| !self.0.contains(path))
    }
}

impl Judge for Others {
    fn judge(&self, paths: &[String], read: &dyn Fn(&str, u64) -> io::Result<Head>) -> Result<(), Unfit> {
        let paths: Vec<_> = paths.iter().filter_map(|path| within(path)).collect();
        let contents = self.contents(paths.iter().copied())?;
        let read = |path: &str, most| read(&format!("{MODEL}/{path}"), most);
        for path in contents.files() {
            let head = read(path, magic::HEAD).map_err(BundleError::Unreadable)?;
            magic::check(path, &head)?;
        }
        Ok(shard_list::check(&contents, &paths, read)?)
    }
}

/// A path of a bundle in its directory for the model.
fn within(path: &str) -> Option<&str> {
    path.strip_prefix(MODEL)?.strip_prefix('/')
}

/// The paths of files whose own do not tell what they are, or that have none; each is one that no other file has. All
/// layers count, so that a file has the same path whichever of the others are left out.
fn named(stored: &Stored, wanted: &HashSet<usize>) -> HashMap<usize, String> {
    let mut paths = unnamed(stored);
    let layers: Vec<_> = parts::roles(stored).enumerate().collect();
    let told = |role, layer: &StoredLayer| {
        let path = layer.path.as_deref().filter(|_| layer.is_file())?;
        tell(role, path)
    };
    let kept = layers.iter().filter(|(_, (role, layer))| told(*role, layer).is_none());
    let kept = kept.filter_map(|(index, (_, layer))| {
        let path = layer.path.as_ref().or_else(|| paths.get(index))?;
        Some((path.as_str(), layer.descriptor.digest))
    });
    let mut free = FreeNames::beside(kept);
    // Two files of one path stay two of one path.
    let mut taken: HashMap<(Option<&str>, String), String> = HashMap::new();
    for (index, (role, layer)) in &layers {
        let Some(told) = told(*role, layer) else { continue };
        let path = taken.entry((layer.path.as_deref(), told));
        let path = path.or_insert_with_key(|(_, told)| free.take(told, layer.descriptor.digest));
        if wanted.contains(index) {
            paths.insert(*index, path.clone());
        }
    }
    paths
}

/// A path that tells its role where `path` does not.
fn tell(role: Role, path: &str) -> Option<String> {
    match role {
        Role::Weight(format) if !is_weight(path) => format.extension().map(|end| format!("{path}.{end}")),
        // It says nothing, and the number of a shard has to stay in front of what does.
        Role::Weight(format) if extension(path) == "bin" => {
            let (stem, _) = path.rsplit_once('.')?;
            format.extension().map(|end| format!("{stem}.{end}"))
        }
        Role::Projector if !is_projector(path) => Some(format!("{path}.mmproj")),
        // Hugging Face has templates in JSON, too, which are none that an engine takes by themselves.
        Role::Template if !is_template(path) && extension(path) != "json" => Some(format!("{path}.jinja")),
        // It goes on top of a model, and is none.
        Role::Adapter if is_part(path) => Some(format!("{path}.lora")),
        // Whoever goes by names would take it for the model, or for a part of it.
        Role::Other | Role::License | Role::ConfigArchive if is_part(path) => Some(format!("{path}.data")),
        _ => None,
    }
}
