use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Url;

use super::authority::Authority;
use super::chunks::Chunks;
use super::doing::Doing;
use super::host::{HUB, canonical, is_host};
use super::patience::Patience;
use super::retry::Attempts;
use super::settings::HostSettings;
use super::{Error, agent, proxy};

/// One registry: where it is, who we are there, and what was learnt of it.
#[derive(Debug)]
pub struct Host {
    /// Its name, with the port where it is not the usual one.
    pub name: String,
    /// Whether it is asked for what another one has, too.
    pub is_mirror: bool,
    /// `https://HOST/v2/`.
    pub base: Url,
    pub http: reqwest::Client,
    pub authority: Authority,
    /// The token server of another site that may see who we are here, where the user says so.
    pub token_server: Option<String>,
    /// Whether an upload must go in one request; settings say so, or the registry has shown it.
    single_put: AtomicBool,
    /// The most bytes that it takes as a layer, where that is known.
    pub largest_layer: Option<u64>,
    /// Bytes in a chunk of an upload.
    pub chunks: Chunks,
    /// Whether it was said that it is not reached, and it has not answered since.
    is_silent: AtomicBool,
    /// Whether it was given up: nobody reached it, however often that was tried.
    is_given_up: AtomicBool,
}

/// Registries that are known to take an upload in one request only: GitHub's answers 416 to a PATCH over 4 MiB, Google's
/// takes no chunks, Amazon's answers 201 after the first one.
const SINGLE_PUT: [&str; 5] = ["ghcr.io", "gcr.io", "pkg.dev", AMAZON, "public.ecr.aws"];

const AMAZON: &str = "amazonaws.com";

/// 52,000 MiB (the quotas of Amazon's registry).
const AMAZONS_LARGEST: u64 = 52_000 << 20;

impl Host {
    pub fn new(name: &str, settings: &HostSettings, is_mirror: bool) -> Result<Self, Error> {
        let failed = |why: &str| Error::Setting {
            host: name.to_owned(),
            why: why.to_owned(),
        };
        let scheme = if speaks_plain_http(name, settings) {
            "http"
        } else {
            "https"
        };
        if !is_host(name) {
            return Err(failed("is no host; expected `HOST` or `HOST:PORT`"));
        }
        // Docker Hub goes by its first name everywhere, and answers under the last one.
        let [hub, .., hub_address] = HUB;
        let address = if canonical(name) == hub { hub_address } else { name };
        let base = Url::parse(&format!("{scheme}://{address}/v2/"))
            .map_err(|error| failed(&format!("is no host: {error}")))?;
        proxy::check(&base)?;
        Ok(Self {
            name: name.to_owned(),
            is_mirror,
            base,
            http: agent::agent(settings, is_loopback(name), is_mirror)?,
            authority: Authority::default(),
            token_server: settings.token_server.clone(),
            single_put: AtomicBool::new(settings.single_put.unwrap_or_else(|| takes_one_put(name))),
            largest_layer: settings
                .largest_layer
                .or_else(|| is_at(name, AMAZON).then_some(AMAZONS_LARGEST)),
            chunks: Chunks::new(settings.chunk_size),
            is_silent: AtomicBool::new(false),
            is_given_up: AtomicBool::new(false),
        })
    }

    /// Whether an upload must go in one request.
    pub fn single_put(&self) -> bool {
        self.single_put.load(Ordering::Relaxed)
    }

    /// Remembers that an upload must go in one request; whether that is news.
    pub fn wants_single_put(&self) -> bool {
        !self.single_put.swap(true, Ordering::Relaxed)
    }

    /// Takes note of an answer, whatever it says.
    pub fn has_answered(&self) {
        self.is_silent.store(false, Ordering::Relaxed);
    }

    /// Takes note that it is not reached; whether that is news.
    pub fn is_silent_anew(&self) -> bool {
        !self.is_silent.swap(true, Ordering::Relaxed)
    }

