use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rustix::process::getuid;

/// The files that credentials are kept in, whether they exist or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// In the order in which they are asked.
    pub(super) files: Vec<PathBuf>,
    /// Docker's among them.
    pub(super) docker: Option<PathBuf>,
}

impl Places {
    /// No files: nobody is known.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            files: Vec::new(),
            docker: None,
        }
    }

    /// Where podman, skopeo and docker look (containers-auth.json(5), "docker login"): the file that
    /// `REGISTRY_AUTH_FILE` names and no other; else podman's two and then docker's. `variable` is what the
    /// environment holds.
    #[must_use]
    pub fn new(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let path = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(named) = path("REGISTRY_AUTH_FILE") {
            return Self {
                files: vec![named],
                docker: None,
            };
        }
        // The XDG Base Directory Specification: relative ones are to be ignored.
        let absolute = |name| path(name).filter(|path| path.is_absolute());
        let home = absolute("HOME");
        let in_home = |name| home.as_ref().map(|home| home.join(name));
        let runtime = absolute("XDG_RUNTIME_DIR").map(|directory| directory.join("containers"));
        let runtime = runtime.unwrap_or_else(|| format!("/run/containers/{}", getuid().as_raw()).into());
        let config = absolute("XDG_CONFIG_HOME").or_else(|| in_home(".config"));
        let docker = path("DOCKER_CONFIG").or_else(|| in_home(".docker"));
        let docker = docker.map(|directory| directory.join("config.json"));
        // Where another user has been at it, as root's podman makes it, nobody knows what is in there, nor can be.
        let runtime = Some(runtime).filter(|directory| may_be_entered(directory));
        let files = runtime
            .map(|directory| directory.join("auth.json"))
            .into_iter()
            .chain(config.map(|directory| directory.join("containers/auth.json")))
            .chain(docker.clone());
        Self {
            files: files.collect(),
            docker,
        }
    }
}

fn may_be_entered(directory: &Path) -> bool {
    let found = fs_err::metadata(directory.join("auth.json"));
    !found.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}
