//! A stored artifact as a model: what is in it, whoever made it, and what makes it another one.
//!
//! Enters: artifacts as [`read`](crate::artifact::read) finds them, in any dialect, with layers that may have no name,
//! no known type, or one name twice. Leaves: what can be said of them in the user's terms: files, kinds, sizes, stated
//! values. No layer is read.
//!
//! For programs that run models there is one view of them all, in the terms of Docker's `MODEL_TYPES`: an [`Image`], a
//! [`ModelArtifact`] over it, a [`StoredModel`] with the paths of its files, and what each layer is to an engine
//! ([`Role`]). Where Docker Model Runner answers wrongly, this does not: a projector is never a weight, a packed layer
//! never a model file, and shards stand in the order of their numbers.
//!
//! | there | here |
//! |---|---|
//! | `oci.Image` | [`Image`] |
//! | `types.ModelArtifact`, `partial.BaseModel` | [`ModelArtifact`] |
//! | `types.Model` | [`StoredModel`] |
//! | `types.ModelConfig`, `partial.Config` | [`ModelConfig`], [`ModelArtifact::config`] |
//! | `partial.ID`, `partial.Descriptor` | [`ModelArtifact::id`], [`ModelArtifact::descriptor`] |
//! | `partial.GGUFPaths`, `SafetensorsPaths`, `DDUFPaths` | [`StoredModel::gguf_paths`], [`StoredModel::safetensors_paths`], [`StoredModel::dduf_paths`]; as layers, [`ModelArtifact::gguf`] and so on |
//! | `partial.MMPROJPath`, `ChatTemplatePath`, `ConfigArchivePath` | [`StoredModel::mmproj_path`], [`StoredModel::chat_template_path`], [`StoredModel::config_archive_path`] |
//! | `types.ModelBundle` | [`ModelBundle`] |
//! | `partial.ManifestForLayers` | [`manifest_for_layers`] |

mod annotation;
mod artifact;
mod bundle;
mod change;
mod diff;
mod error;
mod free_names;
mod human;
mod image;
mod overview;
mod parts;
pub mod review;
mod role;
mod stated;
mod stored_model;
mod summary;
mod unnamed;
pub mod verify;

pub use annotation::brief;
pub use artifact::{ModelArtifact, ModelDescriptor};
pub use bundle::{BundleError, Bundling, ModelBundle};
pub use change::{Change, File, compare};
pub use diff::{Counts, Diff, Difference, LayerDiff};
pub use error::ModelError;
pub use human::human;
pub use image::Image;
pub use overview::{Overview, Share, size};
pub use role::{Role, WeightFormat};
pub use stated::Statement;
pub use stored_model::StoredModel;
pub use summary::Summary;
pub use unnamed::arrangement;
pub(crate) use unnamed::unnamed;

pub use crate::artifact::manifest_for_layers;
pub use crate::artifact::read::ModelConfig;