    /// How patient to be with it: with a mirror less, for there is somebody else to ask.
    pub fn patience(&self, usual: Patience) -> Patience {
        const RETRIES: u32 = 1;
        Patience {
            retries: if self.is_mirror {
                usual.retries.min(RETRIES)
            } else {
                usual.retries
            },
            ..usual
        }
    }

    /// How long to wait after `failure` before the next of `attempts`, where it asks to be waited for so long; `None` where
    /// there is none. A mirror is not waited for, and not once more where it has said nothing for as long as anybody is
    /// waited for: somebody else may have it.
    pub fn next(&self, attempts: &mut Attempts, failure: &Error, asked: Option<Duration>) -> Option<Duration> {
        let is_late = asked.is_some_and(|asked| !asked.is_zero()) || matches!(failure, Error::Stalled { .. });
        if self.is_mirror && is_late {
            return None;
        }
        attempts.next(asked)
    }

    /// Takes note that it is not worth another attempt in this run, where there is somebody else to ask; whether that is
    /// news.
    pub fn give_up(&self) -> bool {
        !self.is_given_up.swap(true, Ordering::Relaxed)
    }

    /// Whether it was given up.
    pub fn is_given_up(&self) -> bool {
        self.is_given_up.load(Ordering::Relaxed)
    }

    /// Whether `url` is on this registry itself, so that it may see our credentials.
    pub fn is_home_of(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Who did not do what was asked at `url`, and what that was: where the registry has sent us to another host, it is
    /// that one.
    pub fn at(&self, url: Option<&Url>, doing: &Doing) -> (String, Doing) {
        match url {
            Some(url) if !self.is_home_of(url) => (authority(url), doing.sent_by(&self.name)),
            _ => (self.name.clone(), doing.clone()),
        }
    }
}

/// The host of an address, with its port where that is not the usual one. Not all that stands there, which may be a
/// password.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn takes_one_put(name: &str) -> bool {
    SINGLE_PUT.iter().any(|known| is_at(name, known))
}

/// Whether a host is `domain`, or below it.
fn is_at(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Only loopback may do so unasked: nobody else hears what is said there.
fn speaks_plain_http(name: &str, settings: &HostSettings) -> bool {
    settings.plain_http.unwrap_or_else(|| {
        let has_tls = settings.insecure || settings.ca_file.is_some() || settings.client_cert.is_some();
        is_loopback(name) && !has_tls
    })
}

pub(super) fn is_loopback(name: &str) -> bool {
    let host = match name.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => name.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_alone_speaks_plain_http_unasked() {
        let base =
            |name: &str, settings: &HostSettings| Host::new(name, settings, false).map(|host| host.base.to_string());
        let none = HostSettings::default();
        for (name, expected) in [
            ("localhost:5000", "http://localhost:5000/v2/"),
            ("127.0.0.1:5000", "http://127.0.0.1:5000/v2/"),
            ("[::1]:5000", "http://[::1]:5000/v2/"),
            ("registry.example", "https://registry.example/v2/"),
            ("127.0.0.1.example:5000", "https://127.0.0.1.example:5000/v2/"),
            ("docker.io", "https://registry-1.docker.io/v2/"),
        ] {
            assert_eq!(base(name, &none).unwrap(), expected);
        }
        let plain = HostSettings {
            plain_http: Some(true),
            ..none.clone()
        };
        assert_eq!(base("registry.example", &plain).unwrap(), "http://registry.example/v2/");
        let insecure = HostSettings {
            insecure: true,
            ..none.clone()
        };
        assert_eq!(base("localhost:5000", &insecure).unwrap(), "https://localhost:5000/v2/");
        for name in ["user:secret@registry.example", "registry.example/path", "a b", ""] {
            assert!(base(name, &none).is_err(), "{name}");
        }
    }

    #[test]
    fn known_registries_take_one_request() {
        assert!(takes_one_put("ghcr.io") && takes_one_put("europe-docker.pkg.dev"));
        assert!(!takes_one_put("notghcr.io") && !takes_one_put("localhost:5000"));
    }
}
