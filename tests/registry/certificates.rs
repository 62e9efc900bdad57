//! Certificates of the tests' own, made by OpenSSL's command: an authority and a server on loopback that it vouches for,
//! and a key with a certificate for tokens.

use std::path::{Path, PathBuf};

use crate::oracle::oracle;

const NEW: [&str; 6] = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/// A key and its certificate, both PEM files.
#[derive(Clone, Debug)]
pub struct Certificate {
    pub key: PathBuf,
    pub certificate: PathBuf,
}

impl Certificate {
    /// `NAME.key` and `NAME.crt`, signed by its own key, which may sign others; `None` where OpenSSL is missing.
    pub fn authority(dir: &Path, name: &str) -> Option<Self> {
        let openssl = oracle("openssl")?;
        let made = Self::at(dir, name);
        let subject = format!("/CN={name}");
        let args = ["-x509", "-days", "2", "-addext", "basicConstraints=critical,CA:TRUE"];
        let files = [
            "-subj",
            &subject,
            "-keyout",
            path(&made.key),
            "-out",
            path(&made.certificate),
        ];
        openssl.approve(dir, [&NEW[..], &args, &files].concat());
        Some(made)
    }

    /// One for `localhost` and `127.0.0.1`, signed by this one.
    pub fn for_loopback(&self, dir: &Path) -> Option<Self> {
        let openssl = oracle("openssl")?;
        let made = Self::at(dir, "server");
        let names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
        let files = [
            "-subj",
            "/CN=localhost",
            "-keyout",
            path(&made.key),
            "-out",
            "server.csr",
        ];
        openssl.approve(dir, [&NEW[..], &["-addext", names], &files].concat());
        let authority = [
            "-CA",
            path(&self.certificate),
            "-CAkey",
            path(&self.key),
            "-CAcreateserial",
        ];
        let sign = [
            "x509",
            "-req",
            "-in",
            "server.csr",
            "-days",
            "2",
            "-copy_extensions",
            "copy",
        ];
        openssl.approve(
            dir,
            [&sign[..], &authority, &["-out", path(&made.certificate)]].concat(),
        );
        Some(made)
    }

    /// `server` for `names`, signed by its own key as an authority's, as `openssl req -x509` makes them unless it is told
    /// otherwise.
    pub fn by_itself(dir: &Path, names: &str) -> Option<Self> {
        let openssl = oracle("openssl")?;
        let made = Self::at(dir, "server");
        let names = format!("subjectAltName={names}");
        let names = ["-x509", "-days", "2", "-addext", &names];
        let files = [
            "-subj",
            "/CN=localhost",
            "-keyout",
            path(&made.key),
            "-out",
            path(&made.certificate),
        ];
        openssl.approve(dir, [&NEW[..], &names, &files].concat());
        Some(made)
    }

    /// Where one of that name is.
    pub fn at(dir: &Path, name: &str) -> Self {
        Self {
            key: dir.join(format!("{name}.key")),
            certificate: dir.join(format!("{name}.crt")),
        }
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
