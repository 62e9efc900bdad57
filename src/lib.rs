//! modelbuild turns a directory of weights, configuration, code and documents into one OCI artifact.
//!
//! There is one way through the house, and each room has one job:
//!
//! ```text
//! Modelfile ─parse→ Modelfile ─resolve→ Plan ─transfer→ blobs + digests ─assemble→ Artifact ─publish→ layout | archive
//!  (text)           modelfile           plan    store                     artifact           store
//! ```
//!
//! | room | job |
//! |---|---|
//! | [`cores`] | many small pieces of work, on all cores at once |
//! | [`digest`] | bytes to SHA-256, and which file the bytes came from |
//! | [`files`] | files that are there whole or not at all, and locks |
//! | [`watch`] | directories to the moment when something has happened in them |
//! | [`cache`] | which digests are known of files that did not change |
//! | [`modelfile`] | text to a [`modelfile::Modelfile`], with a span on every word |
//! | [`plan`] | a Modelfile and its context directory to a [`plan::Plan`]: files, kinds, order, metadata |
//! | [`known`] | digests that somebody else has written down already |
//! | [`artifact`] | a plan and its digests to config and manifest bytes, one file per dialect |
//! | [`registry`] | one registry over HTTP: who we are there, requests and what is done when they fail |
//! | [`store`] | where blobs and manifests live, and the engine that moves them there |
//! | [`model`] | a stored artifact as a model, and what makes it another one |
//! | [`build`] | the walk through all of the rooms above |
//! | [`cli`] | options in, text or JSON out |
//!
//! # Where to begin
//!
//! What lies somewhere already is named by a [`store::Reference`], be it an OCI layout, a tarball or a repository of a
//! registry, which a [`registry::Client`] asks. Nothing here is asynchronous; a task of a runtime may wait for it all the
//! same.
//!
//! | to | there is |
//! |---|---|
//! | find an artifact of any kind, to be moved | [`store::stored::find`] |
//! | read what manifest and config say of a model | [`store::stored::open`] |
//! | open a model's files where they lie in a layout | [`model::StoredModel`] |
//! | find out what is wrong with a place | [`fn@model::verify::verify`] |
//! | have the files under their names in a directory | [`store::Tree`] as a destination of [`fn@store::transfer`] |
//! | have them as an engine takes them | [`model::Bundling`] |
//! | build an artifact | [`build::resolve`], [`fn@build::build`] |
//!
//! ```
//! use modelbuild::model::arrangement;
//! use modelbuild::registry::Client;
//! use modelbuild::store::stored::find;
//! use modelbuild::store::{Cancel, Options, Reference, Silent, Tree, TreeOptions, transfer};
//! # use modelbuild::artifact::{Descriptor, media_type};
//! # let directory = tempfile::tempdir()?;
//! # let directory = directory.path();
//! # let layout = directory.join("layout");
//! # let blobs = layout.join("blobs/sha256");
//! # std::fs::create_dir_all(&blobs)?;
//! # let put = |media_type: &str, bytes: &[u8]| {
//! #     let descriptor = Descriptor::of(media_type, bytes);
//! #     std::fs::write(blobs.join(descriptor.digest.hex()), bytes).map(|()| descriptor)
//! # };
//! # let config = br#"{"config":{"format":"gguf"},"descriptor":{},"rootfs":{"type":"rootfs","diff_ids":[]}}"#;
//! # put(media_type::DOCKER_CONFIG_V0_1, config)?;
//! # let layers = [put(media_type::DOCKER_GGUF, b"GGUF")?];
//! # let manifest = modelbuild::model::manifest_for_layers(media_type::DOCKER_CONFIG_V0_1, config, &layers, &[].into())?;
//! # let mut entry = put(media_type::OCI_MANIFEST, &manifest)?;
//! # entry.annotations.insert("org.opencontainers.image.ref.name".to_owned(), "v1".to_owned());
//! # std::fs::write(layout.join("index.json"), serde_json::json!({"schemaVersion": 2, "manifests": [entry]}).to_string())?;
//! # std::fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
//!
//! // As it is typed, relative to a directory: `docker://registry.example/llama:v1` would be as good.
//! let reference = Reference::parse("oci:layout:v1", directory)?;
//! let found = find(&reference, &Client::default())?;
//! assert_eq!(found.model()?.metadata.format.as_deref(), Some("gguf"));
//!
//! // The weights have no name there, and get the one that an engine knows.
//! let to = directory.join("files");
//! let tree = Tree::arranged(to.clone(), &found, TreeOptions::default(), arrangement(&found))?;
//! transfer(&found, &mut [Box::new(tree)], Options::default(), &Silent, &Cancel::default())?;
//! assert_eq!(std::fs::read(to.join("model.gguf"))?, b"GGUF");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Which room may know which
//!
//! A room may use the types of the rooms above it in this table, never of those below; `tests/architecture.rs`
//! holds that.
#![warn(missing_docs)]

pub mod artifact;
pub mod build;
pub mod cache;
pub mod cli;
pub mod cores;
pub mod digest;
pub mod files;
pub mod known;
pub mod model;
pub mod modelfile;
pub mod plan;
pub mod registry;
pub mod store;
pub mod watch;
