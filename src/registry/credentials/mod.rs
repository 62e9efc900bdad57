//! Who somebody is at a registry.
//!
//! Enters: the host of a registry and a repository there. Leaves: the [`Login`] to use, or none for nobody in particular,
//! from what the command line gave, from the files of podman, skopeo and docker, and from the programs that those name.
//! What is promised: a login goes to the host it was written down for and to no other; a file or a program that is broken
//! is an error and not a request without a name; no secret is in an error or in the output of `{:?}`. Files are read and
//! programs asked anew each time, for what they say changes while a long transfer runs.

mod document;
mod entry;
mod error;
mod keep;
mod login;
mod members;
mod places;
mod program;
mod scope;
mod secret;

pub use error::CredentialsError;
pub use keep::{Kept, Removed};
pub use login::Login;
pub use places::Places;
pub use secret::Secret;

use document::{Document, Fields};
use program::Program;

use super::host::canonical;

/// Where to find out who somebody is.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// By [`canonical`] host.
    given: Vec<(String, Login)>,
    places: Places,
}

impl Credentials {
    /// What the files at `places` say.
    #[must_use]
    pub const fn new(places: Places) -> Self {
        Self {
            given: Vec::new(),
            places,
        }
    }

    /// Nobody in particular, anywhere.
    #[must_use]
    pub const fn none() -> Self {
        Self::new(Places::none())
    }

    /// The same with a login for `host` that counts more than any file.
    #[must_use]
    pub fn with(mut self, host: &str, login: Login) -> Self {
        self.given.insert(0, (canonical(host), login));
        self
    }

    /// Who one is for `repository` at `host` (with its port, where one is given). `None`: nobody in particular.
    ///
    /// Waits for a program that keeps credentials, for two minutes at most.
    ///
    /// # Errors
    /// A file cannot be read or understood, or a program fails.
    pub fn find(&self, host: &str, repository: &str) -> Result<Option<Login>, CredentialsError> {
        let host = canonical(host);
        if let Some((_, login)) = self.given.iter().find(|(given, _)| *given == host) {
            return Ok(Some(login.clone()));
        }
        for path in &self.places.files {
            let document = Document::read(path)?;
            let fields = document.fields()?;
            if let Some((_, login)) = kept(&document, &fields, &host)? {
                return Ok(Some(login));
            }
            if let Some(login) = document.find(&fields, &host, repository)? {
                return Ok(Some(login));
            }
        }
        Ok(None)
    }
}

/// What the program that a file names for `host` knows, and by which name of the host.
fn kept<'a>(document: &Document, fields: &Fields, host: &'a str) -> Result<Option<(&'a str, Login)>, CredentialsError> {
    let Some(program) = fields.program(host) else {
        return Ok(None);
    };
    let program = Program::new(program, &document.path)?;
    for name in scope::names(host) {
        if let Some(login) = program.get(name)? {
            return Ok(Some((name, login)));
        }
    }
    Ok(None)
}
