use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why it is not known who somebody is, or why that cannot be written down.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// A file of credentials cannot be read.
    #[error("cannot read the credentials in `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        cause: Arc<io::Error>,
    },
    /// A file of credentials is not what docker and podman write.
    #[error("`{}` line {line}: {why}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong there; never a value, which may be secret.
        why: String,
    },
    /// A file of credentials cannot be written.
    #[error("cannot write the credentials to `{}`", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        cause: Arc<io::Error>,
    },
    /// There is no file to write to.
    #[error("there is no place for credentials: neither `HOME` nor `DOCKER_CONFIG` is set")]
    Nowhere,
    /// An access token is worth nothing tomorrow.
    #[error("an access token cannot be kept")]
    Passing,
    /// A program that keeps credentials cannot be used.
    #[error("`{program}` {why}")]
    Program {
        /// The program.
        program: String,
        /// The file that names it.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl CredentialsError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Unreadable { .. } => "make it readable, or name another file in `REGISTRY_AUTH_FILE`".to_owned(),
            Self::Broken { .. } => "correct or remove it, or name another file in `REGISTRY_AUTH_FILE`".to_owned(),
            Self::Unwritable { .. } => "make it writable, or name another file in `REGISTRY_AUTH_FILE`".to_owned(),
            Self::Nowhere => "name a file in `REGISTRY_AUTH_FILE`".to_owned(),
            Self::Passing => "log in with a user name and a password".to_owned(),
            Self::Program { path, .. } => format!(
                "`{}` names it in `credHelpers` or `credsStore`: make it work, or take it out there",
                path.display()
            ),
        }
    }
}
