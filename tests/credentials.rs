//! Who somebody is at a registry, as the files of docker and podman say it.

mod files;
mod find;
mod keep;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use modelbuild::registry::credentials::{Credentials, Login, Places, Secret};
use tempfile::TempDir;

/// A home directory with files of credentials in it.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::with_prefix("modelbuild-home-").unwrap())
    }

    /// A home with docker's file.
    fn docker(text: &str) -> Self {
        Self::new().file(".docker/config.json", text)
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.path(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
        self
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn text(&self, path: &str) -> String {
        fs_err::read_to_string(self.path(path)).unwrap()
    }

    /// What holds where the environment has `HOME`, `XDG_RUNTIME_DIR` and the `variables`.
    fn credentials(&self, variables: &[(&str, &Path)]) -> Credentials {
        let variable = |name: &str| -> Option<OsString> {
            let given = variables.iter().find(|(key, _)| *key == name);
            match name {
                "HOME" => Some(self.0.path().into()),
                "XDG_RUNTIME_DIR" => Some(self.path("run").into()),
                _ => given.map(|(_, value)| value.into()),
            }
        };
        Credentials::new(Places::new(variable))
    }

    /// Who one is, for people: `USER:SECRET` or nobody, or what is wrong.
    fn find(&self, host: &str, repository: &str) -> String {
        self.shown(&self.credentials(&[]), host, repository)
    }

    fn shown(&self, credentials: &Credentials, host: &str, repository: &str) -> String {
        match credentials.find(host, repository) {
            Ok(None) => "nobody".to_owned(),
            Ok(Some(Login::Basic { username, password })) => format!("{username}:{}", password.expose()),
            Ok(Some(Login::IdentityToken(token))) => format!("identity {}", token.expose()),
            Ok(Some(Login::RegistryToken(token))) => format!("access {}", token.expose()),
            Err(error) => {
                let cause = std::error::Error::source(&error).map_or(String::new(), |cause| format!(": {cause}"));
                format!("{error}{cause}").replace(self.0.path().to_str().unwrap(), "[HOME]")
            }
        }
    }
}

fn basic(username: &str, password: &str) -> Login {
    Login::Basic {
        username: username.to_owned(),
        password: Secret::new(password.to_owned()),
    }
}

/// One entry of `auths`; `user:pass` is `dXNlcjpwYXNz` in base64.
fn auths(key: &str) -> String {
    format!(r#"{{"auths": {{"{key}": {{"auth": "dXNlcjpwYXNz"}}}}}}"#)
}

#[test]
fn no_secret_can_be_seen_in_what_is_shown_for_debugging() {
    let credentials = Credentials::none().with("ghcr.io", basic("user", "hunter2"));
    let shown = format!("{credentials:?}");
    assert!(shown.contains("user") && !shown.contains("hunter2"), "{shown}");
    for login in [
        Login::IdentityToken(Secret::new("hunter2".to_owned())),
        Login::RegistryToken(Secret::new("hunter2".to_owned())),
    ] {
        let shown = format!("{login:?} {login:#?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
