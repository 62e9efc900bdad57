//! One registry over HTTP: who we are there, what is asked of it, and what is done when it does not answer.
//!
//! Enters: a host, a repository's name, settings and credentials. Leaves: answers of the OCI distribution specification
//! (1.1), each checked before anybody relies on it, or one [`Error`] that says which host, which request, what the
//! registry said and what to do. What can go well at a second attempt is tried again, with growing pauses; what cannot is
//! not. Everything here blocks its caller, be it a task of a runtime or not: the asynchronous client that does the work stays
//! inside.
//!
//! oci-client gives references, names of registry errors and the shape of their envelope. Its requests are not used:
//! they lose `Retry-After` and the location of an upload that a mount has begun, cannot resume an upload, take no client
//! certificate, ask `/v2/` before anything else, and send the password to any realm a registry names. All of that is
//! done here, on the HTTP client that it uses too.

mod agent;
mod ahead;
mod authority;
mod blobs;
mod cancel;
mod challenge;
mod chunks;
mod client;
pub mod credentials;
mod doing;
mod downgrade;
mod download;
mod endpoint;
mod error;
mod exchange;
mod failure;
mod help;
mod host;
mod link;
mod manifest;
mod network;
mod notice;
mod pages;
mod part;
mod patience;
mod proxy;
mod redirect;
mod referrers;
mod repository;
mod retry;
mod settings;
mod site;
mod tls;
mod token;
mod upload;

pub use blobs::Mounted;
pub use cancel::Cancel;
pub use client::Client;
pub use doing::{Called, Doing};
pub use download::Download;
pub use error::Error;
pub use help::GOES_ON;
pub use host::is_host;
pub use manifest::Document;
pub use notice::{Notice, Observer, Unwatched};
pub use patience::Patience;
pub use proxy::Proxy;
pub use referrers::listed_subject;
pub use repository::Repository;
pub use settings::{HostSettings, Settings, is_mirror};
pub use upload::{Again, Identity, Memory, Parcel, Session, Unfinished, Upload, Uploads};
