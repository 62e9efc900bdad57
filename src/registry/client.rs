use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Runtime;

use super::agent::agent;
use super::credentials::Credentials;
use super::doing::Doing;
use super::endpoint::Host;
use super::failure::{blamed, reason};
use super::network::Network;
use super::{Cancel, Error, HostSettings, Notice, Observer, Repository, Settings, Unwatched};

/// How often it is looked whether somebody wants to stop.
const TICK: Duration = Duration::from_millis(100);

/// What all requests to all registries share.
///
/// It blocks whoever asks, also inside a `tokio` runtime, which it leaves alone: a task that asks it keeps its thread from
/// other tasks until the answer is there, so a program that has others to do asks on a thread of its own, such as that
/// of `tokio::task::spawn_blocking`.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

#[derive(Clone)]
pub(super) struct Shared {
    network: Arc<Network>,
    pub settings: Arc<Settings>,
    pub credentials: Arc<Credentials>,
    pub observer: Arc<dyn Observer>,
    /// What stops these requests; those of each transfer can end alone.
    pub cancel: Cancel,
    hosts: Arc<Mutex<Hosts>>,
    strangers: Arc<Mutex<Strangers>>,
}

/// By name, and whether it is asked as a mirror of another one.
type Hosts = HashMap<(String, bool), Arc<Host>>;

/// Who speaks to where registries send us: whom that trusts, and whether it is on this machine.
type Strangers = Vec<((HostSettings, bool), reqwest::Client)>;

impl Default for Client {
    /// One with the usual settings, which is nobody to any registry, and whom nobody listens to.
    fn default() -> Self {
        Self::new(
            Settings::default(),
            Credentials::none(),
            Arc::new(Unwatched),
            Cancel::default(),
        )
    }
}

impl Client {
    /// A client that has not spoken to anybody yet; it costs nothing before it does.
    #[must_use]
    pub fn new(settings: Settings, credentials: Credentials, observer: Arc<dyn Observer>, cancel: Cancel) -> Self {
        Self(Arc::new(Shared {
            network: Arc::default(),
            settings: Arc::new(settings),
            credentials: Arc::new(credentials),
            observer,
            cancel,
            hosts: Arc::default(),
            strangers: Arc::default(),
        }))
    }

    /// The repository `name` on `host`, which has its port where it is not the usual one.
    ///
    /// # Errors
    /// The host is no host, or a certificate for it cannot be used. Nothing is asked yet.
    pub fn repository(&self, host: &str, name: &str) -> Result<Repository, Error> {
        let mut places = Vec::new();
        for mirror in &self.0.settings.host(host).mirrors {
            let (mirror, prefix) = mirror.split_once('/').unwrap_or((mirror, ""));
            let prefix = prefix.trim_matches('/');
            let name = if prefix.is_empty() {
                name.to_owned()
            } else {
                format!("{prefix}/{name}")
            };
            places.push((self.host(mirror, true)?, name));
        }
        Ok(Repository::new(
            self.0.clone(),
            self.host(host, false)?,
            name.to_owned(),
            places,
        ))
    }

    /// Checks that `host` is a registry, and that it takes the credentials that are there for it. Returns whether it has
    /// seen them: one that is open to everybody has not.
    ///
    /// # Errors
    /// It cannot be reached, is no registry, or refuses them.
    pub fn verify(&self, host: &str) -> Result<bool, Error> {
        self.repository(host, "")?.ping()?;
        let host = self.host(host, false)?;
        match host.authority.withheld() {
            // It gave a token to nobody in particular, and has not seen what it was to be asked about.
            Some(error) => Err(error),
            None => Ok(host.authority.is_known()),
        }
    }

    fn host(&self, name: &str, is_mirror: bool) -> Result<Arc<Host>, Error> {
        let mut hosts = self.0.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (name.to_owned(), is_mirror);
        if let Some(host) = hosts.get(&key) {
            return Ok(host.clone());
        }
        let host = Arc::new(Host::new(name, self.0.settings.host(name), is_mirror)?);
        hosts.insert(key, host.clone());
        Ok(host)
    }
}

impl Shared {
    /// The threads that wait for sockets.
    pub fn runtime(&self) -> Result<&Runtime, Error> {
        self.network.runtime()
    }

    /// Who speaks to an origin that is no registry of ours, trusting whom `trust` says.
    pub fn stranger(&self, trust: HostSettings, is_local: bool) -> Result<reqwest::Client, Error> {
        let mut strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (trust, is_local);
        if let Some((_, known)) = strangers.iter().find(|(other, _)| *other == key) {
            return Ok(known.clone());
        }
        let made = agent(&key.0, is_local, false)?;
        strangers.push((key, made.clone()));
        Ok(made)
    }

    /// The same for requests that `cancel` stops.
    pub fn stopped_by(&self, cancel: &Cancel) -> Self {
        Self {
            cancel: cancel.clone(),
            ..self.clone()
        }
    }

    /// Waits for `work`, unless somebody wants to stop.
    pub fn wait<T: Send>(&self, work: impl Future<Output = T> + Send) -> Result<T, Error> {
        self.network.finish(async {
            let mut work = std::pin::pin!(work);
            loop {
                tokio::select! {
                    biased;
                    done = &mut work => return Ok(done),
                    () = tokio::time::sleep(TICK) => {
                        if self.cancel.is_cancelled() {
                            return Err(Error::Interrupted);
                        }
                    }
                }
            }
        })?
    }

    /// As [`Shared::wait`], but no longer than `limit`; `None` where that is over.
    pub fn wait_for<T: Send>(&self, limit: Duration, work: impl Future<Output = T> + Send) -> Result<Option<T>, Error> {
        self.wait(async { tokio::time::timeout(limit, work).await.ok() })
    }

    /// Waits, and says why: of a host that nobody reaches once, until it answers.
    pub fn pause(&self, host: &Host, doing: &Doing, failure: &Error, after: Duration) -> Result<(), Error> {
        if !matches!(failure, Error::Unreachable { .. }) || host.is_silent_anew() {
            let is_mirror = host.is_mirror;
            // Which may be another host, to which the registry has sent us.
            let (host, doing) = blamed(host, failure).unwrap_or_else(|| (host.name.clone(), doing.clone()));
            self.observer.notice(&Notice::Retry {
                host,
                doing,
                why: reason(failure),
                after,
                is_mirror,
            });
        }
        // Made inside: a timer can only be had where the runtime is.
        self.wait(async { tokio::time::sleep(after).await })
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        Self::other(error)
    }
}
