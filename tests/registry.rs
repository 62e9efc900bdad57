//! Debian's docker-registry on a loopback port of its own, as long as the value lives.
//!
//! What a client is to find in the field, with [`Settings`] for what registries are set up with, and its access log for
//! what it was asked. The tests' own registry, in [`crate::servers`], does what this one would not do when told to.

mod certificates;
mod crane;
mod front;
mod starting;

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub use certificates::Certificate;
pub use front::Front;

use crate::oracle::{Oracle, oracle};
use crate::servers::record::without_upload;
use crate::servers::registry::{ISSUER, SERVICE};

/// How it is set up: by default open to everybody, over plain http.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Settings {
    pub access: Access,
    /// Over TLS, with a certificate of an authority of the test's own.
    pub tls: bool,
    /// Only for clients with a certificate of that authority; with TLS.
    pub known_clients: bool,
    /// 405 to whatever would change something.
    pub read_only: bool,
    /// `Location` without scheme and host.
    pub relative_urls: bool,
}

#[derive(Default)]
pub enum Access {
    #[default]
    Open,
    /// One user, whose password is kept by bcrypt.
    Basic { user: String, password: String },
    /// Tokens from there, signed by that certificate's key.
    Token { realm: String, certificate: PathBuf },
}

pub struct Registry {
    child: Child,
    address: String,
    authority: Option<Certificate>,
    /// Its configuration, its log and its blobs.
    root: TempDir,
    oracle: Oracle,
}

impl Registry {
    /// Starts one and waits until it listens; `None` where docker-registry is missing.
    pub fn start() -> Option<Self> {
        Self::start_with(&Settings::default())
    }

    /// As [`Self::start`]; `None` also where a tool is missing that the settings need.
    pub fn start_with(settings: &Settings) -> Option<Self> {
        let oracle = oracle("docker-registry")?;
        let root = TempDir::with_prefix("modelbuild-registry-").unwrap();
        let mut authority = None;
        if settings.tls {
            let made = Certificate::authority(root.path(), "authority")?;
            made.for_loopback(root.path())?;
            authority = Some(made);
        }
        let config = configuration(root.path(), settings)?;
        fs_err::write(root.path().join("config.yml"), config).unwrap();
        // Port 0 lets the system choose, so that tests may run at the same time; the log says which it was.
        let (child, address) = spawn(&oracle, root.path(), "127.0.0.1:0");
        Some(Self {
            child,
            address,
            authority,
            root,
            oracle,
        })
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The certificate of the authority that vouches for it.
    pub fn authority(&self) -> &Path {
        &self.authority.as_ref().unwrap().certificate
    }

    /// A key and a certificate that the same authority vouches for: its own.
    pub fn known(&self) -> Certificate {
        Certificate::at(self.root.path(), "server")
    }

    /// Ends it by SIGKILL, as if the machine had lost power.
    pub fn kill(&mut self) {
        // Both can only fail if it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Starts it again on the same port, with what it had stored.
    pub fn restart(&mut self) {
        self.kill();
        (self.child, self.address) = spawn(&self.oracle, self.root.path(), &self.address);
    }

    /// The file of a blob, which it sends without another look: to spoil what clients get.
    pub fn content(&self, digest: &str) -> PathBuf {
        let (algorithm, digits) = digest.split_once(':').unwrap();
        let blobs = self.root.path().join("data/docker/registry/v2/blobs");
        [algorithm, &digits[..2], digits, "data"]
            .iter()
            .fold(blobs, |path, part| path.join(part))
    }

    /// A line for each request so far, in the order in which they ended: `METHOD path → status`, where `[ID]` stands
    /// for the name of an upload.
    pub fn requests(&self) -> String {
        let log = fs_err::read_to_string(self.root.path().join("log")).unwrap();
        log.lines().filter_map(request).collect()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.kill();
    }
}

fn configuration(root: &Path, settings: &Settings) -> Option<String> {
    let place = |name: &str| root.join(name).display().to_string();
    let (certificate, key) = (place("server.crt"), place("server.key"));
    let tls = if settings.tls {
        let clients = if settings.known_clients {
            format!(", clientcas: ['{}']", place("authority.crt"))
        } else {
            String::new()
        };
        format!("tls: {{certificate: '{certificate}', key: '{key}'{clients}}}, ")
    } else {
        String::new()
    };
    let access = match &settings.access {
        Access::Open => String::new(),
        Access::Basic { user, password } => {
            let users = oracle("htpasswd")?.approve(root, ["-Bbn", user, password]);
            fs_err::write(root.join("users"), users).unwrap();
            format!("auth: {{htpasswd: {{realm: registry, path: '{}'}}}}\n", place("users"))
        }
        Access::Token { realm, certificate } => format!(
            "auth: {{token: {{realm: '{realm}', service: {SERVICE}, issuer: {ISSUER}, rootcertbundle: '{}'}}}}\n",
            certificate.display()
        ),
    };
    Some(format!(
        "version: 0.1\n\
         log: {{level: info, accesslog: {{disabled: false}}}}\n\
         storage: {{filesystem: {{rootdirectory: '{}'}}, delete: {{enabled: true}}, \
         maintenance: {{uploadpurging: {{enabled: false}}, readonly: {{enabled: {}}}}}}}\n\
         http: {{addr: '127.0.0.1:0', secret: test, {tls}relativeurls: {}}}\n{access}",
        place("data"),
        settings.read_only,
        settings.relative_urls,
    ))
}

/// Starts it and waits until it listens; where, and under which address.
fn spawn(oracle: &Oracle, root: &Path, address: &str) -> (Child, String) {
    let log = root.join("log");
    // A file and not a pipe: nobody reads on once the port is known, and a full pipe would stop the registry.
    let output = fs_err::OpenOptions::new().create(true).append(true).open(&log).unwrap();
    let before = usize::try_from(output.metadata().unwrap().len()).unwrap();
    let output = output.into_parts().0;
    let mut child = oracle
        .command()
        .env("REGISTRY_HTTP_ADDR", address)
        .arg("serve")
        .arg(root.join("config.yml"))
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .unwrap();
    let begin = Instant::now();
    loop {
        let text = fs_err::read_to_string(&log).unwrap();
        if let Some(address) = listening(&text[before..]) {
            return (child, address);
        }
        let ended = child.try_wait().unwrap();
        if ended.is_some() || begin.elapsed() > Duration::from_secs(30) {
            drop(child.kill());
            panic!("docker-registry does not listen:\n{text}");
        }
        sleep(Duration::from_millis(10));
    }
}

/// The address in the line `… msg="listening on 127.0.0.1:42209" …`, or `…:42209, tls" …`, once all of it is there.
fn listening(log: &str) -> Option<String> {
    let (_, rest) = log.split_once("listening on ")?;
    let (address, _) = rest.split_once('"')?;
    address.split(',').next().map(str::to_owned)
}

/// The request in a line of the access log: `127.0.0.1 - - [TIME] "GET /v2/ HTTP/1.1" 200 2 "" "curl/7.88.1"`.
fn request(line: &str) -> Option<String> {
    let mut parts = line.strip_prefix("127.0.0.1 - ")?.split('"');
    let (request, answer) = (parts.nth(1)?, parts.next()?);
    let (mut words, status) = (request.split(' '), answer.split_whitespace().next()?);
    let (method, target) = (words.next()?, words.next()?);
    let path = without_upload(target.split('?').next()?);
    Some(format!("{method} {path} → {status}\n"))
}
